#!/usr/bin/env bats
# Nobody is locked out: whatever fails or is killed, and whenever, the network is then the old one or the new one, and
# the next command finds its way.
#
# PLEXUS_KILLS is how often an apply is killed at a random moment (200: half of them first applies, half changes).
# PLEXUS_SEED chooses the moments; a failure tells it.

load helpers

setup() {
    world_begin
    small=$BATS_TEST_TMPDIR/small.yaml
    cat >"$small" <<'YAML'
name: net
interfaces:
  br0: {type: bridge}
namespaces:
  red: {interfaces: {eth0: {bridge: br0, addresses: [10.1.0.1/24]}}}
  blue: {interfaces: {eth0: {bridge: br0, addresses: [10.1.0.2/24]}}}
YAML
    # Another network of the same name, with nearly everything different.
    large=$BATS_TEST_TMPDIR/large.yaml
    cat >"$large" <<'YAML'
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
}

teardown() {
    world_end_or_raze
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

# elapsed: milliseconds since boot.
elapsed() {
    local up
    read -r up _ </proc/uptime
    echo "${up/./}0"
}
is_past() { [ "$(elapsed)" -gt "$1" ]; }

guards() { pgrep -x confirm-guard; }
no_guard() { ! guards; }

@test "a step that the kernel refuses undoes all, in its words" {
    # The same VNI and port twice: nothing but the kernel knows that.
    before=$(network)
    cat "$small" - >"$BATS_TEST_TMPDIR/refused.yaml" <<'YAML'
  green:
    interfaces:
      vx0: {type: vxlan, id: 7, port: 4789}
      vx1: {type: vxlan, id: 7, port: 4789, mtu: 1400}
YAML
    run plexus apply "$BATS_TEST_TMPDIR/refused.yaml"
    assert_status 7
    assert_contains "$output" "green/vx1"
    assert_contains "$output" "the kernel said"
    assert_contains "$output" "VNI"
    same_as "$before"
    run plexus list
    assert_lacks "$output" net
}

@test "a failed change leaves the network that ran, and its record" {
    apply "$small"
    before=$(network)
    sed 's/10.1.0.2/10.1.0.9/; s/br0: {type: bridge/&, ageing-time: 77/' "$small" >"$BATS_TEST_TMPDIR/refused.yaml"
    cat >>"$BATS_TEST_TMPDIR/refused.yaml" <<'YAML'
  green: {interfaces: {vx0: {type: vxlan, id: 7}, vx1: {type: vxlan, id: 7}}}
YAML
    run plexus apply "$BATS_TEST_TMPDIR/refused.yaml"
    assert_status 7
    assert_contains "$output" "the kernel said"
    same_as "$before"
    run plexus status net
    assert_status 0
    run plexus plan "$small"
    assert_status 0
    plexus down net
}

@test "an expectation that does not hold undoes all" {
    apply "$small"
    before=$(network)
    { sed 's/10.1.0.2/10.1.0.9/' "$small" && echo 'expect: [red reaches 10.1.0.2]'; } >"$BATS_TEST_TMPDIR/wrong.yaml"
    run plexus apply "$BATS_TEST_TMPDIR/wrong.yaml"
    assert_status 7
    assert_contains "$output" "red reaches 10.1.0.2"
    assert_contains "$output" "wrong.yaml:7"
    same_as "$before"
    apply --no-expect "$BATS_TEST_TMPDIR/wrong.yaml"
    plexus down net
}

# duration COMMAND...: in microseconds.
duration() {
    local begin=${EPOCHREALTIME/[.,]/}
    "$@" >/dev/null
    echo $((${EPOCHREALTIME/[.,]/} - begin))
}

# kills_begin N COMMAND...: there will be N kills of what takes about as long as the command.
kills_begin() {
    seed=${PLEXUS_SEED:-$((${EPOCHREALTIME/[.,]/} % 100000))}
    RANDOM=$seed
    kills=0 kills_max=$1
    shift
    time=$(duration "$@")
}

more_kills() { [ "$kills" -lt "$kills_max" ]; }

# killed COMMAND...: at a random moment of its life, which $killed tells. The load of the machine changes, so how long
# that life is thought to be follows what is seen; one that ended before is no kill.
killed() {
    local at=$((RANDOM * time / 32767 + 1)) status=0
    killed="PLEXUS_SEED=$seed, kill $kills, after $at of $time us"
    timeout -s KILL "$(printf '%d.%06d' $((at / 1000000)) $((at % 1000000)))" "$PLEXUS" "$@" >/dev/null 2>&1 3>&- ||
        status=$?
    if [ "$status" -eq 137 ]; then
        kills=$((kills + 1))
        time=$((time + time / 20))
    else
        time=$at
    fi
}

@test "killed at any moment of a first apply, the next one converges" {
    kills_begin $((${PLEXUS_KILLS:-200} / 2)) plexus apply "$large"
    plexus down net
    wait_for 10 world_is_as_before
    while more_kills; do
        killed apply "$large"
        run plexus apply "$large"
        [ "$status" -eq 0 ] || fail "$killed: the next apply ends with status $status: $output"
        run plexus plan "$large"
        [ "$status" -eq 0 ] || fail "$killed: steps are left: $output"
        run plexus down net
        assert_status 0
        wait_for 10 world_is_as_before || fail "$killed: this is left:
$(snapshot | diff "$BATS_TEST_TMPDIR/world" -)"
    done
}

@test "killed at any moment of a change or of the way back, the next command mends it" {
    apply "$small"
    old=$(network)
    kills_begin $((${PLEXUS_KILLS:-200} / 2)) plexus apply "$large"
    new=$(network)
    runs=$large other=$small
    while more_kills; do
        killed apply "$other"
        moments=$killed
        if [ -e /run/plexus/net/journal.json ] && ((RANDOM % 2)); then
            killed rollback net
            moments+=", and again: $killed"
        fi
        # One of the two, by lot. It mends first; and then nothing is left to do, or all.
        ((RANDOM % 2)) || { swap=$runs && runs=$other && other=$swap; }
        run plexus apply "$runs"
        [ "$status" -eq 0 ] || fail "$moments: ${runs##*/} ends with status $status: $output"
        [ "$runs" = "$small" ] && expected=$old || expected=$new
        same_as "$expected" || fail "$moments: then ${runs##*/}"
    done
    plexus down net
}

@test "killed at any moment of down, the next one ends it" {
    apply "$large"
    kills_begin $((${PLEXUS_KILLS:-200} / 10)) plexus down net
    wait_for 10 world_is_as_before
    while more_kills; do
        apply "$large"
        killed down net
        run plexus down net
        [ "$status" -eq 0 ] || [ "$status" -eq 4 ] || fail "$killed: status $status: $output"
        wait_for 10 world_is_as_before || fail "$killed"
    done
}

@test "killed between the name of a namespace and the namespace, the name does not stay" {
    needs strace
    # Which of its mounts is the one that names it is not for a test to know.
    for n in $(seq 20); do
        run traced -e trace=mount -e "inject=mount:signal=KILL:when=$n" "$PLEXUS" apply "$large"
        [ "$status" -ne 0 ] && [ -z "$(find /run/netns -type f -perm 0 2>/dev/null)" ] || break
        run plexus rollback net
    done
    [ "$status" -ne 0 ] || fail "it was never killed at that moment"
    apply "$small"
    assert_equal "$(find /run/netns -type f -printf '%f\n' | sort | paste -sd ' ')" "blue red"
    plexus down net
}

# cut_short FILE: its apply is killed at its first namespace.
cut_short() {
    run traced -e trace=mount -e inject=mount:signal=KILL:when=1 "$PLEXUS" apply "$1"
    [ -e /run/plexus/net/journal.json ] || fail "no journal"
}

# is_shown_as_cut_short RUNNING: by list and status, for people and for programs, which mend nothing.
is_shown_as_cut_short() {
    local shown status=0
    shown=$(plexus list)
    assert_contains "$shown" cut-short
    assert_contains "$shown" "plexus rollback net"
    assert_equal "$(plexus list --json | jq -c '.[] | [.name, .state, .running, .cut_short]')" \
        "[\"net\",\"cut-short\",$1,true]"
    shown=$(plexus status) || status=$?
    assert_equal "$status" 1
    assert_contains "$shown" "cut short"
    assert_contains "$shown" "plexus rollback net"
    assert_equal "$(plexus status --json net | jq -c '.[] | [.topology, .running, .cut_short, .differs]')" \
        "[\"net\",$1,true,true]"
    [ -e /run/plexus/net/journal.json ] || fail "it was mended"
}

@test "a first apply that was cut short is shown, and rollback mends it" {
    needs strace jq
    cut_short "$large"
    is_shown_as_cut_short false
    run plexus rollback
    assert_status 0
    assert_contains "$output" "net: rolled back"
    assert_equal "$(plexus list --quiet)" ""
    run plexus status net
    assert_status 4
    # So does down.
    cut_short "$large"
    run plexus down --all
    assert_status 0
    assert_equal "$(plexus list --quiet)" ""
}

@test "a change that was cut short is shown, and rollback mends it" {
    needs strace jq
    apply "$small"
    before=$(network)
    cut_short "$large"
    is_shown_as_cut_short true
    run plexus rollback net
    assert_status 0
    same_as "$before"
    assert_equal "$(plexus list --json | jq -c '.[] | [.state, .cut_short]')" '["running",false]'
    run plexus status net
    assert_status 0
    plexus down net
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

@test "killed between the birth of an interface and its mark, it does not stay" {
    needs strace
    cat >"$BATS_TEST_TMPDIR/one.yaml" <<'YAML'
name: net
interfaces:
  br7: {type: bridge}
  tap7: {type: tap}
YAML
    for n in $(seq 30); do
        run traced -e trace=sendto,sendmsg,ioctl -e "inject=sendto,sendmsg,ioctl:signal=KILL:when=$n" \
            "$PLEXUS" apply "$BATS_TEST_TMPDIR/one.yaml"
        [ "$status" -ne 0 ] || break
        run plexus rollback net
        run ip link show br7
        assert_status 1
        run ip link show tap7
        assert_status 1
    done
    [ "$n" -gt 5 ] || fail "it was killed only $n times"
    plexus down --quiet net
}

# three_bridges_or_one: two files of one topology, $three and $one.
three_bridges_or_one() {
    three=$BATS_TEST_TMPDIR/three.yaml one=$BATS_TEST_TMPDIR/one.yaml
    printf 'name: net\ninterfaces: {%s}\n' 'br7: {type: bridge}, br8: {type: bridge}, br9: {type: bridge}' >"$three"
    printf 'name: net\ninterfaces: {%s}\n' 'br7: {type: bridge}' >"$one"
}

@test "killed while interfaces are deleted together, those that stay are in no group" {
    needs strace
    three_bridges_or_one
    for n in $(seq 100); do
        apply "$three"
        run traced -e trace=sendto -e "inject=sendto:signal=KILL:when=$n" "$PLEXUS" apply "$one"
        [ "$status" -ne 0 ] || break
        apply "$three"
        assert_equal "$(ip -o link show group default | grep -c 'br[789]:')" 3
    done
    [ "$n" -gt 5 ] || fail "it was killed only $n times"
    plexus down --quiet net
}

@test "killed on the way back, the next way back ends what it began" {
    needs strace
    three_bridges_or_one
    for n in $(seq 100); do
        apply "$three"
        apply --confirm=600 "$one"
        run traced -e trace=sendto -e "inject=sendto:signal=KILL:when=$n" "$PLEXUS" rollback net
        [ "$status" -ne 0 ] || break
        run plexus rollback net
        assert_status 0
        assert_equal "$(ip -o link show group default | grep -c 'br[789]:.*alias plexus:net')" 3
    done
    [ "$n" -gt 5 ] || fail "it was killed only $n times"
    plexus down --quiet net
}

@test "what lies in /run/netns and is no name is not touched" {
    mkdir -p /run/netns
    echo precious >"$BATS_TEST_TMPDIR/precious"
    ln -s "$BATS_TEST_TMPDIR/precious" /run/netns/red
    run plexus apply "$small"
    assert_status 7
    [ -L /run/netns/red ] || fail "the link is gone"
    rm /run/netns/red
    cp "$BATS_TEST_TMPDIR/precious" /run/netns/red
    run plexus apply "$small"
    assert_status 7
    assert_equal "$(cat /run/netns/red)" precious
    rm /run/netns/red
    mkfifo "$BATS_TEST_TMPDIR/fifo"
    apply "$small"
    mv /run/plexus/net/seen.json "$BATS_TEST_TMPDIR/seen"
    cp -a "$BATS_TEST_TMPDIR/fifo" /run/plexus/net/seen.json
    run plexus status net # which waits for nobody to write into it
    assert_status 0
    plexus down net
}

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

@test "with /run read-only nothing is changed" {
    before=$(network)
    # shellcheck disable=SC2016
    run unshare --mount bash -c 'mount -o remount,bind,ro /run && exec "$PLEXUS" apply "$1"' - "$small"
    [ "$status" -ne 0 ] || fail "it was applied"
    assert_contains "$output" /run/plexus
    assert_contains "$output" "nothing was changed"
    assert_equal "$(network)" "$before"
}

@test "with /run full nothing is changed" {
    # A tmpfs of one page is full with the first file.
    before=$(network)
    # shellcheck disable=SC2016
    run unshare --mount bash -c '
        mkdir -p /run/plexus && mount -t tmpfs -o size=4k tmpfs /run/plexus && echo >/run/plexus/fill
        exec "$PLEXUS" apply "$1"' - "$small"
    [ "$status" -ne 0 ] || fail "it was applied"
    assert_contains "$output" /run/plexus
    same_as "$before"
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

@test "a failing answer of the kernel at any moment leaves the old network" {
    needs strace
    apply "$small"
    before=$(network)
    for n in $(seq 1 3 400); do
        run traced -e trace=recvfrom -e "inject=recvfrom:error=ENOBUFS:when=$n" "$PLEXUS" apply "$large"
        [ "$status" -eq 7 ] || [ "$status" -eq 0 ] || fail "recvfrom $n: status $status: $output"
        [ ! -e /run/plexus/net/journal.json ] || fail "recvfrom $n: no way back: $output"
        [ "$status" -eq 0 ] || same_as "$before"
        assert_lacks "$output" "could not be restored"
        [ "$status" -eq 7 ] || { plexus apply "$small" && same_as "$before"; }
    done
    plexus down net
}

@test "what of /run/plexus others could write is not trusted" {
    rm -rf /run/plexus
    mkdir /run/plexus
    chmod 0777 /run/plexus
    for command in "apply $small" "plan $small"; do
        # shellcheck disable=SC2086 # two words
        run plexus $command
        [ "$status" -ne 0 ] || fail "$command: it was done"
        assert_contains "$output" "/run/plexus is not safe: others may write to it"
    done
    rmdir /run/plexus
    mkdir "$BATS_TEST_TMPDIR/elsewhere"
    ln -s "$BATS_TEST_TMPDIR/elsewhere" /run/plexus
    run plexus apply "$small"
    assert_status 1
    assert_contains "$output" "/run/plexus is not safe: it is a symbolic link"
    assert_equal "$(ls -A "$BATS_TEST_TMPDIR/elsewhere")" ""
    rm /run/plexus
}

@test "a user whose name is not UTF-8 can change the network" {
    needs jq
    SUDO_USER=$'b\xf6se\e[2J' apply "$small"
    assert_equal "$(plexus history --json net | jq -r '.[0].user')" "b?se?[2J"
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

@test "a history that cannot be written is in the way of nothing" {
    before=$(network)
    rm -rf /run/plexus/net
    install -d -m 700 /run/plexus
    mkdir -p /run/plexus/net/history/last
    apply "$small"
    assert_contains "$output" "warning: this change is missing in the history"
    assert_contains "$output" "cannot read /run/plexus/net/history/last"
    run plexus down net
    assert_status 0
    assert_contains "$output" "warning: this change is missing in the history"
    same_as "$before"
    rmdir /run/plexus/net/history/last
}

@test "without space, a network goes down, and an old one comes back" {
    before=$(network)
    # shellcheck disable=SC2016
    run unshare --mount bash -ec '
        fill() { cat /dev/zero >/run/plexus/fill 2>/dev/null || true; }
        mkdir -p /run/plexus && mount -t tmpfs -o size=1m,mode=700 tmpfs /run/plexus
        "$PLEXUS" apply "$1"
        fill
        "$PLEXUS" down net
        rm /run/plexus/fill
        "$PLEXUS" apply --confirm=600 "$1"
        fill
        "$PLEXUS" rollback net' - "$small"
    assert_status 0
    assert_contains "$output" "warning: this change is missing in the history"
    assert_contains "$output" "warning: without space in /run/plexus"
    same_as "$before"
}

@test "a setting that the kernel tells otherwise than it was written is told with both" {
    before=$(network)
    printf 'name: net\nnamespaces:\n  red:\n    sysctls: {net.ipv4.ip_local_reserved_ports: "8080,1-3"}\n' >"$BATS_TEST_TMPDIR/set.yaml"
    run plexus apply "$BATS_TEST_TMPDIR/set.yaml"
    assert_status 7
    assert_contains "$output" "set.yaml:4:"
    assert_contains "$output" "\`8080,1-3\` was written, and the kernel tells \`1-3,8080\`"
    same_as "$before"
    sed -i 's/8080,1-3/1-3,8080/' "$BATS_TEST_TMPDIR/set.yaml"
    apply "$BATS_TEST_TMPDIR/set.yaml"
    plexus down net
}
