#!/usr/bin/env bats
# One line of a network that runs is changed: only what the line says changes, and other traffic loses nothing.

load helpers

setup() {
    world_begin
    base=$(red_blue_green)
}

teardown() {
    world_end_or_raze
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
