#!/usr/bin/env bats
# Keys of networks: IPv6 of two kinds, the MTU of the uplink, libvirt's view, and what changes while guests talk.

load helpers

setup() {
    needs python3
    world_begin
    file=$BATS_TEST_TMPDIR/keys.yaml
}

teardown() {
    plexus down keys >/dev/null 2>&1 || true
    ip link del up0 2>/dev/null || true
    world_end
}

# keys NETWORK: a network of that description with two guests, and an outside with both families.
keys() {
    cat >"$file" <<END
name: keys
interfaces:
  wan0: {peer: outside/eth0, addresses: [192.0.2.1/24, "2001:db8:2::1/64"]}
networks:
  guests: {$1}
namespaces:
  a: {networks: [guests]}
  b: {networks: [guests]}
  outside:
    interfaces: {eth0: {addresses: [192.0.2.2/24, "2001:db8:2::2/64"]}}
    routes: [{to: default, via: "2001:db8:2::1"}, {to: 10.0.0.0/8, via: 192.0.2.1}]
END
    run plexus apply "$file"
    assert_status 0
}

# asked_as NAMESPACE ADDRESS: under which address a server outside sees who asks it there.
asked_as() {
    ip netns exec outside python3 -c '
import socket, sys
server = socket.create_server((sys.argv[1], 99), family=socket.AF_INET6, reuse_port=True)
print("ready", flush=True)
client, who = server.accept()
print(who[0])' "$2" >"$BATS_TEST_TMPDIR/asked" 3>&- &
    wait_for 30 grep -q ready "$BATS_TEST_TMPDIR/asked"
    ip netns exec "$1" bash -c "exec 3<>/dev/tcp/$2/99"
    wait $!
    sed 1d "$BATS_TEST_TMPDIR/asked"
}

@test "IPv6: unique local addresses that are chosen, behind that of the host" {
    keys "subnet: 10.1.0.0/24, ipv6: true, uplink: wan0"
    address=$(ip -n a -6 -j address show eth0 scope global | jq -r '.[0].addr_info[0].local')
    [[ $address == fd* ]] || fail "$address is no unique local address"
    reaches a "$(ip -n b -6 -j address show eth0 scope global | jq -r '.[0].addr_info[0].local')"
    reaches a 2001:db8:2::2
    assert_equal "$(asked_as a 2001:db8:2::2)" 2001:db8:2::1
    cannot_reach outside "$address"
    nothing_to_do "$file"
}

@test "IPv6: a prefix that is routed keeps its addresses, and is reached where the network is routed" {
    keys 'subnet: 10.1.0.0/24, ipv6: "2001:db8:1::/64", mode: routed, uplink: wan0'
    reaches a 2001:db8:2::2
    assert_equal "$(asked_as a 2001:db8:2::2)" 2001:db8:1::2
    reaches outside 2001:db8:1::3
    keys 'subnet: 10.1.0.0/24, ipv6: "2001:db8:1::/64", uplink: wan0'
    reaches a 2001:db8:2::2
    assert_equal "$(asked_as a 2001:db8:2::2)" 2001:db8:1::2
    cannot_reach outside 2001:db8:1::3
}

mtu_of() {
    inside "$1" ip -j link show "$2" | jq '.[0].mtu'
}

@test "the MTU is that of the uplink, also of one that the file does not make, and follows it" {
    ip link add up0 mtu 1400 type veth peer name up1
    printf 'name: keys\nnetworks: {guests: {subnet: 10.1.0.0/24, uplink: up0}}\ninterfaces: {up0: {type: physical}}\nnamespaces: {a: {networks: [guests]}}\n' >"$file"
    apply "$file"
    assert_equal "$(mtu_of host guests) $(mtu_of host a-eth0) $(mtu_of a eth0)" "1400 1400 1400"
    nothing_to_do "$file"
    ip link set up0 mtu 1500
    apply "$file"
    assert_equal "$(mtu_of host guests) $(mtu_of host a-eth0) $(mtu_of a eth0)" "1500 1500 1500"
    nothing_to_do "$file"
    sed -i 's/uplink: up0/uplink: up0, mtu: 1300/' "$file"
    apply "$file"
    assert_equal "$(mtu_of a eth0)" 1300
}

# The ping is of a guest in the changed network itself, who keeps its address: not one packet of it is lost.
@test "mtu, isolation, publication and a second family change while a guest of the network loses nothing" {
    keys "subnet: 10.1.0.0/24, uplink: wan0"
    reaches a 192.0.2.2
    index=$(ip -n a -j link show eth0 | jq '.[0].ifindex')
    ip netns exec a ping -nq -i 0.002 -w 100 192.0.2.2 >"$BATS_TEST_TMPDIR/ping" 3>&- &
    ping=$!
    for more in "mtu: 1400" "isolated: true" 'publish: ["8080:b:80"]' "ipv6: true" "isolated: false"; do
        keys "subnet: 10.1.0.0/24, uplink: wan0, $more"
    done
    kill -INT "$ping"
    wait "$ping"
    assert_contains "$(<"$BATS_TEST_TMPDIR/ping")" " 0% packet loss"
    assert_equal "$(ip -n a -j link show eth0 | jq '.[0].ifindex')" "$index"
}

@test "mistakes about VLANs of networks" {
    cat >"$file" <<'END'
name: keys
interfaces:
  br0: {type: bridge}
  br1: {type: bridge, vlan-aware: true}
networks:
  a: {mode: vlan, uplink: eno1}
  b: {mode: vlan, vlan: 20}
  c: {vlan: 20}
  d: {mode: vlan, uplink: br0, vlan: 20}
  e: {mode: vlan, uplink: br1, vlan: 20, bridge: br2}
  f: {mode: vlan, uplink: enp0s31f6u1u2, vlan: 4000}
END
    run plexus check "$file"
    assert_status 2
    assert_contains "$output" "keys.yaml:6:3: error: network \`a\` needs the tag of its VLAN"
    assert_contains "$output" "keys.yaml:7:3: error: network \`b\` is vlan, and needs an \`uplink\`"
    assert_contains "$output" "keys.yaml:8:13: error: \`vlan\`: network \`c\` is nat"
    assert_contains "$output" "keys.yaml:9:27: error: \`uplink\`: bridge \`br0\` does not tell VLANs apart"
    assert_contains "$output" "keys.yaml:10:50: error: \`bridge\`: guests of \`e\` are plugged into its uplink, bridge \`br1\`"
    assert_contains "$output" "keys.yaml:11:48: error: \`enp0s31f6u1u2.4000\` would be too long for the name of an interface"
}

# The driver for tests is within the library: it takes what the daemon would, and asks for no machine.
@test "libvirt takes a network of forward mode bridge that points at ours" {
    needs virsh virt-xml-validate
    keys "subnet: 10.1.0.0/24"
    sed -n '/^<network>/,/^<\/network>/p' "$ROOT_DIR/doc/man/plexus-vm.7.scd" | sed 's/NETWORK/guests/' >"$BATS_TEST_TMPDIR/net.xml"
    run virt-xml-validate "$BATS_TEST_TMPDIR/net.xml" network
    assert_status 0
    run virsh -c test:///default "net-define $BATS_TEST_TMPDIR/net.xml; net-start guests; net-dumpxml guests"
    assert_status 0
    assert_contains "$output" "<bridge name='guests'/>"
    assert_contains "$output" "Network guests started"
    [ -e /sys/class/net/guests/bridge ] || fail "the bridge that it points at is not there"
}
