#!/usr/bin/env bats
# What each side of a host with several networks sees: nmap the ports that are allowed, tcpdump nothing of others.

load helpers

setup() {
    needs python3 nmap tcpdump
    world_begin
    cd "$BATS_TEST_TMPDIR" || return
    cat >tenants.yaml <<'YAML'
name: tenants
interfaces:
  wan0: {peer: outside/eth0, addresses: [192.0.2.1/24, "2001:db8::1/64"]}
networks:
  red: {subnet: 10.1.0.0/24, ipv6: "fd01::/64", uplink: wan0, publish: ["8080:web:80", "[2001:db8::1]:8080:[fd01::2]:80", "5353:web:53/udp"]}
  blue: {subnet: 10.2.0.0/24, ipv6: "fd02::/64"}
  quiet: {subnet: 10.3.0.0/24, ipv6: "fd03::/64", mode: isolated, gateway: [10.3.0.1, "fd03::1"]}
firewall:
  zones: {wan: [wan0], admins: [10.2.0.3, "fd02::3"]}
  input: drop
  rules:
    - allow ssh from admins
    - allow tcp/80,udp/5000 from wan
    - allow https
    - allow icmp
    - deny tcp/443 from quiet
    - reject tcp/25 from red
    - allow tcp/82 from admins to red
  policies: [blue to wan: allow]
namespaces:
  web: {networks: [red], firewall: {input: drop, rules: [allow tcp/80, allow udp/53, allow tcp/81 from 10.1.0.3, allow tcp/82, allow icmp]}}
  db: {networks: [red]}
  desk: {networks: {blue: {address: [10.2.0.2, "fd02::2"]}}}
  admin: {networks: {blue: {address: [10.2.0.3, "fd02::3"]}}}
  lone: {networks: [quiet]}
  outside:
    interfaces: {eth0: {addresses: [192.0.2.2/24, "2001:db8::2/64"]}}
    routes: [{to: 10.0.0.0/8, via: 192.0.2.1}, {to: "fd00::/8", via: "2001:db8::1"}]
YAML
}

teardown() {
    for pid in ${pids-}; do
        kill -KILL "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    plexus down tenants >/dev/null 2>&1 || true
    asks_firewall 1
    conntrack -F 2>/dev/null || true
    [ -n "${BATS_TEST_COMPLETED-}" ] || raze
    world_end
}

# begin NAMESPACE COMMAND...: in the background; "host" is here.
begin() {
    local in=(ip netns exec "$1")
    [ "$1" != host ] || in=()
    "${in[@]}" "${@:2}" 3>&- &
    pids="${pids-} $!"
}

# serve NAMESPACE PORT...: at each, over TCP and UDP, in both families.
serve() {
    begin "$1" python3 -c '
import select, socket, sys
all = []
for port in map(int, sys.argv[1:]):
    for kind in socket.SOCK_STREAM, socket.SOCK_DGRAM:
        one = socket.socket(socket.AF_INET6, kind)
        one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        one.bind(("::", port))
        if kind == socket.SOCK_STREAM:
            one.listen(64)
        all.append(one)
print("ready", flush=True)
while True:
    for one in select.select(all, [], [])[0]:
        if one.type == socket.SOCK_STREAM:
            one.accept()[0].close()
        else:
            data, who = one.recvfrom(1000)
            one.sendto(b"yes", who)' "${@:2}" >"server-$1"
    wait_for 10 grep -q ready "server-$1"
}

ports=22,25,53,80,81,82,443,5000,5353,8080

# scan NAMESPACE ADDRESS [-6]: the ports that are open, over TCP and over UDP.
scan() {
    inside "$1" nmap "${@:3}" -Pn -n -sT -sU -p "T:$ports,U:53,5000,5353" --max-retries 1 \
        --initial-rtt-timeout 100ms --max-rtt-timeout 200ms -oG - "$2" |
        grep -oE '[0-9]+/open/(tcp|udp)' | sed 's|/open||' | sort -t / -k 2,2 -k 1,1n | paste -sd ' '
}

# sees FROM ADDRESS-4 ADDRESS-6 PORTS: in both families.
sees() {
    assert_equal "$1 $2: $(scan "$1" "$2")" "$1 $2: $4"
    assert_equal "$1 $3: $(scan "$1" "$3" -6)" "$1 $3: ${5-$4}"
}

@test "nmap sees from each side, in both families, what the rules allow, and no more" {
    apply tenants.yaml
    serve host 22 25 53 80 81 82 443 5000
    serve web 22 53 80 81 82
    serve desk 80
    sees outside 192.0.2.1 2001:db8::1 "80/tcp 443/tcp 8080/tcp 5000/udp 5353/udp" "80/tcp 443/tcp 8080/tcp 5000/udp"
    sees db 10.1.0.1 fd01::1 "443/tcp 8080/tcp 5353/udp" "443/tcp"
    sees desk 10.2.0.1 fd02::1 "443/tcp 8080/tcp 5353/udp" "443/tcp"
    sees admin 192.0.2.1 2001:db8::1 "22/tcp 443/tcp 8080/tcp 5353/udp" "22/tcp 443/tcp 8080/tcp"
    sees lone 10.3.0.1 fd03::1 "443/tcp"
    # Between guests: a sibling by the guest's own firewall, an admin by the rule, others not at all.
    sees db 10.1.0.2 fd01::2 "80/tcp 81/tcp 82/tcp 53/udp" "80/tcp 82/tcp 53/udp"
    sees admin 10.1.0.2 fd01::2 82/tcp
    for from in desk lone outside; do sees $from 10.1.0.2 fd01::2 ""; done
    sees web 10.2.0.2 fd02::2 ""
    sees host 10.2.0.2 fd02::2 "80/tcp"
}

