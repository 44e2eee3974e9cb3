#!/usr/bin/env bats
# The firewall as tables, sets and chains of the kernel: made in one transaction, read back as it was said, changed
# without touching what stays, given back whole, and never anybody else's.

load helpers

setup() {
    world_begin
    needs nft
    small=$BATS_TEST_TMPDIR/small.yaml large=$BATS_TEST_TMPDIR/large.yaml
    cat >"$small" <<'YAML'
name: net
namespaces:
  red:
    interfaces:
      eth0: {type: veth, peer: blue/eth0, addresses: [10.9.0.1/24]}
    firewall:
      sets: {blocked: [10.0.0.0/8, 192.0.2.1], admins: [10.9.0.2]}
      input: drop
      rules:
        - allow icmp echo-request
        - deny from @blocked
        - allow ssh from @admins
  blue:
    interfaces:
      eth0: {addresses: [10.9.0.2/24]}
YAML
    sed -e 's/192.0.2.1\]/192.0.2.2, 198.51.100.0\/24]/' -e 's/allow ssh.*/allow tcp\/8000-8010 limit 6\/minute/' \
        -e 's/deny from/reject from/' "$small" >"$large"
}

teardown() {
    world_end_or_raze
}

apply() {
    run plexus apply "$@"
    assert_status 0
}

# rules: the firewall of red, without what it counted.
rules() {
    ip netns exec red nft -s list ruleset
}

@test "a firewall is made, read back, mended, and goes without a trace" {
    apply "$small"
    made=$(rules)
    assert_contains "$made" 'table inet plexus-net'
    assert_contains "$made" 'policy drop'
    run plexus plan "$small"
    assert_status 0
    run plexus status net
    assert_lacks "$output" differs
    for damage in "insert rule inet plexus-net input accept" "flush chain inet plexus-net input" \
        "chain inet plexus-net input { policy accept; }" "flush ruleset"; do
        ip netns exec red nft "$damage"
        run plexus status net
        assert_contains "$output" differs
        apply "$small"
        assert_equal "$(rules)" "$made"
    done
    plexus down net
}

@test "a change leaves the counters of what stays, and rollback brings all back" {
    apply "$small"
    before=$(rules)
    ip netns exec blue ping -q -c 3 -i 0.01 10.9.0.1
    apply "$large"
    assert_contains "$(ip netns exec red nft list table inet plexus-net)" \
        'icmp type echo-request counter packets 1 bytes 84 accept'
    [ "$(rules)" != "$before" ] || fail "nothing has changed"
    plexus rollback net 1
    assert_equal "$(rules)" "$before"
    plexus down net
}

@test "tables of others stay, whatever happens beside them" {
    nft 'add table inet theirs; add chain inet theirs c; add rule inet theirs c counter accept'
    sed -e 's/^namespaces:/firewall: {input: accept, rules: [deny tcp\/23]}\nnamespaces:/' "$small" >"$large"
    apply "$large"
    assert_contains "$(nft list tables)" plexus-net
    assert_contains "$(nft list tables)" theirs
    nft 'add rule inet plexus-net input counter accept; add chain inet plexus-net mine'
    run plexus status net
    assert_contains "$output" 'chain host/inet plexus-net mine'
    apply "$large"
    plexus down net
    assert_equal "$(nft list tables)" 'table inet theirs'
    nft delete table inet theirs
}

@test "the commands shown make the same firewall" {
    apply "$small"
    made=$(rules)
    plexus down net
    plexus plan --commands "$small" | sed -n '/nft\|ip /p' >"$BATS_TEST_TMPDIR/commands"
    ip netns add red
    grep -o 'ip netns exec red nft .*' "$BATS_TEST_TMPDIR/commands" | bash -e
    assert_equal "$(rules)" "$made"
    ip netns del red
}

# What is there is one or the other as a whole: also for who looks while it is killed.
@test "killed at any moment of a change, the next apply mends it" {
    apply "$small"
    old=$(rules)
    apply "$large"
    new=$(rules)
    for delay in 0.004 0.008 0.012 0.016 0.02 0.025 0.03 0.035 0.04 0.05; do
        timeout -s KILL "$delay" "$PLEXUS" apply "$small" >/dev/null 2>&1 3>&- || true
        [[ $(rules) == "$old" || $(rules) == "$new" ]] || fail "it is neither: $(rules)"
        apply "$large"
        assert_equal "$(rules)" "$new"
    done
    plexus down net
}

