# Namespaces that others made and that a file attaches (`path`, `pid`).
load helpers

setup() {
    world_begin
    file=$BATS_TEST_TMPDIR/at.yaml
    ip netns add one
    ip netns add two
    for ns in one two; do
        ip -n $ns link set lo up # it has 127.0.0.1 from then on
        ip -n $ns link set lo down
        ip netns exec $ns sysctl -qw net.ipv6.conf.all.forwarding=1
    done
    ip netns exec one sysctl -qw net.ipv4.conf.all.rp_filter=2
    before=$(state)
}

teardown() {
    plexus down at || true
    ip netns del one
    ip netns del two
    world_end_or_raze
}

settings() { ip netns exec "$1" sysctl net.ipv4.ip_forward net.ipv6.conf.all.forwarding net.ipv4.conf.all.rp_filter; }
# What is made again on the way back gets the MAC address it had, which is then a chosen one.
state() {
    snapshot | sed -E 's/"address":"(random|([0-9a-f]{2}:){5}[0-9a-f]{2})"/"address":"mac"/'
    settings one
    settings two
}

# say PATH [MORE]: the file attaches PATH, or makes a namespace of its own.
say() {
    cat >"$file" <<YAML
name: at
namespaces:
  box: {${1:+path: $1, }forwarding: true, sysctls: {net.ipv4.conf.all.rp_filter: 1}, interfaces: {lo: {addresses: [10.5.0.1/32]}, eth0: {peer: host/box0}, t1: {type: tap}}${2-}}
YAML
}

is_box() { assert_equal "$(stat -Lc %i /run/netns/box)" "$(stat -Lc %i "/run/netns/$1")"; }
is_set() {
    assert_contains "$(settings "$1")" "net.ipv4.ip_forward = 1"
    assert_contains "$(settings "$1")" "rp_filter = 1"
    assert_contains "$(ip -n "$1" -br link show lo)" UP
    assert_contains "$(ip -n "$1" address)" 10.5.0.1/32
    ip -n "$1" link show eth0
    ip -n "$1" link show t1
}
# is_clean NS: as setup left it, by what `state` said of it.
is_clean() {
    assert_equal "$(settings "$1")" "$(settings_before "$1")"
    assert_equal "$(ip -n "$1" -br link show lo | awk '{print $2}')" DOWN
    assert_lacks "$(ip -n "$1" -br address)" 10.5.0.1
    assert_lacks "$(ip -n "$1" -br link)" eth0
    assert_lacks "$(ip -n "$1" -br link)" t1
}
settings_before() {
    printf 'net.ipv4.ip_forward = 0\nnet.ipv6.conf.all.forwarding = 1\nnet.ipv4.conf.all.rp_filter = %s' \
        "$([ "$1" = one ] && echo 2 || echo 0)"
}

@test "what is attached anew gets back what it had, and the new one gets all" {
    say /run/netns/one
    apply "$file"
    assert_contains "$output" "5 added, 3 changed"
    is_set one
    say /run/netns/two
    run plexus plan --commands "$file"
    assert_status 1
    assert_contains "$output" "ip netns exec box sysctl -qw net.ipv4.ip_forward=1"
    assert_contains "$output" "ip netns exec box sysctl -qw net.ipv4.ip_forward=0"
    assert_lacks "$output" "box~"
    apply "$file"
    is_box two
    is_set two
    is_clean one
    nothing_to_do "$file"
    run plexus status at
    assert_status 0
    say /run/netns/one
    sed -i 's/forwarding: true/forwarding: false/' "$file"
    apply "$file"
    is_box one
    is_clean two
    plexus down at
    assert_equal "$(state)" "$before"
}

# lead NS: as a container that is restarted, the same path leads to NS from now on.
lead() { ln -sfn "/run/netns/$1" "$BATS_TEST_TMPDIR/place"; }

