#!/usr/bin/env bats
# Networks by hand: plexus network and plexus run. Beside the networks lies `outside`, a namespace that plays the rest of
# the world.
# shellcheck disable=SC2016 # backquotes in messages are meant as they are

load helpers

setup() {
    needs python3 jq
    world_begin
    needs_kernel_for "$ROOT_DIR/labs/19-networks.yaml"
    cd "$BATS_TEST_TMPDIR" || return
    ip netns add outside
    ip link add wan0 type veth peer name eth0 netns outside
    ip address add 192.0.2.1/24 dev wan0
    ip link set wan0 up
    ip -n outside address add 192.0.2.2/24 dev eth0
    ip -n outside link set eth0 up
}

teardown() {
    exec 9>&- # the lock, of a test that failed
    for pid in ${pids-}; do
        kill -KILL "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    for pid in $(pgrep -x run-guard); do wait_for 10 eval "! kill -0 $pid"; done
    plexus down --all --quiet >/dev/null 2>&1 || true
    ip -all netns delete
    ip link del wan0 2>/dev/null || true
    rm -rf /run/plexus /etc/plexus
    world_end
}

# create [OPTION...]: the network `guests`.
create() {
    run plexus network create guests --subnet 10.1.0.0/24 --uplink wan0 "$@"
    assert_status 0
}

# connect NAMESPACE [OPTION...]: into it; the namespace is made.
connect() {
    ip netns add "$1"
    run plexus network connect guests "$@"
    assert_status 0
}

# start NAME [OPTION...]: plexus run in the background, until it has its network; its process is $pid.
start() {
    "$PLEXUS" run --network guests --name "$1" "${@:2}" -- sleep 1000 >/dev/null 2>&1 3>&- &
    pid=$!
    pids="${pids-} $pid"
    wait_for 20 runs_in "$1"
}

runs_in() { [ "$(ps -o comm= -p "$(ip netns pids "$1" 2>/dev/null)" 2>/dev/null)" = sleep ]; }
has_no_namespace() { ! ip netns pids "$1" 2>/dev/null; }
namespaces() { ip netns | sed 's/ .*//'; }
address_of() { ip -n "$1" -4 -o address show eth0 | awk '{ print $4 }'; }
guests() { plexus network inspect guests --json | jq -r '[.guests[].namespace] | join(" ")'; }

# refused STATUS MESSAGE COMMAND...
refused() {
    run plexus "${@:3}"
    assert_status "$1"
    assert_contains "$output" "$2"
}

# serve NAMESPACE PORT, ask NAMESPACE ADDRESS PORT: a server that says by which address one comes, and what it said.
serve() {
    ip netns exec "$1" python3 -c '
import socket, sys
server = socket.create_server(("", int(sys.argv[1])))
print("ready", flush=True)
while True:
    client, who = server.accept()
    client.sendall(who[0].encode())
    client.close()' "$2" >"server-$1" 3>&- &
    pids="${pids-} $!"
    wait_for 10 grep -q ready "server-$1"
}

ask() {
    inside "$1" python3 -c '
import socket, sys
try:
    print(socket.create_connection((sys.argv[1], int(sys.argv[2])), 2).recv(100).decode())
except OSError:
    pass' "${@:2}"
}

