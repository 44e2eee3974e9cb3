#!/usr/bin/env bats
# plexus firewall by hand: rules come and go in the file that runs, and real packets obey; what is saved keeps its
# remarks; nobody locks himself out.

# shellcheck disable=SC2016 # quotes of messages

load helpers

teardown() {
    world_end_or_raze
}

# firewall WORD..., which must succeed.
firewall() {
    run plexus firewall "$@"
    assert_status 0
}

# refused STATUS PART WORD...: and nothing was changed.
refused() {
    local before
    before=$(nft list ruleset)
    run plexus firewall "${@:3}"
    assert_status "$1"
    assert_contains "$output" "$2"
    assert_equal "$(nft list ruleset)" "$before"
}

# rules: as the list says them, with their numbers.
rules() {
    plexus firewall list --json "$@" | jq -r '.rules[] | "\(.number) \(.rule)"'
}

# A namespace `out` beside the host, with a host firewall that says nothing yet.
with_outside() {
    cat >"$BATS_TEST_TMPDIR/gate.yaml" <<'YAML'
# the gate
name: gate
interfaces:
  out0: {peer: out/eth0, addresses: [192.0.2.1/24]}     # to the outside
namespaces:
  out:
    interfaces:
      eth0: {addresses: [192.0.2.7/24, 192.0.2.8/24]}
firewall:
  zones: {wan: [out0]}
  rules:
    # whoever is ill
    - allow ping from wan   # at night too
YAML
    apply "$BATS_TEST_TMPDIR/gate.yaml"
}

# listen PORT: on the host, until the test is over.
listen() {
    ncat -lk "$1" -e /bin/true &
    listeners+=($!)
    wait_for 5 ncat -z 127.0.0.1 "$1"
}

connects() {
    ip netns exec out ncat -z -w "${3-5}" ${2:+-s "$2"} 192.0.2.1 "$1"
}

@test "a host without a file gets one, and it goes again" {
    firewall allow 22/tcp
    firewall allow https from 10.0.0.0/8
    assert_equal "$(rules)" "1 allow tcp/22
2 allow https from 10.0.0.0/8"
    run nft list chain inet plexus-host input
    assert_contains "$output" 'tcp dport 22 counter packets 0 bytes 0 accept comment "allow tcp/22"'
    run plexus status host
    assert_status 0
    run plexus history host
    assert_contains "$output" "firewall allow https from 10.0.0.0/8"
    run plexus rollback host 1
    assert_status 0
    assert_equal "$(rules)" "1 allow tcp/22"
    firewall remove 1
    assert_equal "$(rules)" ""
    [ ! -e /etc/plexus/host.yaml ] || fail "saved without --save"
    run plexus down host
    assert_status 0
}

@test "words of ufw" {
    firewall allow 80,443/tcp
    firewall allow 53
    firewall allow 6000:6007/tcp from 10.0.0.0/8
    firewall allow from 10.0.0.5 to any port 22 proto tcp
    firewall allow "proto udp from 10.0.0.5"
    firewall deny out to 192.0.2.9 port 25 proto tcp
    firewall allow OpenSSH
    firewall limit ssh --at 1
    assert_equal "$(rules)" "1 limit ssh
2 allow tcp/80 tcp/443
3 allow tcp/53 udp/53
4 allow tcp/6000-6007 from 10.0.0.0/8
5 allow tcp/22 from 10.0.0.5
6 allow udp from 10.0.0.5
7 deny tcp/25 from host to 192.0.2.9
8 allow ssh"
    firewall remove allow 53
    firewall remove limit ssh
    assert_equal "$(rules | wc -l)" 6
    refused 2 '`in on eth0`: a rule names the zone of an interface' allow in on eth0 to any port 80
    assert_contains "$output" 'zones: {wan: [eth0]}'
    refused 2 "no rule asks for the port that packets come from" allow from 10.0.0.1 port 53
    refused 2 'leave `to` away' allow from 10.0.0.1 to 10.0.0.2 port 80
    plexus down host -q
}

