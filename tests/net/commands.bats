#!/usr/bin/env bats
# The commands that `plexus plan --commands` shows are true: typed into a shell in a clean world they make the network
# that apply makes, and Plexus then finds nothing left to do.

load helpers

@test "the commands of red-blue" {
    commands_are_true red-blue
}

@test "the commands of 01-isolation" {
    commands_are_true 01-isolation
}

@test "the commands of 02-loopback" {
    commands_are_true 02-loopback
}

@test "the commands of 03-cable" {
    commands_are_true 03-cable
}

@test "the commands of 04-bridge" {
    commands_are_true 04-bridge
}

@test "the commands of 05-tenants" {
    commands_are_true 05-tenants
}

@test "the commands of 06-tap" {
    commands_are_true 06-tap
}

@test "the commands of 07-fifty" {
    commands_are_true 07-fifty host node-1 node-50
}

@test "the commands of 08-router" {
    commands_are_true 08-router
}

@test "the commands of 09-vlan" {
    commands_are_true 09-vlan
}

@test "the commands of 10-trunk" {
    commands_are_true 10-trunk
}

@test "the commands of 11-lacp" {
    commands_are_true 11-lacp
}

@test "the commands of 12-failover" {
    commands_are_true 12-failover
}

@test "the commands of 13-vxlan" {
    commands_are_true 13-vxlan
}

@test "the commands of 14-two-uplinks" {
    commands_are_true 14-two-uplinks
}

@test "the commands of 15-ipv6" {
    commands_are_true 15-ipv6
}

@test "the commands of 16-vrf" {
    commands_are_true 16-vrf
}

@test "the commands of 17-wireguard" {
    commands_are_true 17-wireguard
}

@test "the commands of 18-firewall" {
    commands_are_true 18-firewall
}

@test "the commands of 19-networks" {
    commands_are_true 19-networks
}

@test "the commands of 20-dhcp" {
    needs dnsmasq udhcpc
    commands_are_true 20-dhcp host
}

@test "the commands of 21-machines" {
    commands_are_true 21-machines
}

# A change shown as commands: from the first file to the second, in a clean world.
change_is_true() {
    local script=$BATS_TEST_TMPDIR/script by_commands by_apply
    # shellcheck disable=SC2016 # for the inner shell
    by_commands=$("$NET_DIR/rig" bash -c '
        set -e
        "$PLEXUS" apply --no-expect --quiet "$1" >&2
        "$PLEXUS" plan --commands "$2" >"$3" || [ $? -eq 1 ]
        sh -e "$3" >&2
        "$PLEXUS" plan "$2" >&2
        "$NET_DIR/snapshot"' - "$1" "$2" "$script") || fail "the commands were:
$(cat "$script")"
    # shellcheck disable=SC2016
    by_apply=$("$NET_DIR/rig" bash -c '
        set -e
        "$PLEXUS" apply --no-expect --quiet "$1" >&2
        "$PLEXUS" apply --no-expect --quiet "$2" >&2
        "$NET_DIR/snapshot"' - "$1" "$2")
    assert_equal "$(without_marks <<<"$by_commands")" "$(without_marks <<<"$by_apply")"
}

# edited LAB SED: the path of a lab with an edit, which must have changed something.
edited() {
    sed "$2" "$ROOT_DIR/labs/$1.yaml" >"$BATS_TEST_TMPDIR/$1.yaml"
    cmp -s "$ROOT_DIR/labs/$1.yaml" "$BATS_TEST_TMPDIR/$1.yaml" && fail "the edit of $1 changes nothing"
    echo "$BATS_TEST_TMPDIR/$1.yaml"
}

@test "the commands of a changed address" {
    change_is_true "$ROOT_DIR/labs/08-router.yaml" "$(edited 08-router 's/10\.99\.0\.10/10.99.0.20/')"
}

@test "the commands of a changed MTU, and of a namespace that goes" {
    change_is_true "$ROOT_DIR/labs/04-bridge.yaml" \
        "$(edited 04-bridge 's/bridge: br0, addresses: \[192.168.51.1/mtu: 1400, &/; /^  blue:/,/^expect:/d; /reaches/d')"
}

@test "the commands of an interface whose kind changes" {
    change_is_true "$ROOT_DIR/labs/06-tap.yaml" "$(edited 06-tap 's/tap0: {type: tap,/tap0: {type: veth, peer: tap1,/')"
}

@test "the commands of rules and routes that change" {
    change_is_true "$ROOT_DIR/labs/14-two-uplinks.yaml" \
        "$(edited 14-two-uplinks 's/priority: 910/priority: 920/; s/via: 203.0.113.1, table: 100/via: 203.0.113.9, table: 100/')"
}
