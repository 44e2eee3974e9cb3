#!/usr/bin/env bats
# Anti-spoofing, isolation and rates of single ports: what forged frames come through, and what honest ones.

load helpers

setup() {
    needs python3
    world_begin
    file=$BATS_TEST_TMPDIR/guards.yaml
    asks_firewall 0
}

teardown() {
    plexus down guards >/dev/null 2>&1 || true
    asks_firewall 1
    world_end
}

# guards WHAT-A-SAYS: two guests of a network, of which the first is said so.
guards() {
    cat >"$file" <<END
name: guards
networks:
  guests: {subnet: 10.1.0.0/24, ipv6: "fd01::/64"}
namespaces:
  a: {networks: {guests: {$1}}}
  b: {networks: [guests]}
END
    needs_kernel_for "$file"
    run plexus apply "$file"
    assert_status 0
    reaches b 10.1.0.1
}

mac_of() {
    ip -n "$1" -j link show eth0 | jq -r '.[0].address'
}

# seen [FROM]: the names of the frames from a that b sees.
seen() {
    local got=$BATS_TEST_TMPDIR/got
    ip netns exec b "$NET_DIR/frames" receive eth0 >"$got" 2>&1 3>&- &
    local receiver=$!
    wait_for 30 grep -q ready "$got"
    ip netns exec a "$NET_DIR/frames" send eth0 "$(mac_of a)" 10.1.0.2 fd01::2 "$(mac_of b)" 10.1.0.3 fd01::3
    wait "$receiver" || fail "the last frame did not arrive"
    sed '1d; $d' "$got"
}

# The first half holds the second to account: each of these frames would arrive.
@test "a guest with anti-spoofing sends from its own addresses only; without it, from all" {
    guards ""
    all=$(seen)
    assert_equal "$(wc -l <<<"$all")" 31
    guards "anti-spoofing: true"
    assert_equal "$(seen)" "$(grep '^good' <<<"$all")"
    reaches a 10.1.0.3
    reaches a fd01::3
    reaches b 10.1.0.2
    reaches b fd01::2
    nothing_to_do "$file"
    guards ""
    assert_equal "$(seen)" "$all"
    assert_lacks "$(nft list tables)" bridge
}

# port_of MAC: the ports of the bridge behind which it is.
port_of() {
    bridge -j fdb show br guests | jq -r --arg mac "$1" 'map(select(.mac == $mac) | .ifname) | unique | join(" ")'
}

# The switch learns from frames to itself, which no rule sees; the first half shows that such a frame is one.
@test "a guest with anti-spoofing cannot draw to itself what is sent to another" {
    guards ""
    mac=$(mac_of b)
    stolen() { # until the other says something itself
        ip netns exec a "$NET_DIR/frames" steal eth0 "$mac"
        [ "$(port_of "$mac")" = a-eth0 ]
    }
    wait_for 5 stolen
    guards "anti-spoofing: true"
    reaches b 10.1.0.1
    ip netns exec a "$NET_DIR/frames" steal eth0 "$mac"
    assert_equal "$(port_of "$mac")" b-eth0
    assert_equal "$(port_of "$(mac_of a)")" a-eth0
    ip netns exec a "$NET_DIR/frames" steal eth0 02:00:00:00:00:99
    assert_equal "$(port_of 02:00:00:00:00:99)" ""
    nothing_to_do "$file"
    bridge fdb del "$(mac_of a)" dev a-eth0 master
    run plexus status guards
    assert_status 1
    plexus apply "$file" --quiet
    nothing_to_do "$file"
}

# Addresses that the file knows nothing of, its own and those that the kernel makes.
@test "guests that are isolated do not meet by way of the host under other addresses either" {
    cat >"$file" <<'END'
name: guards
networks: {guests: {subnet: 10.1.0.0/24, ipv6: "fd01::/64", publish: ["8080:b:80"]}}
namespaces:
  a: {networks: {guests: {isolated: true}}}
  b: {networks: {guests: {isolated: true}}}
  c: {networks: [guests]}
END
    apply "$file"
    nothing_to_do "$file"
    for n in 0 1; do
        ns=$(cut -c$((n + 1)) <<<ab)
        ip -n "$ns" address add "10.1.0.7$n/24" dev eth0
        ip -n "$ns" address add "fd01::7$n/64" dev eth0 nodad
        ip -n "$ns" route add "10.1.0.7$((1 - n))" via 10.1.0.1 src "10.1.0.7$n"
        ip -n "$ns" route add "fd01::7$((1 - n))" via fd01::1 src "fd01::7$n"
    done
    cannot_reach a 10.1.0.71
    cannot_reach a fd01::71
    for guest in a b c; do
        reaches "$guest" 10.1.0.1
        reaches "$guest" fd01::1
    done
    reaches a 10.1.0.4
    reaches c 10.1.0.3
    ip netns exec b python3 -c 'import socket
server = socket.create_server(("", 80))
print("ready", flush=True)
server.accept()[0].sendall(b"hello")' >"$BATS_TEST_TMPDIR/server" 3>&- &
    wait_for 10 grep -q ready "$BATS_TEST_TMPDIR/server"
    assert_equal "$(ip netns exec a python3 -c 'import socket
print(socket.create_connection(("10.1.0.1", 8080), 5).recv(9).decode())')" hello
}