@test "what cannot be meant changes nothing" {
    firewall allow ssh
    refused 2 'did you mean `https`?' allow htps
    assert_contains "$output" "host.yaml:5:13: error: there is no service"
    refused 2 'goes to: `from 192.0.2.9`' deny 192.0.2.9
    refused 2 'one of the words is empty' allow ""
    refused 2 'one of the words is empty' allow " " from 10.0.0.1
    refused 2 'everything is called `any`: `allow any`' allow limit 1/second
    refused 2 'nothing follows this comma' allow tcp/91,
    refused 2 'nothing follows the comma' allow 91,
    refused 4 "there is no rule 2" remove 2
    refused 4 'did you mean `allow ssh`?' remove allow sh
    refused 2 'did you mean `input`?' default imput drop
    refused 2 'here it is: plexus firewall list' status
    refused 2 'usage: plexus firewall default' default input
    refused 4 '`host` has no namespace `web`' allow ssh --namespace web
    refused 2 '`list` has no option `--save`' list --at 3 --save
    refused 2 '`remove` has no option `--at`' remove 1 --at 1
    refused 2 '`test` has no option `--dry-run`' test tcp/22 --dry-run
    refused 2 '`test` has no option `--topology`' test tcp/22 --topology host
    refused 2 "a number from 1 to 2 was expected" allow http --at 5
    refused 2 "what is not confirmed is not saved" allow http --save --confirm
    firewall allow ssh
    assert_contains "$output" "is there already, as rule 1"
    run plexus firewall list --topology nobody
    assert_status 4
    plexus down host -q
    run plexus firewall list
    assert_status 4
    assert_contains "$output" "no topology has a firewall for the host"
}

@test "packets obey, and are counted by rule" {
    needs ncat ping
    local listeners=()
    with_outside
    listen 8080
    firewall enable
    assert_contains "$output" "policy accept -> drop"
    reaches out 192.0.2.1
    if connects 8080 "" 1; then fail "let in"; fi
    firewall allow tcp/8080 from 192.0.2.7
    connects 8080 192.0.2.7
    if connects 8080 192.0.2.8 1; then fail "let in"; fi
    run plexus firewall list --json
    assert_status 0
    assert_equal "$(jq -c '.rules[1] | [.rule, .packets]' <<<"$output")" '["allow tcp/8080 from 192.0.2.7",1]'
    [ "$(jq '.rules[0].packets' <<<"$output")" -ge 1 ] || fail "a ping was not counted: $output"
    [ "$(jq '.rules[1].bytes' <<<"$output")" -ge 40 ] || fail "$output"
    run plexus firewall list
    assert_contains "$output" "gate: the firewall of the host: runs, not saved"
    assert_contains "$output" "zone wan: out0"
    assert_contains "$output" "input: drop"
    firewall remove allow tcp/8080 from 192.0.2.7
    if connects 8080 192.0.2.7 1; then fail "let in"; fi
    kill "${listeners[@]}"
    plexus down gate -q
}

@test "rules that became a set are counted one by one" {
    needs ncat
    local listeners=() i
    with_outside
    listen 8005
    { sed 's/^  rules:/  input: drop\n  rules:/' "$BATS_TEST_TMPDIR/gate.yaml" &&
        for i in $(seq 1 40); do echo "    - allow tcp/$((8000 + i)) from 192.0.2.$i"; done; } \
        >"$BATS_TEST_TMPDIR/many.yaml"
    sed -i 's|^    - allow tcp/8005 .*|    - allow tcp/8005 from 192.0.2.7|' "$BATS_TEST_TMPDIR/many.yaml"
    apply "$BATS_TEST_TMPDIR/many.yaml"
    assert_contains "$(nft list table inet plexus-gate)" "@input-1"
    connects 8005 192.0.2.7
    connects 8005 192.0.2.7
    if connects 8005 192.0.2.8 1; then fail "let in"; fi
    run plexus firewall list --json
    assert_equal "$(jq -c '[.rules[] | select(.packets > 0) | [.number, .rule, .packets]]' <<<"$output")" \
        '[[6,"allow tcp/8005 from 192.0.2.7",2]]'
    run plexus firewall list
    [[ $output =~ "input: drop "+[1-9] ]] || fail "$output"
    kill "${listeners[@]}"
    plexus down gate -q
}

