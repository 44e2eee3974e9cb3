#!/usr/bin/env bats
# Addresses and names that come by themselves: dnsmasq for networks, udhcpc and dhcpcd for interfaces, and how they are
# kept running.

load helpers

setup() {
    world_begin
    cp /etc/hosts "$BATS_TEST_TMPDIR/hosts-before"
}

teardown() {
    if [ -z "${BATS_TEST_COMPLETED-}" ]; then
        processes | while read -r pid _; do kill -KILL "$pid" || true; done
        raze
        cp "$BATS_TEST_TMPDIR/hosts-before" /etc/hosts
    fi
    world_end
}

# file NAME: a network file of that name from stdin; its path.
file() {
    { echo "name: $1" && cat; } >"$BATS_TEST_TMPDIR/$1.yaml"
    echo "$BATS_TEST_TMPDIR/$1.yaml"
}

# guests: the network that most tests use.
guests() {
    file lab <<END
networks:
  guests: {subnet: 10.20.0.0/24, dhcp: true, dns: {host-names: hosts, servers: [192.0.2.53]}}
namespaces:
  web: {networks: [guests]}
  pc: {networks: {guests: {dhcp: true}}}
END
}

folder=/run/plexus-services/host/dnsmasq-guests

address_of() {
    ip -n "$1" -j -4 address show "${2:-eth0}" | jq -r '.[0].addr_info[0].local // ""'
}

in_range() {
    [[ $(address_of "$1") =~ ^10\.20\.0\.([0-9]+)$ ]] && [ "${BASH_REMATCH[1]}" -ge 128 ]
}

processes() {
    ps -o pid=,comm= -C plexus-service,dnsmasq,udhcpc,dhcpcd || true
}

nothing_is_left() {
    assert_equal "$(processes)" ""
    [ ! -e /run/plexus-services ] || fail "files are left: $(find /run/plexus-services)"
    cmp "$BATS_TEST_TMPDIR/hosts-before" /etc/hosts
}

down() {
    run plexus down "${1:-lab}"
    assert_status 0
    nothing_is_left
}

# client NAMESPACE [OPTION...]: a client that Plexus knows nothing of: it asks once, and says what it was told.
client() {
    local ns=$1
    shift
    cat >"$BATS_TEST_TMPDIR/script" <<'END'
#!/bin/sh
[ "$1" = bound ] || exit 0
echo "told: ip=$ip boot_file=${boot_file:-$bootfile} siaddr=$siaddr ntpsrv=$ntpsrv"
ip address replace "$ip/$mask" dev "$interface"
END
    chmod +x "$BATS_TEST_TMPDIR/script"
    ip netns exec "$ns" udhcpc -f -q -n -t 10 -T 1 -i eth0 -s "$BATS_TEST_TMPDIR/script" "$@" 2>/dev/null
}

@test "a guest gets an address by DHCP, and names are known among guests and in the host" {
    needs dnsmasq udhcpc dig
    apply "$(guests)"
    in_range pc
    assert_contains "$(ip -n pc route)" "default via 10.20.0.1 dev eth0 proto dhcp"
    assert_equal "$(address_of web)" 10.20.0.2
    reaches pc 10.20.0.2
    pc=$(address_of pc)
    assert_equal "$(ip netns exec pc dig +short @10.20.0.1 web.guests.internal)" 10.20.0.2
    assert_equal "$(ip netns exec web dig +short @10.20.0.1 pc.guests.internal)" "$pc"
    assert_equal "$(dig +short @10.20.0.1 -x "$pc")" pc.guests.internal.
    assert_contains "$(plexus exec web getent hosts pc)" "$pc"
    assert_contains "$(getent hosts pc.guests.internal)" "$pc"
    assert_contains "$(getent hosts web)" 10.20.0.2
    # What is not of the domain goes to the servers of the file, and what is of it never does.
    assert_contains "$(dig @10.20.0.1 nobody.guests.internal)" NXDOMAIN
    nothing_to_do "$BATS_TEST_TMPDIR/lab.yaml"
    assert_contains "$output" "learnt: address pc/eth0 $pc/24, by DHCP"
    assert_contains "$(plexus show pc)" "$pc/24 (learnt)"
    assert_equal "$(plexus status --json lab | jq -c '.[0].drift')" "[]"
    assert_contains "$(plexus leases --json | jq -c '.[] | [.network, .address, .name]')" "[\"guests\",\"$pc\",\"pc\"]"
    # It has given up root, where there is anybody else to be; and what is not its own is root's only.
    assert_equal "$(stat -c %a /run/plexus) $(find /run/plexus-services -type d -printf '%m\n' | sort -u)" "700 711"
    assert_equal "$(cd "$folder" && find config leases lock names options service state -printf '%f %m\n' | paste -sd ' ')" \
        "config 600 leases 644 lock 600 names 644 options 644 service 600 state 600"
    [ "$(awk '{ print $3 }' /proc/self/uid_map)" = 1 ] || [ "$(ps -o user= -C dnsmasq)" != root ]
    down
}