@test "create makes a topology with a file that a person can read; every command knows it" {
    run plexus network create guests --subnet 10.1.0.0/24 --subnet fd00:1::/64 --gateway 10.1.0.254 --mtu 1400 \
        --uplink wan0 --publish 8080:10.1.0.5:80 --publish 53:10.1.0.5:53/udp
    assert_status 0
    assert_contains "$output" "network guests: nat, 10.1.0.0/24, fd00:1::/64 on bridge guests"
    assert_equal "$(jq -r .source /run/plexus/guests/record.json)" "# Made by plexus network create; plexus network rm takes it away.
name: guests
interfaces:
  wan0:
    type: physical
networks:
  guests:
    subnet: 10.1.0.0/24
    ipv6: fd00:1::/64
    gateway:
      - 10.1.0.254
    uplink: wan0
    mtu: 1400
    publish:
      - 8080:10.1.0.5:80
      - 53:10.1.0.5:53/udp"
    assert_contains "$(ip -br address show guests)" 10.1.0.254/24
    plexus status guests
    assert_contains "$(plexus show guests)" guests
    assert_contains "$(plexus history guests)" "network create --subnet=10.1.0.0/24 --subnet=fd00:1::/64"
    jq -r .source /run/plexus/guests/record.json >guests.yaml
    plexus plan guests.yaml
    assert_equal "$(plexus network ls --json | jq -c '.[0]')" '{"name":"guests","topology":"guests","mode":"nat","bridge":"guests","subnets":["10.1.0.0/24","fd00:1::/64"],"guests":[],"published":["8080:10.1.0.5:80","53:10.1.0.5:53/udp"]}'
    run plexus network create guests
    assert_status 6
    assert_contains "$output" "a network \`guests\` runs already"
    plexus down guests --quiet
    assert_equal "$(plexus network ls)" "no network runs"
}

@test "a subnet is chosen where none is said; --dry-run and --confirm hold" {
    run plexus network create lab --mode isolated --dry-run
    assert_status 0
    assert_contains "$output" "not done"
    [ ! -e /run/plexus/lab ]
    run plexus network create lab --mode isolated --confirm=60
    assert_status 0
    run plexus rollback lab
    assert_status 0
    plexus network create lab --mode isolated --isolated --quiet
    assert_equal "$(plexus network inspect lab --json | jq -c '[.mode, .isolated, .chosen, .gateways]')" \
        '["isolated",true,true,[]]'
}

@test "connected namespaces reach each other and the outside; nobody else notices" {
    create
    connect web
    assert_contains "$output" "guests: web is connected: eth0 10.1.0.2/24"
    interface() { ip -n web -j link show eth0 | jq -c '.[0] | [.ifindex, .address]'; }
    before=$(interface)
    ping_once web 10.1.0.1
    connect db --ip 10.1.0.9 --interface lan0 --mac 02:00:00:00:00:09
    ping_once web 10.1.0.1 # the bridge may have the MAC address of its new port now, and has told so
    reaches web 10.1.0.9
    reaches db 10.1.0.2
    reaches web 192.0.2.2
    assert_equal "$(interface)" "$before"
    plexus status guests
    assert_equal "$(plexus network inspect guests --json | jq -c '.guests[1]')" \
        '{"name":"db","namespace":"db","interface":"lan0","mac":"02:00:00:00:00:09","addresses":["10.1.0.9/24"],"by":"hand","process":null}'
    run plexus network disconnect guests db
    assert_status 0
    assert_equal "$(ip -n db -o link show | grep -vc ': lo:')" 0
    [ -e /run/netns/db ]
    ping_once web 192.0.2.2
    assert_equal "$(guests)" web
    assert_equal "$(plexus history guests --json | jq length)" 1
}

@test "an apply of the file, a rollback and a save know nothing of what is connected, and leave it alone" {
    printf 'name: net\nnetworks: {guests: {subnet: 10.1.0.0/24}}\nnamespaces: {own: {networks: [guests]}}\n' >net.yaml
    plexus apply net.yaml --quiet
    connect web
    start box
    run plexus apply net.yaml
    assert_status 0
    assert_contains "$output" "nothing to do"
    printf 'name: net\nnetworks: {guests: {subnet: 10.1.0.0/24}}\nnamespaces:\n  a: {networks: [guests]}\n  own: {networks: [guests]}\n' >net.yaml
    run plexus apply net.yaml
    assert_status 0
    assert_equal "$(address_of own) $(address_of web) $(address_of box) $(address_of a)" \
        "10.1.0.2/24 10.1.0.3/24 10.1.0.4/24 10.1.0.5/24"
    plexus rollback net 1 --quiet
    reaches web 10.1.0.4
    plexus save net --quiet
    assert_lacks "$(cat /etc/plexus/net.yaml)" web
    # Of the file: not to be unplugged by hand. A network that the file has no more has no guests either.
    run plexus network disconnect guests own
    assert_status 6
    assert_contains "$output" "by the file of topology \`net\`"
    printf 'name: net\n' >net.yaml
    run plexus apply net.yaml
    assert_status 0
    assert_contains "$output" '`web`, which was said by hand to be in network `guests`, is left out'
    [ -e /run/netns/web ]
}

