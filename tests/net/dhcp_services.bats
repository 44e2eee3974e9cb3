#!/usr/bin/env bats
# dnsmasq and the clients of DHCP as programs that are kept running: changed, killed, damaged, in the way of others.

load helpers
load dhcp

folder=/run/plexus-services/host/dnsmasq-guests

@test "what others have in /etc/hosts stays, also where a mark is gone, or it is too long" {
    needs dnsmasq
    apply "$(guests)"
    { grep -v '^# Plexus .*: end$' /etc/hosts; echo "192.0.2.9 precious"; } >"$BATS_TEST_TMPDIR/hosts"
    cp "$BATS_TEST_TMPDIR/hosts" /etc/hosts
    sed -i 's/web:/page:/' "$BATS_TEST_TMPDIR/lab.yaml"
    apply "$BATS_TEST_TMPDIR/lab.yaml"
    assert_contains "$(cat /etc/hosts)" "10.20.0.2 page.guests.internal page"
    plexus down lab
    assert_contains "$(cat /etc/hosts)" "192.0.2.9 precious"
    assert_lacks "$(cat /etc/hosts)" "page"

    cp "$BATS_TEST_TMPDIR/hosts-before" /etc/hosts
    head -c 20M /dev/zero | tr '\0' '#' >>/etc/hosts
    before=$(stat -c %s /etc/hosts)
    apply "$(guests)"
    assert_equal "$(stat -c %s /etc/hosts)" "$before"
    plexus down lab
    assert_equal "$(stat -c %s /etc/hosts)" "$before"
    cp "$BATS_TEST_TMPDIR/hosts-before" /etc/hosts
    nothing_is_left

    # A link stays one, and what it leads to is written.
    mv /etc/hosts /etc/hosts.real
    ln -s hosts.real /etc/hosts
    apply "$(guests)"
    assert_contains "$(cat /etc/hosts.real)" "10.20.0.2 web.guests.internal web"
    [ -L /etc/hosts ] || fail "the link is gone"
    down
    [ -L /etc/hosts ] || fail "the link is gone"
    mv /etc/hosts.real /etc/hosts
}

@test "a program that cannot be started is told, and nobody waits for it" {
    needs dnsmasq cc
    cat >"$BATS_TEST_TMPDIR/no-fork.c" <<'END'
#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>
/* In the first process of a process namespace: the one that watches over a program. */
pid_t fork(void)
{
    errno = EAGAIN;
    return getpid() == 1 ? -1 : (pid_t)syscall(SYS_clone, 17 /* SIGCHLD */, 0, 0, 0, 0);
}
END
    cc -shared -fPIC -o "$BATS_TEST_TMPDIR/no-fork.so" "$BATS_TEST_TMPDIR/no-fork.c"
    run env ASAN_OPTIONS=verify_asan_link_order=0 LD_PRELOAD="$BATS_TEST_TMPDIR/no-fork.so" timeout 20 "$PLEXUS" apply "$(guests)"
    assert_status 7
    assert_contains "$output" "it cannot be started: Resource temporarily unavailable"
    nothing_is_left
}

@test "a change of kept addresses, options and names is a reload, one of the range a restart; leases survive both" {
    needs dnsmasq udhcpc dig
    apply "$(guests)"
    pc=$(address_of pc) server=$(pgrep -x dnsmasq) keeper=$(pgrep -x plexus-service | head -n1)
    lease=$(cat $folder/lease-database)
    sed -i 's/dhcp: true, dns/dhcp: {hosts: [{mac: "02:00:00:00:00:99", address: 10.20.0.99}], options: {ntp-server: 10.20.0.9}}, dns/
        s/^  web:.*/&\n  db: {networks: [guests]}/' "$BATS_TEST_TMPDIR/lab.yaml"
    run plexus plan --commands "$BATS_TEST_TMPDIR/lab.yaml"
    assert_contains "$output" "kill -HUP"
    apply "$BATS_TEST_TMPDIR/lab.yaml"
    assert_equal "$(pgrep -x dnsmasq)" "$server"
    assert_equal "$(cat $folder/lease-database)" "$lease"
    assert_equal "$(dig +short @10.20.0.1 db.guests.internal)" 10.20.0.3
    ip -n db link set dev eth0 address 02:00:00:00:00:99
    assert_contains "$(client db -O ntpsrv)" "ip=10.20.0.99"
    assert_contains "$(client db -O ntpsrv)" "ntpsrv=10.20.0.9"
    ip -n db address del 10.20.0.99/24 dev eth0
    sed -i 's/dhcp: {/dhcp: {range: 10.20.0.210-10.20.0.220, /' "$BATS_TEST_TMPDIR/lab.yaml"
    apply "$BATS_TEST_TMPDIR/lab.yaml"
    assert_equal "$(kill -0 "$server" 2>&1 | grep -c "No such process")" 1
    assert_contains "$(cat $folder/lease-database)" "$pc pc"
    assert_equal "$(address_of pc)" "$pc"
    assert_equal "$(pgrep -x plexus-service | grep -c "^$keeper$")" 0
    down
}

