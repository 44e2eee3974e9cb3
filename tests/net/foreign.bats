#!/usr/bin/env bats
# What others made stays theirs: it is refused where it is in the way, used where it agrees, and returns where it goes
# with what is ours.

load helpers

setup() {
    world_begin
    base=$(red_blue_green)
}

teardown() {
    world_end_or_raze
}

@test "a foreign thing in the way is named and refused, and nothing is touched" {
    ip link add br1 type bridge forward_delay 400
    ip link set br1 mtu 1400
    before=$(snapshot)
    sed -i 's/br1: {type: bridge/&, mtu: 1500/' "$base"
    run plexus apply "$base"
    assert_status 6
    assert_contains "$output" br1
    assert_contains "$output" --adopt
    assert_contains "$output" "base.yaml:4"
    assert_equal "$(snapshot)" "$before"
    run plexus list
    assert_lacks "$output" net
    ip link del br1
}

@test "a foreign thing of another kind is refused too" {
    ip tuntap add dev br1 mode tap
    run plexus apply "$base"
    assert_status 6
    assert_contains "$output" br1
    assert_contains "$output" tap
    ip tuntap del dev br1 mode tap
}

@test "what is there already and agrees is used, and stays" {
    ip netns add red
    ip -n red link set lo up
    before=$(snapshot)
    apply "$base"
    reaches red 10.1.0.2
    plexus down net
    as_before() { snapshot | cmp -s <(echo "$before") -; }
    wait_for 10 as_before || fail "$(diff <(echo "$before") <(snapshot))"
    ip netns del red
}

@test "what belongs to another topology is refused, and the other is named" {
    apply "$base"
    before=$(snapshot)
    run plexus apply "$ROOT_DIR/labs/red-blue.yaml"
    assert_status 6
    assert_contains "$output" "\`net\`"
    assert_equal "$(snapshot)" "$before"
    plexus down net
}

@test "a card that another topology has plugged in stays where it is" {
    ip link add card type dummy 2>/dev/null || ip link add card type veth peer name card-end
    printf 'name: one\ninterfaces: {card: {type: physical}, br8: {type: bridge, ports: [card]}}\n' >"$BATS_TEST_TMPDIR/one.yaml"
    printf 'interfaces: {card: {type: physical}, br9: {type: bridge, ports: [card]}}\n' >"$BATS_TEST_TMPDIR/two.yaml"
    apply "$BATS_TEST_TMPDIR/one.yaml"
    before=$(snapshot)
    for option in "" --adopt; do
        run plexus apply $option "$BATS_TEST_TMPDIR/two.yaml"
        assert_status 6
        assert_contains "$output" "\`card\` is a port of \`br8\`, into which the topology \`one\` has plugged it"
        assert_contains "$output" "plexus down one"
        assert_equal "$(snapshot)" "$before"
    done
    nothing_to_do "$BATS_TEST_TMPDIR/one.yaml"
    plexus down one
    apply "$BATS_TEST_TMPDIR/two.yaml"
    plexus down two
    ip link del card
}

@test "down removes what was made, and nothing else" {
    ip netns add foreign
    ip link add mine type veth peer name theirs netns foreign
    ip link set mine up
    before=$(snapshot)
    apply "$base"
    # Things that others do with what is ours: on our bridge, in our namespace, through our interface.
    ip link set mine master br0
    ip address add 10.1.0.250/24 dev br0
    ip route add 198.51.100.0/24 via 10.1.0.1
    ip -n red route add 198.51.100.0/24 via 10.1.0.2
    run plexus status net
    assert_status 1
    assert_contains "$output" 10.1.0.250
    run plexus down net
    assert_status 0
    as_before() { snapshot | cmp -s <(echo "$before") -; }
    wait_for 10 as_before || fail "$(diff <(echo "$before") <(snapshot))"
    ip netns del foreign
}

@test "a foreign address on our bridge stays through an apply" {
    apply "$base"
    ip address add 10.1.0.250/24 dev br0
    apply "$(edit 's/10.2.0.1/10.2.0.9/')"
    assert_contains "$(ip -o address show br0)" 10.1.0.250/24
    ip address del 10.1.0.250/24 dev br0
    plexus down net
}

@test "what agreed with the file by chance stays somebody else's" {
    ip link add brx type bridge
    ip link set brx up
    ip netns add box
    ip -n box link set lo up
    printf 'name: other\ninterfaces: {brx: {type: bridge}}\nnamespaces: {box: {}}\n' >"$BATS_TEST_TMPDIR/other.yaml"
    run plexus apply "$BATS_TEST_TMPDIR/other.yaml"
    assert_status 0
    assert_contains "$output" "nothing to do"
    before=$(snapshot)
    for kind in 'type: bridge, mtu: 1300' 'type: tap'; do
        run plexus apply <(printf 'name: other\ninterfaces: {brx: {%s}}\nnamespaces: {box: {}}\n' "$kind")
        assert_status 6
        assert_contains "$output" "exists already"
    done
    assert_equal "$(snapshot)" "$before"
    plexus down other
    assert_equal "$(snapshot)" "$before"
    ip link del brx
    ip netns del box
}

