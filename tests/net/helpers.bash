# shellcheck shell=bash disable=SC2119
# What every test in tests/net begins with: load helpers
#
# A .bats file runs in a rig of its own (tests/run starts it so; by hand: tests/net/rig bats tests/net/FILE.bats).
# Each test must leave the network as it found it: the teardown here compares two snapshots and fails on a
# difference. A file that needs its own setup or teardown calls world_begin and world_end from them.

bats_require_minimum_version 1.5.0

NET_DIR=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
ROOT_DIR=$(readlink -f "$NET_DIR/../..")
PLEXUS=$(readlink -m "${PLEXUS:-$ROOT_DIR/build/plexus}")
export NET_DIR ROOT_DIR PLEXUS

plexus() {
    "$PLEXUS" "$@"
}

# The whole network as comparable text; see the file itself for what it holds.
# shellcheck disable=SC2120 # tests give it names of namespaces
snapshot() {
    "$NET_DIR/snapshot" "$@"
}

setup() {
    world_begin
}

teardown() {
    world_end
}

world_begin() {
    [ -n "${PLEXUS_RIG-}" ] || fail "not in a private world: run it by tests/net/rig"
    snapshot >"$BATS_TEST_TMPDIR/world"
}

# The kernel removes what was in a deleted namespace a little later, so the wait. A test that was skipped began none.
world_end() {
    [ -e "$BATS_TEST_TMPDIR/world" ] || return 0
    wait_for 10 world_is_as_before || fail "the test left something behind:
$(snapshot | diff "$BATS_TEST_TMPDIR/world" -)"
}

world_is_as_before() {
    snapshot | cmp -s "$BATS_TEST_TMPDIR/world" -
}

# wait_for SECONDS COMMAND...: until the command succeeds; fails when the time is over.
wait_for() {
    local end=$((${EPOCHREALTIME/[.,]/} + $1 * 1000000))
    shift
    until "$@" >/dev/null 2>&1; do
        [ "${EPOCHREALTIME/[.,]/}" -lt "$end" ] || fail "not within the time: $*" || return
        sleep 0.02
    done
}

fail() {
    printf '%s\n' "$*" >&2
    return 1
}

# assert_equal ACTUAL EXPECTED
assert_equal() {
    [ "$1" = "$2" ] || fail "differs (< expected, > actual):
$(diff <(printf '%s\n' "$2") <(printf '%s\n' "$1"))"
}

# assert_contains TEXT PART
assert_contains() {
    [[ $1 == *"$2"* ]] || fail "does not contain: $2
in: $1"
}

# assert_lacks TEXT PART
assert_lacks() {
    [[ $1 != *"$2"* ]] || fail "must not contain: $2
in: $1"
}

# assert_status EXPECTED, after bats' `run`
assert_status() {
    # shellcheck disable=SC2154 # status and output are set by run
    [ "$status" -eq "$1" ] || fail "exit status $status, expected $1
output: $output"
}

# needs PROGRAM...: skips the test where one is missing.
needs() {
    local program
    for program; do
        command -v "$program" >/dev/null || skip "$program is not installed"
    done
}

# traced OPTION... COMMAND...: under strace, which has no use for a search for leaks: that does not work then, and fails.
traced() {
    ASAN_OPTIONS=${ASAN_OPTIONS-}:detect_leaks=0 strace -f -o /dev/null "$@"
}

# needs_link TYPE [OPTION...]: skips the test where the kernel has no such kind of interface.
needs_link() {
    ip link add rig-probe type "$@" 2>/dev/null || skip "this kernel has no $1 interfaces"
    ip link del rig-probe
}

# What follows is for tests of whole topologies.

# raze: takes down everything, by Plexus or by force. For the teardown of a file in which a failed test would otherwise
# fail all that follow.
raze() {
    local name
    [ -n "${PLEXUS_RIG-}" ] && [ "$(hostname)" = rig ] || fail "not in a private world" || return
    # Process 1 is the rig, so this guard can only be one that a test has left.
    for name in $(pgrep -x confirm-guard); do kill -KILL "$name"; done
    for name in /run/plexus/*/; do
        name=${name%/}
        plexus rollback "${name##*/}" || true
        plexus down "${name##*/}" || true
    done
    ip -all netns delete
    for name in $(ip -o link | sed 's/^[0-9]*: //; s/[@:].*//'); do
        [ "$name" = lo ] || ip link del "$name" || true
    done
    rm -rf /run/plexus /run/plexus-services
} >/dev/null 2>&1

