#!/usr/bin/env bats
# What others made is taken over when that is said (--adopt), and given back as it was.

load helpers

setup() {
    world_begin
    base=$(red_blue_green)
}

teardown() {
    world_end_or_raze
}

# not_adopted FILE WORDS...: apply says them, no --adopt helps, and nothing is touched.
not_adopted() {
    local before words
    before=$(snapshot)
    for option in --no-expect --adopt; do
        run plexus apply $option "$1"
        assert_status 6
        for words in "${@:2}"; do assert_contains "$output" "$words"; done
        assert_contains "$output" "--adopt does not take it over"
        assert_equal "$(snapshot)" "$before"
    done
}

@test "what would have to be destroyed is not adopted" {
    ip link add br1 type veth peer name foo
    ip netns add box
    ip tuntap add t0 mode tap user 1000
    ip link add link t0 name t0v type macvlan
    ip -n box tuntap add t1 mode tap
    file=$BATS_TEST_TMPDIR/x.yaml
    say() { printf 'name: x\n%s\n' "$1" >"$file"; }
    not_adopted "$base" "of kind veth; its other end is host/foo" "ip link del br1"
    say $'interfaces: {br1: {peer: red/eth0}}\nnamespaces: {red: {}}'
    not_adopted "$file" "differs: peer is host/foo, not red/eth0"
    say 'namespaces: {box: {path: /run/netns/two}}'
    ip netns add two
    not_adopted "$file" "is not the one that \`path\` names: /run/netns/two" "ip netns del box"
    ip netns del two
    say 'interfaces: {t0: {type: bridge}}'
    not_adopted "$file" "of kind tap"
    say 'interfaces: {t0: {type: tap, owner: 1001}}'
    not_adopted "$file" "differs: owner is 1000, not 1001"
    say 'namespaces: {bix: {path: /run/netns/box, interfaces: {t1: {type: bridge}}}}'
    not_adopted "$file" "of kind tap" "rename it there, or delete it"
    ip link del br1
    ip link del t0
    ip netns del box
}

@test "what is adopted is changed in place, and given back as it was" {
    ip link add br1 address 02:00:00:00:00:99 type bridge ageing_time 4000
    ip link set br1 up
    # What a bridge that once had ports says of segmentation is the kernel's own.
    settled() { snapshot | sed 's/,"tso_max_[a-z]*":[0-9]*//g'; }
    before=$(settled)
    number=$(cat /sys/class/net/br1/ifindex)
    sed -i 's/br1: {type: bridge/&, ageing-time: 100/' "$base"
    apply --adopt "$base"
    assert_equal "$(cat /sys/class/net/br1/ifindex)" "$number"
    assert_equal "$(ip -d -j link show br1 | jq '.[0].linkinfo.info_data.ageing_time')" 10000
    reaches red 10.1.0.2
    run plexus status net
    assert_status 0
    plexus down net
    as_before() { settled | cmp -s <(echo "$before") -; }
    wait_for 10 as_before || fail "$(diff <(echo "$before") <(settled))"
    ip link del br1
}

@test "what was made on an adopted bridge goes on the way back, also where the bridge was changed" {
    ip link add br9 mtu 1400 type bridge
    ip link set br9 up
    nine() { ip -o link show br9 && ip -4 -o address show br9 && ip route && ip neighbour show dev br9; }
    before=$(nine | sed 's/_lft.*//')
    cat >"$BATS_TEST_TMPDIR/nine.yaml" <<'YAML'
name: net
interfaces:
  br9: {type: bridge, mtu: 1500, addresses: [10.9.0.1/24], neighbours: [{ip: 10.9.0.2, mac: "02:00:00:00:00:02"}]}
routes: [{to: 10.99.0.0/24, via: 10.9.0.2}]
YAML
    apply --adopt --confirm=600 "$BATS_TEST_TMPDIR/nine.yaml"
    assert_contains "$(ip route)" 10.99.0.0/24
    run plexus rollback net
    assert_status 0
    assert_equal "$(nine | sed 's/_lft.*//')" "$before"
    ip link del br9
    # Our own, which somebody gave another alias.
    echo 'interfaces: {br9: {type: bridge}}' | sed '1i name: net' >"$BATS_TEST_TMPDIR/own.yaml"
    apply "$BATS_TEST_TMPDIR/own.yaml"
    ip link set br9 alias theirs
    apply --adopt --confirm=600 "$BATS_TEST_TMPDIR/nine.yaml"
    run plexus rollback net
    assert_status 0
    assert_equal "$(ip -4 -o address show br9)" ""
    plexus down net
    ip link show br9
    ip link del br9
}

