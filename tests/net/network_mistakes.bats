#!/usr/bin/env bats
# All mistakes in networks are told at once, each at its place, and none that only follows from another.
# shellcheck disable=SC2016 # backquotes in messages are meant as they are

load helpers

# told: what `plexus check` says of the file f, without the lines of the file and the hints.
told() {
    run plexus check f
    [ "$status" -eq 2 ] || fail "status $status: $output"
    grep -E '^f:.* error: ' <<<"$output"
}

setup() {
    world_begin
    cd "$BATS_TEST_TMPDIR" || return
}

@test "what a network cannot publish, and an uplink that is its own bridge" {
    cat >f <<'END'
name: bad
interfaces: {eno1: {type: physical}}
networks:
  lan: {mode: bridged, uplink: eno1, publish: ["80:10.1.0.5:80"]}
END
    assert_equal "$(told)" 'f:4:47: error: `publish`: network `lan` is bridged'
    cat >f <<'END'
name: bad
networks:
  g: {subnet: 10.1.0.0/24, publish: ["80:10.2.0.5:80", "81:10.1.0.5:80", "[fd00::1]:80:[fd00::5]:80"]}
  h: {uplink: h}
END
    assert_equal "$(told)" 'f:3:39: error: 10.2.0.5 is not in network `g`, which is 10.1.0.0/24
f:3:75: error: fd00::5 is not in network `g`
f:4:15: error: `uplink`: `h` is the bridge of the network itself'
}

@test "mistakes of several networks, their services, guests and published ports" {
    cat >f <<'END'
name: bad
networks:
  one: {subnet: 10.1.0.0/33, mode: natt, dhcp: {range: 10.1.0.5-10.1.0.1}}
  two: {subnet: 10.2.0.0/24, gateway: 10.3.0.1, mtu: 12, publish: ["8081:nobody:80", "x", "8082:db:80", "8082:db:81"]}
  three: {subnet: 10.2.0.0/25, dns: {domain: "a b"}, dhcp: {range: 10.9.0.1-10.9.0.5, lease-time: 1x, hosts: [{mac: zz, address: 10.2.0.7}]}}
  four: {mode: bridged, dhcp: true}
  five: {subnet: 10.5.0.0/24, isolated: maybe, dhcp: {range: 10.9.0.1-10.9.0.5, options: {nosuch: 1, nothing: 2}, hosts: [{name: q, address: 10.77.0.1}, {address: 10.5.0.7}]}}
namespaces:
  web: {networks: {one: {address: 10.1.0.500}, twoo: {}, two: {address: 10.5.0.1, mac: zz, rate: 5}}}
  db: {networks: {two: {address: 10.2.0.1}, three: {address: 10.2.0.1, dhcp: true}}}
  c: {networks: [two, two]}
  d: {networks: {two: {address: 10.2.0.9, also: [x]}}}
  e: {networks: {two: {address: 10.2.0.9}}}
interfaces:
  tap1: {type: tap, network: {two: {address: 10.2.0.9, interface: x}}}
  tap2: {type: tap, network: [two, one]}
  tap3: {type: tap, network: nix}
END
    assert_equal "$(told | sed -E 's/^f:([0-9:]+): error: (.{0,34}).*/\1 \2/; s/ *$//')" '3:17 `subnet` cannot be `10.1.0.0/33`:
3:36 `mode` cannot be `natt`: expected
3:56 `range` cannot be `10.1.0.5-10.1.0
4:39 gateway 10.3.0.1 is no address of
4:54 `mtu` cannot be `12`: expected a n
4:69 `nobody` is not in network `two`
4:87 `x` is not a published port
4:105 port 8082/tcp is published twice
5:3 networks `two` and `three` overlap
5:46 `domain` cannot be `a b`: expected
5:99 `lease-time` cannot be `1x`: expec
5:117 `mac` cannot be `zz`: expected a M
6:3 network `four` is bridged, and nee
6:31 `dhcp`: network `four` is bridged
7:41 `isolated` cannot be `maybe`: expe
7:62 `range`: 10.9.0.1-10.9.0.5 is not
7:91 there is no DHCP option `nosuch`
7:102 there is no DHCP option `nothing`
7:142 address 10.77.0.1 is none of a hos
7:154 one of `hosts` needs a `mac` or a
9:35 `address` cannot be `10.1.0.500`:
9:48 there is no network `twoo`
9:73 address 10.5.0.1 is none of a host
9:88 `mac` cannot be `zz`: expected a M
9:98 `rate` cannot be `5`: expected a n
10:34 address 10.2.0.1 is taken: the gat
11:23 `c` is in network `two` twice
12:50 `also` cannot be `x`: expected an
13:33 address 10.2.0.9 is taken: `d` has
15:46 address 10.2.0.9 is taken: `d` has
15:67 `interface`: it is the one that sa
16:30 `tap2` is in one network
17:30 there is no network `nix`'
}

@test "a mistake does not bring others: what depends on it is not told" {
    # A network that is not known, with a published port to whom it keeps out.
    printf 'networks: {a: {subnet: 10.1.0.0/24, publish: ["80:web:80"]}}\nnamespaces: {web: {networks: [b]}}\n' >f
    assert_equal "$(told)" 'f:2:31: error: there is no network `b`'
    # A subnet that is none: nothing is said of addresses, ranges, gateways and ports.
    printf 'networks: {a: {subnet: 10.1.0.0/64, gateway: 10.1.0.1, dhcp: {range: 10.1.0.5-10.1.0.9}, publish: ["80:web:80"]}}\nnamespaces: {web: {networks: {a: {address: 10.1.0.3}}}}\n' >f
    assert_equal "$(told | cut -d: -f1-3)" f:1:24
    # A mode that is none: it may be one with other rules.
    printf 'networks: {a: {mode: vlann, vlan: 5, uplink: eno1, dhcp: true}}\n' >f
    assert_equal "$(told | cut -d: -f1-3)" f:1:22
    # A guest with a mistake has no address to publish.
    printf 'networks: {a: {subnet: 10.1.0.0/24, publish: ["80:web:80"]}}\nnamespaces: {web: {networks: {a: {address: x}}}}\n' >f
    assert_equal "$(told | cut -d: -f1-3)" f:2:44
    # A full one is told once.
    printf 'networks: {a: {subnet: 10.1.0.0/30, publish: ["80:c:80"]}}\nnamespaces: {b: {networks: [a]}, c: {networks: [a]}, d: {networks: [a]}}\n' >f
    assert_equal "$(told | wc -l)" 1
}
