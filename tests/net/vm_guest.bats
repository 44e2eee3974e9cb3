#!/usr/bin/env bats
# Real virtual machines on TAPs of Plexus: QEMU boots a kernel that tests/vm/setup has fetched, with a busybox that says
# whom it reaches (guest-init).

load helpers

setup_file() {
    export VM_DIR=${PLEXUS_VM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/plexus/vm}
    export KERNEL=$VM_DIR/kernel-1
    [ ! -e "$KERNEL/release" ] || initrd_make "$BATS_FILE_TMPDIR/initrd"
}

# Not in setup_file: the bats of Debian 12 takes a skip there for a failure.
setup() {
    [ -e "$KERNEL/release" ] || skip "no kernel for virtual machines: run tests/vm/setup once"
    command -v qemu-system-x86_64 >/dev/null || [ -x "$VM_DIR/qemu/usr/bin/qemu-system-x86_64" ] || skip "no QEMU: run tests/vm/setup once"
    needs python3
    world_begin
    pids=
    file=$BATS_TEST_TMPDIR/vm.yaml
}

teardown() {
    for pid in $pids; do
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    plexus down vm >/dev/null 2>&1 || true
    world_end
}

# modules_of NAME...: the files of modules and of what they need, in the order of loading.
modules_of() {
    local name
    for name; do
        awk -F: -v name="/$name.ko" 'substr($1, length($1) - length(name) + 1) == name {
            n = split($2, needs, " ")
            while (n > 0) print needs[n--]
            print $1 }' "$KERNEL/modules/modules.dep"
    done | awk '!seen[$0]++'
}

# initrd_make FILE
initrd_make() {
    local root=$BATS_FILE_TMPDIR/root number=100 module
    mkdir -p "$root"/{bin,boot,dev,etc,proc,sys}
    cp "$KERNEL/busybox" "$root/bin/busybox"
    install -m 755 "$NET_DIR/guest-init" "$root/init"
    install -m 755 "$NET_DIR/guest-lease" "$root/lease"
    for module in $(modules_of virtio_pci virtio_net); do
        cp "$KERNEL/modules/$module" "$root/boot/$((number++))-${module##*/}"
    done
    [ "$number" -gt 100 ] || fail "no modules for the network card"
    (cd "$root" && find . | "$KERNEL/busybox" cpio -o -H newc 2>/dev/null) >"$1"
}

# The system's, or the one that tests/vm/setup has unpacked; in the place of this shell.
qemu() {
    local root=$VM_DIR/qemu
    ! command -v qemu-system-x86_64 >/dev/null || exec qemu-system-x86_64 "$@"
    LD_LIBRARY_PATH=$root/lib/x86_64-linux-gnu:$root/usr/lib/x86_64-linux-gnu exec "$root/usr/bin/qemu-system-x86_64" \
        -L "$root/usr/share/qemu" -L "$root/usr/share/seabios" "$@"
}

# vm NAME MAC NETDEV WORDS: boots one; its console is the file NAME.
vm() {
    qemu -nodefaults -no-user-config -display none -no-reboot -machine q35 -m 192 \
        -accel tcg,thread=multi -cpu Nehalem,+rdrand -kernel "$KERNEL/vmlinux" -initrd "$BATS_FILE_TMPDIR/initrd" \
        -append "console=ttyS0 quiet panic=-1 mitigations=off nokaslr no_timer_check random.trust_cpu=on nowatchdog $4" \
        -serial "file:$BATS_TEST_TMPDIR/$1" -netdev "$3" \
        -device "virtio-net-pci,netdev=net,mac=$2,vectors=0,romfile=" </dev/null >"$BATS_TEST_TMPDIR/$1.qemu" 2>&1 3>&- &
    pids+=" $!"
}

# says NAME: what the machine has said.
says() {
    tr -d '\r' <"$BATS_TEST_TMPDIR/$1"
}

serves() {
    says "$1" | grep -qx serving
}

# ready NAME
ready() {
    wait_for 150 serves "$1" || fail "$1 says: $(says "$1")
$(<"$BATS_TEST_TMPDIR/$1.qemu")"
}

fetch_page() {
    inside "$1" python3 -c 'import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1], timeout=5).read().decode(), end="")' "$2"
}