@test "a namespace is attached anew when its process is another" {
    unshare --net sleep infinity 3>&- &
    first=$!
    unshare --net sleep infinity 3>&- &
    second=$!
    is_apart() { [ "$(readlink "/proc/$1/ns/net")" != "$(readlink /proc/self/ns/net)" ]; }
    wait_for 10 is_apart $first
    wait_for 10 is_apart $second
    say() { printf 'name: at\nnamespaces: {box: {%s}}\n' "$1" >"$BATS_TEST_TMPDIR/at.yaml"; }
    inode() { plexus exec box readlink /proc/self/ns/net; }
    say ''
    apply "$BATS_TEST_TMPDIR/at.yaml"
    say "pid: $first"
    apply "$BATS_TEST_TMPDIR/at.yaml"
    assert_equal "$(inode)" "$(readlink /proc/$first/ns/net)"
    nothing_to_do "$BATS_TEST_TMPDIR/at.yaml"
    say "path: /proc/$second/ns/net"
    apply "$BATS_TEST_TMPDIR/at.yaml"
    assert_equal "$(inode)" "$(readlink /proc/$second/ns/net)"
    # Its process ends: the name is still ours.
    kill $first $second
    wait $first $second || true
    nothing_to_do "$BATS_TEST_TMPDIR/at.yaml"
    plexus down at
    [ ! -e /run/netns/box ] || fail "the name stays"
    # A namespace of somebody else's is not taken for it.
    ip netns add box
    say "pid: $$"
    run plexus apply "$BATS_TEST_TMPDIR/at.yaml"
    assert_status 6
    ip netns del box
}

@test "an attached namespace is left as it was" {
    ip netns add orig
    ip -n orig link set lo up
    before=$(snapshot)
    cat >"$BATS_TEST_TMPDIR/at.yaml" <<'YAML'
name: at
namespaces:
  foo:
    path: /run/netns/orig
    interfaces: {t5: {type: tap, addresses: [10.5.0.1/24]}}
    forwarding: true
    rules: [{from: 10.99.0.0/24, table: 100, priority: 500}]
YAML
    apply "$BATS_TEST_TMPDIR/at.yaml"
    ip -n orig link show t5
    plexus down at
    assert_equal "$(snapshot)" "$before"
    sed 's/^name: at/&\nexpect: [host reaches 10.9.9.9]/; /forwarding/d' "$BATS_TEST_TMPDIR/at.yaml" \
        >"$BATS_TEST_TMPDIR/fails.yaml"
    run plexus apply "$BATS_TEST_TMPDIR/fails.yaml"
    assert_status 7
    assert_equal "$(snapshot)" "$before"
    ip netns del orig
}

@test "a rule that asks for more is not taken for the one of the file" {
    ip rule add priority 500 from 10.99.0.0/24 ipproto tcp dport 80 table 100
    before=$(snapshot)
    printf 'name: r\nrules: [{from: 10.99.0.0/24, table: 100, priority: 500}]\n' >"$BATS_TEST_TMPDIR/r.yaml"
    apply "$BATS_TEST_TMPDIR/r.yaml"
    assert_equal "$(ip rule | grep -c 10.99.0.0/24)" 2
    plexus down r
    assert_equal "$(snapshot)" "$before"
    ip rule del priority 500
}

@test "what hangs on a device that others made anew is theirs" {
    printf 'name: t\ninterfaces: {t0: {type: tap, addresses: [10.5.0.1/24]}}\n' >"$BATS_TEST_TMPDIR/t.yaml"
    apply "$BATS_TEST_TMPDIR/t.yaml"
    ip link del t0
    ip tuntap add t0 mode tap
    ip address add 10.5.0.1/24 dev t0
    before=$(snapshot)
    plexus down t
    assert_equal "$(snapshot)" "$before"
    ip link del t0
}

@test "what others have on what is made anew returns: a port's entry, routes over several hops" {
    ip link add br8 type bridge
    ip tuntap add dev tap9 mode tap
    ip link set tap9 master br8
    bridge fdb add 02:00:00:00:00:77 dev tap9 master static
    ip tuntap add dev tap8 mode tap
    for link in br8 tap9 tap8; do ip link set $link up; done
    ip address add 10.7.0.1/24 dev br8
    ip address add fd07::1/64 dev br8 nodad
    ip address add 10.8.0.1/24 dev tap8
    ip address add fd08::1/64 dev tap8 nodad
    ip route add 10.99.0.0/24 nexthop via 10.8.0.9 nexthop via 10.7.0.9
    ip route add fd99::/64 nexthop via fd08::9 nexthop via fd07::9
    theirs() { bridge fdb show dev tap9 | grep static && { ip route && ip -6 route; } | grep -A 2 99; }
    before=$(theirs)
    cat >"$BATS_TEST_TMPDIR/taps.yaml" <<'YAML'
name: net
interfaces: {tap8: {type: tap, owner: 1000}, tap9: {type: tap, owner: 1000}}
YAML
    apply --adopt "$BATS_TEST_TMPDIR/taps.yaml"
    assert_equal "$(theirs)" "$before"
    run plexus status net
    assert_status 0
    plexus down net
    assert_equal "$(theirs)" "$before"
    ip route del 10.99.0.0/24
    ip -6 route del fd99::/64
    for link in tap8 tap9 br8; do ip link del $link; done
}

