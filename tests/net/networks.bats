#!/usr/bin/env bats
# Networks: who reaches whom, under which address, and what a change of one does to guests of another.

# shellcheck disable=SC2016 # quotes of messages

load helpers

setup() {
    needs python3
    world_begin
    needs_kernel_for "$ROOT_DIR/labs/19-networks.yaml"
    file=$BATS_TEST_TMPDIR/net.yaml
}

teardown() {
    for pid in ${pids-}; do
        pkill -P "$pid" || true
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    plexus down net >/dev/null 2>&1 || true
    world_end
}

# network FILE-LINES: applies the networks and namespaces given, with an outside.
network() {
    cat >"$file" <<END
name: net
interfaces:
  wan0: {peer: outside/eth0, addresses: [192.0.2.1/24]}
$1
  outside:
    interfaces: {eth0: {addresses: [192.0.2.2/24]}}
    routes: [{to: 10.0.0.0/8, via: 192.0.2.1}]
END
    run plexus apply "$file"
    assert_status 0
}

# serve NAMESPACE PORT [udp]: answers each who asks with the address that it has for it.
serve() {
    ip netns exec "$1" python3 -c '
import socket, sys
kind = socket.SOCK_DGRAM if sys.argv[2:] else socket.SOCK_STREAM
server = socket.socket(socket.AF_INET, kind)
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(("", int(sys.argv[1])))
if kind == socket.SOCK_STREAM:
    server.listen()
print("ready", flush=True)
while True:
    if kind == socket.SOCK_DGRAM:
        _, who = server.recvfrom(100)
        server.sendto(who[0].encode(), who)
    else:
        client, who = server.accept()
        client.sendall(who[0].encode())
        client.close()
' "${@:2}" >"$BATS_TEST_TMPDIR/server-$1-$2" &
    pids="${pids-} $!"
    wait_for 10 grep -q ready "$BATS_TEST_TMPDIR/server-$1-$2"
}

# ask NAMESPACE ADDRESS PORT [udp]: what the server says, or nothing.
ask() {
    local in=(ip netns exec "$1")
    [ "$1" != host ] || in=()
    "${in[@]}" python3 -c '
import socket, sys
kind = socket.SOCK_DGRAM if sys.argv[3:] else socket.SOCK_STREAM
client = socket.socket(socket.AF_INET, kind)
client.settimeout(2)
try:
    client.connect((sys.argv[1], int(sys.argv[2])))
    client.send(b"?")
    print(client.recv(100).decode())
except OSError:
    pass
' "${@:2}"
}

guests='networks:
  guests: {subnet: 10.1.0.0/24, uplink: wan0, publish: ["8080:web:80", "5353:web:53/udp"]}
  office: {subnet: 10.2.0.0/24}
namespaces:
  web: {networks: [guests]}
  db: {networks: [guests]}
  desk: {networks: [office]}'

@test "nat: guests go out under the address of the host, and nobody comes in except by what is published" {
    network "$guests"
    serve outside 99
    serve web 80
    serve web 53 udp
    assert_equal "$(ask web 192.0.2.2 99)" 192.0.2.1
    assert_equal "$(ask desk 192.0.2.2 99)" 192.0.2.1
    assert_equal "$(ask outside 192.0.2.1 8080)" 192.0.2.2
    assert_equal "$(ask outside 192.0.2.1 5353 udp)" 192.0.2.2
    assert_equal "$(ask outside 10.1.0.2 80)" ""
    cannot_reach outside 10.1.0.2
    cannot_reach outside 10.2.0.2
    reaches web 192.0.2.2
    reaches host 10.1.0.2
}

@test "a hairpin: a sibling, a guest of another network and the host reach what is published" {
    network "$guests"
    serve web 80
    assert_equal "$(ask db 192.0.2.1 8080)" 10.1.0.1
    assert_equal "$(ask web 192.0.2.1 8080)" 10.1.0.1
    assert_equal "$(ask desk 192.0.2.1 8080)" 10.2.0.2
    assert_equal "$(ask host 192.0.2.1 8080)" 192.0.2.1
}

@test "networks are kept from each other; a policy opens one way" {
    network "$guests"
    reaches web 10.1.0.3
    cannot_reach web 10.2.0.2
    cannot_reach desk 10.1.0.2
    network "firewall: {policies: [office to guests: allow]}
$guests"
    reaches desk 10.1.0.2
    cannot_reach web 10.2.0.2
}

