#!/usr/bin/env bats
# Nobody is locked out: whatever fails, the network is then the old one.

load helpers

setup() {
    world_begin
    small=$(small_network) large=$(large_network)
}

teardown() {
    world_end_or_raze
}

@test "a step that the kernel refuses undoes all, in its words" {
    # The same VNI and port twice: nothing but the kernel knows that.
    before=$(network)
    cat "$small" - >"$BATS_TEST_TMPDIR/refused.yaml" <<'YAML'
  green:
    interfaces:
      vx0: {type: vxlan, id: 7, port: 4789}
      vx1: {type: vxlan, id: 7, port: 4789, mtu: 1400}
YAML
    run plexus apply "$BATS_TEST_TMPDIR/refused.yaml"
    assert_status 7
    assert_contains "$output" "green/vx1"
    assert_contains "$output" "the kernel said"
    assert_contains "$output" "VNI"
    same_as "$before"
    run plexus list
    assert_lacks "$output" net
}

@test "a failed change leaves the network that ran, and its record" {
    apply "$small"
    before=$(network)
    sed 's/10.1.0.2/10.1.0.9/; s/br0: {type: bridge/&, ageing-time: 77/' "$small" >"$BATS_TEST_TMPDIR/refused.yaml"
    cat >>"$BATS_TEST_TMPDIR/refused.yaml" <<'YAML'
  green: {interfaces: {vx0: {type: vxlan, id: 7}, vx1: {type: vxlan, id: 7}}}
YAML
    run plexus apply "$BATS_TEST_TMPDIR/refused.yaml"
    assert_status 7
    assert_contains "$output" "the kernel said"
    same_as "$before"
    run plexus status net
    assert_status 0
    run plexus plan "$small"
    assert_status 0
    plexus down net
}

@test "an expectation that does not hold undoes all" {
    apply "$small"
    before=$(network)
    { sed 's/10.1.0.2/10.1.0.9/' "$small" && echo 'expect: [red reaches 10.1.0.2]'; } >"$BATS_TEST_TMPDIR/wrong.yaml"
    run plexus apply "$BATS_TEST_TMPDIR/wrong.yaml"
    assert_status 7
    assert_contains "$output" "red reaches 10.1.0.2"
    assert_contains "$output" "wrong.yaml:7"
    same_as "$before"
    apply --no-expect "$BATS_TEST_TMPDIR/wrong.yaml"
    plexus down net
}

@test "what lies in /run/netns and is no name is not touched" {
    mkdir -p /run/netns
    echo precious >"$BATS_TEST_TMPDIR/precious"
    ln -s "$BATS_TEST_TMPDIR/precious" /run/netns/red
    run plexus apply "$small"
    assert_status 7
    [ -L /run/netns/red ] || fail "the link is gone"
    rm /run/netns/red
    cp "$BATS_TEST_TMPDIR/precious" /run/netns/red
    run plexus apply "$small"
    assert_status 7
    assert_equal "$(cat /run/netns/red)" precious
    rm /run/netns/red
    mkfifo "$BATS_TEST_TMPDIR/fifo"
    apply "$small"
    mv /run/plexus/net/seen.json "$BATS_TEST_TMPDIR/seen"
    cp -a "$BATS_TEST_TMPDIR/fifo" /run/plexus/net/seen.json
    run plexus status net # which waits for nobody to write into it
    assert_status 0
    plexus down net
}

@test "with /run read-only nothing is changed" {
    before=$(network)
    # shellcheck disable=SC2016
    run unshare --mount bash -c 'mount -o remount,bind,ro /run && exec "$PLEXUS" apply "$1"' - "$small"
    [ "$status" -ne 0 ] || fail "it was applied"
    assert_contains "$output" /run/plexus
    assert_contains "$output" "nothing was changed"
    assert_equal "$(network)" "$before"
}

@test "with /run full nothing is changed" {
    # A tmpfs of one page is full with the first file.
    before=$(network)
    # shellcheck disable=SC2016
    run unshare --mount bash -c '
        mkdir -p /run/plexus && mount -t tmpfs -o size=4k tmpfs /run/plexus && echo >/run/plexus/fill
        exec "$PLEXUS" apply "$1"' - "$small"
    [ "$status" -ne 0 ] || fail "it was applied"
    assert_contains "$output" /run/plexus
    same_as "$before"
}