@test "an address is kept for a MAC address, and for a name" {
    needs dnsmasq udhcpc
    apply "$(file lab <<'END'
networks:
  guests:
    subnet: 10.20.0.0/24
    dhcp:
      range: 10.20.0.200-10.20.0.220
      hosts:
        - {mac: "02:00:00:00:00:77", address: 10.20.0.77}
        - {name: printer, address: 10.20.0.78}
namespaces:
  one: {networks: {guests: {dhcp: true, mac: "02:00:00:00:00:77"}}}
  printer: {networks: {guests: {dhcp: true}}}
  other: {networks: {guests: {dhcp: true, address: 10.20.0.79}}}
  any: {networks: {guests: {dhcp: true}}}
END
)"
    assert_equal "$(address_of one)" 10.20.0.77
    assert_equal "$(address_of printer)" 10.20.0.78
    assert_equal "$(address_of other)" 10.20.0.79
    [[ $(address_of any) =~ ^10\.20\.0\.2[012][0-9]$ ]]
    down
}

@test "how a client calls itself is no name of the host, and what the file says is" {
    needs dnsmasq udhcpc
    lab=$(guests)
    sed -i 's/dhcp: true, dns/dhcp: {hosts: [{mac: "02:00:00:00:00:77", name: kept, address: 10.20.0.77}]}, dns/; /^  pc:/d' "$lab"
    cat >>"$lab" <<'END'
  one: {networks: {guests: {dhcp: true, mac: "02:00:00:00:00:77"}}}
  two: {interfaces: {eth0: {bridge: host/guests}}}
END
    apply "$lab"
    told=$(client two -x hostname:backup)
    wait_for 10 grep -q backup /etc/hosts
    told=${told#*ip=} told=${told%% *}
    assert_equal "$(grep backup /etc/hosts)" "$told backup.guests.internal"
    assert_contains "$(cat /etc/hosts)" "10.20.0.77 kept.guests.internal kept"
    assert_contains "$(cat /etc/hosts)" "10.20.0.2 web.guests.internal web"
    assert_equal "$(getent hosts backup)" ""
    down
}

@test "what others have in /etc/hosts stays, also where a mark is gone, or it is too long" {
    needs dnsmasq
    apply "$(guests)"
    { grep -v '^# Plexus .*: end$' /etc/hosts; echo "192.0.2.9 precious"; } >"$BATS_TEST_TMPDIR/hosts"
    cp "$BATS_TEST_TMPDIR/hosts" /etc/hosts
    sed -i 's/web:/page:/' "$BATS_TEST_TMPDIR/lab.yaml"
    apply "$BATS_TEST_TMPDIR/lab.yaml"
    assert_contains "$(cat /etc/hosts)" "10.20.0.2 page.guests.internal page"
    plexus down lab
    assert_contains "$(cat /etc/hosts)" "192.0.2.9 precious"
    assert_lacks "$(cat /etc/hosts)" "page"

    cp "$BATS_TEST_TMPDIR/hosts-before" /etc/hosts
    head -c 20M /dev/zero | tr '\0' '#' >>/etc/hosts
    before=$(stat -c %s /etc/hosts)
    apply "$(guests)"
    assert_equal "$(stat -c %s /etc/hosts)" "$before"
    plexus down lab
    assert_equal "$(stat -c %s /etc/hosts)" "$before"
    cp "$BATS_TEST_TMPDIR/hosts-before" /etc/hosts
    nothing_is_left

    # A link stays one, and what it leads to is written.
    mv /etc/hosts /etc/hosts.real
    ln -s hosts.real /etc/hosts
    apply "$(guests)"
    assert_contains "$(cat /etc/hosts.real)" "10.20.0.2 web.guests.internal web"
    [ -L /etc/hosts ] || fail "the link is gone"
    down
    [ -L /etc/hosts ] || fail "the link is gone"
    mv /etc/hosts.real /etc/hosts
}

@test "two topologies may call their networks the same" {
    needs dnsmasq udhcpc
    apply "$(guests)"
    apply "$(file two <<'END'
networks: {guests: {bridge: br9, subnet: 10.21.0.0/24, dhcp: true}}
namespaces: {laptop: {networks: {guests: {dhcp: true}}}}
END
)"
    [[ $(address_of laptop) = 10.21.0.* ]]
    in_range pc
    assert_equal "$(plexus leases --json guests | jq -r '.[] | .topology + " " + .name' | sort)" $'lab pc\ntwo laptop'
    plexus down two
    nothing_to_do "$BATS_TEST_TMPDIR/lab.yaml"
    down
}

