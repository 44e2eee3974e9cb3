#!/usr/bin/env bats
# While an apply is under way: other commands, and others who change the network.

load helpers

setup() {
    world_begin
    small=$(small_network) large=$(large_network)
}

teardown() {
    world_end_or_raze
}

@test "an apply that is at work is not shown as cut short" {
    slow_apply
    run plexus list
    assert_lacks "$output" cut-short
    kill -0 "$slow" || fail "the apply was done too soon for this test"
    wait "$slow" || fail "$(cat "$BATS_TEST_TMPDIR/slow")"
    plexus down net
}

@test "what others made in the meantime is not deleted on the way back" {
    needs strace
    # The first thing an apply does for its first namespace: nothing of the network is there yet but the journal.
    run traced -e trace=mount -e inject=mount:signal=KILL:when=1 "$PLEXUS" apply "$large"
    [ -e /run/plexus/net/journal.json ] || fail "no journal"
    ip link add br1 type bridge
    ip tuntap add tap0 mode tap
    ip rule add from 10.99.0.0/24 table 100 priority 500
    ip netns add red
    ip -n red link add eth0 type veth peer name other
    run plexus rollback net
    assert_status 0
    ip link show br1
    ip link show tap0
    ip rule | grep 10.99.0.0/24
    ip -n red link show eth0
    [ ! -e /run/plexus/net/journal.json ]
    ip link del br1
    ip link del tap0
    ip rule del priority 500
    ip netns del red
}

@test "what others made before the step that should have is not deleted when an earlier step fails" {
    needs strace
    ip link add ext0 type bridge
    cat >"$BATS_TEST_TMPDIR/ext.yaml" <<'YAML'
name: net
interfaces:
  ext0: {type: physical, addresses: [10.5.0.1/24], neighbours: [{ip: 10.5.0.9, mac: "02:00:00:00:00:09"}]}
namespaces: {red: {}}
YAML
    # While the first namespace is not made yet, and then cannot be.
    traced -e trace=unshare -e inject=unshare:error=ENOMEM:delay_enter=2000000 \
        "$PLEXUS" apply "$BATS_TEST_TMPDIR/ext.yaml" >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
    wait_for 10 test -e /run/plexus/net/journal.json
    wait_for 10 test -e /run/netns/red
    ip address add 10.5.0.1/24 dev ext0
    ip neigh add 10.5.0.9 lladdr 02:00:00:00:00:09 dev ext0
    status=0
    wait $! || status=$?
    output=$(<"$BATS_TEST_TMPDIR/out")
    assert_status 7
    assert_contains "$(ip address show ext0)" 10.5.0.1/24
    assert_contains "$(ip neigh show dev ext0)" 02:00:00:00:00:09
    ip link del ext0
}

# An apply that takes its time: it waits for an answer that does not come. Sets $slow.
slow_apply() {
    {
        cat "$small"
        echo 'expect: [red cannot reach 10.1.0.77, blue cannot reach 10.1.0.77, red cannot reach 10.1.0.78]'
    } >"$BATS_TEST_TMPDIR/slow.yaml"
    plexus apply "$BATS_TEST_TMPDIR/slow.yaml" >"$BATS_TEST_TMPDIR/slow" 2>&1 3>&- &
    slow=$!
    wait_for 10 ip link show blue-eth0
}

other_file() {
    sed 's/name: net/name: other/; s/br0/br5/; s/red:/left:/; s/blue:/right:/' "$small" >"$BATS_TEST_TMPDIR/other.yaml"
    echo "$BATS_TEST_TMPDIR/other.yaml"
}

# is_told_as_under_way RUNNING: by list, status and show, which judge nothing.
is_told_as_under_way() {
    run plexus status net
    kill -0 "$slow" || fail "the apply was done too soon for this test"
    assert_status 6
    assert_contains "$output" "being changed at this moment"
    assert_contains "$output" "slow.yaml"
    assert_lacks "$output" "differs from"
    run plexus status --json
    assert_status 6
    assert_equal "$(jq -c '.[] | [.topology, .running, .differs, (.drift | length), (.under_way | contains("slow.yaml"))]' <<<"$output")" \
        "[\"net\",$1,false,0,true]"
    run plexus list
    assert_contains "$output" changing
    assert_contains "$output" slow.yaml
    run plexus show
    kill -0 "$slow" || fail "the apply was done too soon for this test"
    assert_status 0
    assert_contains "$output" "being changed at this moment by"
}