@test "published ports are counted one by one, and a range as a whole" {
    cat >net.yaml <<'YAML'
name: net
interfaces: {wan0: {peer: outside/eth0, addresses: [192.0.2.1/24]}}
networks: {guests: {subnet: 10.1.0.0/24, publish: ["8080:web:80", "9000-9003:web:9000-9003/udp", "8081:web:81"]}}
firewall: {input: drop, rules: [allow icmp]}
namespaces: {web: {networks: [guests]}, outside: {interfaces: {eth0: {addresses: [192.0.2.2/24]}}}}
YAML
    apply net.yaml
    for port in 8080 8080 8080 8081; do
        ip netns exec outside python3 -c 'import socket, sys
try:
    socket.create_connection(("192.0.2.1", int(sys.argv[1])), 0.5)
except OSError:
    pass' $port
    done
    ip netns exec outside python3 -c 'import socket
for port in 9001, 9003:
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"?", ("192.0.2.1", port))'
    assert_equal "$(plexus firewall list --json | jq -c '[.published[] | [.publish, .packets]]')" \
        '[["8080:web:80",3],["9000-9003:web:9000-9003/udp",2],["8081:web:81",1]]'
    assert_contains "$(plexus firewall list | tr -s ' ')" " publish: 8080:web:80 3 "
    plexus down net --quiet
}

@test "saved: this rule and no other, and remarks stay" {
    with_outside
    firewall allow ssh from wan --save
    cmp /etc/plexus/gate.yaml - <<'YAML' || fail "$(cat /etc/plexus/gate.yaml)"
# the gate
name: gate
interfaces:
  out0: {peer: out/eth0, addresses: [192.0.2.1/24]}     # to the outside
namespaces:
  out:
    interfaces:
      eth0: {addresses: [192.0.2.7/24, 192.0.2.8/24]}
firewall:
  zones: {wan: [out0]}
  rules:
    # whoever is ill
    - allow ping from wan   # at night too
    - allow ssh from wan
YAML
    run plexus status gate
    assert_status 0
    firewall allow http from wan
    run plexus firewall list --json
    assert_equal "$(jq -r .saved <<<"$output")" differs
    firewall deny from 192.0.2.9 --save --at 1
    run grep -c http /etc/plexus/gate.yaml
    assert_equal "$output" 0
    assert_equal "$(sed -n '/rules:/,$p' /etc/plexus/gate.yaml)" "  rules:
    - deny from 192.0.2.9
    # whoever is ill
    - allow ping from wan   # at night too
    - allow ssh from wan"
    # As where it runs, before the rule that comes after it there; where that is not saved, nowhere.
    firewall deny from 192.0.2.10 --save --at 3
    assert_equal "$(sed -n '/rules:/,$p' /etc/plexus/gate.yaml | grep -v '#.*ill')" "  rules:
    - deny from 192.0.2.9
    - allow ping from wan   # at night too
    - deny from 192.0.2.10
    - allow ssh from wan"
    refused 6 'without `allow http from wan`, before which `deny from 192.0.2.11` is to be' \
        deny from 192.0.2.11 --save --at 5
    assert_contains "$output" "plexus save gate saves all that runs"
    firewall remove deny from 192.0.2.10 --save
    firewall remove allow ping from wan --save
    firewall default forward drop --save
    assert_equal "$(sed -n '/rules:/,$p' /etc/plexus/gate.yaml)" "  rules:
    - deny from 192.0.2.9
    # whoever is ill
    - allow ssh from wan
  forward: drop"
    plexus forget gate -q
    plexus down gate -q
}