@test "two virtual machines: gateway, siblings, NAT, a published port, policy, and forged addresses" {
    cat >"$file" <<'END'
name: vm
networks:
  guests: {subnet: 10.1.0.0/24, uplink: wan0, publish: ["8080:web:80"]}
  office: {subnet: 10.2.0.0/24}
interfaces:
  wan0: {peer: outside/eth0, addresses: [192.0.2.1/24]}
  tap100i0:
    type: tap
    network: {guests: {name: web, address: 10.1.0.5, mac: 52:54:00:00:01:00, anti-spoofing: true, rate: 1gbit}}
namespaces:
  mate: {networks: {guests: {address: 10.1.0.7}}}
  desk: {networks: {office: {address: 10.2.0.2}}}
  outside:
    interfaces: {eth0: {addresses: [192.0.2.2/24]}}
    routes: [{to: 10.0.0.0/8, via: 192.0.2.1}]
END
    apply "$file"
    ln -s "$PLEXUS" "$BATS_TEST_TMPDIR/qemu-bridge-helper"
    ip netns exec outside python3 -c '
import socket
server = socket.create_server(("", 99))
while True:
    client, who = server.accept()
    client.sendall(who[0].encode())
    client.close()' </dev/null >/dev/null 2>&1 3>&- &
    pids=$!
    vm web 52:54:00:00:01:00 "tap,id=net,ifname=tap100i0,script=no,downscript=no" \
        "address=10.1.0.5/24 gateway=10.1.0.1 mates=10.1.0.7,10.1.0.6 outside=192.0.2.2:99 closed=10.2.0.2 forged=10.1.0.99"
    vm db 52:54:00:00:02:00 "bridge,id=net,br=guests,helper=$BATS_TEST_TMPDIR/qemu-bridge-helper" \
        "address=10.1.0.6/24 gateway=10.1.0.1 mates=10.1.0.5 outside=192.0.2.2:99"
    ready web
    ready db
    assert_equal "$(says web)" "up: 52:54:00:00:01:00
gateway: yes
mate 10.1.0.7: yes
mate 10.1.0.6: yes
outside: 192.0.2.1
closed: no
forged address: no
forged MAC: no
honest again: yes
serving"
    assert_equal "$(says db)" "up: 52:54:00:00:02:00
gateway: yes
mate 10.1.0.5: yes
outside: 192.0.2.1
serving"
    assert_equal "$(fetch_page outside http://192.0.2.1:8080/)" "hello from 52:54:00:00:01:00"
    assert_equal "$(fetch_page mate http://10.1.0.6/)" "hello from 52:54:00:00:02:00"
    run fetch_page outside http://10.1.0.5/
    [ "$status" -ne 0 ] || fail "outside reaches what is not published"
    run fetch_page desk http://10.1.0.5/
    [ "$status" -ne 0 ] || fail "another network reaches the machine"
    nothing_to_do "$file"
}

# Paused, so no kernel boots: QEMU opens the network card, and calls its scripts.
@test "QEMU itself calls qemu-ifup and qemu-ifdown" {
    printf 'name: vm\nnetworks: {guests: {subnet: 10.1.0.0/24}}\n' >"$file"
    apply "$file"
    ln -s "$PLEXUS" "$BATS_TEST_TMPDIR/qemu-ifup"
    ln -s "$PLEXUS" "$BATS_TEST_TMPDIR/qemu-ifdown"
    ip tuntap add tap7 mode tap
    mkfifo "$BATS_TEST_TMPDIR/monitor"
    qemu -S -nodefaults -no-user-config -display none -machine q35 -m 16 -accel tcg -monitor stdio \
        -netdev "tap,id=net,ifname=tap7,script=$BATS_TEST_TMPDIR/qemu-ifup,downscript=$BATS_TEST_TMPDIR/qemu-ifdown" \
        -device virtio-net-pci,netdev=net,romfile= <"$BATS_TEST_TMPDIR/monitor" >"$BATS_TEST_TMPDIR/qemu" 2>&1 3>&- &
    qemu=$!
    exec {monitor}>"$BATS_TEST_TMPDIR/monitor"
    plugged() { [ "$(ip -j link show tap7 | jq -r '.[0].master // "none"')" = "$1" ]; }
    wait_for 30 plugged guests
    echo quit >&"$monitor"
    wait "$qemu"
    exec {monitor}>&-
    wait_for 10 plugged none
    ip link del tap7
}