@test "an adopted port whose former bridge is gone stays without one, and that is told" {
    ip link add was type bridge
    ip tuntap add dev tap9 mode tap
    ip link set tap9 master was up
    cat >"$BATS_TEST_TMPDIR/port.yaml" <<'YAML'
name: net
interfaces:
  br9: {type: bridge}
  tap9: {type: tap, bridge: br9}
YAML
    sed 's/, bridge: br9//' "$BATS_TEST_TMPDIR/port.yaml" >"$BATS_TEST_TMPDIR/loose.yaml"
    port() { ip -o link show tap9 | sed 's/.*tap9:/tap9:/; s/ qdisc.*//'; }
    for way in down loose rollback; do
        apply --adopt "$BATS_TEST_TMPDIR/port.yaml"
        [ "$way" != rollback ] || { plexus down net && apply --adopt --confirm=600 "$BATS_TEST_TMPDIR/port.yaml"; }
        ip link del was
        case $way in
        loose) run plexus apply "$BATS_TEST_TMPDIR/loose.yaml" ;;
        *) run plexus "$way" net ;;
        esac
        assert_status 0
        assert_equal "$(grep -c "interface host/was is no more.*interface host/tap9" <<<"$output")" 1
        assert_lacks "$(ip -o link show tap9)" master
        [ "$way" != loose ] || plexus down net
        ip link add was type bridge
        ip link set tap9 master was
    done
    ip tuntap del dev tap9 mode tap
    ip link del was
}

@test "an adopted route whose former interface is gone goes" {
    ip link add d9 type bridge
    ip link add d8 type bridge
    ip link set d9 up
    ip link set d8 up
    ip route add 10.99.0.0/24 dev d9
    cat >"$BATS_TEST_TMPDIR/route.yaml" <<'YAML'
name: net
interfaces: {d8: {type: bridge}}
routes: [{to: 10.99.0.0/24, dev: d8}]
YAML
    apply --adopt "$BATS_TEST_TMPDIR/route.yaml"
    ip link del d9
    run plexus down net
    assert_status 0
    assert_contains "$output" "interface host/d9 is no more"
    assert_lacks "$(ip route)" 10.99.0.0
    ip link del d8
}

@test "of an adopted route that goes back, only what changes is told" {
    ip link add br7 type bridge
    ip address add 10.7.0.1/24 dev br7
    ip link set br7 up
    ip route add 10.9.0.0/16 via 10.7.0.3
    echo 'routes: [{to: 10.9.0.0/16, via: 10.7.0.2}]' >>"$base"
    apply --adopt "$base"
    run plexus down --dry-run net
    assert_contains "$output" "~ route host/10.9.0.0/16: via 10.7.0.2 -> 10.7.0.3"
    assert_lacks "$output" unicast
    assert_equal "$(plexus down --dry-run --json net | jq -c '.steps[] | select(.verb == "set") | .changed')" '["via"]'
    plexus down net
    assert_contains "$(ip route)" "10.9.0.0/16 via 10.7.0.3"
    ip link del br7
}