@test "the firewall of a namespace" {
    with_outside
    firewall allow ssh from 192.0.2.1 --namespace out --topology gate
    firewall default input drop --namespace out
    assert_equal "$(rules --namespace out)" "1 allow ssh from 192.0.2.1"
    assert_equal "$(rules)" "1 allow ping from wan"
    run ip netns exec out nft list chain inet plexus-gate input
    assert_contains "$output" 'ip saddr 192.0.2.1 tcp dport 22'
    if ping_once host 192.0.2.7; then fail "let in"; fi
    plexus down gate -q
}

@test "which topology: the only one that has a firewall" {
    with_outside
    echo '{name: other, firewall: {rules: [allow ssh]}}' >"$BATS_TEST_TMPDIR/other.yaml"
    apply "$BATS_TEST_TMPDIR/other.yaml"
    refused 2 "several topologies have a firewall for the host: gate, other" allow http
    assert_contains "$output" "say which: --topology gate, --topology other; or --topology host, which is made"
    firewall allow http --topology other
    assert_equal "$(rules --topology other)" "1 allow ssh
2 allow http"
    plexus down other -q
    firewall allow http
    assert_equal "$(rules)" "1 allow ping from wan
2 allow http"
    plexus down gate -q
}

@test "who types this over SSH is not locked out" {
    with_outside
    export SSH_CONNECTION="192.0.2.7 50000 192.0.2.1 22"
    refused 6 "would be let in no more: \`input: drop\`" default input drop
    assert_contains "$output" "first: plexus firewall allow ssh from 192.0.2.7"
    firewall enable
    assert_contains "$output" "so that your SSH session stays: allow ssh from 192.0.2.7"
    assert_equal "$(rules)" "1 allow ssh from 192.0.2.7
2 allow ping from wan"
    refused 6 "would be let in no more" deny ssh from 192.0.2.7 --at 1
    refused 6 "would be let in no more" remove 1
    firewall allow ssh from wan
    firewall remove 1
    run plexus firewall remove allow ssh from wan --confirm=60
    assert_status 0
    plexus rollback gate -q
    assert_equal "$(rules)" "1 allow ping from wan
2 allow ssh from wan"
    # sudo takes the variable away; who is above has it
    run bash -c 'env -u SSH_CONNECTION "$PLEXUS" firewall deny from 192.0.2.7 --at 1; true'
    assert_contains "$output" "would be let in no more: \`deny from 192.0.2.7\` at gate.yaml:"
    unset SSH_CONNECTION
    SSH_CONNECTION="192.0.2.7 50000 192.0.2.1 2222" run plexus firewall enable
    assert_contains "$output" "allow tcp/2222 from 192.0.2.7"
    plexus down gate -q
}

@test "the SSH session comes in by the way to its client, not by where the address lies" {
    with_outside
    ip link add lan0 type bridge
    ip address add 10.9.9.9/32 dev lan0
    firewall allow ssh from wan
    SSH_CONNECTION="192.0.2.7 50000 10.9.9.9 22" run plexus firewall default input drop
    assert_status 0
    ip link del lan0
    plexus down gate -q
}

@test "apply warns of what would cut the SSH session" {
    with_outside
    export SSH_CONNECTION="192.0.2.7 50000 192.0.2.1 22"
    sed 's/^  rules:/  input: drop\n  rules:/' "$BATS_TEST_TMPDIR/gate.yaml" >"$BATS_TEST_TMPDIR/closed.yaml"
    run plexus apply --confirm=60 "$BATS_TEST_TMPDIR/closed.yaml"
    assert_status 0
    assert_contains "$output" "this one goes on; before plexus confirm, see whether another comes in"
    plexus rollback gate -q
    run plexus plan "$BATS_TEST_TMPDIR/closed.yaml"
    assert_contains "$output" "warning: gate: the SSH session that this is typed in, from 192.0.2.7 to port 22"
    run plexus apply "$BATS_TEST_TMPDIR/closed.yaml"
    assert_status 0
    assert_contains "$output" "warning: gate: the SSH session that this is typed in, from 192.0.2.7 to port 22"
    run plexus apply "$BATS_TEST_TMPDIR/closed.yaml"
    assert_lacks "$output" "SSH session"
    plexus down gate -q
}

