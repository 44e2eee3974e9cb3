#!/usr/bin/env bats
# Under a full kernel: the labs that need VLANs, bonds, VRF or WireGuard, and kinds that no lab has. Each is applied with
# its expectations, probed, applied again, planned by its commands, and taken down without a trace.
#
# Starting a process is slow here, so these tests start few.

load ../net/helpers

# With their modules come gre0, gretap0 and erspan0 into every namespace: so before the first snapshot.
setup_file() {
    ip link add probe type gretap local 127.0.0.1 remote 127.0.0.2
    ip link del probe
}

teardown() {
    world_end_or_raze
}

# Fails where tests/net/labs.bats would skip: this kernel has everything.
lab_up_here() {
    lab=$ROOT_DIR/labs/$1.yaml
    file_up
}

file_up() {
    run plexus apply "$lab"
    assert_status 0
    nothing_to_do "$lab"
}

# described NAME: the topology on the standard input, up.
described() {
    lab=$BATS_TEST_TMPDIR/$1.yaml
    cat >"$lab"
    file_up
}

# pings_go_on NAMESPACE ADDRESS COMMAND...: pings that run while the command cuts something are answered after it too.
# How soon is not for a test to say: this machine is slow, and LACP may agree anew.
pings_go_on() {
    local log=$BATS_TEST_TMPDIR/pings pinging
    answered() { [ "$(grep -c 'bytes from' "$log")" -ge "$1" ]; }
    (exec ip netns exec "$1" ping -n -i 0.1 "$2") >"$log" 2>&1 3>&- &
    pinging=$!
    wait_for 30 answered 5
    "${@:3}"
    wait_for 60 answered $(($(grep -c 'bytes from' "$log") + 20)) || fail "the pings:
$(tail -n 30 "$log")"
    kill "$pinging"
    wait "$pinging" || true
}

# The last of a test, after lab_down: what the commands make is taken down by force.
commands_are_true_here() {
    local script=$BATS_TEST_TMPDIR/script
    commands_of "$lab" >"$script"
    [ -s "$script" ] || fail "no commands"
    sh -e "$script" || fail "the commands fail:
$(cat "$script")"
    run plexus plan "$lab"
    [ "$status" -eq 0 ] || fail "after the commands steps are left:
$output
the commands were:
$(cat "$script")"
    raze
}

@test "lab 09: a VLAN on a network card" {
    lab_up_here 09-vlan
    reaches office 192.168.10.1
    cannot_reach office 192.168.30.1
    assert_contains "$(ip -n office -d link show eno1.10)" "802.1Q id 10"
    lab_down
    commands_are_true_here
}

@test "lab 10: a trunk between VLAN-aware switches" {
    lab_up_here 10-trunk
    reaches red-1 192.168.20.2
    reaches blue-1 192.168.20.4
    cannot_reach red-1 192.168.20.3
    cannot_reach green-1 192.168.20.6
    # The trunk is told to carry VLAN 30 as well: only that changes, and green's machines meet.
    sed 's/\[10-20\]/[10-20, 30]/; /green-1 cannot/d' "$lab" >"$BATS_TEST_TMPDIR/more.yaml"
    run plexus apply "$BATS_TEST_TMPDIR/more.yaml"
    assert_status 0
    reaches green-1 192.168.20.6
    plexus apply --quiet "$lab"
    cannot_reach green-1 192.168.20.6
    lab_down
    commands_are_true_here
}

@test "lab 11: an 802.3ad bond, of which a leg is cut" {
    lab_up_here 11-lacp
    two_ports() { ip netns exec "$1" grep -q 'Number of ports: 2' /proc/net/bonding/bond0; }
    wait_for 60 two_ports left
    wait_for 60 two_ports right # or what is cut may be the only one that right uses
    reaches left 10.11.0.2
    pings_go_on left 10.11.0.2 ip -n right link set eth0 down
    run plexus status lacp
    assert_status 1
    assert_contains "$output" right/eth0
    plexus apply --quiet "$lab"
    nothing_to_do "$lab"
    wait_for 60 two_ports left
    lab_down
    commands_are_true_here
}

@test "lab 12: an active-backup bond, whose first port fails" {
    lab_up_here 12-failover
    active() { ip netns exec server grep -q "Currently Active Slave: $1" /proc/net/bonding/bond0; }
    wait_for 10 active eth0
    reaches client 10.12.0.1
    pings_go_on client 10.12.0.1 ip link set server-eth0 down
    wait_for 10 active eth1
    plexus apply --quiet "$lab"
    wait_for 10 active eth0
    nothing_to_do "$lab"
    lab_down
    commands_are_true_here
}

@test "lab 16: one router for two customers with the same addresses" {
    lab_up_here 16-vrf
    reaches red-a 10.0.2.2
    reaches blue-a 10.0.2.3
    cannot_reach red-a 10.0.2.3
    assert_contains "$(ip -n pe route show vrf blue)" 10.0.2.0/24
    lab_down
    commands_are_true_here
}

@test "lab 17: a WireGuard tunnel" {
    lab_up_here 17-wireguard
    reaches left 10.17.0.2
    assert_contains "$(ip netns exec left wg show wg0 latest-handshakes)" "="
    # No command, plan or record shows a private key.
    key=$(sed -n 's/.*private-key: *\([^ ]*\).*/\1/p' "$lab" | head -n 1)
    assert_lacks "$(plexus show wireguard; plexus show --json wireguard; plexus history wireguard)" "$key"
    lab_down
    assert_lacks "$(plexus plan --commands "$lab"; plexus plan --json "$lab")" "$key"
    commands_are_true_here
}