@test "guests of an isolated bridge do not see each other, not even by the host" {
    network 'networks: {guests: {subnet: 10.1.0.0/24, isolated: true}}
namespaces:
  a: {networks: [guests]}
  b: {networks: [guests]}'
    reaches a 192.0.2.2
    reaches a 10.1.0.1
    cannot_reach a 10.1.0.3
    ip -n a route add 10.1.0.3 via 10.1.0.1
    ip -n b route add 10.1.0.2 via 10.1.0.1
    cannot_reach a 10.1.0.3
}

@test "routed: both ways, under the guests' own addresses; isolated: nowhere" {
    network 'networks:
  open: {subnet: 10.1.0.0/24, mode: routed, uplink: wan0}
  closed: {subnet: 10.2.0.0/24, mode: isolated}
namespaces:
  a: {networks: [open]}
  b: {networks: [closed]}
  c: {networks: [closed]}'
    serve outside 99
    assert_equal "$(ask a 192.0.2.2 99)" 10.1.0.2
    reaches outside 10.1.0.2
    reaches b 10.2.0.2
    cannot_reach b 192.0.2.2
    assert_equal "$(ip -n b route show default)" ""
}

# answers NAMESPACE ADDRESS: whether the host takes a connection to its port 99.
answers() {
    ip netns exec "$1" python3 -c '
import socket, sys
try:
    socket.create_connection((sys.argv[1], 99), 1)
except OSError:
    sys.exit(1)' "$2"
}

# Whatever address of the host a guest of it asks for, and by whatever way.
@test "isolated: nothing of the host is reached but its services, and the gateway that is said" {
    network 'networks:
  open: {subnet: 10.1.0.0/24, ipv6: "fd01::/64"}
  closed: {subnet: 10.2.0.0/24, ipv6: "fd02::/64", mode: isolated}
  served: {subnet: 10.3.0.0/24, ipv6: "fd03::/64", mode: isolated, dns: true}
  known: {subnet: 10.4.0.0/24, mode: isolated, gateway: 10.4.0.9}
namespaces:
  a: {networks: [open]}
  b: {networks: [closed]}
  c: {networks: [served]}
  d: {networks: [known]}'
    nothing_to_do "$file"
    python3 -c '
import socket
server = socket.create_server(("", 99), family=socket.AF_INET6, dualstack_ipv6=True)
print("ready", flush=True)
while True:
    server.accept()' >"$BATS_TEST_TMPDIR/server" 3>&- &
    pids="${pids-} $!"
    wait_for 10 grep -q ready "$BATS_TEST_TMPDIR/server"
    answers a 10.1.0.1
    assert_equal "$(ip -6 -o address show dev closed)$(ip -6 -o address show dev known)" ""
    local=$(ip -6 -j address show dev served scope link | jq -r '.[].addr_info[]?.local // empty')
    for guest in b c d; do
        ip -n "$guest" route add 192.0.2.1 dev eth0
        ip -n "$guest" route add fd01::1 via "$local" dev eth0
        for address in 192.0.2.1 fd01::1 "$local%eth0"; do
            ! answers "$guest" "$address" || fail "$guest reaches $address"
        done
    done
    ! answers c 10.3.0.1 || fail "c reaches more than the services"
    answers d 10.4.0.9
    assert_contains "$(ip netns exec c dig +short +time=2 +tries=1 @10.3.0.1 c.served.internal)" 10.3.0.
    assert_contains "$(ip netns exec c dig +short +time=2 +tries=1 @fd03::1 c.served.internal)" 10.3.0.
}

@test "isolated: what others publish is not for its guests, unless a policy says so" {
    isolated='networks:
  guests: {subnet: 10.1.0.0/24, ipv6: "fd01::/64", publish: ["8080:web:80", "192.0.2.1:8081:web:80"]}
  served: {subnet: 10.2.0.0/24, mode: isolated, dhcp: true}
  known: {subnet: 10.3.0.0/24, ipv6: "fd03::/64", mode: isolated, gateway: [10.3.0.1, "fd03::1"]}
namespaces:
  web: {networks: [guests]}
  b: {networks: [served]}
  c: {networks: [known]}
  desk: {networks: [guests]}'
    network "$isolated"
    serve web 80
    ip -n b route add 192.0.2.1 via 10.2.0.1
    ip -n c route add 192.0.2.1 via 10.3.0.1
    for port in 8080 8081; do
        assert_equal "$(ask desk 192.0.2.1 $port)" 10.1.0.1
        assert_equal "$(ask b 192.0.2.1 $port; ask c 192.0.2.1 $port)" ""
    done
    assert_equal "$(ask b 10.2.0.1 8080; ask c 10.3.0.1 8080; ask c fd03::1 8080)" ""
    network "firewall: {policies: [known to guests: allow]}
$isolated"
    assert_equal "$(ask b 10.2.0.1 8080)" ""
    assert_equal "$(ask c 10.3.0.1 8080)" 10.3.0.2
    run plexus down net
    assert_lacks "$output" "warning"
}