@test "what others have on an interface that is made anew returns with all they gave to it" {
    say() { printf 'name: t\ninterfaces: {t0: {type: tap, owner: %s, addresses: [10.5.0.1/24]}}\n' "$1" >"$BATS_TEST_TMPDIR/t.yaml"; }
    say 1000
    apply "$BATS_TEST_TMPDIR/t.yaml"
    ip route add 10.77.0.0/24 via 10.5.0.7 dev t0 mtu 1300 advmss 1200 initcwnd 20 proto 186
    ip route add 10.78.0.0/24 proto bird nexthop via 10.5.0.7 dev t0 weight 2 nexthop via 10.5.0.8 dev t0
    ip neigh add 10.5.0.7 lladdr 02:00:00:00:00:07 dev t0 protocol 186
    ip link add link t0 name vx0 type vxlan id 7 dev t0 dstport 4789
    ip link set vx0 alias "a vxlan of mine" group 7
    ip link property add dev vx0 altname other-name altname another
    theirs() {
        ip route show proto 186 && ip route show proto bird && ip -d neigh show dev t0 nud permanent &&
            ip -j link show vx0 | jq -c '.[0] | [.ifalias, .group, .altnames]'
    }
    were=$(theirs)
    number=$(cat /sys/class/net/t0/ifindex)
    say 1001
    apply --confirm=600 "$BATS_TEST_TMPDIR/t.yaml"
    [ "$(cat /sys/class/net/t0/ifindex)" != "$number" ] || fail "it is the same interface"
    assert_equal "$(ip route show proto 186 && ip -d neigh show dev t0 nud permanent)" \
        "$(grep -e ^10.77 -e ^10.5 <<<"$were")"
    plexus rollback t
    assert_equal "$(theirs)" "$were"
    plexus down t
}

@test "a setting that two networks say stays until both are gone" {
    forward() { cat /proc/sys/net/ipv4/ip_forward; }
    before=$(forward)
    [ "$before" = 0 ] || sysctl -q -w net.ipv4.ip_forward=0
    printf 'name: one\nforwarding: true\n' >"$BATS_TEST_TMPDIR/one.yaml"
    printf 'name: two\nforwarding: true\n' >"$BATS_TEST_TMPDIR/two.yaml"
    for first in one two; do
        plexus -q apply "$BATS_TEST_TMPDIR/one.yaml"
        plexus -q apply "$BATS_TEST_TMPDIR/two.yaml"
        plexus -q down "$first"
        assert_equal "$(forward)" 1
        run plexus status
        assert_status 0
        plexus -q down --all
        assert_equal "$(forward)" 0
    done
    sysctl -q -w net.ipv4.ip_forward="$before"
}

@test "what two networks say of one card stays until both are gone" {
    ip link add ext0 type veth peer name ext1
    ip link set ext0 mtu 9000 txqueuelen 77
    card() { ip -j link show ext0 | jq -c '.[0] | [.mtu, .txqlen, (.flags | index("UP") != null)]'; }
    say() { printf 'name: %s\ninterfaces: {ext0: {type: physical, mtu: 1400%s}}\n' "$1" "$2" >"$BATS_TEST_TMPDIR/$1.yaml"; }
    for first in one two; do
        say one ''
        say two ', qlen: 500'
        apply "$BATS_TEST_TMPDIR/one.yaml"
        apply "$BATS_TEST_TMPDIR/two.yaml"
        plexus down "$first"
        [ "$first" = one ] && qlen=500 || qlen=77
        assert_equal "$(card)" "[1400,$qlen,true]"
        run plexus status
        assert_status 0
        plexus down --all
        assert_equal "$(card)" "[9000,77,false]"
    done
    # What a file no longer says stays too while the other does.
    apply "$BATS_TEST_TMPDIR/one.yaml"
    apply "$BATS_TEST_TMPDIR/two.yaml"
    sed -i 's/, mtu: 1400//' "$BATS_TEST_TMPDIR/two.yaml"
    apply "$BATS_TEST_TMPDIR/two.yaml"
    assert_equal "$(card)" "[1400,500,true]"
    plexus down one
    assert_equal "$(card)" "[9000,500,true]"
    plexus down two
    assert_equal "$(card)" "[9000,77,false]"
    ip link del ext0
}