@test "the same path that leads to another namespace moves the network there" {
    lead one
    say "$BATS_TEST_TMPDIR/place"
    apply "$file"
    is_set one
    lead two
    apply "$file"
    is_box two
    is_set two
    is_clean one
    apply "$file"
    assert_contains "$output" "nothing to do"

    rm "$BATS_TEST_TMPDIR/place"
    apply "$file"
    assert_contains "$output" "nothing to do"
    plexus down at
    assert_equal "$(state)" "$before"
}

@test "an attaching elsewhere is taken back in both" {
    say /run/netns/one
    apply "$file"
    attached=$(state)
    say /run/netns/two
    apply --confirm=600 "$file"
    is_set two
    is_clean one
    plexus rollback at
    is_box one
    assert_equal "$(state)" "$attached"
    sed 's/^name: at/&\nexpect: [host reaches 10.9.9.9]/' "$file" >"$BATS_TEST_TMPDIR/fails.yaml"
    run plexus apply "$BATS_TEST_TMPDIR/fails.yaml"
    assert_status 7
    is_box one
    assert_equal "$(state)" "$attached"
    plexus down at
    assert_equal "$(state)" "$before"
}

@test "a namespace of our own gives its name to one that is attached, and takes it again" {
    say ''
    apply "$file"
    own=$(ip -n box -br link | wc -l)
    say /run/netns/two
    apply --confirm=600 "$file"
    is_box two
    is_set two
    plexus rollback at
    is_clean two
    assert_equal "$(ip -n box -br link | wc -l)" "$own"
    apply "$file"
    is_set two
    say ''
    apply "$file"
    is_clean two
    is_clean one
    assert_contains "$(ip netns exec box sysctl net.ipv4.ip_forward)" "= 1"
    nothing_to_do "$file"
    plexus down at
    assert_equal "$(state)" "$before"
}

@test "what is attached by the number of a process is not saved" {
    ip netns exec one sleep infinity 3>&- &
    process=$!
    is_in_one() { [ "$(stat -Lc %i /proc/$process/ns/net)" = "$(stat -Lc %i /run/netns/one)" ]; }
    wait_for 10 is_in_one
    printf 'name: at\nnamespaces: {box: {pid: %s}}\n' $process >"$file"
    apply "$file"
    run plexus save at
    assert_status 2
    assert_contains "$output" "\`pid: $process\`"
    [ ! -e /etc/plexus/at.yaml ] || fail "it is saved"
    # That the same namespace is said by another word changes nothing.
    printf 'name: at\nnamespaces: {box: {path: /run/netns/one}}\n' >"$file"
    apply "$file"
    plexus save at
    plexus forget at
    plexus down at
    kill $process
    wait $process || true
}

bridge() { printf 'name: at\ninterfaces: {br0: {type: bridge, addresses: [%s/24]}}\n' "$1"; }
has_address() { ip -4 -br address show br0 | grep -qF "$1/24"; }

# vanishes WORDS COMMAND...: what is attached (by WORDS, in YAML) is no more, by COMMAND, when the old network returns.
vanishes() {
    { bridge 10.0.0.1 && printf 'namespaces: {box: {%s, interfaces: {eth0: {peer: host/box0}, e1: {peer: host/box1}}}}\n' "$1"; } >"$file"
    sed -i 's/^interfaces: {/&box1: {master: br0}, /' "$file" # which is plugged in
    shift
    apply "$file"
    bridge 10.0.0.2 >"$BATS_TEST_TMPDIR/other.yaml"
    apply --confirm=600 "$BATS_TEST_TMPDIR/other.yaml"
    "$@"
    run plexus rollback at
    assert_status 0
    assert_contains "$output" "namespace host/box is no more; not back: interface host/box1, "
    assert_contains "$output" "interface host/box0"
    has_address 10.0.0.1
    run ip link show box0
    assert_status 1
    run plexus status at
    assert_status 1
    assert_contains "$output" "missing"
    plexus apply "$BATS_TEST_TMPDIR/other.yaml"
    has_address 10.0.0.2
    plexus down at
}

