#!/usr/bin/env bats
# The rig itself: if these fail, no other test here means anything.

load helpers

@test "the rig shows none of the machine's interfaces" {
    assert_equal "$(ip -o link | wc -l)" 1
    assert_contains "$(ip -br link)" "lo "
    assert_equal "$(ls /sys/class/net)" lo
}

@test "what is made in one rig is not visible in another" {
    ip netns add inside
    touch /etc/rig-was-here /run/rig-was-here
    # shellcheck disable=SC2016
    "$NET_DIR/rig" bash -c '
        [ -z "$(ip netns list)" ] && [ ! -e /run/rig-was-here ] && [ "$(ip -o link | wc -l)" -eq 1 ]'
    "$NET_DIR/rig" bash -c 'ip netns add elsewhere && ip link add v0 type veth peer name v1'
    assert_equal "$(ip netns list)" inside
    assert_equal "$(ip -o link | wc -l)" 1
    ip netns del inside
    rm /etc/rig-was-here /run/rig-was-here
}

@test "what a rig writes to /etc, /var/lib and /run is not seen outside it" {
    "$NET_DIR/rig" bash -c '
        mkdir -p /etc/netns/x /etc/plexus /var/lib/plexus /run/plexus && touch /etc/plexus/x /var/lib/plexus/x'
    for path in /etc/netns /etc/plexus /var/lib/plexus /run/plexus; do
        [ ! -e "$path" ] || fail "$path was written"
    done
}

@test "a rig ends all that was started in it, and hands on the exit status" {
    mark=$BATS_TEST_TMPDIR/mark
    mkfifo "$mark"
    # The reader holds a pipe open: it ends when the last process that holds it is gone.
    timeout 20 cat "$mark" &
    # shellcheck disable=SC2016 # for the inner shell
    run "$NET_DIR/rig" bash -c 'exec >"$1"; setsid sleep 1000 & exit 7' - "$mark"
    assert_status 7
    wait $!
}

@test "a snapshot does not differ between two equal networks" {
    build() {
        ip link add br0 type bridge
        ip netns add red
        ip link add p0 type veth peer name eth0 netns red
        ip link set p0 master br0 up
        ip -n red address add 192.0.2.1/24 dev eth0
        ip -n red link set eth0 up
        ip link set br0 up
    }
    raze() {
        ip netns del red
        ip link del br0
        wait_for 10 world_is_as_before
    }
    build
    first=$(snapshot)
    raze
    build
    assert_equal "$(snapshot)" "$first"
    raze
}

# differs PART COMMAND...: the command must change the snapshot, by lines of which one has the part.
differs() {
    local part=$1 before
    shift
    before=$(snapshot)
    "$@"
    assert_contains "$(diff <(echo "$before") <(snapshot))" "$part"
}

@test "a snapshot shows each kind of change" {
    differs "namespace red" ip netns add red
    differs '"ifname":"v0"' ip link add v0 type veth peer name v1 netns red
    differs '"UP"' ip link set v0 up
    differs '"mtu":1400' ip link set v0 mtu 1400
    differs 02:00:00:00:00:07 ip link set v0 address 02:00:00:00:00:07
    differs 192.0.2.1 ip address add 192.0.2.1/24 dev v0
    differs 198.51.100.0/24 ip route add 198.51.100.0/24 via 192.0.2.9
    differs '"table":"100"' ip rule add from 192.0.2.1 table 100
    differs 02:00:00:00:00:09 ip neighbour add 192.0.2.9 lladdr 02:00:00:00:00:09 nud permanent dev v0
    differs net/ipv4/ip_forward:1 bash -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
    differs '"lo"' ip -n red link set lo up
    differs net/ipv6/conf/v1/disable_ipv6:1 \
        ip netns exec red bash -c 'echo 1 >/proc/sys/net/ipv6/conf/v1/disable_ipv6'
    ip rule del from 192.0.2.1 table 100
    echo 0 >/proc/sys/net/ipv4/ip_forward
    ip netns del red
}

@test "a snapshot shows firewall rules, without their counters" {
    needs nft
    nft add table inet probe || skip "this kernel has no nftables"
    nft add chain inet probe input '{ type filter hook input priority 0; }'
    differs "nft 		counter accept" nft add rule inet probe input counter accept
    before=$(snapshot)
    ping -qc1 127.0.0.1 >/dev/null
    assert_equal "$(snapshot)" "$before"
    nft delete table inet probe
}

@test "wait_for fails when the time is over" {
    run wait_for 1 false
    assert_status 1
    assert_contains "$output" "not within the time"
}
