#!/usr/bin/env bats
# A network card that becomes the uplink of a bridged network: what the host has on it moves to the bridge, and back.

load helpers

# A cable in the place of the card; beside it a router, and behind that a machine far away.
setup() {
    world_begin
    ip netns add outside
    ip link add eno1 type veth peer name e0 netns outside
    ip -n outside -batch - <<'END'
address add 192.0.2.254/24 dev e0
address add 192.0.2.253/24 dev e0
address add 2001:db8::fe/64 dev e0 nodad
address add 203.0.113.1/32 dev lo
link set lo up
link set e0 up
END
    file=$BATS_TEST_TMPDIR/net.yaml
    topology ""
}

teardown() {
    for pid in ${pids-}; do kill "$pid" 2>/dev/null || true; done
    [ -n "${BATS_TEST_COMPLETED-}" ] || raze
    plexus forget net >/dev/null 2>&1 || true
    ip link del eno1 2>/dev/null || true
    ip netns del outside 2>/dev/null || true
    world_end
}

# topology LINES: a file with the network, one guest in it, and these lines.
topology() {
    cat >"$file" <<END
name: net
networks: {lan: {mode: bridged, uplink: eno1}}
namespaces: {guest: {networks: {lan: {address: 192.0.2.3/24}}}}
$1
END
}

# configured: as somebody else has set up the card. Prints what the world is then.
configured() {
    ip -batch - <<'END'
address add 192.0.2.1/24 broadcast 192.0.2.255 dev eno1
address add 192.0.2.5/24 dev eno1 label eno1:web
address add 2001:db8::1/64 dev eno1 nodad
link set eno1 up
route add default via 192.0.2.254 src 192.0.2.1
route add 198.51.100.0/24 via 192.0.2.253 metric 7 proto static mtu 1400 advmss 1300
route add 198.51.101.0/24 dev eno1 table 77
route add 198.51.102.0/24 nexthop via 192.0.2.253 weight 2 nexthop via 192.0.2.254
route add 2001:db8:1::/64 via 2001:db8::fd
route add default via 2001:db8::fe src 2001:db8::1
neighbour add 192.0.2.77 lladdr 02:00:00:00:00:77 dev eno1
END
    wait_for 10 ip netns exec outside ping -nqc1 -W1 192.0.2.1
    wait_for 10 ip netns exec outside ping -nqc1 -W1 2001:db8::1
    network
}

# listen NAME PING-OPTION...: somebody outside asks for an answer 200 times a second, until `lost`.
listen() {
    ip netns exec outside ping -nq -i 0.005 -w 60 "${@:2}" >"$BATS_TEST_TMPDIR/ping-$1" &
    pids="${pids-} $!"
}

# lost: how many answers each of them missed.
lost() {
    local pid
    for pid in $pids; do kill -INT "$pid" && wait "$pid"; done
    pids=
    sed -n 's/\([0-9]*\) packets transmitted, \([0-9]*\) received.*/\1 \2/p' "$BATS_TEST_TMPDIR"/ping-* |
        while read -r sent came; do echo $((sent - came)); done
}

few_are_lost() {
    local n
    for n in $(lost); do
        [ "$n" -le "$1" ] || fail "$n answers were lost"
    done
}

# has_moved: nothing is left on the card, and all of it is on the bridge.
has_moved() {
    assert_equal "$(ip -j address show eno1 | jq -c '[.[0].addr_info[] | select(.scope != "link") | .local]')" "[]"
    assert_equal "$(ip -j address show lan | jq -c '[.[0].addr_info[] | select(.scope != "link") | .local]')" \
        '["192.0.2.1","192.0.2.5","2001:db8::1"]'
    assert_equal "$(ip -4 route show table all dev eno1; ip -6 route show dev eno1 | grep -v ^fe80)" ""
    assert_contains "$(ip route)" "default via 192.0.2.254 dev lan src 192.0.2.1"
    assert_contains "$(ip route)" "198.51.100.0/24 via 192.0.2.253 dev lan proto static metric 7 mtu 1400 advmss 1300"
    assert_contains "$(ip route show table 77)" "198.51.101.0/24 dev lan"
    assert_contains "$(ip route)" "nexthop via 192.0.2.253 dev lan weight 2"
    assert_contains "$(ip -6 route)" "2001:db8:1::/64 via 2001:db8::fd dev lan"
    assert_contains "$(ip -6 route)" "default via 2001:db8::fe dev lan src 2001:db8::1"
}