# world_end_or_raze: the teardown of such a file.
world_end_or_raze() {
    [ -n "${BATS_TEST_COMPLETED-}" ] || raze
    world_end
}

# name_of FILE: what the topology is called.
name_of() {
    sed -n 's/^name: *//p' "$1"
}

# needs_kernel_for FILE: skips the test where this kernel lacks what the network needs; any other mistake fails it.
needs_kernel_for() {
    run plexus check "$1"
    [ "$status" -ne 2 ] || [[ $output != *CONFIG_* ]] ||
        skip "this kernel lacks $(grep -o 'CONFIG_[A-Z0-9_]*' <<<"$output" | sort -u | paste -sd ' ')"
    assert_status 0
}

# inside NAMESPACE COMMAND...: without Plexus; "host" is where we are.
inside() {
    if [ "$1" = host ]; then
        "${@:2}"
    else
        ip netns exec "$@"
    fi
}

ping_once() {
    inside "$1" ping -nqc1 -W1 "$2" >/dev/null 2>&1
}

# reaches NAMESPACE ADDRESS: now or soon, by ip netns exec and by plexus exec.
reaches() {
    wait_for 10 ping_once "$1" "$2"
    [ "$1" = host ] || plexus exec "$1" ping -nqc1 -W5 "$2" >/dev/null || fail "plexus exec $1 ping $2 fails"
}

cannot_reach() {
    if ping_once "$1" "$2"; then fail "$1 reaches $2"; fi
}

# apply FILE [OPTION...], which must succeed.
apply() {
    run plexus apply "$@"
    assert_status 0
}

# nothing_to_do FILE: apply and plan say so, and status sees no difference.
nothing_to_do() {
    run plexus apply "$1"
    assert_status 0
    assert_contains "$output" "nothing to do"
    run plexus plan "$1"
    assert_status 0
    run plexus status "$(name_of "$1")"
    assert_status 0
}

# lab_up LAB: from nothing to a network that runs, and whose expectations were probed. lab_down: back to nothing.
lab_up() {
    lab=$ROOT_DIR/labs/$1.yaml
    needs_kernel_for "$lab"
    run plexus plan "$lab"
    assert_status 1
    run plexus apply --expect "$lab"
    assert_status 0
    nothing_to_do "$lab"
}

lab_down() {
    run plexus down "$(name_of "$lab")"
    assert_status 0
    wait_for 10 world_is_as_before
    [ ! -e "/run/plexus/$(name_of "$lab")/record.json" ] || fail "the record is still there"
}

# commands_of FILE: the commands that make the network, as a script for sh. Secrets, which Plexus does not show, are put
# in again from the file.
commands_of() {
    local keys
    keys=$(sed -n 's/.*private-key: *\([^ ]*\).*/\1/p' "$1" | paste -sd ' ')
    plexus plan --commands "$1" | awk -v keys="$keys" '
        BEGIN { split(keys, key, " ") }
        /\(hidden\)/ { sub(/\(hidden\)/, key[++n]) }
        { print }'
}

# without_marks: a snapshot without what tells that Plexus made something.
without_marks() {
    sed -E 's/,?"(ifalias|group|protocol)":"[^"]*"//g; s/\{,/{/'
}

