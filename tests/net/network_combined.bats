#!/usr/bin/env bats
# A namespace in networks of several topologies: made by hand, by plexus run, by a file, or of a process.
# shellcheck disable=SC2016 # backquotes in messages are meant as they are

load helpers

setup() {
    needs jq
    world_begin
    needs_kernel_for "$ROOT_DIR/labs/19-networks.yaml"
    cd "$BATS_TEST_TMPDIR" || return
    plexus network create a --subnet 10.1.0.0/24 --quiet
    plexus network create b --subnet 10.2.0.0/24 --quiet
}

teardown() {
    for pid in ${pids-}; do
        kill -KILL "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    for pid in $(pgrep -x run-guard); do wait_for 10 eval "! kill -0 $pid"; done
    plexus down --all --quiet >/dev/null 2>&1 || true
    ip -all netns delete
    rm -rf /run/plexus /etc/plexus
    world_end
}

# start NAME NETWORK...: plexus run in the background, until its program runs; its process is $pid.
start() {
    "$PLEXUS" run --name "$1" "${@:2}" -- sleep 1000 >/dev/null 2>&1 3>&- &
    pid=$!
    pids="${pids-} $pid"
    wait_for 20 runs_in "$1"
}
runs_in() { [ "$(ps -o comm= -p "$(ip netns pids "$1" 2>/dev/null)")" = sleep ]; }
has_no_namespace() { ! ip netns pids "$1" 2>/dev/null; }
guests() { plexus network inspect "$1" --json | jq -r '[.guests[].namespace] | join(" ")'; }
addresses() { ip -n "$1" -4 -br address | awk '$1 != "lo" { sub("@.*", "", $1); print $1, $3 }'; }
gateways() { ip -n "$1" "${2--4}" -j route show default | jq -r '[.[].gateway] | join(" ")'; } # NAMESPACE [-6]
# agree: every topology that runs is as it was applied.
agree() {
    for name in $(plexus list --quiet); do
        run plexus status "$name"
        assert_status 0
    done
}
refused() {
    run plexus "${@:3}"
    assert_status "$1"
    assert_contains "$output" "$2"
}

@test "run: networks of two topologies; the default route leads by the first" {
    run plexus run --network a --network b --name box -- sh -c 'ip -4 route show default; ip -4 -br address; ping -nqc1 -W5 10.1.0.1; ping -nqc1 -W5 10.2.0.1'
    assert_status 0
    assert_contains "$output" "default via 10.1.0.1 dev eth0"
    assert_lacks "$output" "default via 10.2.0.1"
    assert_contains "$output" 10.2.0.2/24
    assert_equal "$(guests a)$(guests b)$(ip netns)" ""
    [ ! -e /run/plexus/.names.json ]
    run plexus run --network b --network a -- ip -4 route show default
    assert_contains "$output" "default via 10.2.0.1 dev eth0"
    # The second cannot be had: nothing is left of the first.
    for second in nosuch a; do
        run plexus run --network a --network "$second" -- true
        [ "$status" -ne 0 ]
        assert_equal "$(guests a)$(ip netns)" ""
    done
    [ ! -e /run/plexus/.names.json ]
}

@test "run: what it started comes into a network, leaves one, and is in none; then it ends" {
    start box --network a
    plexus network connect b box --quiet
    assert_equal "$(addresses box)" "eth0 10.1.0.2/24
eth1 10.2.0.2/24"
    assert_equal "$(gateways box)" 10.1.0.1
    agree
    ping_once box 10.2.0.1
    plexus network disconnect a box --quiet
    assert_equal "$(addresses box)" "eth1 10.2.0.2/24"
    assert_equal "$(gateways box)" 10.2.0.1
    ping_once box 10.2.0.1
    plexus network disconnect b box --quiet
    assert_equal "$(addresses box)" ""
    agree
    plexus network connect a box --quiet
    assert_equal "$(addresses box) $(gateways box)" "eth0 10.1.0.2/24 10.1.0.1"
    plexus network connect b box --quiet
    kill -TERM "$pid"
    wait "$pid" || true
    has_no_namespace box
    assert_equal "$(guests a)$(guests b)" ""
    agree
}

