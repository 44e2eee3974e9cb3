#!/usr/bin/env bats
# A boot: all of the kernel's state and all of /run are gone, what is in /etc and /var/lib stays. The command of the
# unit makes of what was saved the network that there was.

# shellcheck disable=SC2016 # quotes of messages

load helpers

setup() {
    needs dnsmasq udhcpc dig python3 jq
    world_begin
    cd "$BATS_TEST_TMPDIR" || return
    cp /etc/hosts hosts-before
    cp -a /etc/netns netns-before 2>/dev/null || true
    machine
}

teardown() {
    for pid in ${pids-}; do
        kill -KILL "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    power_off
    cp hosts-before /etc/hosts
    rm -rf /etc/plexus /etc/netns
    world_end
}

# machine: what there is before anything of ours: a card, and the world behind it.
machine() {
    ip netns add isp
    ip link add eno1 address 52:54:00:00:00:01 type veth peer name eth0 netns isp
    ip -n isp address add 192.0.2.254/24 dev eth0
    ip -n isp link set eth0 up
}

# power_off: as when the plug is pulled. What is left in /etc and /var/lib is what was there in that moment.
power_off() {
    local pid name
    for name in plexus-service dnsmasq udhcpc confirm-guard; do
        for pid in $(pgrep -x $name); do kill -KILL "$pid"; done
    done
    ip -all netns delete
    for name in $(ip -o link | sed 's/^[0-9]*: //; s/[@:].*//'); do
        [ "$name" = lo ] || ip link del "$name" 2>/dev/null || true
    done
    nft flush ruleset
    conntrack -F 2>/dev/null || true
    ip rule show | sed -n 's/^\([0-9]*\):.*/\1/p' | while read -r name; do
        case $name in 0 | 32766 | 32767) ;; *) ip rule del priority "$name" ;; esac
    done
    ip route flush type blackhole
    sysctl -qw net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0
    rm -rf /run/plexus /run/plexus-services
}

# boot: the machine starts, and the unit does what it says.
boot() {
    wait_for 10 world_is_as_before
    machine
    local command
    read -ra command < <(sed -n 's|^ExecStart=@bindir@/plexus||p' "$ROOT_DIR/packaging/systemd/plexus.service.in")
    (cd / && run "$PLEXUS" "${command[@]}" && assert_status 0) 3>&-
}

home() {
    cat >home.yaml <<'YAML'
name: home
interfaces:
  eno1: {type: physical, addresses: [192.0.2.1/24]}
  tap100i0: {type: tap, network: {guests: {name: vm, mac: "52:54:00:00:01:00", anti-spoofing: true, rate: 100mbit}}}
routes: [{to: 10.99.0.0/16, type: blackhole}]
rules: [{from: 10.98.0.0/16, table: 100, priority: 500}]
networks:
  guests:
    subnet: 10.1.0.0/24
    ipv6: true
    uplink: eno1
    dhcp: {hosts: [{name: kept, mac: "02:00:00:00:00:77", address: 10.1.0.77}]}
    dns: {host-names: hosts, servers: [192.0.2.53]}
    publish: ["8080:web:80", "5353:web:53/udp", "9000-9010:10.1.0.77:9000-9010"]
  chosen: {}
  quiet: {mode: isolated, subnet: 10.3.0.0/24}
firewall:
  zones: {wan: [eno1]}
  sets: {blocked: {file: blocked.txt}}
  input: drop
  rules: [deny from @blocked to any, allow icmp, allow ssh from wan limit 6/minute]
  policies: [chosen to guests: allow]
namespaces:
  web: {networks: [guests], firewall: {input: drop, rules: [allow tcp/80, allow icmp]}}
  pc: {networks: {guests: {dhcp: true, mac: "02:00:00:00:00:77"}}}
  desk: {networks: [chosen, quiet], sysctls: {net.ipv4.ip_forward: 1}}
YAML
    printf '# the bad\n203.0.113.0/24\n198.51.100.7\n2001:db8:bad::/48\n' >blocked.txt
    python3 -c 'for i in range(5000): print(f"100.64.{i // 250}.{i % 250}")' >>blocked.txt
}

leases_are_there() { [ "$(plexus leases --json guests | jq -r '[.[] | select(.name == "kept" or .address == "10.1.0.77")] | length')" = 1 ]; }
has_address() { ip -n pc -4 -br address show eth0 | grep -qF 10.1.0.77/24; }

