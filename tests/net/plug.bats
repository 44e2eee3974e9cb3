#!/usr/bin/env bats
# Ports that others make: plexus plug and unplug, and the same under the names that QEMU calls.
# shellcheck disable=SC2016 # backquotes in messages are meant as they are

load helpers

setup() {
    world_begin
    file=$BATS_TEST_TMPDIR/plug.yaml
}

teardown() {
    exec 9>&- # the lock, of a test that failed
    ip netns del web 2>/dev/null || true
    for tap in tap7 tap8; do ip link del "$tap" 2>/dev/null || true; done
    plexus down --all >/dev/null 2>&1 || true
    world_end
}

# plug_up NETWORKS
plug_up() {
    cat >"$file" <<END
name: plug
networks:
$1
interfaces:
  tap9: {type: tap, network: {guests: {mac: 52:54:00:00:00:09}}}
END
    apply "$file"
}

# master_of INTERFACE
master_of() {
    ip -j link show "$1" | jq -r '.[0].master // "none"'
}

@test "an interface of others gets into a network, and is as the network says" {
    plug_up "  guests: {subnet: 10.1.0.0/24, mtu: 1400, isolated: true}"
    ip tuntap add tap7 mode tap
    run plexus plug tap7
    assert_status 0
    assert_equal "$output" "tap7: in network guests"
    assert_equal "$(ip -d -j link show tap7 | jq -c '.[0] | [.master, .mtu, .linkinfo.info_slave_data.isolated, (.flags | index("UP") != null)]')" \
        '["guests",1400,true,true]'
    run plexus plug tap7 guests
    assert_status 0
    nothing_to_do "$file"
    run plexus --json unplug tap7
    assert_status 0
    assert_equal "$(jq -c . <<<"$output")" '{"interface":"tap7","network":"guests","result":"unplugged"}'
    assert_equal "$(master_of tap7)" none
    nothing_to_do "$file"
}

@test "what the topology has in a network stays there, and what to do is told" {
    plug_up "  guests: {subnet: 10.1.0.0/24}"
    ln -s "$PLEXUS" "$BATS_TEST_TMPDIR/qemu-ifdown"
    run plexus plug tap9
    assert_status 0
    run plexus unplug tap9
    assert_status 6
    assert_contains "$output" '`tap9` is in network `guests` by the file of topology `plug`'
    assert_contains "$output" 'take `network` of `tap9` out of the file'
    run plexus network disconnect guests tap9
    assert_status 6
    assert_contains "$output" 'take `network` of `tap9` out of it there'
    run "$BATS_TEST_TMPDIR/qemu-ifdown" tap9
    assert_status 0
    assert_equal "$output" ""
    ip netns add web
    plexus network connect guests web --quiet
    run plexus unplug web-eth0
    assert_status 6
    assert_contains "$output" 'plexus network disconnect guests web'
    run plexus unplug web
    assert_status 4
    assert_contains "$output" 'plexus network disconnect guests web'
    assert_equal "$(master_of tap9) $(master_of web-eth0)" "guests guests"
    plexus status plug
    plexus network disconnect guests web --quiet
}

@test "the network is named, by the environment too; a wrong or missing name is told" {
    plug_up "  guests: {subnet: 10.1.0.0/24}
  office: {subnet: 10.2.0.0/24, bridge: br-office}
  safe: {subnet: 10.3.0.0/24, anti-spoofing: true}"
    ip tuntap add tap7 mode tap
    run plexus plug tap7
    assert_status 2
    assert_contains "$output" "there are several networks: guests, office, safe"
    run plexus plug tap7 ofice
    assert_status 4
    assert_contains "$output" "did you mean \`office\`?"
    run plexus plug tap8 office
    assert_status 4
    assert_contains "$output" "there is no interface \`tap8\`"
    run plexus plug tap7 safe
    assert_status 6
    assert_contains "$output" "network \`safe\` has anti-spoofing, and does not know \`tap7\`"
    assert_equal "$(master_of tap7)" none
    PLEXUS_NETWORK=office run plexus plug tap7
    assert_status 0
    assert_equal "$(master_of tap7)" br-office
    run plexus plug tap7 guests
    assert_status 6
    assert_contains "$output" "\`tap7\` is plugged into \`br-office\` already"
    run plexus plug
    assert_status 2
    run plexus plug --br=guests
    assert_status 2
    assert_contains "$output" "--br needs --fd=N"
}