@test "what the file allows besides comes through, and the rest does not" {
    guards "anti-spoofing: true, also: [10.1.0.64/26, fd01::77]"
    got=$(seen | grep -v ^good)
    assert_equal "$got" "ip4-of-another
ip6-of-another
arp-ip-of-another
nd-advert-for-another
nd-advert-behind-options
nd-free-of-another"
    nothing_to_do "$file"
}

@test "the rules of guests are undone when an apply fails, and cleared when somebody took one away" {
    guards "anti-spoofing: true"
    before=$(snapshot | sort)
    sed -i 's/anti-spoofing: true/rate: 10mbit/' "$file"
    echo 'expect: [b reaches 10.9.9.9]' >>"$file"
    run plexus apply "$file"
    assert_status 7
    assert_equal "$(snapshot | sort)" "$before"
    nft flush chain bridge plexus-guards of-all
    run plexus status guards
    assert_status 1
    assert_contains "$output" "of-all"
    guards "anti-spoofing: true"
    nothing_to_do "$file"
}

# A change of one guest's port: of the two others, who talk all the while, not one packet is lost.
@test "isolation and anti-spoofing of one guest change while others lose nothing" {
    cat >"$file" <<'END'
name: guards
networks: {guests: {subnet: 10.1.0.0/24}}
namespaces:
  a: {networks: {guests: {isolated: false}}}
  b: {networks: [guests]}
  c: {networks: {guests: {isolated: true}}}
END
    apply "$file"
    reaches a 10.1.0.3
    reaches a 10.1.0.4
    index=$(ip -n a -j link show eth0 | jq '.[0].ifindex')
    ip netns exec b ping -nq -i 0.002 -w 60 10.1.0.1 >"$BATS_TEST_TMPDIR/ping" 3>&- &
    ping=$!
    sed -i 's/isolated: false/isolated: true, anti-spoofing: false/' "$file"
    apply "$file"
    cannot_reach a 10.1.0.4
    ip -n a route add 10.1.0.4 via 10.1.0.1
    ip -n c route add 10.1.0.2 via 10.1.0.1
    cannot_reach a 10.1.0.4
    reaches a 10.1.0.3
    reaches a 10.1.0.1
    ip -n a route del 10.1.0.4
    ip -n c route del 10.1.0.2
    sed -i 's/anti-spoofing: false/rate: 1gbit/' "$file"
    apply "$file"
    sed -i 's/isolated: true, rate: 1gbit/isolated: false/' "$file"
    apply "$file"
    reaches a 10.1.0.4
    kill -INT "$ping"
    wait "$ping"
    assert_contains "$(<"$BATS_TEST_TMPDIR/ping")" " 0% packet loss"
    assert_equal "$(ip -n a -j link show eth0 | jq '.[0].ifindex')" "$index"
}

listens() {
    ip netns exec "$1" ss -Hltn 'sport = 5201' | grep -q .
}

# throughput FROM TO: Mbit/s that arrive, when the reserve of the first second is used up.
throughput() {
    ip netns exec "$1" iperf3 -J -O 2 -t 2 -c "$2" | jq '.end.sum_received.bits_per_second / 1e6 | floor'
}

@test "a rate holds in both directions, and is that of the one port" {
    needs iperf3
    guards "rate: 200mbit"
    ip netns exec a iperf3 -s >/dev/null 2>&1 3>&- &
    servers=$!
    ip netns exec b iperf3 -s >/dev/null 2>&1 3>&- &
    servers+=" $!"
    wait_for 10 listens a
    wait_for 10 listens b
    for way in "a 10.1.0.3" "b 10.1.0.2"; do
        # shellcheck disable=SC2086 # two words
        got=$(throughput $way)
        [ "$got" -le 250 ] && [ "$got" -ge 40 ] || fail "$way: $got Mbit/s, and 200 were said"
    done
    guards ""
    got=$(throughput a 10.1.0.3)
    [ "$got" -gt 250 ] || fail "without a rate: $got Mbit/s"
    # shellcheck disable=SC2086
    kill $servers
}

@test "who is not known well enough to be guarded is told" {
    cat >"$file" <<'END'
name: guards
networks:
  guests: {subnet: 10.1.0.0/24, anti-spoofing: true}
  lan: {mode: bridged, uplink: eno1}
interfaces:
  tap0: {type: tap, network: guests}
  tap1: {type: tap, network: {guests: {mac: 52:54:00:00:00:01, rate: fast, also: [x]}}}
  tap2: {type: tap, network: [guests, lan]}
  tap3: {type: tap, network: guests, bridge: lan}
namespaces:
  a: {networks: {lan: {anti-spoofing: true}}}
END
    run plexus check "$file"
    assert_status 2
    assert_contains "$output" "guards.yaml:7:70: error: \`rate\` cannot be \`fast\`: expected a number with kbit, mbit or gbit, like 100mbit"
    assert_contains "$output" "error: \`also\` cannot be \`x\`: expected an address, network or range"
    assert_contains "$output" "guards.yaml:8:30: error: \`tap2\` is in one network"
    assert_contains "$output" "error: \`tap3\` of \`host\` is plugged into network \`guests\`: it cannot have a \`bridge\` too"
    sed -i '/tap[123]/d' "$file"
    run plexus check "$file"
    assert_status 2
    assert_contains "$output" "guards.yaml:6:30: error: \`anti-spoofing\` of \`tap0\` needs to know its \`mac\`"
    assert_contains "$output" "for example: \`guests: {mac: 52:54:00:12:34:56}\`"
    assert_contains "$output" "guards.yaml:8:18: error: \`anti-spoofing\` of \`a\` needs to know its \`address\`"
}