@test "run: killed, it is gone from both, at once or with the next that changes something" {
    start box --network a --network b --publish 8080:80
    kill -KILL "$pid"
    wait_for 10 has_no_namespace box
    wait_for 10 eval '[ ! -e /run/plexus/.names.json ]'
    assert_equal "$(guests a)$(guests b)$(ip -br link show master a)$(ip -br link show master b)" ""
    agree
    start box --network a --network b
    for guard in $(pgrep -x run-guard); do kill -KILL "$guard"; done
    kill -KILL "$pid"
    wait "$pid" || true
    [ -e /run/netns/box ]
    assert_equal "$(guests a)$(guests b)" ""
    run plexus run --network b --name box true
    assert_status 0
    assert_equal "$(ip netns)$(ip -br link show master a)$(ip -br link show master b)" ""
    agree
}

@test "down and rm of one leave the other right" {
    start box --network a --network b
    plexus down a --quiet
    assert_equal "$(addresses box) $(gateways box)" "eth1 10.2.0.2/24 10.2.0.1"
    ping_once box 10.2.0.1
    agree
    refused 6 'network `b` has guests: box' network rm b
    plexus network create a --subnet 10.1.0.0/24 --quiet
    plexus network connect a box --quiet
    plexus network rm b --force --quiet
    assert_equal "$(addresses box)" "eth0 10.1.0.2/24"
    agree
    plexus down a --quiet
    runs_in box
    plexus network create a --quiet
    plexus network connect a box --quiet
    agree
}

@test "a guest of a file comes into a network by hand, and goes with its file" {
    printf 'name: net\nnetworks: {lab: {subnet: 10.3.0.0/24}}\nnamespaces: {own: {networks: [lab]}}\n' >net.yaml
    plexus apply net.yaml --quiet
    plexus network connect b own --quiet
    assert_equal "$(addresses own)" "eth0 10.3.0.2/24
eth1 10.2.0.2/24"
    assert_equal "$(gateways own)" 10.3.0.1
    agree
    run plexus apply net.yaml
    assert_contains "$output" "nothing to do"
    assert_contains "$(plexus show own)" "b"
    # A change of the file leaves it alone, and so does the way back.
    sed -i 's/lab]}/lab], interfaces: {lo: {addresses: [10.9.9.9\/32]}}}/' net.yaml
    plexus apply net.yaml --quiet
    plexus rollback net 1 --quiet
    ping_once own 10.2.0.1
    agree
    plexus network disconnect b own --quiet
    assert_equal "$(addresses own)" "eth0 10.3.0.2/24"
    agree
    plexus network connect b own --quiet
    plexus down net --quiet
    assert_equal "$(guests b)$(ip -br link show master b)" ""
    agree
}

@test "a namespace of ip netns in two, and one of a process; each is left as it was" {
    ip netns add web
    plexus network connect a web --quiet
    plexus network connect b web --quiet
    agree
    plexus down a --quiet
    ping_once web 10.2.0.1
    plexus network disconnect b web --quiet
    [ -e /run/netns/web ]
    plexus network create a --subnet 10.1.0.0/24 --quiet
    unshare --net sleep 1000 3>&- &
    pids=$!
    wait_for 10 eval '[ "$(readlink /proc/'$pids'/ns/net)" != "$(readlink /proc/self/ns/net)" ]'
    plexus network connect a box --pid "$pids" --quiet
    plexus network connect b box --quiet
    plexus network disconnect a box --quiet
    ping_once box 10.2.0.1
    plexus network connect a box --pid "$pids" --quiet
    plexus network disconnect b box --quiet
    ping_once box 10.1.0.1
    agree
    # Its name goes with the last network, or with the process.
    plexus network disconnect a box --quiet
    [ ! -e /run/netns/box ]
    plexus network connect a box --pid "$pids" --quiet
    plexus network connect b box --quiet
    kill -KILL "$pids"
    wait "$pids" || true
    plexus network disconnect a web 2>/dev/null || true
    [ ! -e /run/netns/box ]
    assert_equal "$(guests a)$(guests b)" ""
    agree
}

