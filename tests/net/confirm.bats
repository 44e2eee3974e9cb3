#!/usr/bin/env bats
# An apply that nobody confirms is taken back.

# shellcheck disable=SC2016 # quotes of messages

load helpers

setup() {
    world_begin
    small=$(small_network) large=$(large_network)
}

teardown() {
    world_end_or_raze
}

# elapsed: milliseconds since boot.
elapsed() {
    local up
    read -r up _ </proc/uptime
    echo "${up/./}0"
}

is_past() { [ "$(elapsed)" -gt "$1" ]; }
guards() { pgrep -x confirm-guard; }
no_guard() { ! guards; }

@test "unconfirmed, the old network returns by itself" {
    apply "$small"
    before=$(network)
    apply --confirm=3 "$large"
    assert_contains "$output" "plexus confirm"
    [ "$(network)" != "$before" ] || fail "nothing was applied"
    same_as "$before"
    wait_for 10 no_guard
    run plexus status net
    assert_status 0
    run plexus plan "$small"
    assert_status 0
    plexus down net
}

@test "an unconfirmed first apply returns to nothing" {
    apply --confirm=1 "$small"
    wait_for 10 world_is_as_before
    wait_for 10 no_guard
    run plexus down net
    assert_status 4
}

@test "the old network returns also when plexus and its terminal are gone" {
    apply "$small"
    before=$(network)
    # A shell in a session of its own, which gets a hangup like one whose connection breaks.
    # shellcheck disable=SC2016
    setsid bash -c '"$PLEXUS" apply --confirm=3 "$1" & echo "$!"; wait' - "$large" >"$BATS_TEST_TMPDIR/pid" 2>&1 3>&- &
    shell=$!
    changed() { [ -s "$BATS_TEST_TMPDIR/pid" ] && ip link show br1; }
    wait_for 10 changed
    kill -KILL "$(head -n 1 "$BATS_TEST_TMPDIR/pid")" || true
    kill -HUP "$shell" || true
    wait "$shell" || true
    same_as "$before"
    run plexus status net
    assert_status 0
    plexus down net
}

@test "a confirmed apply stays" {
    apply "$small"
    apply --confirm=2 "$large"
    deadline=$(($(elapsed) + 2500))
    run plexus confirm net
    assert_status 0
    after=$(network)
    wait_for 10 no_guard
    wait_for 10 is_past $deadline
    assert_equal "$(network)" "$after"
    run plexus plan "$large"
    assert_status 0
    run plexus confirm net
    assert_status 4
    plexus down net
}

# with_probes FILE: with an expectation that takes longer to probe than a second: no answer over IPv6.
with_probes() {
    sed "/^name:/a expect: [red cannot reach 2001:db8::77]" "$1" >"$BATS_TEST_TMPDIR/probed.yaml"
    echo "$BATS_TEST_TMPDIR/probed.yaml"
}

@test "the time to confirm begins when the apply is done" {
    apply "$small"
    before=$(network)
    apply --confirm=1 "$(with_probes "$large")"
    assert_contains "$output" "returns in 1 s"
    run plexus confirm net
    assert_status 0
    wait_for 10 no_guard
    apply "$small"
    apply --confirm=1 "$(with_probes "$large")"
    same_as "$before"
    wait_for 10 no_guard
    plexus down net
}

@test "killed while it probes, an apply to be confirmed is taken back by its guard" {
    apply "$small"
    before=$(network)
    plexus apply --confirm=1 "$(with_probes "$large")" >/dev/null 2>&1 3>&- &
    killed=$!
    wait_for 10 ip link show br1
    kill -KILL "$killed"
    same_as "$before"
    wait_for 10 no_guard
    plexus down net
}

@test "rollback brings the old network back at once" {
    apply "$small"
    before=$(network)
    macs() { inside blue ip -o link show eth0 | grep -o 'link/ether [^ ]*'; }
    mac=$(macs)
    apply --confirm=600 "$large"
    run plexus rollback net
    assert_status 0
    same_as "$before"
    # Made again with the address it had, so that those who know it still reach it.
    assert_equal "$(macs)" "$mac"
    wait_for 10 no_guard
    plexus down net
}

@test "another apply waits for the decision" {
    apply --confirm=600 "$small"
    after=$(network)
    run plexus apply "$large"
    assert_status 6
    assert_contains "$output" "plexus confirm"
    assert_equal "$(network)" "$after"
    plexus confirm net
    apply "$large"
    plexus down net
}

@test "with the guard killed, the next command after the deadline brings the old network back" {
    apply "$small"
    before=$(network)
    apply --confirm=600 "$large"
    guard=$(guards)
    kill -KILL "$guard"
    wait_for 10 no_guard
    sed -i 's/"deadline":[0-9]*/"deadline":1/' /run/plexus/net/journal.json # long ago
    [ "$(network)" != "$before" ] || fail "somebody else brought it back"
    run plexus apply "$small"
    assert_status 0
    assert_contains "$output" "not confirmed"
    same_as "$before"
    plexus down net
}

@test "when the guard is killed and the time is over, status says what the old network waits for" {
    apply --confirm=1 "$small"
    kill -KILL "$(guards)"
    is_over() { plexus status net | grep -qF "waits for the next command that changes something: plexus rollback net"; }
    wait_for 10 is_over
    run plexus status net
    assert_lacks "$output" "returns within"
    plexus rollback net
}