@test "a guest of the topology gets a second network; what is deleted frees its address" {
    printf 'name: net\nnetworks: {guests: {subnet: 10.1.0.0/24}, other: {subnet: 10.2.0.0/24}}\nnamespaces: {own: {networks: [guests]}}\n' >net.yaml
    plexus apply net.yaml --quiet
    plexus network connect other own --quiet
    assert_contains "$(ip -n own -br address show eth1)" 10.2.0.2/24
    assert_equal "$(ip -n own route show default | wc -l)" 1
    connect web --ip 10.1.0.7
    ip netns del web
    assert_equal "$(guests)" own
    connect db --ip 10.1.0.7
    reaches own 10.1.0.7
}

@test "a namespace that is made anew under its name is another, and can be connected" {
    create
    connect web
    ip netns del web
    ip netns add web
    assert_equal "$(guests)" ""
    run plexus network connect guests web
    assert_status 0
    reaches web 10.1.0.1
}

@test "damage of what was connected by hand is told" {
    create
    connect web
    cp /run/plexus/guests/endpoints.json whole
    for change in 's/"web"/""/' 's/"publish"/"mac":"x","publish"/' 's/.$//' 's/"network"/"netwerk"/'; do
        sed "$change" whole >/run/plexus/guests/endpoints.json
        refused 1 "endpoints.json is damaged, or was written by another version of Plexus" \
            network disconnect guests web
        assert_contains "$output" "remove the file to forget what it describes"
    done
    plexus network inspect guests >/dev/null
    jq -r .source /run/plexus/guests/record.json >guests.yaml
    run plexus apply guests.yaml
    assert_status 0
    assert_contains "$output" "endpoints.json is damaged"
    assert_contains "$output" "connect it again"
}

@test "a namespace that has an eth0 and a default route keeps both" {
    create
    ip netns add box
    ip link add up0 type veth peer name eth0 netns box
    ip -n box address add 198.51.100.2/24 dev eth0
    ip -n box link set eth0 up
    ip link set up0 up
    ip -n box route add default via 198.51.100.1
    run plexus network connect guests box
    assert_status 0
    assert_equal "$(ip -n box -j route show default | jq -r '.[] | .gateway + " " + .dev')" "198.51.100.1 eth0"
    assert_contains "$(ip -n box -br address show eth1)" 10.1.0.2/24
    plexus network disconnect guests box --quiet
    assert_equal "$(ip -n box -j route show default | jq -r '.[] | .gateway + " " + .dev')" "198.51.100.1 eth0"
    ip link del up0
}

@test "the namespace of a process is connected as long as it lives" {
    create
    unshare --net sleep 1000 3>&- &
    process=$!
    pids=$process
    wait_for 10 eval '[ "$(readlink /proc/'$process'/ns/net)" != "$(readlink /proc/self/ns/net)" ]'
    run plexus network connect guests box --pid "$process"
    assert_status 0
    assert_equal "$(plexus network inspect guests --json | jq .guests[0].process)" "$process"
    reaches box 10.1.0.1
    kill -KILL "$process"
    wait "$process" || true
    connect db --ip 10.1.0.2
    assert_equal "$(guests)" db
    [ ! -e /run/netns/box ]
    run plexus network connect guests box --pid "$process"
    assert_status 4
}

@test "a published port is reached from outside, and can be taken back while it runs" {
    create
    connect web
    serve web 80
    assert_equal "$(ask outside 192.0.2.1 8080)" ""
    run plexus network publish guests 8080:web:80
    assert_status 0
    assert_equal "$(ask outside 192.0.2.1 8080)" 192.0.2.2
    run plexus network publish guests 8080:web:81
    assert_status 2
    assert_contains "$output" '`8080:web:80` has it'
    run plexus network publish guests 53:web:53/udp
    assert_status 0
    assert_equal "$(plexus network inspect guests --json | jq -c '[.published[] | [.port, .protocol, .guest_address, .guest_port, .by]]')" \
        '[[8080,"tcp","10.1.0.2",80,"hand"],[53,"udp","10.1.0.2",53,"hand"]]'
    run plexus network unpublish guests 8080/udp
    assert_status 4
    run plexus network unpublish guests 8080
    assert_status 0
    assert_equal "$(ask outside 192.0.2.1 8080)" ""
    # It goes with its guest.
    plexus network disconnect guests web --quiet
    assert_equal "$(plexus network inspect guests --json | jq -c .published)" '[]'
}