mac_of() { ip -n "$1" -j link show eth0 | jq -r '.[0].address'; }

# watch NAMESPACE INTERFACE: all that is seen there, with MAC addresses, into a file of that name.
watch() {
    begin "$1" tcpdump -i "$2" -e -nn -l --immediate-mode -p >"$2-$1.seen" 2>"$2-$1.said"
    wait_for 10 grep -q "listening on" "$2-$1.said"
}

# What a tenant sends that a switch floods, or a router might forward: to nobody, to all, to many, forged, and what the host
# answers.
noise='
import socket, struct, sys
mac = bytes.fromhex(sys.argv[1].replace(":", ""))
raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
raw.bind(("eth0", 0))
def ip4(target, source="10.1.0.2"):
    head = struct.pack("!BBHHHBBH", 0x45, 0, 36, 1, 0, 9, 17, 0) + socket.inet_aton(source) + socket.inet_aton(target)
    total = sum(struct.unpack("!10H", head))
    total = ~((total & 0xffff) + (total >> 16)) & 0xffff
    return head[:10] + struct.pack("!H", total) + head[12:] + struct.pack("!HHHH", 9999, 9999, 16, 0) + b"red-mark"
def ip6(target):
    return (struct.pack("!IHBB", 6 << 28, 16, 17, 9) + socket.inet_pton(socket.AF_INET6, "fd01::2")
            + socket.inet_pton(socket.AF_INET6, target) + struct.pack("!HHHH", 9999, 9999, 16, 0) + b"red-mark")
def arp(target):
    return (struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1) + mac + socket.inet_aton("10.1.0.2") + bytes(6)
            + socket.inet_aton(target))
for target, kind, body in (
        ("020000dddddd", 0x0800, ip4("10.1.0.99")), ("020000dddddd", 0x86dd, ip6("fd01::99")),  # unknown unicast
        ("ffffffffffff", 0x0800, ip4("255.255.255.255")), ("ffffffffffff", 0x0800, ip4("10.2.0.255")),
        ("ffffffffffff", 0x0806, arp("10.2.0.2")), ("ffffffffffff", 0x0806, arp("10.1.0.99")),
        ("01005e0000fb", 0x0800, ip4("224.0.0.251")), ("01005e010101", 0x0800, ip4("239.1.1.1")),
        ("333300000001", 0x86dd, ip6("ff02::1")), ("33330000abcd", 0x86dd, ip6("ff05::abcd")),
        ("ffffffffffff", 0x88b5, b"red-mark" * 8)):
    raw.send(bytes.fromhex(target) + mac + struct.pack("!H", kind) + body)
gateway = bytes.fromhex(sys.argv[2].replace(":", ""))
for body in (ip4("10.2.0.2"), ip4("10.2.0.255"), ip4("10.3.0.2"), ip4("10.2.0.2", "10.2.0.3"), ip4("239.1.1.1")):
    raw.send(gateway + mac + b"\x08\x00" + body)
for target in "fd02::2", "fd03::2":
    socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).sendto(b"red-mark", (target, 9999))'

@test "tcpdump sees nothing of one tenant in the other, of what is flooded, forged or asked" {
    asks_firewall 0 # or the bridge drops what is flooded, since no rule lets it through
    apply tenants.yaml
    web=$(mac_of web)
    for at in "desk eth0" "lone eth0" "outside eth0" "db eth0" "host blue" "host quiet"; do
        # shellcheck disable=SC2086 # two words
        watch $at
    done
    reaches web 10.1.0.3
    reaches web 192.0.2.2
    for target in 10.2.0.2 10.3.0.2 10.2.0.1 fd02::2 10.1.0.255 10.1.0.77 ff02::1%eth0; do
        begin web ping -nqbc1 -W1 $target >/dev/null 2>&1
    done
    wait_for 10 grep -q "who-has 10.1.0.77" eth0-db.seen
    ip netns exec web python3 -c "$noise" "$web" "$(cat /sys/class/net/red/address)"
    # What follows comes after all of it, and is seen.
    reaches desk 10.2.0.1
    reaches lone 10.3.0.1
    reaches web 10.1.0.3
    wait_for 10 grep -q "10.2.0.2 > 10.2.0.1: ICMP" eth0-desk.seen
    wait_for 10 grep -q "10.2.0.2 > 10.2.0.1: ICMP" blue-host.seen
    wait_for 10 grep -q "10.3.0.2 > 10.3.0.1: ICMP" eth0-lone.seen
    # A sibling sees what is flooded, so each of these frames did leave.
    for seen in 10.1.0.99.9999 fd01::99.9999 255.255.255.255.9999 10.2.0.255.9999 "who-has 10.2.0.2" "who-has 10.1.0.99" \
        224.0.0.251.9999 239.1.1.1.9999 ff02::1.9999 ff05::abcd.9999 "ethertype Unknown (0x88b5)"; do
        wait_for 10 grep -qF "$seen" eth0-db.seen
    done
    for other in eth0-desk eth0-lone blue-host quiet-host; do
        if grep -E "$web|9999|10\.1\.0\.|fd01::|88b5" $other.seen; then fail "$other sees what is red's"; fi
    done
    # Outside there is what the host sends for it, under its own name.
    wait_for 10 grep -q "192.0.2.1 > 192.0.2.2: ICMP echo request" eth0-outside.seen
    if grep -E "$web|9999|10\.1\.0\.|fd01::|88b5" eth0-outside.seen; then fail "outside sees what is red's own"; fi
}