@test "a set of thousands is made, changed by one, and taken down" {
    for net in {0..255}; do printf '%s\n' 198.18."$net".{1..39..2}; done >"$BATS_TEST_TMPDIR/many.txt"
    sed 's/blocked: \[.*\], admins/blocked: {file: many.txt}, admins/' "$small" >"$large"
    apply "$large"
    assert_equal "$(rules | grep -o '198\.18\.[0-9.]*' | wc -l)" 5120
    echo 203.0.113.1 >>"$BATS_TEST_TMPDIR/many.txt"
    apply "$large"
    assert_contains "$(rules)" 203.0.113.1
    sed -i 1,5000d "$BATS_TEST_TMPDIR/many.txt"
    apply "$large"
    assert_equal "$(rules | grep -o '198\.18\.[0-9.]*' | wc -l)" 120
    plexus down net
}

# of_many N: a network whose red blocks N addresses.
of_many() {
    echo 'name: many'
    echo 'namespaces: {red: {firewall: {rules: [deny from @many], sets: {many: ['
    for ((i = 0; i < $1; i++)); do echo "  10.0.$((i / 250)).$((i % 250 + 1)),"; done
    echo '  ]}}}}'
}
count_elements() { ip netns exec red nft -j list set inet plexus-many many-v4 | jq '.nftables[1].set.elem | length'; }

@test "what is known of a large set is not believed when it is no longer true" {
    cd "$BATS_TEST_TMPDIR"
    of_many 2000 >many.yaml
    apply many.yaml
    [ -s /run/plexus/sets.cache ]
    assert_equal "$(stat -c %a /run/plexus/sets.cache)" 600
    run plexus plan many.yaml
    assert_status 0

    # Somebody else changes it, or another set.
    ip netns exec red nft add element inet plexus-many many-v4 '{ 192.0.2.1 }'
    run plexus status many
    assert_contains "$output" 192.0.2.1
    apply many.yaml
    assert_equal "$(count_elements)" 2000
    ip netns exec red nft add table inet other
    run plexus plan many.yaml
    assert_status 0

    # The namespace of that name is another, whose tables have been changed as often.
    of_many 1999 >fewer.yaml
    apply fewer.yaml
    assert_equal "$(count_elements)" 1999
    cp /run/plexus/sets.cache old.cache
    ip netns del red
    run plexus status many
    assert_contains "$output" missing
    apply many.yaml
    assert_equal "$(count_elements)" 2000
    cp old.cache /run/plexus/sets.cache
    run plexus plan many.yaml
    assert_status 0
    run plexus status many
    assert_lacks "$output" differs

    # What is written there is no more than a hint.
    for damage in "" garbage "1 2 99999999 set red/inet plexus-many many-v4" "$(head -c 5000 old.cache)"; do
        echo "$damage" >/run/plexus/sets.cache
        run plexus plan many.yaml
        assert_status 0
    done
    rm /run/plexus/sets.cache && mkdir /run/plexus/sets.cache
    apply fewer.yaml
    assert_equal "$(count_elements)" 1999
    rmdir /run/plexus/sets.cache
    plexus down many
}

@test "a firewall that is made says once that its table is there" {
    needs strace
    # That of the host: of a socket in another namespace strace does not know what it speaks.
    printf 'name: net\nfirewall: {sets: {a: [10.0.0.1]}, input: drop, rules: [allow from @a]}\n' >"$small"
    strace -f -v -s 0 -e trace=sendmsg -o "$BATS_TEST_TMPDIR/trace" "$PLEXUS" apply "$small"
    grep -q NFT_MSG_NEWCHAIN "$BATS_TEST_TMPDIR/trace" || fail "nothing is seen"
    assert_equal "$(grep -o NFT_MSG_NEWTABLE "$BATS_TEST_TMPDIR/trace" | wc -l)" 1
    plexus down net
}