@test "a port is not published away from the SSH session in which that is said; what is cut is told" {
    create
    connect web
    export SSH_CONNECTION="192.0.2.2 50000 192.0.2.1 22"
    run plexus network publish guests 22:web:22
    assert_status 6
    assert_contains "$output" "from 192.0.2.2 to port 22, would be let in no more: the port leads to 10.1.0.2"
    run plexus run --network guests --publish 22:22 -- true
    assert_status 6
    [ ! -e /run/plexus/guests/journal.json ]
    assert_equal "$(plexus network inspect guests --json | jq -c .published)" '[]'
    # A published port of a file
    printf 'name: net\nnetworks: {lab: {subnet: 10.2.0.0/24, publish: ["22:own:22"]}}\nnamespaces: {own: {networks: [lab]}}\n' >net.yaml
    run plexus apply net.yaml
    assert_status 0
    assert_contains "$output" "warning: net: the SSH session that this is typed in, from 192.0.2.2 to port 22, would be let in no more: the port leads to 10.2.0.2"
    unset SSH_CONNECTION
    plexus down net --quiet
    plexus network publish guests 8080:web:80 --quiet
    ip netns exec web python3 -c 'import socket, time; c = socket.create_server(("", 80)).accept(); time.sleep(100)' 3>&- &
    pids="${pids-} $!"
    wait_for 10 eval 'ip netns exec web ss -Hltn "sport = 80" | grep -q .'
    ip netns exec outside python3 -c "import socket, time; s = socket.create_connection((\"192.0.2.1\", 8080), 5, (\"\", 40000)); time.sleep(100)" 3>&- &
    pids="${pids-} $!"
    wait_for 10 eval 'ip netns exec web ss -Htn state established "sport = 80" | grep -q .'
    run plexus network unpublish guests 8080 --dry-run
    assert_contains "$output" "cut: tcp 192.0.2.2:40000 -> 192.0.2.1:8080 (10.1.0.2:80)"
    run plexus network unpublish guests 8080
    assert_contains "$output" "cut: tcp 192.0.2.2:40000 -> 192.0.2.1:8080 (10.1.0.2:80)"
}

@test "what the file publishes is not taken back by hand; its guests can have more" {
    printf 'name: net\nnetworks: {guests: {subnet: 10.1.0.0/24, publish: ["8080:own:80"]}}\nnamespaces: {own: {networks: [guests]}}\n' >net.yaml
    plexus apply net.yaml --quiet
    run plexus network unpublish guests 8080
    assert_status 6
    serve own 80
    plexus network publish guests 8081:own:80 --quiet
    assert_equal "$(ask outside 192.0.2.1 8081)" 192.0.2.2
    run plexus apply net.yaml
    assert_contains "$output" "nothing to do"
    plexus network unpublish guests 8081:own:80 --quiet
    assert_equal "$(ask outside 192.0.2.1 8081)" ""
    assert_equal "$(ask outside 192.0.2.1 8080)" 192.0.2.2
    [ ! -e /run/plexus/net/endpoints.json ]
}

@test "rm: not with guests, unless forced; and nothing that a file describes" {
    create
    connect web
    run plexus network rm guests
    assert_status 6
    assert_contains "$output" 'network `guests` has guests: web'
    run plexus network rm guests --force
    assert_status 0
    [ -e /run/netns/web ]
    ip link show guests 2>/dev/null && fail "the bridge is there"
    printf 'name: net\nnetworks: {guests: {subnet: 10.1.0.0/24}}\n' >net.yaml
    plexus apply net.yaml --quiet
    run plexus network rm guests
    assert_status 6
    assert_contains "$output" 'network `guests` is part of topology `net`'
}