@test "dummy interfaces, and a changed MAC address" {
    described dummies <<'YAML'
name: dummies
interfaces:
  d0: {type: dummy, mac: "02:00:00:00:00:07", addresses: [192.0.2.1/24, "2001:db8::1/64"]}
namespaces:
  red: {interfaces: {d0: {type: dummy, mtu: 9000}, d1: {type: dummy, up: false}}}
expect: [host reaches 192.0.2.1, host reaches 2001:db8::1]
YAML
    number=$(cat /sys/class/net/d0/ifindex)
    sed -i s/00:07/00:08/ "$lab"
    file_up
    assert_equal "$(cat /sys/class/net/d0/ifindex)" "$number"
    assert_equal "$(cat /sys/class/net/d0/address)" 02:00:00:00:00:08
    lab_down
    commands_are_true_here
}

@test "QinQ: a VLAN in a VLAN" {
    described qinq <<'YAML'
name: qinq
namespaces:
  left:
    interfaces:
      eth0: {peer: right/eth0}
      outer: {type: vlan, parent: eth0, id: 100, protocol: 802.1ad}
      inner: {type: vlan, parent: outer, id: 20, addresses: [192.0.2.1/24]}
  right:
    interfaces:
      outer: {type: vlan, parent: eth0, id: 100, protocol: 802.1ad}
      inner: {type: vlan, parent: outer, id: 20, addresses: [192.0.2.2/24]}
expect: [left reaches right]
YAML
    reaches left 192.0.2.2
    # The outer tag becomes another one: both VLAN interfaces are made anew, with what is on them.
    sed -i 's/id: 100/id: 200/' "$lab"
    file_up
    reaches left 192.0.2.2
    lab_down
    commands_are_true_here
}

@test "a bond on which VLANs lie, and which is a port of a VLAN-aware bridge" {
    described office <<'YAML'
name: office
namespaces:
  host1:
    interfaces:
      eno1: {peer: host2/eno1}
      eno2: {peer: host2/eno2}
      bond0: {type: bond, mode: active-backup, miimon: 50, ports: [eno1, eno2], trunk: [20]}
      vmbr0: {type: bridge, vlan-aware: true, ports: [bond0], trunk: [20]}
      vmbr0.20: {type: vlan, parent: vmbr0, id: 20, addresses: [192.0.2.1/24]}
  host2:
    interfaces:
      bond0: {type: bond, mode: active-backup, miimon: 50, ports: [eno1, eno2]}
      bond0.20: {type: vlan, parent: bond0, id: 20, addresses: [192.0.2.2/24]}
expect: [host1 reaches host2]
YAML
    reaches host1 192.0.2.2
    lab_down
    commands_are_true_here
}

@test "kinds on top of others: macvlan, ipvlan, gre, gretap" {
    described tops <<'YAML'
name: tops
namespaces:
  left:
    interfaces:
      eth0: {peer: right/eth0, addresses: [198.51.100.1/24]}
      gre1: {type: gre, local: 198.51.100.1, remote: 198.51.100.2, addresses: [192.0.2.1/30]}
      tap1: {type: gretap, local: 198.51.100.1, remote: 198.51.100.2, addresses: [192.0.2.5/30]}
      mac0: {type: macvlan, parent: eth0, mode: bridge}
  right:
    interfaces:
      eth0: {addresses: [198.51.100.2/24]}
      gre1: {type: gre, local: 198.51.100.2, remote: 198.51.100.1, addresses: [192.0.2.2/30]}
      tap1: {type: gretap, local: 198.51.100.2, remote: 198.51.100.1, addresses: [192.0.2.6/30]}
      ipv0: {type: ipvlan, parent: eth0, mode: l2}
expect: [left reaches 192.0.2.2, left reaches 192.0.2.6]
YAML
    reaches left 192.0.2.2
    lab_down
    commands_are_true_here
}

# vlan_switch PVID: a switch whose ports are born in that VLAN; some say another, some nothing.
vlan_switch() {
    cat <<YAML
name: switch$1
namespaces:
  red: {interfaces: {eth0: {addresses: [192.0.2.1/24]}}}
  blue: {interfaces: {eth0: {addresses: [192.0.2.2/24]}}}
  other: {interfaces: {eth0: {addresses: [192.0.2.3/24]}}}
  many: {interfaces: {eth0: {}}}
interfaces:
  br0: {type: bridge, vlan-aware: true, vlan-default-pvid: $1, ports: [p-red, p-blue, p-other, p-many]}
  p-red: {peer: red/eth0, vlan: 10}
  p-blue: {peer: blue/eth0, vlan: 10}
  p-other: {peer: other/eth0}
  p-many: {peer: many/eth0, trunk: [1, 20-30], native: 5}
expect: [red reaches blue, red cannot reach other]
YAML
}

@test "switches whose ports are born in VLAN 99, or in none" {
    for pvid in 99 0; do
        described "switch$pvid" < <(vlan_switch "$pvid")
        reaches red 192.0.2.2
        # A port that no longer says its VLAN is again in that with which its bridge begins.
        sed 's/p-red: {peer: red\/eth0, vlan: 10}/p-red: {peer: red\/eth0}/; /^expect/d' "$lab" >"$BATS_TEST_TMPDIR/unsaid.yaml"
        plexus apply --quiet "$BATS_TEST_TMPDIR/unsaid.yaml"
        assert_equal "$(bridge -j vlan show dev p-red | jq -c '[.[].vlans[].vlan] // []')" \
            "$(bridge -j vlan show dev p-other | jq -c '[.[].vlans[].vlan] // []')"
        nothing_to_do "$BATS_TEST_TMPDIR/unsaid.yaml"
        plexus apply --quiet "$lab"
        lab_down
        commands_are_true_here
    done
}
