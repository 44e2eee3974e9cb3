# shellcheck shell=bash
# What tests of DHCP and DNS share: load dhcp, after helpers

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