@test "without a network that runs, that is said" {
    run plexus plug lo
    assert_status 4
    assert_contains "$output" "no network runs"
    run plexus unplug lo
    assert_status 4
}

@test "plugging waits for another plexus that is at work" {
    plug_up "  guests: {subnet: 10.1.0.0/24}"
    ip tuntap add tap7 mode tap
    exec 9<>/run/plexus/lock
    flock 9
    "$PLEXUS" plug tap7 >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- 9>&- &
    pid=$!
    wait_for 10 grep -q "waiting for" "$BATS_TEST_TMPDIR/out"
    assert_equal "$(master_of tap7)" none
    exec 9>&-
    wait "$pid"
    assert_equal "$(master_of tap7)" guests
}

@test "each topology that runs is read with its own guests by hand" {
    printf 'name: one\nnetworks: {guests: {subnet: 10.1.0.0/24}}\n' >"$BATS_TEST_TMPDIR/one.yaml"
    printf 'name: two\nnetworks: {guests: {subnet: 10.2.0.0/24, bridge: br2}, lab: {subnet: 10.3.0.0/24}}\n' >"$BATS_TEST_TMPDIR/two.yaml"
    apply "$BATS_TEST_TMPDIR/one.yaml"
    apply "$BATS_TEST_TMPDIR/two.yaml"
    ip netns add web
    plexus network connect one/guests web --ip 10.1.0.9 --quiet
    ip tuntap add tap7 mode tap
    run plexus plug tap7 lab
    assert_status 0
    assert_equal "$(master_of tap7)" lab
}

@test "under the names that QEMU calls" {
    plug_up "  guests: {subnet: 10.1.0.0/24}"
    for name in qemu-ifup qemu-ifdown qemu-bridge-helper; do ln -s "$PLEXUS" "$BATS_TEST_TMPDIR/$name"; done
    ip tuntap add tap7 mode tap
    "$BATS_TEST_TMPDIR/qemu-ifup" tap7
    assert_equal "$(master_of tap7)" guests
    "$BATS_TEST_TMPDIR/qemu-ifdown" tap7
    assert_equal "$(master_of tap7)" none
}

# What QEMU does (net/tap.c, net_bridge_run_helper): a socket pair, the helper with one end, and a descriptor comes.
@test "the bridge helper makes a TAP in the network, and passes it on" {
    needs python3
    plug_up "  guests: {subnet: 10.1.0.0/24}"
    ln -s "$PLEXUS" "$BATS_TEST_TMPDIR/qemu-bridge-helper"
    run python3 -c '
import fcntl, os, socket, struct, subprocess, sys
ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
helper = [sys.argv[1], "--use-vnet", f"--fd={theirs.fileno()}", f"--br={sys.argv[2]}"]
done = subprocess.run(helper, pass_fds=[theirs.fileno()])
if done.returncode:
    sys.exit(done.returncode)
_, fds, _, _ = socket.recv_fds(ours, 1, 1)
name, flags = struct.unpack("16sH", fcntl.ioctl(fds[0], 0x800454d2, bytes(40))[:18])  # TUNGETIFF
name = name.rstrip(b"\0").decode()
print(os.path.basename(os.readlink(f"/sys/class/net/{name}/master")), hex(flags))
' "$BATS_TEST_TMPDIR/qemu-bridge-helper" guests
    assert_status 0
    assert_equal "$output" "guests 0x5002"
    run python3 -c '
import socket, subprocess, sys
ours, theirs = socket.socketpair()
sys.exit(subprocess.run([sys.argv[1], f"--fd={theirs.fileno()}", "--br=none"], pass_fds=[theirs.fileno()]).returncode)
' "$BATS_TEST_TMPDIR/qemu-bridge-helper"
    assert_status 4
    assert_contains "$output" "no network \`none\` runs"
}