@test "--save: after a boot the network is there, and nobody in it" {
    create --save
    connect web
    start box --publish 8080:80
    kill -KILL "$pid"
    rm -rf /run/plexus
    ip netns del web
    ip netns del box 2>/dev/null || true
    ip link del guests
    ip link del web-eth0 2>/dev/null || true
    nft delete table inet plexus-guests
    sysctl -qw net.ipv4.ip_forward=0
    plexus apply --saved --quiet
    assert_equal "$(guests)" ""
    connect web
    assert_contains "$output" 10.1.0.2/24
    run plexus network rm guests --force
    assert_status 0
    [ ! -e /etc/plexus/guests.yaml ]
}

@test "an apply that waits for its turn reads again what came by hand meanwhile" {
    printf 'name: net\nnetworks: {guests: {subnet: 10.1.0.0/24}}\nnamespaces: {own: {networks: [guests]}}\n' >net.yaml
    plexus apply net.yaml --quiet
    for change in "connect guests web" "publish guests 8080:own:80" "disconnect guests web"; do
        [ -e /run/netns/web ] || ip netns add web
        exec 9<>/run/plexus/lock
        flock 9
        "$PLEXUS" apply net.yaml >out 2>&1 3>&- 9>&- &
        pid=$!
        pids=$pid
        wait_for 10 grep -q "waiting for" out # the file is read
        kill -STOP "$pid"
        wait_for 10 grep -q "^State:.T" "/proc/$pid/status"
        exec 9>&-
        # shellcheck disable=SC2086 # words
        plexus network $change --quiet
        now=$(plexus network inspect guests --json)
        kill -CONT "$pid"
        wait "$pid" || fail "$(cat out)"
        assert_contains "$(cat out)" "nothing to do"
        assert_equal "$(plexus network inspect guests --json)" "$now"
        plexus status net
    done
}

@test "a namespace in two networks keeps the one when it loses the other, and frees both when it ends" {
    printf 'name: net\nnetworks: {guests: {subnet: 10.1.0.0/24}, lab: {subnet: 10.2.0.0/24}}\nnamespaces: {own: {}}\n' >net.yaml
    plexus apply net.yaml --quiet
    connect web
    plexus network connect lab web --quiet
    assert_equal "$(ip -n web route show default | wc -l)" 1
    plexus network disconnect guests web --quiet
    assert_equal "$(ip -n web -4 -br address | awk '$1 != "lo" { print $3 }')" 10.2.0.2/24
    reaches web 10.2.0.1
    unshare --net sleep 1000 3>&- &
    process=$!
    pids=$process
    wait_for 10 eval '[ "$(readlink /proc/'$process'/ns/net)" != "$(readlink /proc/self/ns/net)" ]'
    refused 6 "it is not that of process $process" network connect lab own --pid "$process"
    plexus network connect guests box --pid "$process" --quiet
    refused 6 "it is not that of process $$" network connect lab box --pid $$
    plexus network connect lab box --pid "$process" --quiet
    plexus network disconnect guests box --quiet
    reaches box 10.2.0.1
    kill -KILL "$process"
    wait "$process" || true
    ip netns del web
    start program
    plexus network connect lab program --quiet
    kill -TERM "$pid"
    wait "$pid" || true
    wait_for 10 has_no_namespace program
    run plexus apply net.yaml
    assert_status 0
    assert_lacks "$output" "left out"
    [ ! -e /run/plexus/net/endpoints.json ]
}

