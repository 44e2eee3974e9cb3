#!/usr/bin/env bats
# The whole of it as an ordinary user, who has no rights here at all: a world of the user's own, which ends with its last
# topology.

load helpers

setup() {
    world_begin
    grep -q 4294967295 /proc/self/uid_map || skip "only root can become another user"
    # The folders that bats makes are closed to others.
    home=$(mktemp -d /tmp/plexus-rootless.XXXXXX)
    mkdir "$home/run" "$home/config"
    cp "$ROOT_DIR"/labs/*.yaml "$home"
    cp "$PLEXUS" "$home/plexus" # the build may lie where the user cannot go
    chown -R 65534:65534 "$home"
    as_user true || skip "this machine has no ordinary users"
    as_user unshare --user --map-root-user --net true || skip "ordinary users may not make user namespaces here"
}

teardown() {
    [ -z "${home-}" ] || as_user "$home/plexus" down red-blue >/dev/null 2>&1 || true
    for holder in $(pgrep -x plexus-world); do kill -KILL "$holder"; done
    [ -z "${home-}" ] || rm -rf "$home"
    world_end
}

# as_user COMMAND...: with the least that a login gives.
as_user() {
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME="$home" XDG_RUNTIME_DIR="$home/run" XDG_CONFIG_HOME="$home/config" \
        setpriv --reuid 65534 --regid 65534 --clear-groups --no-new-privs --inh-caps=-all --bounding-set=-all \
        --reset-env -- env XDG_RUNTIME_DIR="$home/run" XDG_CONFIG_HOME="$home/config" HOME="$home" "$@"
}

user_plexus() {
    as_user "$home/plexus" "$@"
}

no_world() { ! pgrep -x plexus-world; }

@test "an ordinary user applies, uses, sees and takes down a network" {
    run user_plexus apply "$home/red-blue.yaml"
    assert_status 0
    run user_plexus exec red ping -nqc1 -W5 192.168.50.2
    assert_status 0
    run user_plexus show red-blue
    assert_status 0
    assert_contains "$output" red
    run user_plexus list
    assert_contains "$output" red-blue
    run user_plexus apply "$home/red-blue.yaml"
    assert_status 0
    assert_contains "$output" "nothing to do"
    run user_plexus status red-blue
    assert_status 0
    # Nothing of it is outside.
    world_is_as_before
    run user_plexus down red-blue
    assert_status 0
    wait_for 10 no_world
}

@test "a user's world holds two networks, and ends with the second" {
    user_plexus apply "$home/red-blue.yaml" >/dev/null
    user_plexus apply "$home/08-router.yaml" >/dev/null
    user_plexus down red-blue
    pgrep -x plexus-world >/dev/null || fail "the world ended with the first"
    assert_contains "$(ps -o args= -p "$(pgrep -x plexus-world)")" "plexus: keeps the networks of user "
    run user_plexus exec client ping -nqc1 -W5 10.99.0.10
    assert_status 0
    user_plexus down router
    wait_for 10 no_world
}

@test "overlays, policy routing and IPv6 as an ordinary user" {
    for lab in 13-vxlan 14-two-uplinks 15-ipv6; do
        run user_plexus apply "$home/$lab.yaml"
        assert_status 0
        run user_plexus status "$(name_of "$home/$lab.yaml")"
        assert_status 0
        user_plexus down "$(name_of "$home/$lab.yaml")"
        wait_for 10 no_world
    done
}

@test "a user's plan, and other commands that only look, leave no world behind" {
    run user_plexus plan "$home/red-blue.yaml"
    assert_status 1
    run user_plexus list
    assert_status 0
    run user_plexus down red-blue
    assert_status 4
    no_world || fail "a world is left: $(pgrep -ax plexus-world)"
}

@test "a user's failed apply leaves no world behind" {
    sed 's/red reaches blue/red reaches 192.168.50.77/' "$home/red-blue.yaml" >"$home/wrong.yaml"
    run user_plexus apply "$home/wrong.yaml"
    assert_status 7
    wait_for 10 no_world
}

@test "root of a user namespace without a network of its own is an ordinary user" {
    # shellcheck disable=SC2016 # for the inner shell
    run as_user unshare --user --map-root-user sh -ec '
        "$1" apply "$2"
        "$1" exec red ping -nqc1 -W5 192.168.50.2
        "$1" status red-blue
        "$1" down red-blue' - "$home/plexus" "$home/red-blue.yaml"
    assert_status 0
    assert_contains "$output" "as it was applied"
    wait_for 10 no_world
}

@test "what a user saves is not for a boot, and down says so" {
    user_plexus apply "$home/red-blue.yaml"
    run user_plexus save red-blue
    [ "$status" -eq 0 ] || skip "this kernel has no overlay for users"
    assert_lacks "$output" boot
    run user_plexus down red-blue
    assert_status 0
    assert_contains "$output" "still saved; to undo that"
    run user_plexus forget red-blue
    assert_status 0
    wait_for 10 no_world
}

@test "root and a user each have their own network of one name" {
    plexus apply "$ROOT_DIR/labs/red-blue.yaml" >/dev/null
    user_plexus apply "$home/red-blue.yaml" >/dev/null
    user_plexus down red-blue
    run plexus status red-blue
    assert_status 0
    plexus down red-blue
}

@test "what lies in the place of the file of a user's world and is none is named" {
    as_user mkdir -m 0700 "$home/run/plexus"
    for make in mkdir mkfifo; do
        as_user $make "$home/run/plexus/world"
        for command in "apply $home/red-blue.yaml" list; do
            # shellcheck disable=SC2086 # two words
            run as_user timeout 20 "$home/plexus" $command
            assert_status 5
            assert_contains "$output" "cannot open $home/run/plexus/world: it is "
        done
        rm -r "$home/run/plexus/world"
    done
}

@test "an ordinary user makes a network, and runs programs in it" {
    run user_plexus run --network lab -- true
    assert_status 4
    run user_plexus network create lab --subnet 10.9.0.0/24
    assert_status 0
    # shellcheck disable=SC2016 # for the shell inside
    run user_plexus run --network lab -- sh -c 'ping -nqc1 -W5 10.9.0.1 >/dev/null; exit $(($? + 7))'
    assert_status 7
    run user_plexus network rm lab
    assert_status 0
    world_is_as_before
    wait_for 10 no_world
}
