#!/usr/bin/env bats
# Under a full kernel: networks that are one VLAN of their uplink, of both kinds. Tenants of two VLANs share a wire, and do not
# see each other, at either end.
#
# Starting a process is slow here, so these tests start few.

load ../net/helpers

teardown() {
    world_end_or_raze
}

# The other end of the wire: an interface for each tag.
wire='  outside:
    interfaces:
      trunk0: {peer: host/wire0}
      trunk0.20: {type: vlan, parent: trunk0, id: 20, addresses: [10.20.0.1/24]}
      trunk0.30: {type: vlan, parent: trunk0, id: 30, addresses: [10.30.0.1/24]}'

tenants_are_apart() {
    reaches a 10.20.0.1
    reaches b 10.30.0.1
    reaches c 10.30.0.3
    # As if they were on one wire.
    ip -n a route add 10.30.0.0/24 dev eth0
    ip -n b route add 10.20.0.0/24 dev eth0
    cannot_reach a 10.30.0.3
    ip -n a route del 10.30.0.0/24 dev eth0
    ip -n b route del 10.20.0.0/24 dev eth0
}

@test "mode vlan: a sub-interface of the uplink under a bridge of its own" {
    file=$BATS_TEST_TMPDIR/vlan.yaml
    cat >"$file" <<END
name: vlan
networks:
  blue: {mode: vlan, uplink: wire0, vlan: 20}
  green: {mode: vlan, uplink: wire0, vlan: 30, mtu: 1400}
interfaces:
  wire0: {peer: outside/trunk0}
namespaces:
  a: {networks: {blue: {address: 10.20.0.2/24}}}
  b: {networks: {green: {address: 10.30.0.3/24}}}
  c: {networks: {green: {address: 10.30.0.4/24, anti-spoofing: true}}}
$wire
END
    apply "$file"
    tenants_are_apart
    assert_equal "$(ip -d -j link show wire0.20 | jq -r '.[0] | "\(.linkinfo.info_data.id) \(.master)"')" "20 blue"
    assert_equal "$(ip -j link show green | jq '.[0].mtu')" 1400
    nothing_to_do "$file"
    run plexus down vlan
    assert_status 0
}

@test "mode vlan: a tag on a VLAN-aware bridge of the file" {
    file=$BATS_TEST_TMPDIR/vlan.yaml
    cat >"$file" <<END
name: vlan
networks:
  blue: {mode: vlan, uplink: vmbr0, vlan: 20}
  green: {mode: vlan, uplink: vmbr0, vlan: 30}
interfaces:
  vmbr0: {type: bridge, vlan-aware: true}
  wire0: {peer: outside/trunk0, bridge: vmbr0, trunk: [20, 30]}
  tap100i0: {type: tap, network: {green: {address: 10.30.0.100/24, mac: "52:54:00:00:01:00", anti-spoofing: true}}}
namespaces:
  a: {networks: {blue: {address: 10.20.0.2/24}}}
  b: {networks: {green: {address: 10.30.0.3/24}}}
  c: {networks: {green: {address: 10.30.0.4/24, anti-spoofing: true}}}
$wire
END
    apply "$file"
    tenants_are_apart
    assert_equal "$(bridge -j vlan show dev tap100i0 | jq -c '.[0].vlans')" '[{"vlan":30,"flags":["PVID","Egress Untagged"]}]'
    ip -n c address add 10.30.0.99/24 dev eth0
    if ip netns exec c ping -nqc1 -W1 -I 10.30.0.99 10.30.0.1; then fail "a forged address gets through"; fi
    nothing_to_do "$file"
    # One that QEMU makes gets the VLAN too.
    ip tuntap add tap7 mode tap
    run plexus plug tap7 blue
    assert_status 0
    assert_equal "$(bridge -j vlan show dev tap7 | jq -c '.[0].vlans')" '[{"vlan":20,"flags":["PVID","Egress Untagged"]}]'
    ip link del tap7
    run plexus down vlan
    assert_status 0
}