@test "a virtual machine is called by its name, and ports are published to it" {
    printf 'name: net\nnetworks: {guests: {subnet: 10.1.0.0/24, anti-spoofing: true}}\ninterfaces:\n  tap8: {type: tap, network: {guests: {name: mail, mac: "52:54:00:00:00:08", address: 10.1.0.8}}}\n  tap9: {type: tap, network: {guests: {mac: "52:54:00:00:00:09", address: 10.1.0.9}}}\n' >net.yaml
    plexus apply net.yaml --quiet
    refused 4 'did you mean `mail`?' network publish guests 81:mali:81
    plexus network publish guests 8080:mail:80 --quiet
    plexus network publish guests 8081:tap9:80 --quiet
    run plexus network inspect guests --json
    assert_equal "$(jq -c '.guests[] | [.name, .interface, .mac]' <<<"$output")" '["mail","tap8","52:54:00:00:00:08"]
["tap9","tap9","52:54:00:00:00:09"]'
    assert_equal "$(jq -c '[.anti_spoofing, (.published[] | [.port, .guest_address])]' <<<"$output")" '[true,[8080,"10.1.0.8"],[8081,"10.1.0.9"]]'
    assert_equal "$(plexus network ls --json | jq -c '.[0].guests')" '["mail","tap9"]'
    sed -i /tap9/d net.yaml
    run plexus apply net.yaml
    assert_status 0
    assert_contains "$output" '`tap9`, which was said by hand to be in network `guests`, is left out'
    assert_equal "$(plexus network inspect guests --json | jq -c '[.published[].port]')" '[8080]'
}

# killed COMMAND...: at the last moment at which a crash takes it back.
killed() {
    needs strace
    run traced -P /run/plexus/guests/journal.json -e trace=unlink -e inject=unlink:signal=KILL "$PLEXUS" "$@"
    [ -e /run/plexus/guests/journal.json ] || fail "no journal"
}

@test "killed on the way out of a network or down: what is brought back is known, and can go" {
    create
    connect web
    connect db
    killed network disconnect guests web
    plexus rollback guests --quiet
    assert_equal "$(guests)" "web db"
    killed down guests
    plexus rollback guests --quiet
    assert_equal "$(guests)" "web db"
    plexus status guests
    # What nobody uses any more is taken away, after a crash over it too.
    ip netns del web
    killed network publish guests 80:db:80
    plexus network disconnect guests db --quiet
    assert_equal "$(guests)" ""
    assert_equal "$(ip -br link show master guests)" ""
    plexus down guests --quiet
    [ ! -e /run/plexus/guests/endpoints.json ]
}

@test "a name that two topologies have is a mistake of the command line" {
    printf 'name: one\nnetworks: {guests: {subnet: 10.1.0.0/24}}\n' >one.yaml
    printf 'name: two\nnetworks: {guests: {subnet: 10.2.0.0/24, bridge: br2}}\n' >two.yaml
    plexus apply one.yaml --quiet
    plexus apply two.yaml --quiet
    ip netns add web
    refused 2 "say one/guests or two/guests" network connect guests web
}

@test "create: what is on or off needs no value; inspect shows it" {
    needs dnsmasq
    create --dhcp --dns --anti-spoofing
    run plexus network inspect guests
    assert_contains "$output" "dhcp:     10.1.0.128-10.1.0.254"
    assert_contains "$output" "dns:"
    assert_equal "$(plexus network inspect guests --json | jq -c '[.dhcp.ranges[0], .dns != null, .vlan]')" '["10.1.0.128-10.1.0.254",true,null]'
}

@test "run: the program is in the network, its exit status and environment are its own" {
    create
    connect db
    run plexus run --network guests --name box --env A=b --workdir / -- sh -c 'echo "$A $PWD $PLEXUS_NAMESPACE"; ping -nqc1 -W5 10.1.0.2 >/dev/null; exit $(($? + 7))'
    assert_status 7
    assert_equal "$output" "b / box"
    run plexus run --network guests ip -4 -br address show eth0
    assert_status 0
    assert_contains "$output" 10.1.0.3/24
    mkdir -p /etc/netns/box
    echo "nameserver 192.0.2.53" >/etc/netns/box/resolv.conf
    run plexus run --network guests --name box cat /etc/resolv.conf
    assert_equal "$output" "nameserver 192.0.2.53"
    rm -r /etc/netns/box
    run plexus run --network guests -- sh -c 'kill -TERM $$'
    assert_status 143
    run -127 plexus run --network guests no-such-program
    run plexus run --network guests /
    assert_status 126
    run plexus run --network guests --workdir /no/such true
    assert_status 126
    assert_equal "$(guests)" db
    assert_equal "$(ip netns | wc -l)" 2
}

