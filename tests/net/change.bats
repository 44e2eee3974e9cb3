#!/usr/bin/env bats
# One line of a network that runs is changed: only what the line says changes, other traffic loses nothing, and what
# Plexus did not make is left alone or, asked for, adopted and given back.

load helpers

setup() {
    world_begin
    base=$BATS_TEST_TMPDIR/base.yaml
    cat >"$base" <<'YAML'
name: net
interfaces:
  br0: {type: bridge}
  br1: {type: bridge}
namespaces:
  red:
    interfaces:
      eth0: {bridge: br0, addresses: [10.1.0.1/24]}
  blue:
    interfaces:
      eth0: {bridge: br0, addresses: [10.1.0.2/24]}
  green:
    interfaces:
      eth0: {bridge: br1, addresses: [10.2.0.1/24]}
YAML
}

teardown() {
    world_end_or_raze
}

# edit SED: the path of the base with an edit, which must have changed something.
edit() {
    sed "$1" "$base" >"$BATS_TEST_TMPDIR/edited.yaml"
    if cmp -s "$base" "$BATS_TEST_TMPDIR/edited.yaml"; then fail "the edit changes nothing"; fi
    echo "$BATS_TEST_TMPDIR/edited.yaml"
}

# with_more: the base with more of it from the standard input, as a file of its own name.
with_more() {
    cat "$base" - >"$BATS_TEST_TMPDIR/more.yaml"
    echo "$BATS_TEST_TMPDIR/more.yaml"
}

# flood_begin NAMESPACE ADDRESS: a packet every 2 ms for two seconds; flood_end: none may be lost.
flood_begin() {
    reaches "$1" "$2"
    ip netns exec "$1" ping -nq -i 0.002 -c 1000 -W 2 "$2" >"$BATS_TEST_TMPDIR/flood" 2>&1 3>&- &
    flood=$!
}
flood_end() {
    kill -0 "$flood" || fail "the flood was over before the change was"
    wait "$flood" || true
    assert_contains "$(cat "$BATS_TEST_TMPDIR/flood")" "1000 packets transmitted, 1000 received"
}

# The number and name of every interface: one that is made anew has another number.
links() {
    local ns
    for ns in host $(ip netns list | awk '{ print $1 }' | sort); do
        inside "$ns" ip -o link | sed -E "s/^([0-9]+: [^:@]*).*/$ns \1/"
    done
}

@test "a changed address changes only that, and other traffic loses nothing" {
    apply "$base"
    before=$(snapshot) numbers=$(links)
    flood_begin red 10.1.0.2
    apply "$(edit 's/10.2.0.1/10.2.0.9/')"
    flood_end
    assert_equal "$(links)" "$numbers"
    # Comments of diff aside, each line that changed is about that address.
    assert_equal "$(diff <(echo "$before") <(snapshot) | grep '^[<>]' | grep -v '10\.2\.0\.[19]')" ""
    assert_contains "$(ip -n green address)" 10.2.0.9/24
    assert_lacks "$(ip -n green address)" 10.2.0.1/24
    plexus down net
}

@test "a second address comes and goes, and the first stays" {
    apply "$base"
    before=$(snapshot)
    apply "$(edit 's|10.2.0.1/24|&, 10.2.0.2/24, 2001:db8::1/64|')"
    assert_contains "$(ip -n green -o address)" "10.2.0.2/24"
    assert_contains "$(ip -n green -o address)" "2001:db8::1/64"
    apply "$base"
    assert_equal "$(snapshot)" "$before"
    plexus down net
}

@test "the order of two addresses of one subnet is that of the file, also after the first is removed" {
    apply "$(edit 's|10.2.0.1/24|10.2.0.1/24, 10.2.0.2/24, 10.2.0.3/24|')"
    apply "$(edit 's|10.2.0.1/24|10.2.0.2/24, 10.2.0.3/24|')"
    assert_equal "$(ip -n green -j -4 address show eth0 | jq -r '.[].addr_info[].local')" "10.2.0.2
10.2.0.3"
    run plexus status net
    assert_status 0
    plexus down net
}

@test "an address that is put before another comes behind it, and disturbs nothing" {
    apply "$base"
    flood_begin red 10.1.0.2
    apply "$(edit 's|10.1.0.1/24|10.1.0.9/24, 10.1.0.1/24|')"
    flood_end
    assert_equal "$(ip -n red -j -4 address show eth0 | jq -r '.[].addr_info[].local')" "10.1.0.1
10.1.0.9"
    run plexus status net
    assert_status 0
    plexus down net
}