# in_new VARIABLE: a process in a network namespace of its own; its number goes into the variable.
in_new() {
    local host process
    host=$(stat -Lc %i /proc/self/ns/net)
    unshare -n sleep infinity 3>&- &
    process=$!
    is_away() { [ "$(stat -Lc %i /proc/$process/ns/net)" != "$host" ]; }
    wait_for 10 is_away
    printf -v "$1" %s "$process"
}
end_process() { kill "$1" && wait "$1" || true; }

@test "all but an attached namespace that is no more comes back" {
    ip netns add three
    vanishes 'path: /run/netns/three' ip netns del three
    in_new other
    vanishes "pid: $other" end_process "$other"
}

@test "what lived on by its name alone does not come back as an empty one" {
    in_new other
    by_pid "$other"
    apply "$file"
    end_process "$other"
    bridge 10.0.0.2 >"$BATS_TEST_TMPDIR/other.yaml"
    apply --confirm=600 "$BATS_TEST_TMPDIR/other.yaml"
    run plexus rollback at
    assert_status 0
    assert_contains "$output" "namespace host/box is no more; not back: interface host/box0, interface box/eth0"
    [ ! -e /run/netns/box ] || fail "it came back"
    plexus down at
}

@test "the guard and a failed apply bring back all but a namespace that is no more" {
    ip netns add three
    { bridge 10.0.0.1 && printf 'namespaces: {box: {path: /run/netns/three}}\n'; } >"$file"
    apply "$file"
    bridge 10.0.0.2 >"$BATS_TEST_TMPDIR/other.yaml"
    apply --confirm=1 "$BATS_TEST_TMPDIR/other.yaml"
    ip netns del three
    wait_for 10 has_address 10.0.0.1
    wait_for 10 plexus apply "$BATS_TEST_TMPDIR/other.yaml"

    ip netns add three
    apply "$file"
    { bridge 10.0.0.2 && printf 'expect: [host reaches 10.0.0.9]\n'; } >"$BATS_TEST_TMPDIR/other.yaml"
    plexus apply "$BATS_TEST_TMPDIR/other.yaml" >"$BATS_TEST_TMPDIR/told" 2>&1 3>&- &
    wait_for 10 has_address 10.0.0.2
    ip netns del three
    wait $! && fail "an expectation does not hold"
    assert_contains "$(cat "$BATS_TEST_TMPDIR/told")" "namespace host/box is no more"
    has_address 10.0.0.1
}

# by_pid PID
by_pid() { printf 'name: at\nnamespaces: {box: {pid: %s, interfaces: {eth0: {peer: host/box0}}}}\n' "$1" >"$file"; }

@test "an attaching elsewhere is taken back when one of the two processes has ended, or both" {
    local gone a b
    for gone in a b 'a b'; do
        in_new a
        in_new b
        by_pid "$a"
        apply "$file"
        by_pid "$b"
        apply --confirm=600 "$file"
        for process in $gone; do end_process "${!process}"; done
        run plexus rollback at
        assert_status 0
        if [ "$gone" = b ]; then
            ip link show box0
            assert_equal "$(stat -Lc %i /run/netns/box)" "$(stat -Lc %i "/proc/$a/ns/net")"
        else
            assert_contains "$output" "namespace host/box is no more; not back: interface host/box0, interface box/eth0"
            assert_lacks "$output" "box~"
            [ ! -e /run/netns/box ] || fail "the name is left"
        fi
        for process in "$a" "$b"; do kill "$process" || true; done
        plexus down at
    done
}

@test "a name attached elsewhere among many is judged by what is there" {
    [ "$(nproc)" -gt 1 ] || skip "one processor asks nothing ahead"
    ip -n two link set lo up mtu 9000
    many() { printf 'name: at\nnamespaces:\n  box: {path: /run/netns/%s, interfaces: {lo: {mtu: 1400}}}\n  n: {count: 60}\n' "$1" >"$file"; }
    many one
    plexus apply --adopt "$file"
    many two
    plexus apply --adopt "$file"
    plexus down at
    assert_contains "$(ip -n two link show lo)" "mtu 9000"
}