# over_ssh LINES: applies them in a session that comes in by eno1, without --confirm and with it.
over_ssh() {
    printf 'name: lab\n%b\n' "$1" >"$BATS_TEST_TMPDIR/lab.yaml"
    before=$(snapshot)
    run plexus apply "$BATS_TEST_TMPDIR/lab.yaml"
    assert_status 6
    assert_contains "$output" "lab: the SSH session that this is typed in, from 192.0.2.7, comes in by \`$2\`, and is cut by: $3"
    assert_contains "$output" "to do it nevertheless: --confirm"
    assert_equal "$(snapshot)" "$before"
    apply --confirm=60 "$BATS_TEST_TMPDIR/lab.yaml"
    plexus rollback lab --quiet
    assert_equal "$(snapshot)" "$before"
}

@test "what cuts the SSH session that it is typed in needs --confirm: its card, what that lies on, its address" {
    ip link add eno1 address 52:54:00:00:00:01 type veth peer name far
    for link in far eno1; do ip link set $link up; done
    ip address add 192.0.2.1/24 dev eno1
    export SSH_CONNECTION="192.0.2.7 40000 192.0.2.1 22"
    over_ssh 'interfaces: {eno1: {type: physical, up: false}}' eno1 "set physical host/eno1: up true -> false"
    over_ssh 'interfaces: {eno1: {type: physical, bridge: br0}, br0: {type: bridge}}' eno1 "set physical host/eno1: master"
    ip address del 192.0.2.1/24 dev eno1
    printf 'name: lab\ninterfaces: {eno1: {type: physical, addresses: [192.0.2.1/24]}}\n' >"$BATS_TEST_TMPDIR/lab.yaml"
    apply "$BATS_TEST_TMPDIR/lab.yaml"
    over_ssh 'interfaces: {eno1: {type: physical, addresses: [192.0.2.9/24]}}' eno1 "del address host/eno1 192.0.2.1/24"
    plexus down lab --quiet
    ip link add mac0 address 52:54:00:00:00:02 link eno1 type macvlan mode bridge
    ip link set mac0 up
    ip address add 192.0.2.1/24 dev mac0
    over_ssh 'interfaces: {eno1: {type: physical, up: false}}' mac0 "set physical host/eno1: up true -> false"
    ip link del eno1
}

# in_lan: the card is a port of a bridge, which has the address by which the SSH session comes in.
in_lan() {
    ip link add eno1 address 52:54:00:00:00:01 type veth peer name far
    ip link add lan address 52:54:00:00:00:01 type bridge
    ip link set eno1 master lan
    for link in far eno1 lan; do ip link set $link up; done
    ip address add 192.0.2.1/24 dev lan
    export SSH_CONNECTION="192.0.2.7 40000 192.0.2.1 22"
}

@test "what cuts the SSH session behind its bridge needs --confirm: the last port that leads out" {
    in_lan
    over_ssh 'interfaces: {eno1: {type: physical, up: false}}' lan "set physical host/eno1: up true -> false"
    over_ssh 'interfaces: {eno1: {type: physical, bridge: br0}, br0: {type: bridge}}' lan "set physical host/eno1: master"
    printf 'name: lab\ninterfaces: {eno1: {type: physical, up: false}}\n' >"$BATS_TEST_TMPDIR/lab.yaml"
    run plexus plan "$BATS_TEST_TMPDIR/lab.yaml"
    assert_contains "$output" "warning: lab: the SSH session that this is typed in, from 192.0.2.7, comes in by \`lan\`"
    run plexus apply --dry-run "$BATS_TEST_TMPDIR/lab.yaml"
    assert_status 6
    ip link add eno2 address 52:54:00:00:00:02 master lan type veth peer name far2
    ip link set eno2 up
    apply "$BATS_TEST_TMPDIR/lab.yaml"
    assert_lacks "$output" "SSH"
    plexus down lab --quiet
    ip link del eno2
    ip link del eno1
    ip link del lan
}

@test "an address that another interface has still is no cut; going down is warned of" {
    in_lan
    printf 'name: lab\ninterfaces: {br8: {type: bridge, addresses: [192.0.2.1/32, 192.0.2.8/32]}}\n' >"$BATS_TEST_TMPDIR/lab.yaml"
    apply "$BATS_TEST_TMPDIR/lab.yaml"
    sed -i 's|192.0.2.1/32, ||' "$BATS_TEST_TMPDIR/lab.yaml"
    apply "$BATS_TEST_TMPDIR/lab.yaml"
    assert_lacks "$output" "SSH"
    ip address del 192.0.2.1/24 dev lan
    printf 'name: lab\ninterfaces: {br9: {type: bridge, addresses: [192.0.2.1/24]}}\n' >"$BATS_TEST_TMPDIR/lab.yaml"
    apply "$BATS_TEST_TMPDIR/lab.yaml"
    run plexus down lab
    assert_status 0
    assert_contains "$output" "warning: lab: the SSH session that this is typed in, from 192.0.2.7, comes in by \`br9\`, and is cut by: del "
    assert_contains "$output" "from another way in, it comes back by: plexus rollback lab 1"
    ip link del eno1
    ip link del lan
}
