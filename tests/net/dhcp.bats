#!/usr/bin/env bats
# Addresses and names that come by themselves: what guests of a network, and interfaces, get by dnsmasq, udhcpc and dhcpcd.

load helpers
load dhcp

folder=/run/plexus-services/host/dnsmasq-guests

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
        plexus apply --quiet "$home" 3>&- &
        wait_for 10 pgrep -x $client
        ip link set w0 master isp
        wait $!
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