# all: what is to be the same. What routers advertise comes in its time, with the MAC address that the kernel chose.
all() {
    wait_for 10 leases_are_there
    snapshot | grep -vE '"protocol":"ra"|"expires"|"mngtmpaddr"'
    plexus network ls --json
    cat /etc/hosts /etc/netns/*/resolv.conf
    ls /etc/plexus
}

# works: what was promised is kept.
works() {
    local how
    reaches web 192.0.2.254
    reaches desk 10.1.0.2
    cannot_reach web 10.3.0.2
    assert_equal "$(ip netns exec web dig +short @10.1.0.1 kept.guests.internal)" 10.1.0.77
    rm -f web-server
    ip netns exec web python3 -uc '
import socket
server = socket.create_server(("", 80))
print("ready")
while True:
    server.accept()[0].sendall(b"web")' >web-server 3>&- &
    pids="${pids-} $!"
    wait_for 10 grep -q ready web-server
    ip -n isp address add 203.0.113.5/32 dev eth0
    for how in "192.0.2.254 web" "203.0.113.5 "; do
        assert_equal "$how: $(ip netns exec isp python3 -c '
import socket, sys
try:
    print(socket.create_connection(("192.0.2.1", 8080), 1, (sys.argv[1], 0)).recv(9).decode())
except OSError:
    pass' "${how% *}")" "$how: ${how#* }"
    done
    ip -n isp address del 203.0.113.5/32 dev eth0
    kill -KILL "${pids##* }"
}

@test "what was saved is there after a boot, equal to before, and works" {
    home
    apply home.yaml
    plexus save home
    plexus network create zeta --subnet 10.9.0.0/24 --publish 8443:10.9.0.5:443 --save --quiet
    wait_for 10 has_address
    works
    before=$(all)
    power_off
    boot
    plexus status
    wait_for 10 has_address
    assert_equal "$(all)" "$before"
    works
    # Nothing is left to do, the unit's command included; and it is one's own to take down.
    run plexus apply --saved --no-expect
    assert_status 0
    assert_contains "$output" "nothing to do"
    plexus down --all --quiet
    cmp hosts-before /etc/hosts
}

@test "what was not saved is gone after a boot, also what it had in /etc" {
    home
    apply home.yaml
    apply --confirm=600 <(sed 's/web:/page:/; s/8080:web/8080:page/; s/5353:web/5353:page/' home.yaml | sed "s|blocked.txt|$PWD/&|")
    plexus network create zeta --subnet 10.9.0.0/24 --save --quiet
    power_off
    boot
    assert_equal "$(plexus list --json | jq -r '.[].name')" zeta
    cmp hosts-before /etc/hosts
    assert_equal "$(grep -ls Plexus /etc/netns/*/resolv.conf)" ""
    plexus down --all --quiet
}

@test "the plug is pulled in the midst of a change: what was saved comes" {
    home
    apply home.yaml
    plexus save home
    wait_for 10 has_address
    before=$(all)
    sed -i 's/10\.1\.0\./10.7.0./; s/chosen: {}/chosen: {mtu: 1400, dhcp: true}/; s/input: drop/input: accept/' home.yaml
    "$PLEXUS" apply --quiet home.yaml 3>&- &
    pid=$!
    wait_for 10 test -e /run/plexus/home/journal.json
    kill -KILL "$pid"
    wait "$pid" || true
    power_off
    boot
    plexus status
    wait_for 10 has_address
    assert_equal "$(all)" "$before"
}

@test "one that cannot be applied at boot, for its card is missing, is named, and keeps no other from coming" {
    home
    apply home.yaml
    plexus save home
    rm blocked.txt # it is kept with what is saved
    plexus network create zeta --subnet 10.9.0.0/24 --save --quiet
    power_off
    wait_for 10 world_is_as_before
    run plexus apply --saved --no-expect
    assert_status 2
    assert_contains "$output" "/etc/plexus/home.yaml:3:3: error: there is no interface \`eno1\` on this host"
    assert_equal "$(plexus network ls --json | jq -r '.[].name')" zeta
    machine
    run plexus apply --saved --no-expect
    assert_status 0
    assert_contains "$(nft list ruleset)" 203.0.113.0/24
}