@test "what is there already and agrees is missed when it is gone, and claimed when it is adopted" {
    cat >"$BATS_TEST_TMPDIR/shared.yaml" <<'YAML'
name: net
interfaces:
  br9: {type: bridge, addresses: [10.9.0.1/24]}
  br8: {type: bridge}
YAML
    plexus plan --commands "$BATS_TEST_TMPDIR/shared.yaml" >"$BATS_TEST_TMPDIR/commands" || [ $? -eq 1 ]
    sh -e "$BATS_TEST_TMPDIR/commands"
    apply "$BATS_TEST_TMPDIR/shared.yaml"
    run plexus status net
    assert_status 0
    ip link del br9
    run plexus status net
    assert_status 1
    assert_contains "$output" br9
    apply "$BATS_TEST_TMPDIR/shared.yaml" # now it is of our making
    run plexus status net
    assert_status 0
    plexus down net
    run ip link show br9
    assert_status 1
    ip link show br8
    grep br9 "$BATS_TEST_TMPDIR/commands" | sh -e
    apply "$BATS_TEST_TMPDIR/shared.yaml"
    ip link set br8 mtu 1400
    apply --adopt "$BATS_TEST_TMPDIR/shared.yaml"
    assert_contains "$(jq -r '.objects[].origin' /run/plexus/net/record.json)" adopted
    assert_lacks "$(jq -r '.objects[].origin' /run/plexus/net/record.json)" shared
    plexus down net
    ip link show br9
    ip link del br9
    ip link del br8
}

@test "settings of an attached namespace go back to what they were" {
    ip netns add orig
    ip netns exec orig sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=2
    ip -n orig tuntap add t6 mode tap user 1000
    ip -n orig link set t6 address 02:00:00:00:00:06 up
    ip -n orig address add 10.6.0.1/24 dev t6
    ip -n orig rule add priority 500 from 10.99.0.0/24 table 100
    before=$(snapshot)
    settings() { ip netns exec orig sysctl net.ipv4.ip_forward net.ipv4.conf.all.rp_filter; }
    were=$(settings)
    cat >"$BATS_TEST_TMPDIR/at.yaml" <<'YAML'
name: at
namespaces:
  foo:
    path: /run/netns/orig
    interfaces: {t5: {type: tap, addresses: [10.5.0.1/24]}, t6: {type: tap, owner: 1001}}
    rules: [{from: 10.99.0.0/24, table: 200, priority: 500}]
    sysctls: {net.ipv4.ip_forward: 0, net.ipv4.conf.all.rp_filter: 1}
YAML
    run plexus apply "$BATS_TEST_TMPDIR/at.yaml"
    assert_status 6
    assert_equal "$(snapshot)" "$before"
    apply --adopt "$BATS_TEST_TMPDIR/at.yaml"
    [ "$(settings)" != "$were" ] || fail "nothing was set"
    plexus down at
    assert_equal "$(settings)" "$were"
    assert_equal "$(snapshot)" "$before"
    sed 's/^name: at/&\nexpect: [host reaches 10.9.9.9]/' "$BATS_TEST_TMPDIR/at.yaml" >"$BATS_TEST_TMPDIR/fails.yaml"
    run plexus apply --adopt "$BATS_TEST_TMPDIR/fails.yaml"
    assert_status 7
    assert_equal "$(settings)" "$were"
    assert_equal "$(snapshot)" "$before"
    apply --adopt --confirm=600 "$BATS_TEST_TMPDIR/at.yaml"
    plexus rollback at
    assert_equal "$(settings)" "$were"
    assert_equal "$(snapshot)" "$before"
    ip netns del orig
}

@test "what was adopted and had to be made anew is given back as it was" {
    ip tuntap add t0 mode tap user 1000
    ip link set t0 address 02:00:00:00:00:98
    ip link set t0 mtu 1300 up
    ip address add 10.5.0.9/24 dev t0
    ip rule add priority 500 from 10.99.0.0/24 table 100
    ip route add 10.77.0.0/24 dev t0
    before=$(snapshot)
    cat >"$BATS_TEST_TMPDIR/t.yaml" <<'YAML'
name: t
interfaces: {t0: {type: tap, owner: 1001}}
rules: [{from: 10.99.0.0/24, table: 200, priority: 500}]
YAML
    run plexus apply "$BATS_TEST_TMPDIR/t.yaml"
    assert_status 6
    run plexus plan --adopt "$BATS_TEST_TMPDIR/t.yaml"
    assert_contains "$output" "what others set on it with sysctl, tc or nft is lost"
    apply --adopt "$BATS_TEST_TMPDIR/t.yaml"
    assert_contains "$(ip rule)" "lookup 200"
    run plexus status t
    assert_status 0
    nothing_to_do "$BATS_TEST_TMPDIR/t.yaml"
    sed -i 's/, owner: 1001/, mtu: 1400, owner: 1001/' "$BATS_TEST_TMPDIR/t.yaml"
    apply "$BATS_TEST_TMPDIR/t.yaml"
    plexus down t
    assert_equal "$(snapshot)" "$before"
    # Also where the file has come to say what was there.
    apply --adopt "$BATS_TEST_TMPDIR/t.yaml"
    sed -i 's/owner: 1001/owner: 1000/; s/table: 200/table: 100/; s/mtu: 1400/mtu: 1300/' "$BATS_TEST_TMPDIR/t.yaml"
    apply "$BATS_TEST_TMPDIR/t.yaml"
    plexus down t
    assert_equal "$(snapshot)" "$before"
    ip rule del priority 500
    ip link del t0
}

