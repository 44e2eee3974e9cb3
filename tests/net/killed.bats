#!/usr/bin/env bats
# Killed at whatever moment, the network is then the old one or the new one, and the next command finds its way.
#
# PLEXUS_KILLS is how often an apply is killed at a random moment (200: half of them first applies, half changes).
# PLEXUS_SEED chooses the moments; a failure tells it.

load helpers

setup() {
    world_begin
    small=$(small_network) large=$(large_network)
}

teardown() {
    world_end_or_raze
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

# with_memory KILOBYTES COMMAND...: with no more memory than that.
with_memory() {
    (ulimit -v "$1" && shift && exec "$PLEXUS" "$@")
}

@test "out of memory in the midst of an apply, it says how to mend that, and the next command does" {
    with_memory 200000 --version || skip "it cannot be bound in memory"
    sed -i 's/count: 3/count: 40/; s/10.7.0.1-10.7.0.3/10.7.0.1-10.7.0.40/' "$large"
    apply "$small"
    before=$(network)
    kilobytes=3000 cut=0 status=2
    # From where it can plan to where it can apply.
    until [ "$status" -eq 1 ]; do
        kilobytes=$((kilobytes + 100))
        status=0
        output=$(with_memory $kilobytes plan --quiet "$large" 2>&1) || status=$?
        [ ! "$output" ] || status=2
    done
    until [ "$status" -eq 0 ]; do
        [ "$kilobytes" -lt 200000 ] || fail "that should be enough"
        kilobytes=$((kilobytes + 50))
        run with_memory $kilobytes apply "$large"
        [ -e /run/plexus/net/journal.json ] || continue
        cut=$((cut + 1))
        assert_status 1
        assert_contains "$output" "out of memory"
        assert_contains "$output" "plexus rollback net"
        plexus rollback net
        same_as "$before"
    done
    [ "$cut" -gt 0 ] || fail "it was never cut short"
    plexus down net
}