@test "a dnsmasq that is killed comes back; so does one whose keeper is killed, at the next apply" {
    needs dnsmasq udhcpc dig
    lab=$(guests)
    apply "$lab"
    server=$(pgrep -x dnsmasq)
    kill -KILL "$server"
    is_back() { [ -n "$(pgrep -x dnsmasq)" ] && [ "$(pgrep -x dnsmasq)" != "$server" ] && plexus status lab; }
    wait_for 10 is_back
    assert_equal "$(dig +short @10.20.0.1 web.guests.internal)" 10.20.0.2

    # Whoever watches over it is its parent; with it all goes that it started.
    kill -KILL "$(ps -o ppid= -C dnsmasq)"
    no_server() { [ -z "$(pgrep -x dnsmasq)" ]; }
    wait_for 10 no_server
    run plexus status lab
    assert_status 1
    assert_contains "$output" "service host/dnsmasq-guests"
    assert_contains "$output" "dead"
    pc=$(address_of pc)
    apply "$lab"
    assert_contains "$output" "state dead -> running"
    assert_contains "$(cat $folder/lease-database)" "$pc"
    assert_equal "$(dig +short @10.20.0.1 pc.guests.internal)" "$pc"
    nothing_to_do "$lab"

    # And down leaves nothing of one that is dead.
    for pid in $(ps -o ppid= -C dnsmasq) $(ps -o ppid= -C udhcpc); do kill -KILL "$pid"; done
    wait_for 10 no_server
    down
}

@test "what others change in the files, or make anew below, is seen and mended" {
    needs dnsmasq udhcpc dig
    lab=$(guests)
    apply "$lab"
    echo "10.20.0.66 mole" >>$folder/names
    run plexus status lab
    assert_status 1
    assert_contains "$output" names
    apply "$lab"
    nothing_to_do "$lab"
    ip link del guests
    run plexus status lab
    assert_contains "$output" elsewhere
    apply "$lab"
    nothing_to_do "$lab"
    assert_contains "$(ip netns exec web dig +short @10.20.0.1 web.guests.internal)" 10.20.0.2
    assert_contains "$(client web)" "ip=10.20.0."
    down
}

@test "what was damaged is no state to return to, and down works in any case" {
    needs dnsmasq udhcpc
    lab=$(guests)
    apply "$lab"
    rm $folder/config
    sed '$a expect: [web cannot reach 10.20.0.1]' "$lab" >"$lab.more"
    run plexus apply "$lab.more"
    assert_status 7
    assert_contains "$output" "warning: cannot change service host/dnsmasq-guests"
    assert_contains "$output" "but for what cannot return"
    apply "$lab"
    nothing_to_do "$lab"
    rm $folder/config
    run plexus apply "$lab.more"
    assert_status 7
    down
}

@test "a service that has lost the file that says what it is, is found and ended all the same" {
    needs dnsmasq udhcpc
    lab=$(guests)
    for how in "true" "mkfifo" "mkdir"; do
        apply "$lab"
        rm $folder/service
        $how $folder/service
        apply "$lab"
        assert_equal "$(pgrep -xc dnsmasq)" 1
        nothing_to_do "$lab"
        rm $folder/service
        $how $folder/service
        down
    done
}

@test "a step that fails later takes the service back; one that fails itself says what its program said" {
    needs dnsmasq udhcpc dig
    lab=$(guests)
    sed -i '$a expect: [web cannot reach 10.20.0.1]' "$lab"
    run plexus apply "$lab"
    assert_status 7
    nothing_is_left

    # The same for a change: the service is as it was before.
    sed -i '$d' "$lab"
    apply "$lab"
    sed -i 's/dhcp: true, dns/dhcp: {lease-time: 2h}, dns/; $a expect: [web cannot reach 10.20.0.1]' "$lab"
    run plexus apply "$lab"
    assert_status 7
    assert_contains "$(cat $folder/config)" ",3600"
    run plexus status lab
    assert_status 0
    assert_equal "$(dig +short @10.20.0.1 web.guests.internal)" 10.20.0.2

    # A TFTP folder that is not there: only dnsmasq knows.
    sed -i '$d; s/{lease-time: 2h}/{tftp-root: \/nowhere}/' "$lab"
    run plexus apply "$lab"
    assert_status 7
    assert_contains "$output" "/nowhere"
    run plexus status lab
    assert_status 0
    down
}

@test "a port that is taken is told with its owner, before anything is changed" {
    needs dnsmasq python3
    python3 -c '
import socket, sys
s = socket.socket()
s.bind(("0.0.0.0", 53))
s.listen()
print("ready", flush=True)
sys.stdin.read()' < <(exec tail -f /dev/null --pid=$$) >"$BATS_TEST_TMPDIR/holder" &
    holder=$!
    wait_for 10 grep -q ready "$BATS_TEST_TMPDIR/holder"
    lab=$(guests)
    run plexus apply "$lab"
    assert_status 6
    assert_contains "$output" "port 53/tcp at 10.20.0.1 is taken, by \`python3\` (pid $holder)"
    assert_contains "$output" "lab.yaml:3:"
    [ ! -e /run/plexus/lab/record.json ]
    kill "$holder"
    wait "$holder" || true
    apply "$lab"
    down
}

@test "an apply that is killed while the service starts leaves nothing after the next command" {
    needs dnsmasq udhcpc
    lab=$(guests)
    for moment in $folder/service $folder/lock $folder/state /run/plexus-services/pc/dhcp-eth0/lock; do
        "$PLEXUS" apply --quiet "$lab" &
        pid=$!
        until [ -e "$moment" ] || ! kill -0 "$pid"; do :; done
        kill -KILL "$pid" || true
        wait "$pid" || true
        run plexus down lab
        nothing_is_left
        wait_for 10 world_is_as_before
    done
}

@test "without dnsmasq or a client, the packages are named" {
    lab=$(guests)
    for program in dnsmasq udhcpc busybox dhcpcd; do
        path=$(command -v $program) && mount --bind /dev/null "$(readlink -f "$path")"
    done
    run plexus apply "$lab"
    for program in dnsmasq udhcpc busybox dhcpcd; do
        umount "$(readlink -f "$(type -p $program || echo /usr/sbin/$program)")" 2>/dev/null || true
    done
    assert_status 2
    assert_contains "$output" "dnsmasq-base"
    assert_contains "$output" "udhcpc or dhcpcd-base"
    world_is_as_before
}