@test "a program that cannot be started is told, and nobody waits for it" {
    needs dnsmasq cc
    cat >"$BATS_TEST_TMPDIR/no-fork.c" <<'END'
#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>
/* In the first process of a process namespace: the one that watches over a program. */
pid_t fork(void)
{
    errno = EAGAIN;
    return getpid() == 1 ? -1 : (pid_t)syscall(SYS_clone, 17 /* SIGCHLD */, 0, 0, 0, 0);
}
END
    cc -shared -fPIC -o "$BATS_TEST_TMPDIR/no-fork.so" "$BATS_TEST_TMPDIR/no-fork.c"
    run env ASAN_OPTIONS=verify_asan_link_order=0 LD_PRELOAD="$BATS_TEST_TMPDIR/no-fork.so" timeout 20 "$PLEXUS" apply "$(guests)"
    assert_status 7
    assert_contains "$output" "it cannot be started: Resource temporarily unavailable"
    nothing_is_left
}

@test "a change of kept addresses, options and names is a reload, one of the range a restart; leases survive both" {
    needs dnsmasq udhcpc dig
    apply "$(guests)"
    pc=$(address_of pc) server=$(pgrep -x dnsmasq) keeper=$(pgrep -x plexus-service | head -n1)
    lease=$(cat $folder/lease-database)
    sed -i 's/dhcp: true, dns/dhcp: {hosts: [{mac: "02:00:00:00:00:99", address: 10.20.0.99}], options: {ntp-server: 10.20.0.9}}, dns/
        s/^  web:.*/&\n  db: {networks: [guests]}/' "$BATS_TEST_TMPDIR/lab.yaml"
    run plexus plan --commands "$BATS_TEST_TMPDIR/lab.yaml"
    assert_contains "$output" "kill -HUP"
    apply "$BATS_TEST_TMPDIR/lab.yaml"
    assert_equal "$(pgrep -x dnsmasq)" "$server"
    assert_equal "$(cat $folder/lease-database)" "$lease"
    assert_equal "$(dig +short @10.20.0.1 db.guests.internal)" 10.20.0.3
    ip -n db link set dev eth0 address 02:00:00:00:00:99
    assert_contains "$(client db -O ntpsrv)" "ip=10.20.0.99"
    assert_contains "$(client db -O ntpsrv)" "ntpsrv=10.20.0.9"
    ip -n db address del 10.20.0.99/24 dev eth0
    sed -i 's/dhcp: {/dhcp: {range: 10.20.0.210-10.20.0.220, /' "$BATS_TEST_TMPDIR/lab.yaml"
    apply "$BATS_TEST_TMPDIR/lab.yaml"
    assert_equal "$(kill -0 "$server" 2>&1 | grep -c "No such process")" 1
    assert_contains "$(cat $folder/lease-database)" "$pc pc"
    assert_equal "$(address_of pc)" "$pc"
    assert_equal "$(pgrep -x plexus-service | grep -c "^$keeper$")" 0
    down
}

