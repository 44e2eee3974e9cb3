#!/usr/bin/env bats
# Addresses come from small pools and go back to them, whoever dies, and when: no pool runs dry, and no two have one.

# shellcheck disable=SC2016 # for inner shells

load helpers

setup() {
    needs jq flock
    world_begin
    cd "$BATS_TEST_TMPDIR" || return
    plexus network create one --subnet 10.1.0.0/28 --quiet
    plexus network create two --subnet 10.2.0.0/28 --quiet 2>/dev/null # with a warning that they do not meet
}

teardown() {
    touch stop
    for pid in ${pids-}; do
        kill -KILL "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    for pid in $(pgrep -x run-guard); do wait_for 10 eval "! kill -0 $pid" || true; done
    plexus down --all --quiet >/dev/null 2>&1 || true
    ip -all netns delete
    rm -rf /run/plexus /etc/plexus
    world_end
}

# What each program does that is started: as long as it lives it holds a lock of the name of its address. Who finds that
# taken is the second to have it.
program='address=$(ip -4 -o address show eth0 | awk "{ print \$4 }")
[ -n "$address" ] || echo none >>alike
exec 9>"lock-${address%/*}"
flock -n 9 || echo "$address" >>alike
echo "$address" >>had
exec sleep "$0"'

# begin_and_kill NUMBER NETWORK WHOM: plexus run, of which after a while `plexus` or the `program` inside gets a SIGKILL; or
# nobody.
begin_and_kill() {
    "$PLEXUS" run --network "$2" --publish "$((2000 + $1)):80" -- sh -c "$program" "0.$((RANDOM % 4))" >/dev/null 2>"said-$1" 3>&- &
    local pid=$! inner
    [ "$3" = nobody ] || sleep "0.$(printf %03d $((RANDOM % 300)))" # when to kill it, not what to wait for
    case $3 in
    plexus) kill -KILL "$pid" ;;
    program) for inner in $(pgrep -P "$pid"); do kill -KILL "$inner"; done ;;
    esac
    wait "$pid"
    cat "said-$1" >>said
} 2>/dev/null

# work NUMBER ROUNDS: one of those that do this side by side.
work() {
    local round networks=(one two) whom=(nobody plexus program)
    set +e
    RANDOM=$1
    for ((round = 0; round < $2; round++)); do
        begin_and_kill $(($1 * 1000 + round)) "${networks[RANDOM % 2]}" "${whom[RANDOM % 3]}"
    done
}

guests() { plexus network inspect "$1" --json | jq -r '[.guests[].namespace] | join(" ")'; }
is_empty() { [ -z "$(guests one)$(guests two)" ]; }

# can_be_full NETWORK: all thirteen addresses of its pool can be had, each once, and then none.
can_be_full() {
    local n all=
    for n in 1 2 3 4 5 6 7 8 9 10 11 12 13; do
        ip netns add "$1-$n"
        plexus network connect "$1" "$1-$n" --quiet
        all+=$(ip -n "$1-$n" -4 -o address show eth0 | awk '{ print $4 }')$'\n'
    done
    assert_equal "$(sort -u <<<"$all" | grep -c .)" 13
    ip netns add "$1-14"
    run plexus network connect "$1" "$1-14"
    [ "$status" -ne 0 ]
    assert_contains "$output" "network \`$1\` is full: "
    # One that goes is the one that comes.
    plexus network disconnect "$1" "$1-7" --quiet
    plexus network connect "$1" "$1-14" --quiet
    for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14; do ip netns del "$1-$n"; done
}

@test "more than a hundred begin and end in two small networks, killed at any moment: none runs dry, no two are alike" {
    : >alike && : >said && : >had
    for n in 1 2 3 4; do
        work $n 30 3>&- &
        workers="${workers-} $!"
    done
    for pid in $workers; do wait "$pid"; done
    assert_equal "$(sort alike | uniq -c)" ""
    assert_equal "$(grep -E "full|taken|twice" said)" ""
    # A third is killed by nobody; of the others, the fewer the busier the machine is.
    [ "$(wc -l <had)" -ge 30 ] || fail "only $(wc -l <had) of 120 came to begin: $(sort said | uniq -c)"
    wait_for 20 is_empty
    assert_equal "$(ip netns)$(ip -br link show type veth)" ""
    for network in one two; do
        plexus status $network
        can_be_full $network
    done
}

@test "connect, killed at any moment: what it began is there or not, and its address is free again" {
    for delay in 0.005 0.01 0.015 0.02 0.03 0.04 0.05 0.06 0.08 0.1; do
        ip netns add box
        "$PLEXUS" network connect one box --quiet >/dev/null 2>&1 3>&- &
        pid=$!
        sleep "$delay" # when to kill it, not what to wait for
        kill -KILL "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
        ip netns del box
    done
    can_be_full one
    run plexus network inspect one --json
    assert_equal "$(jq -c .guests <<<"$output")" "[]"
}

@test "networks that are made at once get subnets of their own" {
    for n in 1 2 3 4 5 6; do
        "$PLEXUS" network create "net$n" --quiet 3>&- &
        workers="${workers-} $!"
    done
    for pid in $workers; do wait "$pid"; done
    assert_equal "$(plexus network ls --json | jq -r '.[].subnets[0]' | sort | uniq -d)" ""
    assert_equal "$(plexus network ls --json | jq length)" 8
}
