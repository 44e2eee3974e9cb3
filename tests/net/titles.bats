#!/usr/bin/env bats
# What ps shows of the processes that outlive a command: what each is there for.
# shellcheck disable=SC2016 # what is in single quotes, the shell within expands

load helpers

setup() {
    world_begin
    needs_kernel_for "$ROOT_DIR/labs/19-networks.yaml"
    cd "$BATS_TEST_TMPDIR" || return
}

teardown() {
    for pid in ${pids-}; do
        kill -TERM "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    plexus down --all --quiet >/dev/null 2>&1 || true
    world_end_or_raze
}

# title NAME: of the process of that name, by ps and as the kernel has it.
title() {
    local pid
    pid=$(pgrep -x "$1")
    assert_equal "$(tr -d '\0' <"/proc/$pid/cmdline")" "$(ps -o args= -p "$pid")"
    ps -o args= -p "$pid"
}

@test "the guard of an unconfirmed apply, also with a long name" {
    local name
    for name in red a-topology-with-a-name-that-is-longer-than-all-words-of-that; do
        printf 'name: %s\nnamespaces: {red: {}}\n' "$name" >f
        env -i "$PLEXUS" apply --quiet --confirm=60 f
        assert_contains "plexus: takes back $name unless confirmed" "$(title confirm-guard)"
        assert_contains "$(title confirm-guard)" "plexus: takes back "
        plexus confirm "$name" --quiet
        wait_for 10 eval '! pgrep -x confirm-guard'
        plexus down "$name" --quiet
    done
    # With an environment there is room enough.
    plexus apply --quiet --confirm=60 f
    assert_equal "$(title confirm-guard)" "plexus: takes back $name unless confirmed"
    plexus rollback "$name" --quiet
}

@test "the guard of a run; the program has its own, and its environment" {
    plexus network create lab --quiet
    "$PLEXUS" run --network lab --name box --env A=b -- sh -c 'echo "$A $HOME" >said; exec sleep 1000' 3>&- &
    pids=$!
    wait_for 20 [ -s said ]
    assert_equal "$(cat said)" "b $HOME"
    assert_equal "$(title run-guard)" "plexus: clears up after run of box"
    wait_for 10 eval '[ "$(ps -o args= -p "$(ip netns pids box)")" = "sleep 1000" ]'
}

@test "who watches over a DHCP server" {
    needs dnsmasq
    plexus network create lab --subnet 10.1.0.0/24 --dhcp --quiet
    assert_equal "$(title plexus-service)" "plexus: supervises dnsmasq on host/lab"
}