@test "run: a signal is passed on; then all is gone" {
    create
    start box
    assert_equal "$(plexus network inspect guests --json | jq -c '.guests[] | [.by, .process]')" "[\"run\",$(ip netns pids box)]"
    kill -TERM "$pid"
    wait "$pid" || code=$?
    assert_equal "$code" 143
    has_no_namespace box
    assert_equal "$(guests)" ""
    [ ! -e /run/plexus/guests/endpoints.json ]
}

@test "run: what the terminal sends comes once; a stopped program gives it back" {
    create
    cat >typist.py <<'END'
import os, pty, signal, sys, time
pid, tty = pty.fork()
if pid == 0:
    os.execvp("bash", ["bash", "--norc", "-i"])
seen = b""
def until(text):
    global seen
    while text not in seen:
        seen += os.read(tty, 4096)
    seen = seen[seen.index(text) + len(text):]
def say(text):
    os.write(tty, text)
say(b"PS1='ready''> '\n")
until(b"ready> ")
say(b"%s run --network guests -- python3 -c 'import signal, sys; n = []\nsignal.signal(signal.SIGINT, lambda *a: (n.append(1), print(\"int\" + str(len(n)), flush=True)))\nprint(\"be\" + \"gun\", flush=True)\nfor line in sys.stdin: print(\"line \" + line.strip() + \".\", flush=True)'\n" % sys.argv[1].encode())
until(b"begun")
say(b"\x03")
until(b"int1")
say(b"\x1a")
until(b"ready> ")
say(b"fg\n")
say(b"word\n")
until(b"line word.")
say(b"\x04")
until(b"ready> ")
say(b"echo status $?\n")
until(b"status 0")
print("good" if b"int2" not in seen else seen)
END
    run timeout 30 python3 typist.py "$PLEXUS"
    assert_equal "$output" good
    assert_equal "$(guests)" ""
}

@test "run: killed, it leaves no address, no port, no process" {
    create
    start box --ip 10.1.0.50 --publish 8080:80
    child=$(ip netns pids box)
    kill -KILL "$pid"
    wait_for 10 has_no_namespace box
    wait_for 10 eval "! kill -0 $child"
    assert_equal "$(guests)" ""
    plexus status guests
    # The same, where the guard is killed too: the next that changes something does it.
    start box --ip 10.1.0.50 --publish 8080:80
    for guard in $(pgrep -x run-guard); do kill -KILL "$guard"; done
    kill -KILL "$pid"
    wait "$pid" || true
    [ -e /run/netns/box ]
    run plexus run --network guests --ip 10.1.0.50 --publish 8080:80 -- ip -4 -br address show eth0
    assert_status 0
    assert_contains "$output" 10.1.0.50/24
    [ ! -e /run/netns/box ]
    assert_equal "$(ip -br link show master guests)" ""
}

@test "run: killed at any moment of its way, it leaves nothing" {
    create
    for delay in 0.01 0.02 0.03 0.04 0.05 0.06 0.08 0.1 0.12; do
        "$PLEXUS" run --network guests --ip 10.1.0.50 --publish 8080:80 -- true >/dev/null 2>&1 3>&- &
        pid=$!
        sleep "$delay" # when to kill it, not what to wait for
        kill -KILL "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    run plexus run --network guests --ip 10.1.0.50 --publish 8080:80 -- true
    assert_status 0
    assert_equal "$(guests)" ""
    assert_equal "$(namespaces)" outside
    assert_equal "$(ip -br link show master guests)" ""
    plexus status guests
}

@test "run: many at once, each with an address of its own; the end of one disturbs no other" {
    create
    mkfifo hold
    for n in 1 2 3 4; do
        "$PLEXUS" run --network guests --name "box$n" -- sh -c 'ip -4 -br address show eth0; read line; ip -4 -br address show eth0' \
            <hold >"out$n" 2>/dev/null 3>&- &
        runs="${runs-} $!"
    done
    exec 4>hold
    pids=$runs
    wait_for 30 eval '[ "$(cat out? | wc -l)" = 4 ]'
    assert_equal "$(cat out? | awk '{ print $3 }' | sort)" "10.1.0.2/24
10.1.0.3/24
10.1.0.4/24
10.1.0.5/24"
    echo >&4
    wait_for 20 eval '[ "$(ip netns | grep -c box)" = 3 ]'
    exec 4>&-
    for pid in $runs; do wait "$pid"; done
    for n in 1 2 3 4; do assert_equal "$(uniq "out$n" | wc -l)" 1; done
    assert_equal "$(guests)" ""
}