@test "two at once: neither is lost" {
    with_outside
    local i pids=()
    for i in 1 2 3 4 5 6; do
        plexus firewall allow "tcp/900$i" -q &
        pids+=($!)
    done
    for i in "${pids[@]}"; do wait "$i"; done
    assert_equal "$(rules | tail -n +2 | cut -d' ' -f2- | sort)" "$(printf 'allow tcp/900%d\n' 1 2 3 4 5 6)"
    plexus down gate -q
}

@test "dry run, JSON and silence" {
    with_outside
    run plexus firewall allow ssh --dry-run
    assert_status 0
    assert_contains "$output" "not done"
    assert_equal "$(rules)" "1 allow ping from wan"
    run plexus firewall allow ssh --json
    assert_status 0
    assert_equal "$(jq -r '.topology, .result, .summary.change' <<<"$output")" "gate
done
1"
    run plexus firewall allow http -q
    assert_status 0
    assert_equal "$output" ""
    plexus down gate -q
}

@test "what runs goes before a folder of the same name" {
    with_outside
    cd "$BATS_TEST_TMPDIR" || return
    mkdir -p gate
    echo '{name: gate, firewall: {input: drop}}' >gate/a.yaml
    run plexus firewall test gate tcp/22 from wan
    assert_status 0
    run plexus firewall test gate/ tcp/22 from 192.0.2.9
    assert_status 1
    plexus down gate -q
}

# two_networks: topologies `a` and `b` that have networks, and no word of a firewall.
two_networks() {
    local name
    for name in a b; do
        echo "{name: $name, networks: {$name: {}}}" >"$BATS_TEST_TMPDIR/$name.yaml"
        apply "$BATS_TEST_TMPDIR/$name.yaml"
    done
}

@test "not in a topology that merely has a network" {
    two_networks
    firewall allow ssh
    assert_contains "$output" "host: made, a topology for what is said by hand"
    firewall enable
    assert_lacks "$output" "made"
    assert_equal "$(rules)" "1 allow ssh"
    plexus down a -q
    assert_equal "$(rules)" "1 allow ssh"
    firewall allow http --topology b
    refused 2 "several topologies have a firewall for the host: b, host" allow https
    assert_contains "$output" "--topology b, --topology host"
    plexus down b -q
    plexus down host -q
}

@test "the one that is saved, where none runs" {
    with_outside
    plexus save gate -q
    plexus down gate -q
    firewall allow ssh from wan
    assert_contains "$output" "gate: did not run: it was begun as it is saved, and changed"
    assert_equal "$(rules)" "1 allow ping from wan
2 allow ssh from wan"
    plexus down gate -q
    plexus forget gate -q
}

@test "a name that nothing has is no new topology" {
    with_outside
    refused 4 'no topology `gaet` runs or is saved' allow ssh --topology gaet
    assert_contains "$output" 'did you mean `gate`? only `host` is made by itself'
    refused 4 'only `host` is made by itself, any other by plexus apply FILE' list --topology nowhere-near
    run plexus list --json
    assert_equal "$(jq -r '.[].name' <<<"$output")" gate
    plexus down gate -q
}

@test "a namespace is in the topology that has it" {
    with_outside
    firewall allow ssh --topology host
    refused 4 "plexus firewall enable --namespace out makes one, plexus firewall allow ssh --namespace out" \
        list --namespace out
    refused 4 '`gate` has it: --topology gate --namespace out' allow ssh --topology host --namespace out
    firewall allow ssh --namespace out
    assert_equal "$(rules --namespace out)" "1 allow ssh"
    plexus down host -q
    plexus down gate -q
}

