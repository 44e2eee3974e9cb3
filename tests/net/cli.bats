#!/usr/bin/env bats
# The command line itself: words, options, exit codes, --help, and JSON everywhere. What the commands do to a
# network is tested elsewhere, except as far as the exit codes say it.
# shellcheck disable=SC2016 # backquotes in messages are meant as they are

load helpers

commands="apply plan check down confirm rollback list show status history save forget exec shell network run firewall schema"

setup() {
    world_begin
    cd "$BATS_TEST_TMPDIR" || return
    cat >red-blue.yaml <<'YAML'
name: red-blue
interfaces:
  br0: {type: bridge}
namespaces:
  red:
    interfaces:
      eth0: {bridge: br0, addresses: [192.168.50.1/24]}
  blue:
    interfaces:
      eth0: {bridge: br0, addresses: [192.168.50.2/24]}
YAML
    sed s/192.168.50.2/192.168.50.3/ red-blue.yaml >other.yaml
}

teardown() {
    plexus rollback red-blue >/dev/null 2>&1 || true
    plexus down --all --quiet
    rm -f /etc/plexus/red-blue.yaml
    world_end
}

# valid_json COMMAND...: the answer is JSON, whatever the exit status.
valid_json() {
    local answer
    answer=$(plexus "$@" --json 2>/dev/null) || true
    [ -n "$answer" ] || fail "no answer: plexus $*"
    jq -e -s 'length > 0' <<<"$answer" >/dev/null || fail "no JSON: plexus $*: $answer"
}

# below COMMAND: the commands below it, as COMMAND.NAME.
below() {
    plexus "$1" --help | sed -n "/^Commands:/,/^\$/s/^  \([a-z]*\) .*/$1.\1/p"
}

# help_of COMMAND, or of COMMAND.NAME
help_of() {
    local words
    IFS=. read -ra words <<<"$1"
    plexus "${words[@]}" --help
}

@test "no command, an unknown one, and the nearest" {
    run plexus
    assert_status 2
    assert_contains "$output" "Usage: plexus"
    run plexus aply
    assert_status 2
    assert_contains "$output" 'did you mean `apply`?'
    run plexus delete red-blue
    assert_status 2
    assert_contains "$output" 'here it is: plexus down'
    run plexus xyzzyxyzzy
    assert_status 2
    assert_contains "$output" "plexus --help"
    run plexus help aply
    assert_status 2
    assert_contains "$output" 'did you mean `apply`?'
    run plexus help help
    assert_status 0
    run plexus list nonsense
    assert_status 2
    assert_contains "$output" 'usage: plexus list [OPTION...]'
    assert_lacks "$output" '[OPTION...] '
}