@test "what cannot be connected leaves no name; a name of others stays" {
    unshare --net sleep 1000 3>&- &
    pids=$!
    wait_for 10 eval '[ "$(readlink /proc/'$pids'/ns/net)" != "$(readlink /proc/self/ns/net)" ]'
    refused 2 "none of a host in 10.1.0.0/24" network connect a box --pid "$pids" --ip 10.7.0.1
    refused 2 "is the namespace of the host itself" network connect a box --pid $$
    run plexus network connect a box --pid "$pids" --dry-run
    assert_status 0
    assert_contains "$output" "namespace box"
    [ ! -e /run/netns/box ]
    [ ! -e /run/plexus/.names.json ]
    ip netns add web
    refused 6 "it is not that of process $pids" network connect a web --pid "$pids"
    # The name leads elsewhere by the time that the process ends.
    plexus network connect a box --pid "$pids" --quiet
    ip netns del box
    ip netns add box
    kill -KILL "$pids"
    wait "$pids" || true
    plexus network connect a web --quiet
    [ -e /run/netns/box ]
    agree
}

@test "damage of the list of names is told" {
    start box --network a
    cp /run/plexus/.names.json whole
    sed 's/"namespace"/"namespase"/' whole >/run/plexus/.names.json
    refused 1 ".names.json is damaged" network connect b box
    cp whole /run/plexus/.names.json
    plexus network connect b box --quiet
}

@test "a topology that calls the namespace otherwise leads as long as it is there" {
    ip netns add web
    printf 'name: net\nnetworks: {lab: {subnet: 10.4.0.0/24}}\nnamespaces: {w: {path: /run/netns/web, networks: [lab]}}\n' >net.yaml
    plexus apply net.yaml --quiet
    plexus network connect b web --quiet
    assert_equal "$(gateways web)" 10.4.0.1
    # No session has to do anything about b, not even to mend it.
    ip address del 10.2.0.1/24 dev b
    plexus network create c --quiet
    assert_lacks "$(ip address show dev b)" 10.2.0.1
    ip address add 10.2.0.1/24 dev b
    plexus down net --quiet
    assert_equal "$(gateways web)" 10.2.0.1
    agree
}

@test "the default route of each family goes over by itself" {
    printf 'name: six\nnamespaces: {web: {path: /run/netns/web, interfaces: {d0: {type: bridge, addresses: [fd00:6::2/64]}},
    routes: [{to: default, via: fd00:6::1}]}}\n' >six.yaml
    plexus network create both --subnet 10.3.0.0/24 --subnet fd00:3::/64 --quiet
    ip netns add web
    plexus apply six.yaml --quiet
    plexus network connect a web --quiet
    plexus network connect both web --quiet
    assert_equal "$(gateways web) $(gateways web -6)" "10.1.0.1 fd00:6::1"
    plexus network disconnect a web --quiet
    assert_equal "$(gateways web) $(gateways web -6)" "10.3.0.1 fd00:6::1"
    plexus down six --quiet
    assert_equal "$(gateways web) $(gateways web -6)" "10.3.0.1 fd00:3::1"
    agree
}

@test "a name that cannot be taken away yet is taken away later" {
    start box --network a
    mount --bind /run/netns/box /run/netns/box
    mount --bind /run/netns/box /run/netns/box
    kill -TERM "$pid"
    wait "$pid" || true
    wait_for 10 eval '! pgrep -x run-guard'
    plexus network create c --quiet
    plexus network create d --quiet
    has_no_namespace box
    [ ! -e /run/netns/box ]
    [ ! -e /run/plexus/.names.json ]
}

@test "a namespace that others made under a name of plexus run does not end with that" {
    start box --network a
    ip netns del box
    ip netns add box
    plexus network connect b box --quiet
    kill -TERM "$pid"
    wait "$pid" || true
    plexus network create c --quiet
    assert_equal "$(guests a)$(guests b)" box
    ping_once box 10.2.0.1
    agree
}
