#!/usr/bin/env bats
# Every lab lives: checked, planned, applied with its expectations, probed again without Plexus, applied again with
# nothing to do, taken down without a trace. Those that need more than this kernel has are skipped here, and run in
# tests/vm.

load helpers

teardown() {
    world_end_or_raze
}

@test "every lab is tested, listed in the table, explained, and has expectations" {
    for file in "$ROOT_DIR"/labs/*.yaml; do
        name=$(basename "$file" .yaml)
        grep -q "^    lab_up $name$" "$BATS_TEST_DIRNAME/labs.bats" || fail "no test here for $name"
        grep -q "^    commands_are_true $name\b" "$BATS_TEST_DIRNAME/commands.bats" || fail "no test of the commands for $name"
        grep -q "]($name.yaml)" "$ROOT_DIR/labs/README.md" || fail "$name is not in labs/README.md"
        grep -q '^expect:' "$file" || fail "$name expects nothing"
        assert_contains "$(head -n 1 "$file")" "# "
        assert_contains "$(grep '^#' "$file")" "plexus exec "
        assert_contains "$(grep '^#' "$file")" "plexus down $(name_of "$file")"
    done
}

@test "red-blue: two namespaces on a bridge" {
    lab_up red-blue
    reaches red 192.168.50.2
    reaches blue 192.168.50.1
    assert_contains "$(ip -o link show master br0)" red-eth0
    assert_contains "$(ip -o link show master br0)" blue-eth0
    lab_down
}

@test "01: namespaces are isolated" {
    lab_up 01-isolation
    reaches red 10.1.0.1
    reaches blue 10.1.0.100
    cannot_reach red 10.1.0.2
    assert_equal "$(ip -n red -o link | wc -l)" 1
    lab_down
}

@test "02: a loopback is up, or not" {
    lab_up 02-loopback
    reaches awake 127.0.0.1
    reaches awake 10.2.0.1
    cannot_reach asleep 127.0.0.1
    lab_down
}

@test "03: a cable from the host to a sandbox" {
    lab_up 03-cable
    reaches host 10.0.0.2
    reaches sandbox 10.0.0.1
    lab_down
}

@test "04: red, blue and the host on a bridge" {
    lab_up 04-bridge
    reaches red 192.168.51.2
    reaches host 192.168.51.1
    reaches blue 192.168.51.254
    lab_down
}

@test "05: two tenants with the same addresses" {
    lab_up 05-tenants
    reaches red-1 192.168.1.2
    reaches blue-1 192.168.1.2
    reaches blue-1 192.168.1.3
    cannot_reach red-1 192.168.1.3
    mac_of() { ip -n "$1" -j neighbour show "$2" | jq -r '.[0].lladdr'; }
    assert_equal "$(mac_of red-1 192.168.1.2)" "$(ip -n red-2 -j link show eth0 | jq -r '.[0].address')"
    assert_equal "$(mac_of blue-1 192.168.1.2)" "$(ip -n blue-2 -j link show eth0 | jq -r '.[0].address')"
    lab_down
}

# Holds a tap open, says "open", and ends when an ARP request for the address has come through it.
hold_tap() {
    python3 -c '
import fcntl, os, socket, struct, sys
name, address = sys.argv[1].encode(), socket.inet_aton(sys.argv[2])
tap = os.open("/dev/net/tun", os.O_RDWR)
fcntl.ioctl(tap, 0x400454ca, struct.pack("16sH22x", name, 0x1002))  # TUNSETIFF, IFF_TAP | IFF_NO_PI
print("open", flush=True)
while True:
    frame = os.read(tap, 2048)
    if frame[12:14] == b"\x08\x06" and frame[38:42] == address:
        break
' "$@"
}

@test "06: a TAP on a bridge passes frames to the program that holds it" {
    needs python3
    lab_up 06-tap
    reaches red 10.6.0.254
    assert_contains "$(ip link show tap0)" NO-CARRIER
    hold_tap tap0 10.6.0.77 >"$BATS_TEST_TMPDIR/tap" &
    holder=$!
    wait_for 10 grep -q open "$BATS_TEST_TMPDIR/tap"
    assert_lacks "$(ip link show tap0)" NO-CARRIER
    no_longer_held() { ping_once red 10.6.0.77 || ! kill -0 "$holder"; }
    wait_for 10 no_longer_held
    wait "$holder"
    lab_down
}

@test "07: fifty containers on one switch" {
    lab_up 07-fifty
    reaches node-1 10.7.0.50
    reaches node-50 10.7.0.7
    assert_equal "$(ip -o link show master sw0 | wc -l)" 50
    assert_equal "$(ip netns list | wc -l)" 50
    lab_down
}

@test "08: a router between two subnets" {
    lab_up 08-router
    reaches client 10.99.0.10
    reaches server 192.168.1.10
    cannot_reach client 10.98.0.10
    assert_contains "$(ip -n client route)" "10.99.0.0/24 via 192.168.1.254"
    assert_contains "$(ip netns exec client ping -nc1 10.99.0.10)" ttl=63
    lab_down
}

@test "09: a VLAN on a network card" {
    lab_up 09-vlan
    reaches office 192.168.10.1
    lab_down
}

@test "10: a trunk between VLAN-aware switches" {
    lab_up 10-trunk
    reaches red-1 192.168.20.2
    lab_down
}

@test "11: an 802.3ad bond" {
    lab_up 11-lacp
    reaches left 10.11.0.2
    lab_down
}

@test "12: an active-backup bond" {
    lab_up 12-failover
    reaches client 10.12.0.1
    lab_down
}

@test "13: a VXLAN between two hosts" {
    lab_up 13-vxlan
    reaches vm1 10.13.0.2
    reaches vm2 10.13.0.1
    ip netns exec vm1 ping -qc1 -W5 -M "do" -s 1422 10.13.0.2
    run ip netns exec vm1 ping -qc1 -W1 -M "do" -s 1423 10.13.0.2
    assert_status 1
    lab_down
}

@test "14: a router with two uplinks" {
    lab_up 14-two-uplinks
    reaches staff 192.0.2.1
    reaches guest 192.0.2.2
    reaches guest 192.168.10.10
    cannot_reach staff 192.0.2.2
    cannot_reach guest 192.0.2.1
    lab_down
}

@test "15: a network without IPv4" {
    lab_up 15-ipv6
    reaches left 2001:db8:2::10
    reaches right 2001:db8:1::10
    cannot_reach right 2001:db8:3::1
    assert_equal "$(ip -n router -4 route)" ""
    lab_down
}

@test "16: one router for two customers with the same addresses" {
    lab_up 16-vrf
    reaches red-a 10.0.2.2
    reaches blue-a 10.0.2.3
    cannot_reach red-a 10.0.2.3
    lab_down
}

@test "17: a WireGuard tunnel" {
    lab_up 17-wireguard
    reaches left 10.17.0.2
    lab_down
}

# Serves what it sees of who asks, until it is killed; says "ready" when it listens.
serve_names() {
    python3 -c '
import socket
server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(("0.0.0.0", 80))
server.listen()
print("ready", flush=True)
while True:
    client, (address, _) = server.accept()
    client.send(address.encode())
    client.close()'
}

# asks NAMESPACE ADDRESS PORT: what it is called there.
asks() {
    inside "$1" python3 -c '
import socket, sys
print(socket.create_connection((sys.argv[1], int(sys.argv[2])), 5).recv(99).decode())' "$2" "$3"
}

@test "18: a firewall with a published port" {
    needs python3
    lab_up 18-firewall
    reaches world 192.0.2.1
    reaches pc 192.0.2.18
    reaches web 2001:db8:18::18
    cannot_reach world 10.18.0.2
    export -f serve_names
    ip netns exec web bash -c serve_names >"$BATS_TEST_TMPDIR/server" &
    server=$!
    wait_for 10 grep -q ready "$BATS_TEST_TMPDIR/server"
    assert_equal "$(asks world 192.0.2.1 8080)" 192.0.2.18
    assert_equal "$(asks pc 192.0.2.1 8080)" 10.18.0.1
    assert_equal "$(asks router 192.0.2.1 8080)" 192.0.2.1
    pkill -P "$server"
    wait "$server" || true
    run plexus firewall test 18-firewall --in router tcp/8080 from wan
    assert_status 0
    assert_contains "$output" "accepted: publish 8080:10.18.0.2:80"
    run plexus firewall test 18-firewall --in router tcp/22 from wan
    assert_status 1
    assert_contains "$output" "dropped: input: drop"
    lab_down
}

@test "19: two networks, and a published port" {
    needs python3
    lab_up 19-networks
    reaches web 192.0.2.2
    cannot_reach outside 10.18.0.2
    cannot_reach desk-1 10.19.0.3
    export -f serve_names
    ip netns exec web bash -c "serve_names" >"$BATS_TEST_TMPDIR/server" &
    server=$!
    wait_for 10 grep -q ready "$BATS_TEST_TMPDIR/server"
    assert_equal "$(asks outside 192.0.2.1 8080)" 192.0.2.2
    pkill -P "$server"
    wait "$server" || true
    lab_down
}

@test "20: addresses by DHCP, and names" {
    needs dnsmasq udhcpc dig
    lab_up 20-dhcp
    reaches web 10.20.0.50
    assert_equal "$(ip netns exec laptop dig +short @10.20.0.1 printer.home.internal A)" 10.20.0.50
    assert_contains "$(plexus exec laptop getent ahostsv4 web)" 10.20.0.2
    assert_equal "$(plexus leases home --json | jq -r '[.[] | select(.mac) | .name] | sort | join(" ")')" "laptop printer"
    lab_down
}

@test "21: machines, guarded and isolated" {
    lab_up 21-machines
    reaches db 10.21.0.2
    cannot_reach tenant 10.21.0.3
    ip -n tenant address add 10.21.0.99/24 dev eth0
    if ip netns exec tenant ping -nqc1 -W1 -I 10.21.0.99 10.21.0.1; then fail "an address that is not its own gets through"; fi
    assert_contains "$(nft list chain bridge plexus-machines from-tenant-eth0)" "arp saddr ip != { 0.0.0.0, 10.21.0.2 } counter packets"
    lab_down
}

@test "each file of labs is named by check, with its mistakes, when one is put in" {
    sed 's/type: bridge/type: brigde/' "$ROOT_DIR/labs/red-blue.yaml" >"$BATS_TEST_TMPDIR/wrong.yaml"
    run plexus check "$BATS_TEST_TMPDIR/wrong.yaml"
    assert_status 2
    assert_contains "$output" "wrong.yaml:"
    assert_contains "$output" "did you mean \`bridge\`?"
    run plexus apply "$BATS_TEST_TMPDIR/wrong.yaml"
    assert_status 2
    world_is_as_before
}