@test "a failing answer of the kernel at any moment leaves the old network" {
    needs strace
    apply "$small"
    before=$(network)
    for n in $(seq 1 3 400); do
        run traced -e trace=recvfrom -e "inject=recvfrom:error=ENOBUFS:when=$n" "$PLEXUS" apply "$large"
        [ "$status" -eq 7 ] || [ "$status" -eq 0 ] || fail "recvfrom $n: status $status: $output"
        [ ! -e /run/plexus/net/journal.json ] || fail "recvfrom $n: no way back: $output"
        [ "$status" -eq 0 ] || same_as "$before"
        assert_lacks "$output" "could not be restored"
        [ "$status" -eq 7 ] || { plexus apply "$small" && same_as "$before"; }
    done
    plexus down net
}

@test "what of /run/plexus others could write is not trusted" {
    rm -rf /run/plexus
    mkdir /run/plexus
    chmod 0777 /run/plexus
    for command in "apply $small" "plan $small"; do
        # shellcheck disable=SC2086 # two words
        run plexus $command
        [ "$status" -ne 0 ] || fail "$command: it was done"
        assert_contains "$output" "/run/plexus is not safe: others may write to it"
    done
    rmdir /run/plexus
    mkdir "$BATS_TEST_TMPDIR/elsewhere"
    ln -s "$BATS_TEST_TMPDIR/elsewhere" /run/plexus
    run plexus apply "$small"
    assert_status 1
    assert_contains "$output" "/run/plexus is not safe: it is a symbolic link"
    assert_equal "$(ls -A "$BATS_TEST_TMPDIR/elsewhere")" ""
    rm /run/plexus
}

@test "a user whose name is not UTF-8 can change the network" {
    needs jq
    SUDO_USER=$'b\xf6se\e[2J' apply "$small"
    assert_equal "$(plexus history --json net | jq -r '.[0].user')" "b?se?[2J"
    plexus down net
}

@test "a history that cannot be written is in the way of nothing" {
    before=$(network)
    rm -rf /run/plexus/net
    install -d -m 700 /run/plexus
    mkdir -p /run/plexus/net/history/last
    apply "$small"
    assert_contains "$output" "warning: this change is missing in the history"
    assert_contains "$output" "cannot read /run/plexus/net/history/last"
    run plexus down net
    assert_status 0
    assert_contains "$output" "warning: this change is missing in the history"
    same_as "$before"
    rmdir /run/plexus/net/history/last
}

@test "without space, a network goes down, and an old one comes back" {
    before=$(network)
    # shellcheck disable=SC2016
    run unshare --mount bash -ec '
        fill() { cat /dev/zero >/run/plexus/fill 2>/dev/null || true; }
        mkdir -p /run/plexus && mount -t tmpfs -o size=1m,mode=700 tmpfs /run/plexus
        "$PLEXUS" apply "$1"
        fill
        "$PLEXUS" down net
        rm /run/plexus/fill
        "$PLEXUS" apply --confirm=600 "$1"
        fill
        "$PLEXUS" rollback net' - "$small"
    assert_status 0
    assert_contains "$output" "warning: this change is missing in the history"
    assert_contains "$output" "warning: without space in /run/plexus"
    same_as "$before"
}

@test "a setting that the kernel tells otherwise than it was written is told with both" {
    before=$(network)
    printf 'name: net\nnamespaces:\n  red:\n    sysctls: {net.ipv4.ip_local_reserved_ports: "8080,1-3"}\n' >"$BATS_TEST_TMPDIR/set.yaml"
    run plexus apply "$BATS_TEST_TMPDIR/set.yaml"
    assert_status 7
    assert_contains "$output" "set.yaml:4:"
    assert_contains "$output" "\`8080,1-3\` was written, and the kernel tells \`1-3,8080\`"
    same_as "$before"
    sed -i 's/8080,1-3/1-3,8080/' "$BATS_TEST_TMPDIR/set.yaml"
    apply "$BATS_TEST_TMPDIR/set.yaml"
    plexus down net
}