@test "a dnsmasq that is killed comes back; so does one whose keeper is killed, at the next apply" {
    needs dnsmasq udhcpc dig
    lab=$(guests)
    apply "$lab"
    server=$(pgrep -x dnsmasq)
    kill -KILL "$server"
    is_back() { [ -n "$(pgrep -x dnsmasq)" ] && [ "$(pgrep -x dnsmasq)" != "$server" ] && plexus status lab; }
    wait_for 10 is_back
    assert_equal "$(dig +short @10.20.0.1 web.guests.internal)" 10.20.0.2

    # Whoever watches over it is its parent; with it all goes that it started.
    kill -KILL "$(ps -o ppid= -C dnsmasq)"
    no_server() { [ -z "$(pgrep -x dnsmasq)" ]; }
    wait_for 10 no_server
    run plexus status lab
    assert_status 1
    assert_contains "$output" "service host/dnsmasq-guests"
    assert_contains "$output" "dead"
    pc=$(address_of pc)
    apply "$lab"
    assert_contains "$output" "state dead -> running"
    assert_contains "$(cat $folder/lease-database)" "$pc"
    assert_equal "$(dig +short @10.20.0.1 pc.guests.internal)" "$pc"
    nothing_to_do "$lab"

    # And down leaves nothing of one that is dead.
    for pid in $(ps -o ppid= -C dnsmasq) $(ps -o ppid= -C udhcpc); do kill -KILL "$pid"; done
    wait_for 10 no_server
    down
}

@test "what others change in the files, or make anew below, is seen and mended" {
    needs dnsmasq udhcpc dig
    lab=$(guests)
    apply "$lab"
    echo "10.20.0.66 mole" >>$folder/names
    run plexus status lab
    assert_status 1
    assert_contains "$output" names
    apply "$lab"
    nothing_to_do "$lab"
    ip link del guests
    run plexus status lab
    assert_contains "$output" elsewhere
    apply "$lab"
    nothing_to_do "$lab"
    assert_contains "$(ip netns exec web dig +short @10.20.0.1 web.guests.internal)" 10.20.0.2
    assert_contains "$(client web)" "ip=10.20.0."
    down
}

@test "what was damaged is no state to return to, and down works in any case" {
    needs dnsmasq udhcpc
    lab=$(guests)
    apply "$lab"
    rm $folder/config
    sed '$a expect: [web reaches 10.20.0.99]' "$lab" >"$lab.more"
    run plexus apply "$lab.more"
    assert_status 7
    assert_contains "$output" "warning: cannot change service host/dnsmasq-guests"
    assert_contains "$output" "but for what cannot return"
    apply "$lab"
    nothing_to_do "$lab"
    rm $folder/config
    run plexus apply "$lab.more"
    assert_status 7
    down
}

@test "a service that has lost the file that says what it is, is found and ended all the same" {
    needs dnsmasq udhcpc
    lab=$(guests)
    for how in "true" "mkfifo" "mkdir"; do
        apply "$lab"
        rm $folder/service
        $how $folder/service
        apply "$lab"
        assert_equal "$(pgrep -xc dnsmasq)" 1
        nothing_to_do "$lab"
        rm $folder/service
        $how $folder/service
        down
    done
}