@test "addresses and routes move to the bridge and back, and hardly anybody notices" {
    before=$(configured)
    mac=$(ip -j link show eno1 | jq -r '.[0].address')
    listen near 192.0.2.1
    listen six 2001:db8::1
    listen far -I 203.0.113.1 192.0.2.5
    apply "$file"
    few_are_lost 20
    has_moved
    assert_equal "$(ip -j link show lan | jq -r '.[0].address')" "$mac"
    assert_contains "$(ip address show lan)" "lan:web"
    nothing_to_do "$file"
    assert_equal "$(grep -c '"origin":"removed"' /run/plexus/net/record.json)" 3
    ping_once guest 192.0.2.1
    ping_once guest 192.0.2.254
    listen near 192.0.2.1
    run plexus down net
    assert_status 0
    assert_lacks "$output" warning
    same_as "$before"
    few_are_lost 60
}

# moved: the network, without a route that has more to it than a command says.
moved() { network | grep -v '"198.51.100.0/24"' | without_marks; }

@test "the plan tells it, and its commands do the same" {
    before=$(configured)
    run plexus plan "$file"
    assert_contains "$output" "- address host/eno1 192.0.2.1/24  (traffic stops for a moment: it moves to lan)"
    assert_contains "$output" "~ route host/0.0.0.0/0: dev eno1 -> lan"
    plexus plan --commands "$file" >"$BATS_TEST_TMPDIR/script" || [ $? -eq 1 ]
    assert_contains "$(<"$BATS_TEST_TMPDIR/script")" "ip route replace default via 192.0.2.254 dev lan src 192.0.2.1"
    assert_contains "$(<"$BATS_TEST_TMPDIR/script")" "ip address del 192.0.2.1/24 dev eno1"
    apply "$file"
    by_apply=$(moved)
    plexus down net
    same_as "$before"
    run sh -e "$BATS_TEST_TMPDIR/script"
    assert_status 0
    typed() { [ "$(moved)" = "$by_apply" ]; }
    wait_for 10 typed || fail "$(diff <(echo "$by_apply") <(moved))"
    run plexus plan "$file"
    assert_lacks "$output" eno1
    ip link del lan
    ip netns del guest
}

@test "what NetworkManager and systemd-networkd make in the kernel's name moves too" {
    ip address add 192.0.2.1/24 dev eno1 noprefixroute
    ip address add 2001:db8::1/64 dev eno1 noprefixroute nodad
    ip link set eno1 up
    ip route add 192.0.2.0/24 dev eno1 proto kernel scope link src 192.0.2.1 metric 100
    ip route add default via 192.0.2.254 dev eno1 proto static metric 100
    ip -6 route add 2001:db8::/64 dev eno1 proto kernel metric 100
    ip -6 route add default via 2001:db8::fe dev eno1 proto static metric 100
    before=$(network)
    apply "$file"
    assert_contains "$(ip route)" "192.0.2.0/24 dev lan proto kernel scope link src 192.0.2.1 metric 100"
    assert_contains "$(ip route)" "default via 192.0.2.254 dev lan proto static metric 100"
    assert_contains "$(ip -6 route)" "2001:db8::/64 dev lan proto kernel metric 100"
    ping_once guest 192.0.2.1
    ping_once outside 2001:db8::1
    nothing_to_do "$file"
    plexus down net
    same_as "$before"
}

@test "a step that fails gives all back, and so does a broken expectation" {
    before=$(configured)
    # Nothing leads to its gateway any more: as it is, nobody can make it.
    ip address add 10.9.9.1/24 dev eno1
    ip route add 198.51.103.0/24 via 10.9.9.9
    ip address del 10.9.9.1/24 dev eno1
    with=$(network)
    run plexus apply "$file"
    assert_status 7
    assert_contains "$output" "198.51.103.0/24"
    assert_contains "$output" "rolled back"
    same_as "$with"
    ip route del 198.51.103.0/24
    same_as "$before"
    topology "expect: [guest reaches 192.0.2.99]"
    run plexus apply "$file"
    assert_status 7
    same_as "$before"
    ping_once outside 192.0.2.1
}

@test "unconfirmed, the card has all again" {
    before=$(configured)
    apply --confirm=2 "$file"
    assert_contains "$output" "~ route host/0.0.0.0/0: dev eno1 -> lan"
    no_guard() { ! pgrep -x confirm-guard; }
    wait_for 20 no_guard
    same_as "$before"
    apply --confirm=60 "$file"
    plexus confirm net
    has_moved
    plexus down net
    same_as "$before"
}