# As with ipv6.disable=1: there is nothing to switch off, and that is no mistake.
@test "a kernel without IPv6: what a file says of it, or stands for, is so already" {
    mount -t tmpfs none /proc/sys/net/ipv6
    cat >"$file" <<'END'
name: net
forwarding: true
interfaces: {br0: {type: bridge, ipv6: false}}
networks: {quiet: {mode: isolated, subnet: 10.1.0.0/24}}
namespaces: {a: {networks: [quiet]}}
END
    apply "$file"
    nothing_to_do "$file"
    sed -i 's/ipv6: false/ipv6: true/' "$file"
    run plexus apply "$file"
    assert_status 2
    assert_contains "$output" 'there is no setting `net.ipv6.conf.br0.disable_ipv6` in /proc/sys'
    plexus down net
    umount /proc/sys/net/ipv6
}

@test "bridged: guests are in the network of the uplink" {
    cat >"$file" <<'END'
name: net
interfaces:
  wan0: {peer: outside/eth0}
  lan: {addresses: [192.0.2.1/24]}
networks: {lan: {mode: bridged, uplink: wan0, gateway: 192.0.2.2}}
namespaces:
  a: {networks: {lan: {address: 192.0.2.3/24}}}
  outside: {interfaces: {eth0: {addresses: [192.0.2.2/24]}}}
END
    run plexus apply "$file"
    assert_status 0
    serve outside 99
    assert_equal "$(ask a 192.0.2.2 99)" 192.0.2.3
    reaches host 192.0.2.2
    reaches outside 192.0.2.3
    assert_contains "$(ip -n a route show default)" "via 192.0.2.2"
}

@test "bridged: a network by hand takes over what the host has on the uplink, and gives it back" {
    ip link add eno1 type veth peer name eno1-far
    ip address add 192.0.2.1/24 dev eno1
    ip link set eno1-far up
    ip link set eno1 up
    ip route add default via 192.0.2.254
    before=$(snapshot)
    run plexus network create lan --mode bridged --uplink eno1
    assert_status 0
    assert_contains "$(ip route)" "default via 192.0.2.254 dev lan"
    assert_equal "$(ip -4 address show eno1)" ""
    run plexus network rm lan
    assert_status 0
    assert_equal "$(snapshot)" "$before"
    ip link del eno1
}

@test "what others forward and translate is none of our business" {
    network "$guests"
    ip link add o0 type veth peer name o1
    ip link set o1 netns desk
    ip address add 10.9.0.1/24 dev o0
    ip link set o0 up
    ip -n desk address add 10.9.0.2/24 dev o1
    ip -n desk link set o1 up
    ip -n desk route add 192.0.2.0/24 via 10.9.0.1
    wait_for 10 ip netns exec desk ping -nqc1 -W1 192.0.2.2
    reaches outside 10.9.0.2
    ip link del o0
}

# While the ping runs, the guest must stay plugged in: not one packet is lost.
@test "subnet, mtu and what is published change while guests of another network lose nothing" {
    network "$guests"
    reaches desk 192.0.2.2
    index=$(ip -n desk -j link show eth0 | jq '.[0].ifindex')
    ip netns exec desk ping -nq -i 0.002 -w 60 192.0.2.2 >"$BATS_TEST_TMPDIR/ping" &
    ping=$!
    for change in 's|10\.1\.0\.0/24|10.3.0.0/24|' 's|10\.1\.0\.0/24|10.3.0.0/24, mtu: 1400|' 's|8080:web|8081:db|' 's|office: {|office: {mtu: 1400, |'; do
        network "$(sed "$change" <<<"$guests")"
    done
    serve web 80
    network "$guests"
    assert_equal "$(ask outside 192.0.2.1 8080)" 192.0.2.2
    kill -INT "$ping"
    wait "$ping"
    assert_contains "$(<"$BATS_TEST_TMPDIR/ping")" " 0% packet loss"
    assert_equal "$(ip -n desk -j link show eth0 | jq '.[0].ifindex')" "$index"
    assert_equal "$(ip -n desk -j link show eth0 | jq '.[0].mtu')" 1500
}

# chosen: the subnet that the bridge of `guests` would get, or has.
chosen() {
    plexus plan --commands "$file" | sed -n 's|^ip address add \(.*\)\.1/24 dev guests$|\1|p'
}