@test "while an apply is under way nothing is told as changed by others" {
    needs jq
    slow_apply
    is_told_as_under_way false
    wait "$slow" || fail "$(cat "$BATS_TEST_TMPDIR/slow")"
    run plexus status net
    assert_status 0
    # A change: the record is that of before.
    small=$BATS_TEST_TMPDIR/changed.yaml
    sed 's/10.1.0.2/10.1.0.5/' "$BATS_TEST_TMPDIR/small.yaml" >"$small"
    slow_apply
    has_changed() { ip -n blue -o address show eth0 | grep -q 10.1.0.5; }
    wait_for 10 has_changed
    is_told_as_under_way true
    wait "$slow" || fail "$(cat "$BATS_TEST_TMPDIR/slow")"
    plexus down net
}

@test "the second of two applies is refused with --no-wait, and the first is named" {
    slow_apply
    run plexus apply --no-wait "$(other_file)"
    kill -0 "$slow" || fail "the first was done too soon for this test"
    assert_status 6
    assert_contains "$output" slow.yaml
    wait "$slow" || fail "$(cat "$BATS_TEST_TMPDIR/slow")"
    plexus down net
}

@test "the second of two applies waits for the first" {
    slow_apply
    apply "$(other_file)"
    wait "$slow" || fail "$(cat "$BATS_TEST_TMPDIR/slow")"
    assert_contains "$(plexus list)" net
    assert_contains "$(plexus list)" other
    plexus down net
    plexus down other
}

@test "many applies at once: each succeeds, and all run" {
    for i in 1 2 3 4 5 6; do
        sed "s/name: net/name: net$i/; s/br0/br$i/; s/red:/red$i:/; s/blue:/blue$i:/" "$small" >"$BATS_TEST_TMPDIR/$i.yaml"
    done
    pids=()
    for i in 1 2 3 4 5 6; do
        plexus apply "$BATS_TEST_TMPDIR/$i.yaml" >"$BATS_TEST_TMPDIR/$i.log" 2>&1 3>&- &
        pids+=($!)
    done
    for i in 1 2 3 4 5 6; do
        wait "${pids[i - 1]}" || fail "$(cat "$BATS_TEST_TMPDIR/$i.log")"
        reaches "red$i" 10.1.0.2
    done
    for i in 1 2 3 4 5 6; do plexus down "net$i"; done
}

@test "what others made in the place of what was deleted stays on the way back, with all that lies on it" {
    cat >"$BATS_TEST_TMPDIR/full.yaml" <<'YAML'
name: net
interfaces:
  br0: {type: bridge, addresses: [10.1.0.254/24], neighbours: [{ip: 10.1.0.9, mac: "02:00:00:00:00:09"}]}
  vx0: {type: vxlan, parent: br0, id: 5, addresses: [10.5.0.1/24]}
  br1: {type: bridge, ageing-time: 77}
  tap0: {type: tap, bridge: br0}
routes:
  - {to: 10.99.0.0/24, via: 10.1.0.1}
  - {to: 10.98.0.0/24, table: 100, type: blackhole}
namespaces:
  red: {interfaces: {eth0: {bridge: br0, addresses: [10.1.0.1/24]}}}
YAML
    sed '/br0/d; /via/d' "$BATS_TEST_TMPDIR/full.yaml" >"$BATS_TEST_TMPDIR/none.yaml"
    echo '  blue: {}' >>"$BATS_TEST_TMPDIR/none.yaml"
    sed -i '/^namespaces/!b; s/$/\n  red: {}/' "$BATS_TEST_TMPDIR/none.yaml"
    apply "$BATS_TEST_TMPDIR/full.yaml"
    apply --confirm=600 "$BATS_TEST_TMPDIR/none.yaml"
    ip link add br0 type bridge forward_delay 400
    ip link set br0 mtu 1400 up
    ip address add 10.1.0.7/24 dev br0
    bridge() { ip -d -o link show br0 | sed -E 's/state [A-Z]* //; s/[a-z_]*timer +[0-9.]+//g' && ip -o address show br0; }
    theirs=$(bridge)
    run plexus rollback net
    assert_status 0
    assert_contains "$output" "interface host/br0"
    assert_contains "$output" "address host/br0 10.1.0.254/24"
    assert_contains "$output" "as it was before, but for what cannot return"
    assert_equal "$(bridge)" "$theirs"
    # Back is what does not need it.
    ip -n red link show eth0
    ip -n red -o address show eth0 | grep 10.1.0.1/24
    ip route show table 100 | grep 10.98.0.0/24
    ip link show tap0
    [ -z "$(ip -o link show master br0)" ] || fail "something was plugged into it"
    run ip netns pids blue
    assert_status 1
    [ ! -e /run/plexus/net/journal.json ] || fail "the journal is still there"
    plexus down net
    ip link show br0
    ip link del br0
}
