#!/usr/bin/env bats
# Containers of LXC in networks: by a veth that LXC plugs into the bridge, as into lxcbr0, and by the end of a cable that the
# file has in the network, which can be guarded.

load helpers

setup() {
    needs lxc-create lxc-start lxc-attach
    busybox=$(command -v busybox) || skip "busybox is not installed"
    ! ldd "$busybox" >/dev/null 2>&1 || skip "the template of LXC needs a static busybox"
    world_begin
    file=$BATS_TEST_TMPDIR/lxc.yaml
    cat >"$file" <<'END'
name: lxc
networks: {guests: {subnet: 10.1.0.0/24, uplink: wan0, publish: ["8080:c2:80"]}}
interfaces:
  wan0: {peer: outside/eth0, addresses: [192.0.2.1/24]}
  c2-port: {peer: host/c2-end, network: {guests: {name: c2, address: 10.1.0.12, mac: "00:16:3e:00:00:02", anti-spoofing: true}}}
namespaces:
  outside: {interfaces: {eth0: {addresses: [192.0.2.2/24]}}}
END
    apply "$file"
}

teardown() {
    for container in c1 c2; do lxc-stop -k -P "$BATS_TEST_TMPDIR" -n "$container" 2>/dev/null || true; done
    plexus down lxc >/dev/null 2>&1 || true
    world_end
}

# container NAME: one of the busybox template, started with the network that the standard input says.
container() {
    local folder=$BATS_TEST_TMPDIR/$1
    lxc-create -P "$BATS_TEST_TMPDIR" -n "$1" -t busybox >"$folder.create" 2>&1 || fail "$(<"$folder.create")"
    sed -i '/^lxc\.\(net\|apparmor\|mount\.auto\)/d' "$folder/config"
    cat >>"$folder/config"
    # Its address is said here; a DHCP client would clear it.
    sed -i /udhcpc/d "$folder/rootfs/etc/init.d/rcS"
    lxc-start -P "$BATS_TEST_TMPDIR" -n "$1" -o "$folder.log" 3>&- || fail "lxc-start: $(<"$folder.log")"
}

# in_container NAME COMMAND...
in_container() {
    lxc-attach -P "$BATS_TEST_TMPDIR" -n "$1" -- "${@:2}" 2>/dev/null 3>&-
}

pings() {
    in_container "$1" ping -c1 -W1 "$2" >/dev/null
}

@test "containers reach the gateway, each other and the outside; one is published, and guarded" {
    container c1 <<'END'
lxc.net.0.type = veth
lxc.net.0.link = guests
lxc.net.0.flags = up
lxc.net.0.ipv4.address = 10.1.0.11/24
lxc.net.0.ipv4.gateway = 10.1.0.1
END
    container c2 <<'END'
lxc.net.0.type = phys
lxc.net.0.link = c2-end
lxc.net.0.name = eth0
lxc.net.0.flags = up
lxc.net.0.hwaddr = 00:16:3e:00:00:02
lxc.net.0.ipv4.address = 10.1.0.12/24
lxc.net.0.ipv4.gateway = 10.1.0.1
END
    for name in c1 c2; do
        wait_for 10 pings "$name" 10.1.0.1
        wait_for 10 pings "$name" 192.0.2.2
    done
    wait_for 10 pings c1 10.1.0.12
    in_container c2 ip address add 10.1.0.99/24 dev eth0
    if in_container c2 ping -c1 -W1 -I 10.1.0.99 10.1.0.1; then fail "c2 sends from an address that is not its own"; fi
    in_container c2 /bin/busybox httpd -p 80
    wait_for 10 ip netns exec outside bash -c 'exec 3<>/dev/tcp/192.0.2.1/8080'
    if ip netns exec outside ping -nqc1 -W1 10.1.0.11; then fail "outside reaches what is not published"; fi
}