@test "a new namespace on the same bridge disturbs nothing" {
    apply "$base"
    numbers=$(links)
    flood_begin red 10.1.0.2
    apply "$(with_more <<<'  pink: {interfaces: {eth0: {bridge: br0, addresses: [10.1.0.3/24]}}}')"
    reaches pink 10.1.0.1
    flood_end
    # All that was there has the number it had.
    assert_equal "$(diff <(echo "$numbers") <(links) | grep '^<')" ""
    plexus down net
}

@test "a namespace that goes takes its cable along, and disturbs nothing" {
    apply "$base"
    flood_begin red 10.1.0.2
    # shellcheck disable=SC2016 # for sed
    apply "$(edit '/^  green:/,$d')"
    flood_end
    assert_equal "$(ip netns list | sed 's/ .*//' | sort | paste -sd ' ')" "blue red"
    no_port() { [ -z "$(ip -o link show master br1)" ]; }
    wait_for 10 no_port
    plexus down net
}

@test "the MTU changes while packets flow" {
    apply "$base"
    numbers=$(links)
    flood_begin red 10.1.0.2
    apply "$(edit '/^  red:/,/eth0/s/bridge: br0/&, mtu: 1400/')"
    flood_end
    assert_equal "$(links)" "$numbers"
    assert_equal "$(ip -n red -j link show eth0 | jq '.[0].mtu')" 1400
    plexus down net
}

@test "an option of a bridge changes in place" {
    apply "$base"
    numbers=$(links)
    flood_begin red 10.1.0.2
    apply "$(edit 's/br0: {type: bridge/&, ageing-time: 100, multicast-snooping: false/')"
    flood_end
    assert_equal "$(links)" "$numbers"
    assert_equal "$(ip -d -j link show br0 | jq '.[0].linkinfo.info_data.ageing_time')" 10000
    apply "$base"
    assert_equal "$(ip -d -j link show br0 | jq '.[0].linkinfo.info_data.ageing_time')" 30000
    plexus down net
}

@test "a port moves to another bridge" {
    apply "$base"
    numbers=$(links)
    apply "$(edit '/^  blue:/,/eth0/s/bridge: br0/bridge: br1/')"
    assert_equal "$(links)" "$numbers"
    assert_contains "$(ip -o link show master br1)" blue-eth0
    cannot_reach red 10.1.0.2
    plexus down net
}

@test "a route that loses its device and gets a gateway goes where that leads" {
    sed -i 's/br0: {type: bridge/&, addresses: [10.1.0.254\/24]/' "$base"
    echo 'routes: [{to: 10.14.0.0/16, dev: br1}]' >>"$base"
    apply "$base"
    apply "$(edit 's/dev: br1}/via: 10.1.0.1}/')"
    assert_contains "$(ip route)" "10.14.0.0/16 via 10.1.0.1 dev br0"
    plexus down net
}

@test "hardware that is a port and no longer said to be a special one is as a port is born" {
    ip link add ext0 type veth peer name ext1
    sed -i 's/^  br1: .*/&\n  ext0: {type: physical, bridge: br0, hairpin: true}/' "$base"
    apply "$base"
    assert_contains "$(ip -d link show ext0)" "hairpin on"
    apply "$(edit 's/, hairpin: true//')"
    assert_contains "$(ip -d link show ext0)" "hairpin off"
    plexus down net
    ip link del ext0
}

@test "an interface whose type changes is made anew, and the plan says so" {
    apply "$(with_more <<<'  extra: {interfaces: {x0: {type: tap}}}')"
    numbers=$(links)
    edited=$(with_more <<<'  extra: {interfaces: {x0: {type: bridge}}}')
    run plexus plan "$edited"
    assert_status 1
    assert_contains "$output" x0
    assert_contains "$output" "of another kind"
    plexus plan --json "$edited" >"$BATS_TEST_TMPDIR/plan" || [ $? -eq 1 ]
    assert_contains "$(jq -r '[.steps[].verb] | join(" ")' "$BATS_TEST_TMPDIR/plan")" "del add"
    apply "$edited"
    assert_contains "$(ip -n extra -d link show x0)" " bridge "
    # Only that one has another number.
    assert_lacks "$(diff <(echo "$numbers") <(links) | grep '^[<>]' | grep -v ' x0$')" ":"
    plexus down net
}