@test "a subnet is chosen that nobody uses, and stays" {
    printf 'name: net\nnetworks: {guests: {}}\nnamespaces: {a: {networks: [guests]}}\n' >"$file"
    first=$(chosen)
    [ -n "$first" ] || fail "none was chosen"
    assert_equal "$(chosen)" "$first"
    ip link add d0 type veth peer name d1
    ip address add "$first.77/24" dev d0
    second=$(chosen)
    [ -n "$second" ] && [ "$second" != "$first" ] || fail "$first is in use, and $second was chosen"
    run plexus apply "$file"
    assert_status 0
    ip link del d0
    nothing_to_do "$file"
    assert_contains "$(ip -n a address show eth0)" "$second.2/24"
    sed -i 's/guests: {}/more: {}, guests: {mtu: 1400}/' "$file"
    run plexus apply "$file"
    assert_status 0
    assert_contains "$(ip -n a address show eth0)" "$second.2/24"
    run plexus rollback net 1
    assert_status 0
    assert_contains "$(ip -n a address show eth0)" "$second.2/24"
}

@test "a subnet that would hide what the host uses is refused" {
    ip link add d0 type veth peer name d1
    ip link set d0 up
    ip link set d1 up
    ip address add 10.1.0.9/24 dev d0
    printf 'name: net\nnetworks:\n  guests: {subnet: 10.1.0.0/16}\n' >"$file"
    run plexus apply "$file"
    assert_status 6
    assert_contains "$output" "net.yaml:3:3: error: network \`guests\`: 10.1.0.0/16 is in use: the host has 10.1.0.0/24 on \`d0\`"
    assert_contains "$output" "say another \`subnet\`, or none: then one is chosen that is free"
    ip route add default via 10.1.0.1
    run plexus apply "$file"
    assert_status 6
    assert_contains "$output" "network \`guests\`: 10.1.0.0/16 has the host's default gateway in it, 10.1.0.1 on \`d0\`"
    SSH_CONNECTION="10.1.7.7 50000 10.1.0.9 22" run plexus apply "$file"
    assert_status 6
    assert_contains "$output" "network \`guests\`: 10.1.0.0/16 has 10.1.7.7 in it, from where you are logged in: you would be cut off"
    export SSH_CONNECTION="::ffff:10.1.7.7 50000 ::ffff:10.1.0.9 22" # as under sudo
    run bash -c 'env -u SSH_CONNECTION "$PLEXUS" apply "$1"; true' - "$file"
    assert_contains "$output" "10.1.0.0/16 has 10.1.7.7 in it, from where you are logged in"
    unset SSH_CONNECTION
    ip link del d0
    run plexus apply "$file"
    assert_status 0
}

@test "a published port to which a program of the host is bound is told" {
    python3 -c 'import socket, time; s = socket.create_server(("", 8080)); print("ready", flush=True); time.sleep(60)' \
        >"$BATS_TEST_TMPDIR/bound" &
    pids=$!
    wait_for 10 grep -q ready "$BATS_TEST_TMPDIR/bound"
    network "$guests"
    assert_contains "$output" "net.yaml:5:57: warning: \`8080:web:80\`: port 8080 of the host is bound already, by \`python3\` (pid $pids)"
    assert_contains "$output" "what comes to the port goes to the guest, and to that program no more"
    assert_lacks "$output" "port 5353"
    # It is bound to 0.0.0.0: what comes by IPv6 is none of its.
    network 'networks:
  guests: {ipv6: fd01::/64, publish: ["8080:[fd01::2]:80"]}
namespaces:
  web: {networks: [guests]}'
    assert_lacks "$output" "bound already"
}

@test "what runs keeps its address when the file gets others before it; a new one gets one that is free" {
    network "networks: {guests: {subnet: 10.1.0.0/24, ipv6: true}}
namespaces:
  m: {networks: [guests]}
  z: {networks: [guests]}"
    before=$(ip -n m -br address show eth0; ip -n z -br address show eth0)
    network "networks: {guests: {subnet: 10.1.0.0/24, ipv6: true}}
namespaces:
  a: {networks: [guests]}
  m: {networks: [guests]}
  q: {networks: {guests: {address: 10.1.0.4}}}
  z: {networks: [guests]}"
    assert_equal "$(ip -n m -br address show eth0; ip -n z -br address show eth0)" "$before"
    assert_contains "$(ip -n a -br address show eth0)" " 10.1.0.5/24 "
    assert_lacks "$output" "z/eth0"
    reaches a 10.1.0.3
    # Who says it, has it.
    network "networks: {guests: {subnet: 10.1.0.0/24}}
namespaces:
  a: {networks: {guests: {address: 10.1.0.2}}}
  m: {networks: [guests]}"
    assert_contains "$(ip -n a -br address show eth0)" " 10.1.0.2/24 "
    assert_contains "$(ip -n m -br address show eth0)" " 10.1.0.3/24 "
}