@test "an adopted resolv.conf returns with every byte" {
    folder=/etc/netns/red
    was=$BATS_TEST_TMPDIR/was
    mkdir -p $folder
    printf '; a remark\noptions edns0\n\nnameserver\t192.0.2.1 \nsearch b.example\nsearch example' >"$was"
    printf '\xff\n' >>"$was"
    install -m 0640 "$was" $folder/resolv.conf
    is_back() { cmp "$was" $folder/resolv.conf && [ "$(stat -c %a $folder/resolv.conf)" = 640 ] &&
        assert_equal "$(ls -A $folder)" resolv.conf; }
    cat >"$BATS_TEST_TMPDIR/dns.yaml" <<'YAML'
name: dns
namespaces: {red: {dns: {servers: [192.0.2.53]}}}
YAML
    run plexus apply "$BATS_TEST_TMPDIR/dns.yaml"
    assert_status 6
    is_back
    apply --adopt "$BATS_TEST_TMPDIR/dns.yaml"
    assert_contains "$(cat $folder/resolv.conf)" 192.0.2.53
    sed -i 's/192.0.2.53/192.0.2.54/' "$BATS_TEST_TMPDIR/dns.yaml"
    apply "$BATS_TEST_TMPDIR/dns.yaml"
    nothing_to_do "$BATS_TEST_TMPDIR/dns.yaml"
    plexus down dns
    is_back
    apply --adopt --confirm=600 "$BATS_TEST_TMPDIR/dns.yaml"
    plexus rollback dns
    is_back
    # Also where the file has come to say what was there.
    apply --adopt "$BATS_TEST_TMPDIR/dns.yaml"
    sed -i 's/192.0.2.54/192.0.2.1/' "$BATS_TEST_TMPDIR/dns.yaml"
    apply "$BATS_TEST_TMPDIR/dns.yaml"
    plexus down dns
    is_back
    # A folder that was there stays.
    rm $folder/resolv.conf
    apply "$BATS_TEST_TMPDIR/dns.yaml"
    sed -i 's/192.0.2.1/192.0.2.2/' "$BATS_TEST_TMPDIR/dns.yaml"
    apply "$BATS_TEST_TMPDIR/dns.yaml"
    plexus down dns
    [ -d $folder ] || fail "the folder is gone"
    rmdir $folder
    apply "$BATS_TEST_TMPDIR/dns.yaml"
    plexus down dns
    [ ! -e $folder ] || fail "the folder is left"
    rmdir /etc/netns 2>/dev/null || true
}

@test "what others have made anew is taken over by --adopt, and given back as it was" {
    printf 'name: anew\ninterfaces: {br9: {type: bridge, addresses: [10.99.0.1/24]}}\n' >"$BATS_TEST_TMPDIR/anew.yaml"
    apply "$BATS_TEST_TMPDIR/anew.yaml"
    ip link del br9
    ip link add br9 type bridge
    run plexus status anew
    assert_status 1
    assert_contains "$output" replaced
    apply "$BATS_TEST_TMPDIR/anew.yaml" --adopt
    nothing_to_do "$BATS_TEST_TMPDIR/anew.yaml"
    run plexus down anew
    assert_status 0
    assert_lacks "$output" warning
    assert_equal "$(ip -br address show dev br9 | tr -s ' ')" "br9 DOWN "
    ip link del br9
}