@test "a step that fails later takes the service back; one that fails itself says what its program said" {
    needs dnsmasq udhcpc dig
    lab=$(guests)
    sed -i '$a expect: [web reaches 10.20.0.99]' "$lab"
    run plexus apply "$lab"
    assert_status 7
    nothing_is_left

    # The same for a change: the service is as it was before.
    sed -i '$d' "$lab"
    apply "$lab"
    sed -i 's/dhcp: true, dns/dhcp: {lease-time: 2h}, dns/; $a expect: [web reaches 10.20.0.99]' "$lab"
    run plexus apply "$lab"
    assert_status 7
    assert_contains "$(cat $folder/config)" ",3600"
    run plexus status lab
    assert_status 0
    assert_equal "$(dig +short @10.20.0.1 web.guests.internal)" 10.20.0.2

    # A TFTP folder that is not there: only dnsmasq knows.
    sed -i '$d; s/{lease-time: 2h}/{tftp-root: \/nowhere}/' "$lab"
    run plexus apply "$lab"
    assert_status 7
    assert_contains "$output" "/nowhere"
    run plexus status lab
    assert_status 0
    down
}

@test "a port that is taken is told with its owner, before anything is changed" {
    needs dnsmasq python3
    python3 -c '
import socket, sys
s = socket.socket()
s.bind(("0.0.0.0", 53))
s.listen()
print("ready", flush=True)
sys.stdin.read()' < <(exec tail -f /dev/null --pid=$$) >"$BATS_TEST_TMPDIR/holder" &
    holder=$!
    wait_for 10 grep -q ready "$BATS_TEST_TMPDIR/holder"
    lab=$(guests)
    run plexus apply "$lab"
    assert_status 6
    assert_contains "$output" "port 53/tcp at 10.20.0.1 is taken, by \`python3\` (pid $holder)"
    assert_contains "$output" "lab.yaml:3:"
    [ ! -e /run/plexus/lab/record.json ]
    kill "$holder"
    wait "$holder" || true
    apply "$lab"
    down
}

@test "an apply that is killed while the service starts leaves nothing after the next command" {
    needs dnsmasq udhcpc
    lab=$(guests)
    for moment in $folder/service $folder/lock $folder/state /run/plexus-services/pc/dhcp-eth0/lock; do
        "$PLEXUS" apply --quiet "$lab" &
        pid=$!
        until [ -e "$moment" ] || ! kill -0 "$pid"; do :; done
        kill -KILL "$pid" || true
        wait "$pid" || true
        run plexus down lab
        nothing_is_left
        wait_for 10 world_is_as_before
    done
}

@test "IPv6: router advertisements give a prefix, DHCPv6 an address" {
    needs dnsmasq dhcpcd
    apply "$(file lab <<'END'
networks:
  guests: {subnet: 10.20.0.0/24, ipv6: "fd20::/64", dhcp: true, dns: true}
interfaces:
  g1: {bridge: guests, peer: six/eth0}
namespaces:
  six: {interfaces: {eth0: {}}}
END
)"
    has_slaac() { ip -n six -6 address show dev eth0 scope global | grep -q 'fd20:.*/64'; }
    wait_for 20 has_slaac
    has_route() { ip -n six -6 route | grep -q '^default via fe80'; }
    wait_for 20 has_route
    mkdir -p /run/dhcpcd /var/lib/dhcpcd
    ip netns exec six timeout 30 dhcpcd -6 -1 -B -t 20 --ia_na eth0 >"$BATS_TEST_TMPDIR/dhcpcd" 2>&1 || true
    assert_contains "$(cat "$BATS_TEST_TMPDIR/dhcpcd")" "fd20::"
    assert_contains "$(cat $folder/lease-database)" "fd20::"
    down
}

@test "PXE: a machine is told its boot file and server, and gets it by TFTP" {
    needs dnsmasq udhcpc
    mkdir -p /run/tftp # which other users may look into
    echo kernel >/run/tftp/pxelinux.0
    apply "$(file lab <<END
networks:
  guests:
    subnet: 10.20.0.0/24
    dhcp: {boot-file: pxelinux.0, tftp-root: /run/tftp}
firewall: {input: drop}
namespaces:
  diskless: {networks: [guests]}
END
)"
    told=$(client diskless -O bootfile -O tftp)
    assert_contains "$told" "boot_file=pxelinux.0"
    assert_contains "$told" "siaddr=10.20.0.1"
    ip netns exec diskless python3 -c '
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(5)
s.sendto(b"\0\1pxelinux.0\0octet\0", ("10.20.0.1", 69))
print(s.recv(600)[4:].decode(), end="")' >"$BATS_TEST_TMPDIR/got" || true
    ip -n diskless address show
    assert_equal "$(cat "$BATS_TEST_TMPDIR/got")" kernel
    rm -r /run/tftp
    down
}

