#!/usr/bin/env bats
# A firewall that changes under load: a stream that runs, and a thousand new connections a second, notice nothing.

# shellcheck disable=SC2016 # for eval

load helpers

setup() {
    needs python3 iperf3 conntrack
    world_begin
    cd "$BATS_TEST_TMPDIR" || return
    publish='"8080:web:80"' elements=203.0.113.1 rules='allow icmp' more=
}

teardown() {
    touch stop
    for pid in ${pids-}; do
        kill -KILL "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    plexus down fw >/dev/null 2>&1 || true
    conntrack -F 2>/dev/null || true
    [ -n "${BATS_TEST_COMPLETED-}" ] || raze
    world_end
}

# begin NAMESPACE COMMAND...: in the background.
begin() {
    ip netns exec "$1" "${@:2}" 3>&- &
    pids="${pids-} $!"
}

# change: applies the file as the variables have it by now; nothing that runs is cut.
change() {
    cat >fw.yaml <<YAML
name: fw
interfaces: {wan0: {peer: outside/eth0, addresses: [192.0.2.1/24]}}
networks:
  red: {subnet: 10.1.0.0/24, uplink: wan0, publish: [$publish]}
  blue: {subnet: 10.2.0.0/24}
$more
firewall:
  zones: {wan: [wan0]}
  input: drop
  sets: {blocked: [$elements]}
  rules: [deny from @blocked to any, $rules]
namespaces:
  web: {networks: [red]}
  outside: {interfaces: {eth0: {addresses: [192.0.2.2/24]}}}
YAML
    apply fw.yaml
    assert_lacks "$output" " cut"
    assert_lacks "$output" "nothing to do"
}

# serve NAMESPACE PORT: answers what it is sent.
serve() {
    begin "$1" python3 -c '
import socket, sys, threading
server = socket.create_server(("", int(sys.argv[1])), backlog=1024)
print("ready", flush=True)
def answer():
    while True:
        client = server.accept()[0]
        try:
            client.sendall(client.recv(10))
        except OSError:
            pass
        client.close()
for _ in range(4):
    threading.Thread(target=answer).start()' "$2" >"server-$1"
    wait_for 10 grep -q ready "server-$1"
}

# connect_to NAMESPACE ADDRESS PORT NAME: 500 connections a second, each of which is asked something, until the file
# `stop` is there; then how many there were and how many failed is in the file NAME.
connect_to() {
    begin "$1" python3 -c '
import os, socket, struct, sys, time
address, name = (sys.argv[1], int(sys.argv[2])), sys.argv[3]
n, failed, begun = 0, [], time.monotonic()
while not os.path.exists("stop"):
    try:
        client = socket.create_connection(address, 10)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.sendall(b"?")
        if client.recv(10) != b"?":
            failed.append("no answer")
        client.close()
    except OSError as error:
        failed.append(str(error))
    n += 1
    open(name + ".begun", "w").close()
    time.sleep(max(0, begun + n / 500 - time.monotonic()))
with open(name, "w") as file:
    print(n, len(failed), round(n / (time.monotonic() - begun)), *failed[:3], file=file)' "${@:2}"
    wait_for 10 test -e "$4.begun"
}

received() { ip netns exec outside cat /sys/class/net/eth0/statistics/rx_bytes; }
more_received() { [ "$(received)" -gt $(($1 + 500000)) ]; }

@test "reload under load: no established connection is lost, and no new one fails" {
    change
    serve web 80
    serve outside 90
    begin outside iperf3 -s -1 >/dev/null
    wait_for 10 eval '[ -n "$(ip netns exec outside ss -Hltn sport = 5201)" ]'
    begin web iperf3 -c 192.0.2.2 -b 20M -t 600 -J >iperf
    iperf=${pids##* }
    begun=$(received)
    wait_for 10 more_received "$begun"
    stream=$(conntrack -L -p tcp --dport 5201 -o id 2>/dev/null | sed 's/.*id=//' | sort)
    connect_to outside 192.0.2.1 8080 published
    connect_to web 192.0.2.2 90 masqueraded
    for round in 1 2 3; do
        rules='allow icmp, deny tcp/81, allow ssh from wan' && change
        elements="203.0.113.$round, 198.18.0.0/15" && change
        publish="\"8080:web:80\", \"9000-9100:web:9000-9100\"" && change
        more='  green: {subnet: 10.3.0.0/24, mode: isolated, dhcp: true}' && change
        rules='limit tcp/22' elements=203.0.113.1 publish='"8080:web:80"' more= && change
    done
    run plexus rollback fw 1
    assert_status 0
    begun=$(received)
    touch stop
    for flows in published masqueraded; do
        wait_for 20 test -s $flows
        read -r n failed rate what <$flows
        [ "$n" -gt 1000 ] || fail "only $n short connections $flows, $rate a second"
        assert_equal "$failed $what" "0 "
    done
    kill -0 "$iperf" || fail "iperf3 has ended: $(<iperf)"
    wait_for 10 more_received "$begun"
    assert_equal "$(conntrack -L -p tcp --dport 5201 -o id 2>/dev/null | sed 's/.*id=//' | sort)" "$stream"
}