@test "--help of all and of each" {
    local help command
    help=$(plexus --help)
    for command in $commands; do
        assert_contains "$help" "  $command "
        run plexus "$command" --help
        assert_status 0
        assert_contains "$output" "Usage: plexus $command"
        assert_contains "$output" "--json"
        assert_equal "$(plexus help "$command")" "$output"
    done
    assert_lacks "$help" __complete
    for command in $(below network); do
        run help_of "$command"
        assert_status 0
        assert_contains "$output" "Usage: plexus ${command/./ }"
        assert_equal "$(plexus help "${command%.*}" "${command#*.}")" "$output"
    done
}

@test "each command has a manual page, and each option is in it" {
    local command option page
    for command in $commands $(below network); do
        page=$ROOT_DIR/doc/man/plexus-${command%.*}.1.scd
        [ -f "$page" ] || fail "$page is missing"
        for option in $(help_of "$command" | grep -o '^ *\(-.,\)\? *--[a-z0-9-]*' | grep -o -- '--.*'); do
            grep -q -- "\*$option\*" "$page" || fail "$option is not in $page"
        done
        for section in SYNOPSIS DESCRIPTION OPTIONS EXAMPLES "EXIT STATUS" FILES "SEE ALSO"; do
            grep -qx "# $section" "$page" || fail "$page has no $section"
        done
    done
}

@test "--version" {
    assert_contains "$(plexus --version)" "plexus "
    plexus --json --version | jq -e .version >/dev/null
}

@test "mistakes in options end with 2 and are all told" {
    run plexus apply --confrim --xyzzy
    assert_status 2
    assert_contains "$output" 'did you mean `--confirm`?'
    assert_contains "$output" 'unknown option `--xyzzy`'
    run plexus apply --confirm=soon red-blue.yaml
    assert_status 2
    run plexus apply --dry-run=3 red-blue.yaml
    assert_status 2
    run plexus apply --expect --no-expect red-blue.yaml
    assert_status 2
    run plexus down
    assert_status 2
    run plexus down one two
    assert_status 2
    run plexus apply
    assert_status 2
    assert_contains "$output" plexus.yaml
    run plexus down ../red-blue
    assert_status 2
}

@test "a file that is missing or wrong ends with 2, with its place" {
    run plexus apply nosuch.yaml
    assert_status 2
    printf 'name: x\ninterfaces:\n  br0: {typ: bridge}\n' >wrong.yaml
    for command in check plan apply; do
        run plexus "$command" wrong.yaml
        assert_status 2
        assert_contains "$output" "wrong.yaml:3:"
    done
}

@test "errors are JSON on standard error with --json" {
    run --separate-stderr plexus down nosuch --json
    assert_status 4
    # shellcheck disable=SC2154 # set by run
    jq -e '.severity == "error" and .code == "not_found" and (.message | length > 0)' <<<"$stderr" >/dev/null
    run --separate-stderr plexus nosuch --json
    assert_status 2
    jq -e '.code == "usage"' <<<"$stderr" >/dev/null
}

@test "exit codes from plan to down" {
    run plexus plan red-blue.yaml
    assert_status 1
    assert_contains "$output" "red-blue: 12 steps: 9 to add, 0 to change, 0 to delete; disturbs nothing"
    run plexus apply --dry-run red-blue.yaml
    assert_status 0
    assert_contains "$output" "red-blue: 12 steps: 9 to add, 0 to change, 0 to delete; disturbs nothing; not done"
    assert_equal "$(plexus list --quiet)" ""
    run plexus apply red-blue.yaml
    assert_status 0
    assert_contains "$output" "red-blue: 12 steps done in"
    run plexus apply red-blue.yaml
    assert_equal "$output" "red-blue: nothing to do"
    run plexus plan --quiet red-blue.yaml
    assert_status 0
    assert_equal "$output" ""
    run plexus exec red sh -c 'exit 42'
    assert_status 42
    run -127 plexus exec red nosuchprogram
    run plexus exec rde true
    assert_status 4
    assert_contains "$output" 'did you mean `red`?'
    run plexus show red/eht0
    assert_status 4
    assert_contains "$output" 'did you mean `red/eth0`?'
    run plexus down red-bleu
    assert_status 4
    assert_contains "$output" 'did you mean `red-blue`?'
    run plexus status
    assert_status 0
    ip -n red link set eth0 mtu 1400
    run plexus status red-blue
    assert_status 1 # the file says nothing of it, and it is not as it was
    ip -n red link set eth0 mtu 1500
    run plexus status red-blue
    assert_status 0
    ip -n red address del 192.168.50.1/24 dev eth0
    run plexus status red-blue
    assert_status 1
    plexus down red-blue
    run plexus confirm
    assert_status 4
}

@test "the commands of a plan make the same network" {
    plexus plan --commands red-blue.yaml | grep -qx "set -e"
    (plexus plan --commands red-blue.yaml || true) | sh
    ip netns exec red ping -qc1 -W2 192.168.50.2
    ip netns del red
    ip netns del blue
    ip link del br0
}

@test "confirm, too late, and rollback" {
    plexus apply -q red-blue.yaml
    run plexus apply --confirm 60 other.yaml
    assert_contains "$output" "plexus confirm red-blue"
    assert_contains "$(plexus list)" unconfirmed
    run plexus apply red-blue.yaml
    assert_status 6
    run plexus rollback
    assert_status 0
    plexus plan -q red-blue.yaml
    run plexus confirm red-blue
    assert_status 3
    assert_contains "$(plexus history)" undone
}

@test "rollback to earlier revisions" {
    plexus apply -q red-blue.yaml
    plexus apply -q --confirm=60 other.yaml
    plexus confirm
    plexus plan -q other.yaml
    plexus rollback 1
    plexus plan -q red-blue.yaml
    plexus down -q red-blue
    plexus rollback red-blue 1
    plexus plan -q red-blue.yaml
    run plexus rollback red-blue 99
    assert_status 4
}

@test "what was undone is no revision to go back to" {
    plexus apply -q red-blue.yaml
    plexus apply -q --confirm=60 other.yaml
    plexus rollback
    sed s/192.168.50.2/192.168.50.4/ red-blue.yaml >third.yaml
    plexus apply -q third.yaml
    plexus rollback 1
    plexus plan -q red-blue.yaml
}

@test "many counts are as much too many as one" {
    {
        printf 'name: huge\nnamespaces:\n  w0: &a {count: 4096, interfaces: {eth0: {mtu: 1400}}}\n'
        seq -f '  w%g: *a' 1 100
    } >huge.yaml
    run plexus check huge.yaml
    assert_status 2
    assert_contains "$output" "with those before, are more than 500000 values"
}

# expire NAME: its apply was to be confirmed long ago, and nobody has gone back yet.
expire() {
    kill -KILL "$(pgrep -x confirm-guard)"
    sed -i 's/"deadline":[0-9]*/"deadline":1/' "/run/plexus/$1/journal.json"
}

@test "rollback of one says nothing of another that has expired" {
    sed 's/red-blue/other/; s/br0/br1/g; s/red:/green:/; s/blue:/white:/' red-blue.yaml >green-white.yaml
    plexus apply -q red-blue.yaml
    plexus apply -q --confirm=600 green-white.yaml
    expire other
    run plexus rollback red-blue
    assert_status 4
    assert_contains "$output" "other: an earlier apply was not confirmed in time"
    assert_contains "$output" "red-blue: nothing waits for confirmation"
    assert_lacks "$output" "rolled back"
    plexus plan -q red-blue.yaml
    assert_equal "$(plexus list --quiet)" red-blue
}

@test "rollback of what expired itself" {
    plexus apply -q red-blue.yaml
    plexus apply -q --confirm=600 other.yaml
    expire red-blue
    run plexus rollback red-blue
    assert_status 0
    assert_contains "$output" "red-blue: rolled back"
    plexus plan -q red-blue.yaml
}

@test "both ends of a pair count, when they come and when they go" {
    cat >pair.yaml <<'YAML'
name: red-blue
interfaces:
  red0: {peer: red/eth0}
namespaces:
  red:
    interfaces:
      eth0: {mtu: 1400}
YAML
    printf 'name: red-blue\nnamespaces: {red: {}}\n' >bare.yaml
    plexus apply -q bare.yaml
    run plexus plan pair.yaml
    assert_contains "$output" "2 to add, 0 to change, 0 to delete"
    plexus apply -q pair.yaml
    run plexus plan bare.yaml
    assert_contains "$output" "0 to add, 0 to change, 2 to delete"
    run plexus plan --json bare.yaml
    assert_equal "$(jq .summary.delete <<<"$output")" 2
}

@test "progress on a terminal, and only there" {
    needs script
    {
        printf 'name: red-blue\nnamespaces:\n  red:\n    interfaces:\n'
        seq 150 | sed 's/.*/      br&: {type: bridge}/'
    } >many.yaml
    run script -qec "$PLEXUS apply many.yaml" /dev/null
    assert_status 0
    [[ $output =~ \ steps\ \([3-6][0-9]\ %\) ]] || fail "no progress: $output"
    run plexus down red-blue
    assert_status 0
    assert_lacks "$output" " %)"
}

@test "expectations are probed at every apply" {
    sed '1a expect: ["red cannot reach 192.168.50.9"]' red-blue.yaml >true.yaml
    sed '1a expect: ["red cannot reach blue"]' red-blue.yaml >false.yaml
    plexus apply -q true.yaml
    plexus apply -q true.yaml
    plexus apply -q --no-expect false.yaml
    run plexus apply --no-expect false.yaml
    assert_status 0
    run plexus apply false.yaml
    assert_status 1
    assert_contains "$output" 'expected `red cannot reach blue`'
    plexus plan -q red-blue.yaml
}

@test "thousands of interfaces are shown, ports below their bridge" {
    ip netns add big
    seq 1800 | sed 's/.*/link add a& type veth peer name b&/' >links
    ip -n big -batch links
    ip -n big link add br0 type bridge
    ip -n big link set a7 master br0
    plexus show big >shown
    ip netns del big
    assert_contains "$(grep -A1 'br0 ' shown)" a7
    [ "$(wc -l <shown)" -gt 3600 ] || fail "$(wc -l <shown) lines"
}

@test "saved topologies, one of them wrong" {
    plexus apply -q red-blue.yaml
    plexus save red-blue
    plexus down -q red-blue
    run plexus status
    assert_status 1
    echo 'nonsense: [' >/etc/plexus/aa.yaml
    run plexus apply --saved
    assert_status 2
    assert_equal "$(plexus list --json | jq -r '.[] | select(.running) | .name')" red-blue
    rm /etc/plexus/aa.yaml
    plexus down -q red-blue
    plexus forget red-blue
    run plexus forget red-blue
    assert_status 4
}

@test "every command answers in JSON" {
    needs jq
    valid_json plan red-blue.yaml
    valid_json check red-blue.yaml
    valid_json apply --dry-run red-blue.yaml
    valid_json apply --confirm=60 red-blue.yaml
    valid_json confirm
    valid_json save red-blue
    for command in list show "show red-blue" "show red" "show red/eth0" status history "rollback 0" schema; do
        # shellcheck disable=SC2086 # words are meant
        valid_json $command
    done
    valid_json apply --saved
    valid_json forget red-blue
    valid_json down red-blue
    plexus show --json | jq -e '.namespaces[] | select(.name == "host") | .interfaces | length > 0' >/dev/null
}

@test "show takes the plain name of an interface, and counts as people do" {
    sed -i 's/  red:/  red-10:/; s/  blue:/  red-2:/' red-blue.yaml
    plexus apply -q red-blue.yaml
    assert_equal "$(plexus show br0)" "$(plexus show host/br0)"
    run plexus show eth0
    assert_status 2
    assert_contains "$output" '2 interfaces are called `eth0`'
    assert_contains "$output" 'plexus show red-2/eth0'
    run plexus show br7
    assert_status 4
    assert_equal "$(plexus show | grep -o '^red-[0-9]*' | tr '\n' ' ')" "red-2 red-10 "
}

@test "pictures have every interface and cable" {
    plexus apply -q red-blue.yaml
    assert_equal "$(plexus show red-blue --dot | grep -c ' -- ')" 4
    assert_equal "$(plexus show red-blue --mermaid | grep -c '===')" 2
    run plexus show --dot --mermaid
    assert_status 2
}

@test "no colors but on a terminal" {
    plexus apply -q red-blue.yaml
    assert_lacks "$(plexus show)" $'\e['
    needs script
    assert_contains "$(TERM=xterm script -qec "$PLEXUS show" /dev/null </dev/null)" $'\e['
    assert_lacks "$(NO_COLOR=1 TERM=xterm script -qec "$PLEXUS show" /dev/null </dev/null)" $'\e['
    assert_lacks "$(TERM=xterm script -qec "$PLEXUS show --no-color" /dev/null </dev/null)" $'\e['
}

@test "a full disk is an error" {
    run bash -c '"$PLEXUS" --help >/dev/full'
    assert_status 1
    assert_equal "$output" "plexus: error: cannot write the answer: No space left on device"
    printf 'name: full\nnamespaces: {red: {}}\n' >"$BATS_TEST_TMPDIR/full.yaml"
    for answer in "" --json; do
        # What was done is done.
        for command in "apply $BATS_TEST_TMPDIR/full.yaml" "down full"; do
            run bash -c '"$PLEXUS" $1 $2 >/dev/full' - "$command" "$answer"
            assert_status 1
            assert_equal "$output" \
                "plexus: error: all was done, and stays; only the answer cannot be written: No space left on device"
        done
        run bash -c '"$PLEXUS" plan $1 "$2" >/dev/full' - "$answer" "$BATS_TEST_TMPDIR/full.yaml"
        assert_status 1
        assert_equal "$output" "plexus: error: cannot write the answer: No space left on device"
    done
    run bash -c 'set -o pipefail; "$PLEXUS" schema | true'
    assert_status 0
}

@test "the unit for the boot is sound, and has nothing to do where nothing is saved" {
    needs systemd-analyze
    run plexus apply --saved
    assert_status 0
    assert_contains "$output" "no topology is saved"
    sed "s|@bindir@/plexus|$PLEXUS|" "$ROOT_DIR/packaging/systemd/plexus.service.in" >plexus.service
    run systemd-analyze verify --man=no ./plexus.service
    assert_status 0
    assert_equal "$output" ""
}

@test "completion knows commands, options and live names" {
    plexus apply -q red-blue.yaml
    assert_equal "$(plexus __complete ap | cut -f1)" apply
    assert_contains "$(plexus __complete apply --con)" --confirm
    assert_equal "$(plexus __complete down '' | cut -f1)" red-blue
    assert_equal "$(plexus __complete exec r | cut -f1)" red
    assert_equal "$(plexus __complete exec red pi)" :programs
    assert_equal "$(plexus __complete apply '')" :files
    assert_equal "$(plexus __complete show red/ | cut -f1 | sort | tr '\n' ' ')" "red/eth0 red/lo "
    assert_equal "$(plexus __complete help stat | cut -f1)" status
    assert_equal "$(plexus __complete confirm '' | cut -f1)" ""
    plexus apply -q --confirm=600 other.yaml
    assert_equal "$(plexus __complete confirm '' | cut -f1)" red-blue
    plexus confirm red-blue
    assert_equal "$(plexus __complete rollback '' | cut -f1 | grep -x red-blue)" red-blue
    # Also what went down comes back, that of other tests too; and the history has the words that were typed.
    plexus down --all --quiet
    assert_equal "$(plexus __complete rollback '' | cut -f1 | grep -x red-blue)" red-blue
    assert_contains "$(plexus history)" "down --all"
    assert_contains "$(plexus history)" "apply --confirm=600 other.yaml"
}

@test "check and plan find what the machine lacks: settings, and namespaces to attach" {
    lacks() { # lacks FILE WORDS...: check, plan and apply say so, and nothing is done
        local command word
        printf '%s\n' "$1" >lab.yaml
        for command in check plan apply; do
            run plexus $command lab.yaml
            assert_status 2
            for word in "${@:2}"; do
                assert_contains "$output" "$word"
            done
        done
        [ ! -e /run/netns/red ] || fail "it was begun"
    }
    lacks 'sysctls: {net.ipv4.ip_forwad: 1, net/ipv4/conf/all/rp_filtr: 0}
interfaces: {br0: {type: bridge, sysctls: {ipv4.rp_fliter: 0}}}' \
        'there is no setting `net.ipv4.ip_forwad`' 'did you mean `net.ipv4.ip_forward`?' \
        'did you mean `net.ipv4.conf.all.rp_filter`?' 'did you mean `net.ipv4.conf.br0.rp_filter`?' lab.yaml:2:44
    lacks 'namespaces: {red: {sysctls: {net.ipv4.conf.eth7.forwarding: 1}}}' 'there is no interface `eth7`'
    lacks 'namespaces: {red: {count: 20, sysctls: {net.ipv4.ip_forwad: 1}}}' 'ip_forward'
    assert_equal "$(grep -c error: <<<"$output")" 1
    lacks 'sysctls: {net.ipv4.tcp_syncookies: abc, net.ipv4.tcp_rmem: 4096 big 10}
interfaces: {br0: {type: bridge, sysctls: {ipv4.rp_filter: loose}}}' \
        '`net.ipv4.tcp_syncookies` cannot be `abc`: expected a number' 'at present `net.ipv4.tcp_syncookies` is ' \
        '`net.ipv4.tcp_rmem` cannot be `4096 big 10`' 'net.ipv4.conf.br0.rp_filter` cannot be `loose`' \
        'at present `net.ipv4.conf.default.rp_filter` is '
    lacks 'namespaces: {red: {pid: 4194304}}' 'there is no process 4194304' lab.yaml:1:14
    lacks 'namespaces: {red: {path: /nonexistent}}' '/nonexistent is not there'
    lacks 'namespaces: {red: {path: /etc/passwd}}' '/etc/passwd is not a network namespace'
    lacks 'namespaces: {red: {path: /proc/self/ns/mnt}}' 'is not a network namespace'
    lacks 'namespaces: {red: {path: /proc/self/ns/net}}' 'the namespace of the host itself'
    ip netns add one
    touch /run/netns/uno
    mount --bind /run/netns/one /run/netns/uno
    lacks 'namespaces: {blue: {path: /run/netns/one}, red: {path: /run/netns/uno}}' \
        '`red` is the same namespace as `blue`, by another path' lab.yaml:1:44 'at lab.yaml:1:14'
    ip netns del uno
    ip netns del one
    cat >lab.yaml <<'YAML'
interfaces: {br0: {type: bridge}}
namespaces:
  red:
    sysctls: {net.ipv4.ip_forward: 1, net/ipv4/conf/lo/forwarding: 1, net/ipv6/conf/all/forwarding: 1}
    interfaces: {eth0.5: {bridge: br0, sysctls: {ipv6.accept_dad: 0, net/ipv4/conf/eth0.5/rp_filter: 0}}}
YAML
    plexus check lab.yaml
    plexus apply --quiet lab.yaml
    plexus down lab --quiet
}

@test "a network card that this machine lacks: check warns, plan and apply refuse" {
    echo 'interfaces: {eno7: {type: physical, mtu: 1400}, eno8: {type: physical}}' >lab.yaml
    ip link add eno1 type veth peer name else
    run plexus check lab.yaml
    assert_status 0
    assert_contains "$output" 'lab.yaml:1:14: warning: there is no interface `eno7` on this host'
    assert_contains "$output" 'no interface `eno8`'
    assert_contains "$output" 'did you mean `eno1`?'
    for command in plan apply; do
        run plexus $command lab.yaml
        assert_status 2
        assert_contains "$output" 'error: there is no interface `eno7`'
    done
    ip link del eno1
}

@test "mistakes of the file and of the machine are told together" {
    cat >lab.yaml <<'YAML'
interfaces:
  d0: {type: bridge, bridge: d1, sysctls: {ipv4.rp_fliter: 0}}
  d1: {type: bridge}
  eno7: {type: physical}
YAML
    run plexus check lab.yaml
    assert_status 2
    assert_contains "$output" 'both are bridges'
    assert_contains "$output" 'did you mean `net.ipv4.conf.d0.rp_filter`?'
    assert_contains "$output" 'no interface `eno7`'
    sed -i 's/ bridge: d1,//' lab.yaml
    run plexus apply lab.yaml
    assert_status 2
    assert_contains "$output" 'did you mean `net.ipv4.conf.d0.rp_filter`?'
    assert_contains "$output" 'no interface `eno7`'
}

@test "the schema and check agree on how a value is written" {
    python3 -c 'import jsonschema' 2>/dev/null || skip "python3 has no jsonschema"
    plexus schema >schema.json
    # agrees VERDICT OPTION...: of a bridge, as JSON, which is YAML too.
    agrees() {
        local option
        for option in "${@:2}"; do
            echo "{\"interfaces\": {\"br0\": {\"type\": \"bridge\", $option}}}" >lab.yaml
            run plexus check lab.yaml
            assert_status "$1"
            run python3 -W ignore -c 'import json, jsonschema, sys
try:
    jsonschema.validate(json.load(open("lab.yaml")), json.load(open("schema.json")))
except jsonschema.ValidationError:
    sys.exit(2)'
            [ "$status" -eq "$1" ] || fail "the schema says $status to $option"
        done
    }
    agrees 0 '"mtu": 1500' '"mtu": "1500"' '"ageing-time": "0x10"' '"stp": true' '"stp": "true"' '"stp": "no"'
    agrees 2 '"mtu": 1500.5' '"mtu": "big"' '"mtu": "1500 "' '"mtu": 5' '"mtu": true' '"stp": 1' '"stp": "maybe"' \
        '"mtu": [1500]' '"mtu": {}'
}

@test "plan, apply and history count alike" {
    plexus apply -q red-blue.yaml
    run plexus plan other.yaml
    assert_contains "$output" "2 steps: 1 to add, 0 to change, 1 to delete"
    run plexus apply other.yaml
    assert_contains "$output" ": 1 added, 1 deleted"
    run plexus history red-blue
    assert_contains "$output" "1 added, 1 deleted (2 steps)"
    assert_contains "$output" "9 added (12 steps)"
    assert_contains "$(plexus history --diff red-blue)" "- address blue/eth0 192.168.50.2/24"
    assert_equal "$(plexus history --json red-blue | jq -c '.[1] | [.steps_total, .summary]')" \
        '[12,{"add":9,"change":0,"delete":0}]'
    plan=$(plexus plan --json red-blue.yaml | jq -c '[.steps_total, .summary]') || true
    assert_equal "$(plexus apply --json red-blue.yaml | jq -c '[.steps_total, .summary]')" "$plan"
}

@test "apply says that the expectations hold" {
    { cat red-blue.yaml && echo 'expect: [red reaches blue, blue reaches red]'; } >expects.yaml
    run plexus apply expects.yaml
    assert_contains "$output" "red-blue: 2 expectations hold"
    run plexus apply expects.yaml
    assert_contains "$output" "red-blue: 2 expectations hold"
    assert_equal "$(plexus apply --json expects.yaml | jq .expectations_held)" 2
    assert_equal "$(plexus apply --quiet expects.yaml)" ""
    assert_equal "$(plexus apply --no-expect expects.yaml)" "red-blue: nothing to do"
    assert_equal "$(plexus apply --no-expect --json expects.yaml | jq .expectations_held)" 0
}

@test "confirm without a name: the only one that waits, none, and several" {
    sed 's/red-blue/other/; s/br0/br1/g; s/red:/green:/; s/blue:/white:/' red-blue.yaml >green-white.yaml
    run plexus confirm
    assert_status 4
    assert_contains "$output" "nothing waits for confirmation"
    plexus apply -q --confirm=600 red-blue.yaml
    run plexus confirm
    assert_status 0
    assert_equal "$output" "red-blue: confirmed"
    plexus apply -q --confirm=600 other.yaml
    plexus apply -q --confirm=600 green-white.yaml
    run plexus confirm
    assert_status 2
    assert_contains "$output" "2 applies wait for confirmation"
    assert_contains "$output" "plexus confirm other ("
    assert_contains "$output" "plexus confirm red-blue ("
    plexus confirm other
    plexus rollback red-blue
    run plexus confirm
    assert_status 4
    assert_contains "$output" "of these the last apply was undone, and the old network is back:"
    assert_contains "$output" red-blue
}

@test "what is nearly right is told: a file without its ending, a namespace with a count, an empty list" {
    assert_equal "$(plexus list)" "nothing runs, and nothing is saved"
    run plexus apply red-blue
    assert_status 2
    assert_contains "$output" 'did you mean `red-blue.yaml`?'
    printf 'namespaces: {web: {count: 2}}\n' >count.yaml
    plexus apply -q count.yaml
    meant() {
        run plexus "$@"
        assert_status 4
        assert_contains "$output" 'did you mean `web-1`?'
    }
    meant exec web true
    meant show web
    meant shell web
}
