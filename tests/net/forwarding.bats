#!/usr/bin/env bats
# Who turns forwarding on or off changes settings of all interfaces, also of those of others: they are given back.

load helpers

setup() {
    world_begin
    file=$BATS_TEST_TMPDIR/router.yaml
    printf 'name: net\nforwarding: true\n' >"$file"
    ip link add ext0 type bridge
}

teardown() {
    ip link del ext0 || true
    sysctl -qw net.ipv4.conf.all.accept_redirects=1 net.ipv6.conf.default.forwarding=0
    world_end_or_raze
}

# forwarding: all that forwarding has to do with, in a namespace.
forwarding() {
    inside "${1-host}" sh -c 'grep -r . /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/conf/*/forwarding \
        /proc/sys/net/ipv6/conf/*/forwarding /proc/sys/net/ipv4/conf/*/accept_redirects' | sort
}

# others_say [NAMESPACE]: what the administrator has set, of which each is reset by forwarding.
others_say() {
    inside "${1-host}" sysctl -qw net.ipv4.conf.ext0.forwarding=1 net.ipv6.conf.ext0.forwarding=1 \
        net.ipv4.conf.all.accept_redirects=0 net.ipv6.conf.default.forwarding=1
}

@test "what forwarding changes of others is given back by down" {
    others_say
    before=$(forwarding)
    apply "$file"
    assert_contains "$(forwarding)" "ipv4/conf/lo/forwarding:1"
    nothing_to_do "$file"
    run plexus down --dry-run net
    assert_contains "$output" net/ipv4/conf/ext0/forwarding
    plexus down net
    assert_equal "$(forwarding)" "$before"
}

@test "what forwarding changes of others is given back by rollback and by a failed apply" {
    others_say
    before=$(forwarding)
    apply --confirm=600 "$file"
    assert_contains "$(forwarding)" "ipv4/conf/lo/forwarding:1"
    plexus rollback net
    assert_equal "$(forwarding)" "$before"
    printf 'interfaces: {ext0: {type: physical, addresses: [10.1.0.1/24]}}\nexpect: [host reaches 10.1.0.9]\n' >>"$file"
    run plexus apply "$file"
    assert_status 7
    assert_equal "$(forwarding)" "$before"
}

@test "what forwarding changes is given back when the file comes to say what was there" {
    others_say
    before=$(forwarding)
    apply "$file"
    sed -i 's/true/false/' "$file"
    apply "$file"
    assert_contains "$(forwarding)" "ipv4/conf/ext0/forwarding:0"
    plexus down net
    assert_equal "$(forwarding)" "$before"
    sed -i 's/false/true/' "$file"
    apply "$file"
    sed -i /forwarding/d "$file"
    apply "$file"
    assert_equal "$(forwarding)" "$before"
    plexus down net
    assert_equal "$(forwarding)" "$before"
}

@test "what an interface says of its own forwarding holds, whatever all others do" {
    cat >>"$file" <<'YAML'
interfaces:
  ext0: {type: bridge, sysctls: {ipv4.forwarding: 0}}
  br0: {type: bridge, sysctls: {ipv4.forwarding: 0, ipv6.forwarding: 0}}
YAML
    before=$(forwarding)
    apply --adopt "$file"
    assert_contains "$(forwarding)" "ipv4/conf/ext0/forwarding:0"
    assert_contains "$(forwarding)" "ipv4/conf/br0/forwarding:0"
    assert_contains "$(forwarding)" "ipv6/conf/br0/forwarding:0"
    assert_contains "$(forwarding)" "ipv6/conf/ext0/forwarding:1"
    nothing_to_do "$file"
    plexus down net
    assert_equal "$(forwarding)" "$before"
}

@test "what forwarding changes in an attached namespace is given back" {
    ip netns add orig
    ip -n orig link add ext0 type bridge
    others_say orig
    before=$(forwarding orig)
    printf 'name: net\nnamespaces: {box: {path: /run/netns/orig, forwarding: true}}\n' >"$file"
    apply "$file"
    assert_contains "$(forwarding orig)" "ipv4/conf/lo/forwarding:1"
    plexus down net
    assert_equal "$(forwarding orig)" "$before"
    apply --confirm=600 "$file"
    plexus rollback net
    assert_equal "$(forwarding orig)" "$before"
    ip netns del orig
}

@test "two networks forward: what they changed is given back when both are gone" {
    others_say
    before=$(forwarding)
    sed 's/name: net/name: two/' "$file" >"$BATS_TEST_TMPDIR/two.yaml"
    for first in net two; do
        apply "$file"
        apply "$BATS_TEST_TMPDIR/two.yaml"
        plexus down "$first"
        assert_contains "$(forwarding)" "ip_forward:1"
        assert_contains "$(forwarding)" "ipv4/conf/lo/forwarding:1"
        run plexus status
        assert_status 0
        plexus down --all
        assert_equal "$(forwarding)" "$before"
    done
}

@test "what one network says of an interface stays when another stops to forward" {
    before=$(forwarding)
    printf 'name: one\ninterfaces: {ext0: {type: bridge, sysctls: {ipv4.forwarding: 1}}}\n' >"$BATS_TEST_TMPDIR/one.yaml"
    apply "$file"
    apply --adopt "$BATS_TEST_TMPDIR/one.yaml"
    plexus down net
    assert_contains "$(forwarding)" "ipv4/conf/ext0/forwarding:1"
    run plexus status
    assert_status 0
    plexus down one
    assert_equal "$(forwarding)" "$before"
}

@test "the two names of one setting are told to be one" {
    printf 'sysctls: {net.ipv4.conf.all.forwarding: 1}\n' >>"$file"
    run plexus check "$file"
    assert_status 2
    assert_contains "$output" "net/ipv4/ip_forward"
    assert_contains "$output" "is given twice"
}