# commands_are_true LAB: typed in a clean world they leave Plexus nothing to do, and the network equals the one that apply makes.
# A service that was typed is nobody's: it ends, and for Plexus there is its own to start, and nothing else.
commands_are_true() {
    local file=$ROOT_DIR/labs/$1.yaml script=$BATS_TEST_TMPDIR/script by_commands by_apply
    shift
    needs_kernel_for "$file"
    commands_of "$file" >"$script"
    [ -s "$script" ] || fail "no commands"
    # shellcheck disable=SC2016 # for the inner shell
    by_commands=$("$NET_DIR/rig" bash -c '
        script=$1 file=$2
        shift 2
        sh -e "$script" || { echo "the commands fail (status $?)" >&2 && exit 1; }
        for pid in /run/plexus-services/*/*/pid; do
            [ ! -e "$pid" ] || kill "$(cat "$pid")"
        done
        "$PLEXUS" plan "$file" >"$script.left" || [ $? -eq 1 ]
        if grep "^[-+~]" "$script.left" | grep -v "^+ service "; then
            echo "and after the commands these steps are left" >&2 && exit 1
        fi >&2
        "$NET_DIR/snapshot" "$@"' - "$script" "$file" "$@") || fail "the commands were:
$(cat "$script")"
    # shellcheck disable=SC2016
    by_apply=$("$NET_DIR/rig" bash -c '
        file=$1
        shift
        "$PLEXUS" apply --no-expect --quiet "$file" >&2 && "$NET_DIR/snapshot" "$@"' - "$file" "$@")
    assert_equal "$(without_marks <<<"$by_commands")" "$(without_marks <<<"$by_apply")"
}

# What follows is for tests that change a network, and look at what became of it.

# red_blue_green: the path of a file with a network that tests change; setup calls it $base.
red_blue_green() {
    cat >"$BATS_TEST_TMPDIR/base.yaml" <<'YAML'
name: net
interfaces:
  br0: {type: bridge}
  br1: {type: bridge}
namespaces:
  red:
    interfaces:
      eth0: {bridge: br0, addresses: [10.1.0.1/24]}
  blue:
    interfaces:
      eth0: {bridge: br0, addresses: [10.1.0.2/24]}
  green:
    interfaces:
      eth0: {bridge: br1, addresses: [10.2.0.1/24]}
YAML
    echo "$BATS_TEST_TMPDIR/base.yaml"
}

# edit SED: the path of the base with an edit, which must have changed something.
edit() {
    # shellcheck disable=SC2154 # by setup
    sed "$1" "$base" >"$BATS_TEST_TMPDIR/edited.yaml"
    if cmp -s "$base" "$BATS_TEST_TMPDIR/edited.yaml"; then fail "the edit changes nothing"; fi
    echo "$BATS_TEST_TMPDIR/edited.yaml"
}

# with_more: the base with more of it from the standard input, as a file of its own name.
with_more() {
    cat "$base" - >"$BATS_TEST_TMPDIR/more.yaml"
    echo "$BATS_TEST_TMPDIR/more.yaml"
}

# links: the number and name of every interface: one that is made anew has another number.
links() {
    local ns
    for ns in host $(ip netns list | awk '{ print $1 }' | sort); do
        inside "$ns" ip -o link | sed -E "s/^([0-9]+: [^:@]*).*/$ns \1/"
    done
}

# small_network, large_network: the paths of two files that describe one topology, with nearly everything different.
small_network() {
    cat >"$BATS_TEST_TMPDIR/small.yaml" <<'YAML'
name: net
interfaces:
  br0: {type: bridge}
namespaces:
  red: {interfaces: {eth0: {bridge: br0, addresses: [10.1.0.1/24]}}}
  blue: {interfaces: {eth0: {bridge: br0, addresses: [10.1.0.2/24]}}}
YAML
    echo "$BATS_TEST_TMPDIR/small.yaml"
}

large_network() {
    cat >"$BATS_TEST_TMPDIR/large.yaml" <<'YAML'
name: net
forwarding: true
interfaces:
  br0: {type: bridge, ageing-time: 100, addresses: [10.1.0.254/24]}
  br1: {type: bridge}
  tap0: {type: tap, bridge: br1}
routes:
  - {to: 10.99.0.0/24, via: 10.1.0.1}
rules:
  - {from: 10.99.0.0/24, table: 100, priority: 500}
namespaces:
  red: {interfaces: {eth0: {bridge: br0, addresses: [10.1.0.1/24, 2001:db8::1/64]}}}
  node: {count: 3, interfaces: {eth0: {bridge: br1, addresses: [10.7.0.1-10.7.0.3/24]}}}
YAML
    echo "$BATS_TEST_TMPDIR/large.yaml"
}

# network: a snapshot without MAC addresses of machines. What is made again on the way back gets the address it had, and
# that is then a chosen one and no longer shown as random; which port a bridge notes its own address at changes too.
network() {
    snapshot | grep -v ' fdb .*"state":"permanent"' |
        sed -E 's/"([0-9a-f][02468ace](:[0-9a-f]{2}){5}|random)"/"machine"/g' | LC_ALL=C sort
}

# same_as NETWORK: soon.
same_as() {
    expected_network=$1
    is_same() { [ "$(network)" = "$expected_network" ]; }
    wait_for 10 is_same || fail "$(diff <(echo "$1") <(network))"
}