@test "run: several networks of a topology" {
    printf 'name: net\nnetworks: {guests: {subnet: 10.1.0.0/24}, lab: {subnet: 10.2.0.0/24}}\n' >net.yaml
    plexus apply net.yaml --quiet
    run plexus run --network guests --network net/lab --name box -- ip -4 -br address
    assert_status 0
    assert_contains "$(tr -s ' ' <<<"$output")" "UP 10.1.0.2/24"
    assert_contains "$(tr -s ' ' <<<"$output")" "UP 10.2.0.2/24"
    has_no_namespace box
    [ ! -e /run/plexus/net/endpoints.json ]
}

@test "run: the network may go down meanwhile" {
    create
    start box
    plexus network rm guests --force --quiet
    kill -TERM "$pid"
    wait "$pid" || code=$?
    assert_equal "$code" 143
    [ ! -e /run/plexus/guests/record.json ]
}

@test "bad input changes nothing, and says what was meant" {
    create
    connect web --ip 10.1.0.9
    plexus network publish guests 8080:web:80 --quiet
    ip netns add db
    before=$(snapshot; cat /run/plexus/guests/*.json)
    refused 4 'did you mean `guests`?' network connect gests db
    refused 4 'did you mean `guests`?' network inspect guest
    refused 4 'no network `xyzxyz` runs' network rm xyzxyz
    refused 4 'did you mean `guests`?' run --network guets -- true
    refused 4 'did you mean `outside`?' network connect guests outsid
    refused 6 '`web` is in `guests` already: eth0 10.1.0.9/24' network connect guests web
    refused 2 'the host is in `guests` already' network connect guests host
    refused 2 'no namespace can be called `host`' network connect guests host --pid $$
    refused 2 "address 10.2.0.9 is none of a host in 10.1.0.0/24" network connect guests db --ip 10.2.0.9
    refused 2 "address 10.1.0.9 is taken: \`web\` has it" network connect guests db --ip 10.1.0.9
    refused 2 "address 10.1.0.1 is taken: the gateway" run --network guests --ip 10.1.0.1 -- true
    refused 2 '`mac` cannot be `02:00`' network connect guests db --mac 02:00
    refused 2 "one address of each family" network connect guests db --ip 10.1.0.3 --ip 10.1.0.4 --ip 10.1.0.5
    refused 2 "port 8080/tcp is published twice" run --network guests --publish 8080:80 -- true
    refused 2 "is not a published port" run --network guests --publish 8080 -- true
    refused 2 "is not a published port" network publish guests 8080
    refused 4 'did you mean `web`?' network publish guests 81:wev:81
    refused 4 "\`db\` is not in network \`guests\`" network disconnect guests db
    refused 2 "a network is missing" run -- true
    refused 2 "something is missing: PROGRAM" run --network guests --
    refused 6 'there is a namespace `db` already' run --network guests --name db -- true
    refused 2 "cannot be the name of a namespace" run --network guests --name a/b -- true
    refused 2 'did you mean `connect`?' network conect guests db
    refused 2 'here it is: plexus network ls' network list
    refused 2 "network create:5:11: error: \`mode\` cannot be \`natt\`" network create lab --mode natt
    refused 2 "--subnet is given twice" network create lab --subnet 10.3.0.0/24 --subnet 10.4.0.0/24
    refused 2 "is bridged, and needs an \`uplink\`" network create lab --mode bridged
    refused 6 "in use" network create lab --subnet 192.0.2.0/24
    refused 2 "--save and --confirm" network create lab --save --confirm=5
    refused 2 "cannot be the name of a network" network create 'a b'
    assert_equal "$(snapshot; cat /run/plexus/guests/*.json)" "$before"
}
