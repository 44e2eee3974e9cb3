#!/usr/bin/env bats
# What others change of a network that runs is told by status, with the command that sets it back.

load helpers

setup() {
    world_begin
    base=$(red_blue_green)
}

teardown() {
    world_end_or_raze
}

@test "what was changed by hand is seen by status, and mended by apply without more" {
    sed -i '/^  green:/,/eth0/s/bridge: br1/&, mtu: 1450/' "$base"
    apply "$base"
    before=$(snapshot) numbers=$(links)
    ip -n green link set eth0 mtu 1400
    ip -n green address del 10.2.0.1/24 dev eth0
    ip link set red-eth0 nomaster
    run plexus status net
    assert_status 1
    assert_contains "$output" mtu
    assert_contains "$output" 10.2.0.1/24
    assert_contains "$output" red-eth0
    apply "$base"
    assert_equal "$(snapshot)" "$before"
    assert_equal "$(links)" "$numbers"
    plexus down net
}

@test "the name of what runs stands for its file, with plan and apply" {
    apply "$base"
    before=$(snapshot)
    cd "$BATS_TEST_TMPDIR" || return
    run plexus plan net
    assert_status 0
    ip -n green address del 10.2.0.1/24 dev eth0
    run plexus plan net
    assert_status 1
    assert_contains "$output" "+ address green/eth0 10.2.0.1/24"
    run plexus apply net
    assert_status 0
    assert_equal "$(snapshot)" "$before"
    plexus down net
    run plexus plan net
    assert_status 2
}

# set_back: types the commands that status shows, of all that apply leaves alone.
set_back() {
    plexus status --json net | jq -r '.[0].drift[] | .command // empty' >"$BATS_TEST_TMPDIR/back"
    sh -e "$BATS_TEST_TMPDIR/back"
}

@test "what lost its mark is told by status as apply has it" {
    apply "$base"
    ip link set br0 alias mine
    run plexus status net
    assert_status 1
    assert_contains "$output" "host/br0 replaced"
    assert_contains "$output" "plexus apply --adopt"
    assert_equal "$(plexus status --json net | jq -c '[.[0].drift[] | [.object, .kind]]')" '[["interface host/br0","replaced"]]'
    run plexus apply "$(edit 's/br0: {type: bridge/&, stp: true/')"
    assert_status 6
    apply --adopt "$base"
    ip link set br0 alias plexus:net
    run plexus status net
    assert_status 0
    plexus down net
}

@test "what others added is seen by status, with the command that removes it" {
    apply "$base"
    before=$(snapshot)
    ip -n green link add extra type bridge
    ip -n green address add 10.77.0.1/24 dev extra
    ip -n green link set extra up
    ip -n green route add 10.78.0.0/16 via 10.77.0.2
    ip -n green rule add from 10.78.0.0/16 table 100 priority 77
    ip address add 10.1.0.250/24 dev br0
    run plexus status net
    assert_status 1
    assert_contains "$output" "by hand:"
    assert_contains "$output" "ip -n green link del dev extra"
    set_back
    run plexus status net
    assert_status 0
    assert_equal "$(snapshot)" "$before"
    plexus down net
}

@test "what the file leaves open and others changed is seen by status, with the command that sets it back" {
    apply "$base"
    before=$(snapshot)
    ip -n green link set eth0 mtu 1400
    ip -n blue link set eth0 address 02:00:00:00:00:99
    ip link set br0 type bridge ageing_time 1000
    ip link set red-eth0 type bridge_slave isolated on
    run plexus status net
    assert_status 1
    assert_contains "$output" "ip -n green link set dev eth0 mtu 1500"
    assert_equal "$(plexus status --json net | jq -c '[.[0].drift[] | [.object, .option, .shall, .is][0:2]]')" \
        '[["interface host/br0","ageing-time"],["interface host/red-eth0","isolated"],["interface blue/eth0","mac"],["interface green/eth0","mtu"]]'
    plexus plan "$base"
    set_back
    run plexus status net
    assert_status 0
    # What an edited line does elsewhere does not forget it; nor does a failed apply, nor one that is taken back.
    apply "$(edit 's/10.2.0.1/10.2.0.9/')"
    sed 's/name: net/&\nexpect: [red reaches 10.1.0.77]/' "$base" >"$BATS_TEST_TMPDIR/fails.yaml"
    run plexus apply "$BATS_TEST_TMPDIR/fails.yaml"
    assert_status 7
    ip -n blue link set eth0 mtu 1300
    plexus apply --quiet --confirm=600 "$(edit 's/10.2.0.1/10.2.0.7/; s/type: bridge}/type: bridge, stp: true}/')"
    plexus rollback net
    run plexus status net
    assert_status 1
    assert_contains "$output" "ip -n blue link set dev eth0 mtu 1500"
    # Adopted, it is what shall be.
    plexus status --adopt net
    run plexus status net
    assert_status 0
    ip -n blue link set eth0 mtu 1500
    run plexus status net
    assert_status 1
    assert_contains "$output" "mtu 1300"
    apply "$base"
    plexus down net
}

@test "status tells no tales of a MAC address that the file said once" {
    apply "$(edit 's/eth0: {bridge: br1/eth0: {mac: "02:00:00:00:00:07", bridge: br1/')"
    apply "$base"
    run plexus status net
    assert_status 0
    plexus down net
}

@test "a second address in the same network is seen" {
    apply "$base"
    ip -n red address add 10.1.0.99/24 dev eth0
    run plexus status net
    assert_status 1
    assert_contains "$output" 10.1.0.99/24
    assert_contains "$(plexus show red)" 10.1.0.99/24
    plexus down net
}