@test "a cable that ends elsewhere is made anew" {
    apply "$(with_more <<<'  pink: {interfaces: {eth0: {peer: green/cable}}}')"
    apply "$(with_more <<<'  pink: {interfaces: {eth0: {peer: red/cable}}}')"
    assert_contains "$(ip -n red -o link)" cable
    assert_lacks "$(ip -n green -o link)" cable
    plexus down net
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
    nine() { ip -o link show br9 && ip -o address show br9 && ip route && ip neighbour show dev br9; }
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

@test "two topologies side by side" {
    apply "$base"
    sed 's/red:/left:/; s/blue:/right:/; s/red reaches blue/left reaches right/; s/br0/br2/; s/name: .*/name: other/' \
        "$ROOT_DIR/labs/red-blue.yaml" >"$BATS_TEST_TMPDIR/other.yaml"
    before=$(snapshot)
    apply "$BATS_TEST_TMPDIR/other.yaml"
    run plexus list
    assert_contains "$output" net
    assert_contains "$output" other
    flood_begin red 10.1.0.2
    plexus down other
    flood_end
    as_before() { snapshot | cmp -s <(echo "$before") -; }
    wait_for 10 as_before || fail "$(diff <(echo "$before") <(snapshot))"
    run plexus list
    assert_lacks "$output" other
    plexus down net
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

@test "what was changed by hand is seen by status, and mended by apply without more" {
    sed -i '/^  green:/,/eth0/s/bridge: br1/&, mtu: 1450/' "$base"
    apply "$base"
    before=$(snapshot) numbers=$(links)
    ip -n green link set eth0 mtu 1400
    ip -n green address del 10.2.0.1/24 dev eth0
    ip link set red-eth0 nomaster
    run plexus status net
    assert_status 1
    assert_contains "$output" mtu
    assert_contains "$output" 10.2.0.1/24
    assert_contains "$output" red-eth0
    apply "$base"
    assert_equal "$(snapshot)" "$before"
    assert_equal "$(links)" "$numbers"
    plexus down net
}

# set_back: types the commands that status shows, of all that apply leaves alone.
set_back() {
    plexus status --json net | jq -r '.[0].drift[] | .command // empty' >"$BATS_TEST_TMPDIR/back"
    sh -e "$BATS_TEST_TMPDIR/back"
}

@test "what lost its mark is told by status as apply has it" {
    apply "$base"
    ip link set br0 alias mine
    run plexus status net
    assert_status 1
    assert_contains "$output" "host/br0 replaced"
    assert_contains "$output" "plexus apply --adopt"
    assert_equal "$(plexus status --json net | jq -c '[.[0].drift[] | [.object, .kind]]')" '[["interface host/br0","replaced"]]'
    run plexus apply "$(edit 's/br0: {type: bridge/&, stp: true/')"
    assert_status 6
    apply --adopt "$base"
    ip link set br0 alias plexus:net
    run plexus status net
    assert_status 0
    plexus down net
}

@test "what others added is seen by status, with the command that removes it" {
    apply "$base"
    before=$(snapshot)
    ip -n green link add extra type bridge
    ip -n green address add 10.77.0.1/24 dev extra
    ip -n green link set extra up
    ip -n green route add 10.78.0.0/16 via 10.77.0.2
    ip -n green rule add from 10.78.0.0/16 table 100 priority 77
    ip address add 10.1.0.250/24 dev br0
    run plexus status net
    assert_status 1
    assert_contains "$output" "by hand:"
    assert_contains "$output" "ip -n green link del dev extra"
    set_back
    run plexus status net
    assert_status 0
    assert_equal "$(snapshot)" "$before"
    plexus down net
}

@test "what the file leaves open and others changed is seen by status, with the command that sets it back" {
    apply "$base"
    before=$(snapshot)
    ip -n green link set eth0 mtu 1400
    ip -n blue link set eth0 address 02:00:00:00:00:99
    ip link set br0 type bridge ageing_time 1000
    ip link set red-eth0 type bridge_slave isolated on
    run plexus status net
    assert_status 1
    assert_contains "$output" "ip -n green link set dev eth0 mtu 1500"
    assert_equal "$(plexus status --json net | jq -c '[.[0].drift[] | [.object, .option, .shall, .is][0:2]]')" \
        '[["interface host/br0","ageing-time"],["interface host/red-eth0","isolated"],["interface blue/eth0","mac"],["interface green/eth0","mtu"]]'
    plexus plan "$base"
    set_back
    run plexus status net
    assert_status 0
    # What an edited line does elsewhere does not forget it; nor does a failed apply, nor one that is taken back.
    apply "$(edit 's/10.2.0.1/10.2.0.9/')"
    sed 's/name: net/&\nexpect: [red reaches 10.1.0.77]/' "$base" >"$BATS_TEST_TMPDIR/fails.yaml"
    run plexus apply "$BATS_TEST_TMPDIR/fails.yaml"
    assert_status 7
    ip -n blue link set eth0 mtu 1300
    plexus apply --quiet --confirm=600 "$(edit 's/10.2.0.1/10.2.0.7/; s/type: bridge}/type: bridge, stp: true}/')"
    plexus rollback net
    run plexus status net
    assert_status 1
    assert_contains "$output" "ip -n blue link set dev eth0 mtu 1500"
    # Adopted, it is what shall be.
    plexus status --adopt net
    run plexus status net
    assert_status 0
    ip -n blue link set eth0 mtu 1500
    run plexus status net
    assert_status 1
    assert_contains "$output" "mtu 1300"
    apply "$base"
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

@test "status tells no tales of a MAC address that the file said once" {
    apply "$(edit 's/eth0: {bridge: br1/eth0: {mac: "02:00:00:00:00:07", bridge: br1/')"
    apply "$base"
    run plexus status net
    assert_status 0
    plexus down net
}

@test "a second address in the same network is seen" {
    apply "$base"
    ip -n red address add 10.1.0.99/24 dev eth0
    run plexus status net
    assert_status 1
    assert_contains "$output" 10.1.0.99/24
    assert_contains "$(plexus show red)" 10.1.0.99/24
    plexus down net
}

@test "a master that does not exist is a mistake in the file" {
    before=$(snapshot)
    run plexus apply "$(edit '/^  blue:/,/eth0/s/bridge: br0/bridge: br9/')"
    assert_status 2
    assert_contains "$output" "edited.yaml:11:"
    assert_contains "$output" br9
    assert_contains "$output" "did you mean"
    assert_equal "$(snapshot)" "$before"
}

@test "down, status and exec of what does not run say so" {
    run plexus down nothing
    assert_status 4
    run plexus status nothing
    assert_status 4
    run plexus exec nothing true
    assert_status 4
}

@test "a plan changes nothing" {
    before=$(snapshot)
    run plexus plan "$base"
    assert_status 1
    run plexus apply --dry-run "$base"
    assert_equal "$(snapshot)" "$before"
    [ ! -e /run/plexus/net/record.json ] || fail "there is a record"
}

# with_neighbours: the base as a network whose red and blue are in touch by both families, and which expects just that.
with_neighbours() {
    sed -i '/^  red:/,/^  green:/s|10.1.0.\([12]\)/24|&, "fd00::\1/64"|' "$base"
    printf 'expect:\n  - red reaches 10.1.0.2\n  - red reaches fd00::2\n' >>"$base"
    apply "$base"
}

# mended: an apply finds red still sure of blue's old MAC address, and ends with all in touch, at once.
mended() {
    local address
    for address in 10.1.0.2 fd00::2; do
        assert_contains "$(ip -n red neigh show to "$address")" "lladdr $mac"
    done
    apply --expect "$base"
    for address in 10.1.0.2 fd00::2; do
        assert_lacks "$(ip -n red neigh show to "$address")" "$mac"
        ping_once red "$address" || fail "red does not reach $address"
    done
    plexus down net
}

in_touch() {
    reaches red 10.1.0.2
    reaches red fd00::2
    mac=$(ip -n blue -j link show eth0 | jq -r '.[0].address')
}

@test "a cable that was deleted by hand comes back with another MAC, and its neighbours learn that at once" {
    with_neighbours
    in_touch
    ip link del blue-eth0
    mended
}

@test "a namespace that was deleted by hand comes back with another MAC, and its neighbours learn that at once" {
    with_neighbours
    in_touch
    ip netns del blue
    gone() { ! ip link show blue-eth0; }
    wait_for 10 gone
    mended
}

@test "a namespace that was deleted a moment ago, and is dying still, comes back" {
    with_neighbours
    in_touch
    ip netns del blue
    mended
}

@test "a bridge that gets another MAC with its ports tells its neighbours" {
    sed -i 's|br0: {type: bridge|&, addresses: [10.1.0.254/24]|' "$base"
    printf 'expect: [red reaches 10.1.0.254]\n' >>"$base"
    apply "$base"
    for _ in 1 2 3 4 5; do
        reaches red 10.1.0.254
        ip link del blue-eth0
        apply --expect "$base"
        ping_once red 10.1.0.254 || fail "red does not reach the bridge"
    done
    plexus down net
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