@test "a firewall lets in what guests ask of the network, and nothing else" {
    needs dnsmasq udhcpc dig
    lab=$(guests)
    sed -i '$a firewall: {input: drop, output: drop, rules: [allow icmp to host]}' "$lab"
    apply "$lab"
    in_range pc
    assert_equal "$(ip netns exec web dig +short @10.20.0.1 web.guests.internal)" 10.20.0.2
    assert_equal "$(ip netns exec web dig +tcp +short @10.20.0.1 web.guests.internal)" 10.20.0.2
    run plexus firewall test lab udp/53 from guests to host
    assert_status 0
    run plexus firewall test lab tcp/22 from guests to host
    assert_status 1
    down
}

@test "an interface changes between DHCP and an address of its own, and back" {
    needs dnsmasq udhcpc
    lab=$(guests)
    apply "$lab"
    sed -i 's/pc: .*/pc: {networks: {guests: {address: 10.20.0.9}}}/' "$lab"
    apply "$lab"
    assert_equal "$(ip -n pc -j -4 address show eth0 | jq -c '[.[0].addr_info[].local]')" '["10.20.0.9"]'
    assert_lacks "$(ip -n pc route)" dhcp
    assert_equal "$(pgrep -x udhcpc || true)" ""
    nothing_to_do "$lab"
    sed -i 's/pc: .*/pc: {networks: {guests: {dhcp: true}}}/' "$lab"
    apply "$lab"
    in_range pc
    assert_lacks "$(ip -n pc address)" 10.20.0.9
    nothing_to_do "$lab"
    down
}

@test "an uplink of the host asks by DHCP, also by dhcpcd, and what it learns goes with it" {
    needs dnsmasq udhcpc dhcpcd
    apply "$(file isp <<'END'
networks:
  isp: {mode: isolated, subnet: 10.30.0.0/24, dhcp: {options: {router: 10.30.0.1}}}
END
)"
    home=$(file home <<'END'
interfaces:
  w0: {peer: router/wan0}
namespaces:
  router: {interfaces: {wan0: {dhcp: true}}}
END
)
    # It is plugged in when the client asks already; and the second time the other client is out of sight.
    for client in udhcpc dhcpcd; do
        [ $client = udhcpc ] || for other in udhcpc busybox; do mount --bind /dev/null "$(readlink -f "$(command -v $other)")"; done
        plexus apply --quiet "$home"
        ip link set w0 master isp
        leased() { [[ $(address_of router wan0) == 10.30.0.* ]]; }
        wait_for 20 leased
        assert_equal "$(pgrep -x $client | head -n 1 | wc -l)" 1
        assert_contains "$(ip -n router route)" "default via 10.30.0.1 dev wan0 proto dhcp"
        is_learnt() { plexus status home | grep -q "learnt: address router/wan0 10.30.0."; }
        wait_for 10 is_learnt
        run plexus down home
        assert_status 0
        assert_equal "$(pgrep -x $client || true)" ""
    done
    umount "$(readlink -f "$(command -v udhcpc)")" "$(readlink -f "$(command -v busybox)")" || true
    down isp
}

@test "without dnsmasq or a client, the packages are named" {
    lab=$(guests)
    for program in dnsmasq udhcpc busybox dhcpcd; do
        path=$(command -v $program) && mount --bind /dev/null "$(readlink -f "$path")"
    done
    run plexus apply "$lab"
    for program in dnsmasq udhcpc busybox dhcpcd; do
        umount "$(readlink -f "$(type -p $program || echo /usr/sbin/$program)")" 2>/dev/null || true
    done
    assert_status 2
    assert_contains "$output" "dnsmasq-base"
    assert_contains "$output" "udhcpc or dhcpcd-base"
    world_is_as_before
}