@test "killed at any moment, the next command mends it" {
    before=$(configured)
    RANDOM=${PLEXUS_SEED:-7}
    begin=${EPOCHREALTIME/[.,]/}
    apply "$file"
    time=$((${EPOCHREALTIME/[.,]/} - begin))
    for kill in {1..8}; do
        run plexus down net
        wait_for 10 test ! -e /run/plexus/net/record.json
        at=$((RANDOM * time / 32767 + 1))
        timeout -s KILL "$(printf '0.%06d' "$at")" "$PLEXUS" apply "$file" >/dev/null 2>&1 3>&- || true
        if ((kill % 2)); then
            run plexus rollback net
            [ -e /run/plexus/net/record.json ] || same_as "$before"
        fi
        apply "$file"
        has_moved
        timeout -s KILL "$(printf '0.%06d' "$at")" "$PLEXUS" down net >/dev/null 2>&1 3>&- || true
        run plexus apply "$file"
        [ "$status" -eq 0 ] || fail "kill $kill after $at us: $output"
        has_moved
    done
    run plexus down net
    assert_status 0
    same_as "$before"
}

@test "what a change of the file means: another bridge, no network, and what it says itself" {
    before=$(configured)
    apply "$file"
    sed -i 's/uplink: eno1/uplink: eno1, bridge: br9/' "$file"
    apply "$file"
    assert_contains "$(ip route)" "default via 192.0.2.254 dev br9"
    assert_equal "$(ip -j address show br9 | jq -c '[.[0].addr_info[] | select(.scope != "link") | .local] | sort')" \
        '["192.0.2.1","192.0.2.5","2001:db8::1"]'
    nothing_to_do "$file"
    printf 'name: net\nnamespaces: {guest: {}}\n' >"$file"
    apply "$file"
    assert_equal "$(network | grep -v -e guest)" "$(grep -v guest <<<"$before")"
    topology 'interfaces: {lan: {addresses: [192.0.2.1/24], gateway: 192.0.2.253}}'
    apply "$file"
    assert_contains "$(ip route)" "default via 192.0.2.253 dev lan"
    assert_equal "$(ip -j address show eno1 | jq -c '[.[0].addr_info[] | select(.scope != "link") | .local]')" "[]"
    nothing_to_do "$file"
    topology ""
    apply "$file"
    has_moved
    plexus down net
    same_as "$before"
}

@test "what others put back on the card is found, and taken again" {
    before=$(configured)
    apply "$file"
    ip address add 192.0.2.1/24 dev eno1
    run plexus status net
    assert_status 1
    assert_contains "$output" "address host/eno1 192.0.2.1/24"
    assert_contains "$output" "ip address del 192.0.2.1/24 dev eno1"
    apply "$file"
    has_moved
    ip route del default
    run plexus status net
    assert_status 1
    apply "$file"
    has_moved
    nothing_to_do "$file"
    plexus down net
    same_as "$before"
}

@test "a card that is gone by then is told, and all else goes" {
    configured >/dev/null
    apply "$file"
    ip link del eno1
    run plexus down net
    assert_status 0
    assert_contains "$output" "interface host/eno1 is no more, so address host/eno1 192.0.2.1/24 does not come back"
    assert_equal "$(ip route)" ""
}

@test "after a boot, what the card has then moves; what it has not is nowhere" {
    before=$(configured)
    apply "$file"
    plexus save net
    plexus down net
    same_as "$before"
    rm -rf /run/plexus
    run plexus apply --saved
    assert_status 0
    has_moved
    plexus down net
    same_as "$before"
    rm -rf /run/plexus
    ip address flush dev eno1 scope global
    ip -6 route flush dev eno1 proto boot
    bare=$(network)
    run plexus apply --saved
    assert_status 0
    assert_equal "$(ip -j address show lan | jq -c '[.[0].addr_info[] | select(.scope != "link")]')" "[]"
    plexus down net
    same_as "$bare"
}

@test "over the card by which one is logged in, it asks for --confirm" {
    before=$(configured)
    SSH_CONNECTION="203.0.113.1 40000 192.0.2.1 22" run plexus apply "$file"
    assert_status 6
    assert_contains "$output" "net.yaml:2:41: error: network \`lan\`: the SSH session that this is typed in, from 203.0.113.1, comes in by \`eno1\`, which moves into bridge \`lan\`"
    assert_contains "$output" "--confirm"
    same_as "$before"
    SSH_CONNECTION="127.0.0.1 40000 127.0.0.1 22" run plexus apply --dry-run "$file"
    assert_status 0
    SSH_CONNECTION="203.0.113.1 40000 192.0.2.1 22" run plexus apply --confirm=60 "$file"
    assert_status 0
    has_moved
    plexus rollback net
    same_as "$before"
}