@test "an apply of the file says what it takes away" {
    with_outside
    firewall allow ssh from wan
    firewall allow http from wan
    firewall remove allow http from wan
    firewall enable
    run plexus plan "$BATS_TEST_TMPDIR/gate.yaml"
    assert_status 1
    assert_contains "$output" 'warning: gate: what was said by hand is not in this file, and goes: '
    assert_contains "$output" 'goes: `plexus firewall allow ssh from wan`, `plexus firewall enable`'
    sed 's/^  rules:/  input: drop\n  rules:/' "$BATS_TEST_TMPDIR/gate.yaml" >"$BATS_TEST_TMPDIR/some.yaml"
    run plexus plan "$BATS_TEST_TMPDIR/some.yaml"
    assert_contains "$output" 'and goes: `plexus firewall allow ssh from wan`'
    assert_lacks "$output" 'firewall enable`'
    echo '    - allow ssh from wan' >>"$BATS_TEST_TMPDIR/some.yaml"
    apply "$BATS_TEST_TMPDIR/some.yaml"
    assert_lacks "$output" "by hand"
    firewall remove allow ping from wan
    apply "$BATS_TEST_TMPDIR/some.yaml"
    assert_contains "$output" 'goes: `plexus firewall remove allow ping from wan`'
    run plexus rollback gate 1
    assert_lacks "$output" "by hand"
    run plexus apply --dry-run "$BATS_TEST_TMPDIR/some.yaml"
    assert_contains "$output" 'goes: `plexus firewall remove allow ping from wan`'
    apply "$BATS_TEST_TMPDIR/gate.yaml"
    apply "$BATS_TEST_TMPDIR/gate.yaml"
    assert_lacks "$output" "by hand"
    plexus down gate -q
}

@test "test: by what runs, and guests by their names" {
    cd "$BATS_TEST_TMPDIR" || return
    run plexus firewall test tcp/22
    assert_status 2
    assert_contains "$output" "there is no plexus.yaml here"
    cat >shop.yaml <<'YAML'
name: shop
networks:
  lan: {subnet: 10.9.0.0/24}
namespaces:
  web: {networks: {lan: {address: 10.9.0.5}}}
firewall:
  input: drop
  rules: [deny tcp/81 from 10.9.0.5]
YAML
    apply shop.yaml
    run plexus firewall test tcp/22 from 192.0.2.9
    assert_status 1
    assert_contains "$output" 'by the firewall of the host of `shop`, which runs'
    run plexus firewall test shpo tcp/22
    assert_status 2
    assert_contains "$output" 'did you mean `shop`, a topology that runs?'
    run plexus firewall test shpo.yaml tcp/22
    assert_status 2
    assert_contains "$output" "shpo.yaml"
    assert_lacks "$output" "protocol"
    run plexus firewall test tcp/81 from web to host
    assert_status 1
    assert_contains "$output" "from 10.9.0.5 to "
    assert_contains "$output" "deny tcp/81 from 10.9.0.5 (shop:"
    run plexus firewall test shop tcp/80 from lan to web
    assert_contains "$output" "to 10.9.0.5 port 80"
    firewall allow ssh --topology host
    run plexus firewall test tcp/22
    assert_status 2
    assert_contains "$output" "several topologies have a firewall for the host: host, shop"
    run plexus firewall test host tcp/22
    assert_status 0
    plexus down host -q
    plexus down shop -q
}

@test "the list says what is not confirmed, and other words are told" {
    with_outside
    firewall allow ssh --confirm=60
    firewall list
    assert_contains "$output" "unconfirmed: the old network returns within"
    assert_contains "$output" "plexus confirm gate"
    run plexus firewall list --json
    [ "$(jq .confirm_seconds <<<"$output")" -gt 0 ] || fail "$output"
    plexus confirm gate -q
    run plexus firewall list --json
    assert_equal "$(jq .confirm_seconds <<<"$output")" null
    refused 2 "there is nothing to load again" reload
    refused 2 "plexus down host" reset
    plexus down gate -q
}