@test "what is ours on the card is for the file to move" {
    printf 'name: net\ninterfaces: {eno1: {type: physical, addresses: [192.0.2.1/24], gateway: 192.0.2.254}}\n' >"$file"
    apply "$file"
    before=$(network)
    topology ""
    run plexus apply "$file"
    assert_status 6
    assert_contains "$output" "network \`lan\`: as a port of bridge \`lan\`, \`eno1\` has no use any more for 192.0.2.1/24, the route default via 192.0.2.254"
    assert_contains "$output" 'interfaces: {lan: {addresses: [192.0.2.1/24], gateway: [192.0.2.254]}}'
    same_as "$before"
    topology 'interfaces: {lan: {addresses: [192.0.2.1/24], gateway: [192.0.2.254]}}'
    apply "$file"
    ping_once outside 192.0.2.1
    plexus down net
}

@test "what a DHCP client has on the card stays with it: the bridge asks for its own" {
    needs dnsmasq udhcpc
    ip netns exec outside dnsmasq --conf-file=/dev/null --keep-in-foreground --port=0 --interface=e0 --bind-interfaces \
        --dhcp-range=192.0.2.100,192.0.2.150,600 --dhcp-option=3,192.0.2.254 --leasefile-ro --pid-file= 2>/dev/null 3>&- &
    pids=$!
    ip link set eno1 up
    ip address add 192.0.2.100/24 dev eno1 valid_lft 600 preferred_lft 600
    ip address add 2001:db8::1/64 dev eno1 nodad
    ip route add default via 192.0.2.254 dev eno1 proto dhcp src 192.0.2.100 metric 100
    ip route add 198.51.100.0/24 dev eno1
    before=$(network)
    run plexus apply "$file"
    assert_status 6
    assert_contains "$output" "net.yaml:2:41: error: network \`lan\`: \`eno1\` has 192.0.2.100/24 for "
    assert_contains "$output" "let the bridge ask, \`interfaces: {lan: {dhcp: true}}\`, and end the DHCP client of \`eno1\`"
    same_as "$before"
    run plexus plan "$file"
    assert_contains "$output" "warning: network \`lan\`: \`eno1\` has 192.0.2.100/24 for "
    topology "interfaces: {lan: {dhcp: true}}"
    apply "$file"
    assert_lacks "$output" warning
    leased() { [[ $(ip -j -4 address show lan | jq -r '.[0].addr_info[0].local // ""') == 192.0.2.1?? ]]; }
    wait_for 20 leased
    assert_equal "$(ip -4 address show eno1)" ""
    assert_contains "$(ip route)" "default via 192.0.2.254 dev lan proto dhcp"
    assert_contains "$(ip route)" "198.51.100.0/24 dev lan"
    ping_once outside 2001:db8::1
    nothing_to_do "$file"
    plexus down net
    same_as "$before"
}

@test "the subnet that moved to the bridge is in use still" {
    configured >/dev/null
    apply "$file"
    for subnet in 192.0.2.0/25 198.51.100.128/25; do
        topology ""
        sed -i "s|^networks: {|&nat: {subnet: $subnet}, |" "$file"
        run plexus apply "$file"
        assert_status 6
        assert_contains "$output" "network \`nat\`: $subnet is in use: the host has ${subnet%.*}.0/24 on \`lan\`"
    done
    has_moved
    plexus down net
}

@test "over the bridge by which one is logged in: no false alarm, and no way around the question" {
    configured >/dev/null
    apply "$file"
    ip address add 192.0.2.1/24 dev eno1
    export SSH_CONNECTION="203.0.113.1 40000 192.0.2.1 22"
    apply "$file"
    has_moved
    ip link add eno2 type veth peer name e2 netns outside
    sed -i 's/uplink: eno1/uplink: eno2/' "$file"
    apply "$file" # it goes with the card
    assert_contains "$(ip address show eno1)" 192.0.2.1/24
    topology ""
    apply --confirm=60 "$file"
    plexus confirm net
    has_moved
    ip link set eno1 nomaster
    ip address add 192.0.2.6/24 dev eno1 valid_lft 600 preferred_lft 600
    ip netns add web
    run plexus network connect lan web
    assert_status 6
    assert_contains "$output" "\`eno1\` has 192.0.2.6/24 for "
    assert_equal "$(plexus network inspect lan --json | jq -r '[.. | .name? // empty] | index("web")')" null
    ip netns del web
    ip link del eno2
    ip address del 192.0.2.6/24 dev eno1
    run plexus down net
    assert_status 0
    assert_lacks "$output" SSH
}
