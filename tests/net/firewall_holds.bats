#!/usr/bin/env bats
# The firewall of a file holds: what it forbids ends, also where it ran before; what it lets through goes on, also
# where nobody watched it before.

# shellcheck disable=SC2016 # quotes of messages

load helpers

setup() {
    needs python3 conntrack
    world_begin
    cd "$BATS_TEST_TMPDIR" || return
    conntrack -F 2>/dev/null
    ip netns add outside
    ip link add wan0 type veth peer name eth0 netns outside
    ip address add 192.0.2.1/24 dev wan0
    ip link set wan0 up
    ip -n outside address add 192.0.2.2/24 dev eth0
    ip -n outside link set eth0 up
    ip -n outside link set lo up
    ip -n outside route add default via 192.0.2.1
}

teardown() {
    for pid in ${pids-}; do
        pkill -P "$pid" || true
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    plexus down fw >/dev/null 2>&1 || true
    ip netns del outside 2>/dev/null || true
    [ -n "${BATS_TEST_COMPLETED-}" ] || raze
    world_end
}

# begin NAMESPACE COMMAND...: in the background; "host" is here.
begin() {
    if [ "$1" = host ]; then
        "${@:2}" &
    else
        ip netns exec "$1" "${@:2}" &
    fi
    pids="${pids-} $!"
}

# serve NAMESPACE PORT [udp]: answers what it is sent; what is sent after "stream" comes by itself, again and again.
serve() {
    begin "$1" python3 -u -c '
import socket, sys, threading, time
udp = len(sys.argv) > 2
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM if udp else socket.SOCK_STREAM)
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(("", int(sys.argv[1])))
def answer(client):
    try:
        while data := client.recv(100):
            client.sendall(data)
            while data == b"stream\n":
                client.sendall(b"tick\n")
                time.sleep(0.02)
    except OSError:
        pass
if not udp:
    server.listen()
print("ready")
while True:
    if udp:
        data, who = server.recvfrom(100)
        server.sendto(data, who)
    else:
        threading.Thread(target=answer, args=(server.accept()[0],), daemon=True).start()
' "${@:2}" >"server-$1-$2"
    wait_for 10 grep -q ready "server-$1-$2"
}

# talk NAMESPACE ADDRESS PORT NAME [tcp|udp|stream] [LOCAL-PORT]: asks again and again, and says into the file NAME how
# often it was answered.
talk() {
    begin "$1" python3 -u -c '
import os, socket, sys, time
address, port, name, form = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM if form == "udp" else socket.SOCK_STREAM)
if len(sys.argv) > 5:
    client.bind(("", int(sys.argv[5])))
client.connect((address, port))
client.settimeout(0.2)
if form == "stream":
    client.sendall(b"stream\n")
n = 0
while True:
    try:
        if form != "stream":
            client.send(b"?")
        if client.recv(100):
            n += 1
            with open(name + ".new", "w") as file:
                file.write(str(n))
            os.rename(name + ".new", name)
    except (TimeoutError, ConnectionRefusedError):
        pass
    time.sleep(0.01)
' "${@:2:3}" "${5-tcp}" "${@:6}"
    wait_for 10 test -s "$4"
}

is_more() { [ "$(<"$1")" -gt "$2" ]; }

# goes_on NAME: it is answered, and again.
goes_on() {
    wait_for 5 is_more "$1" $(($(<"$1") + 10)) || fail "$1 does not go on"
}

# has_ended NAME: it is not answered any more; what was on its way still counts.
has_ended() {
    if wait_for 1 is_more "$1" $(($(<"$1") + 5)) 2>/dev/null; then fail "$1 goes on"; fi
}

# file LINES: the file of the test.
file() {
    printf 'name: fw\ninterfaces: {wan0: {type: physical, addresses: [192.0.2.1/24]}}\n%s\n' "$1" >fw.yaml
}

flows() { conntrack -L "$@" 2>/dev/null; }

@test "what a change forbids is cut, whoever speaks; what it lets through goes on" {
    file 'firewall: {input: drop, rules: ["allow tcp/5000-5002", allow udp/5003]}'
    apply fw.yaml
    for port in 5000 5001 5002; do serve host $port; done
    serve host 5003 udp
    talk outside 192.0.2.1 5000 kept
    talk outside 192.0.2.1 5001 asks
    talk outside 192.0.2.1 5002 streams stream
    talk outside 192.0.2.1 5003 datagrams udp
    file 'firewall: {input: drop, rules: [allow tcp/5000]}'
    run plexus plan fw.yaml
    assert_status 1
    assert_contains "$output" "cut: tcp 192.0.2.2:"
    assert_contains "$output" "-> 192.0.2.1:5001"
    assert_contains "$output" "3 running flows are cut"
    assert_lacks "$output" "disturbs nothing"
    for flow in kept asks streams datagrams; do goes_on $flow; done
    apply fw.yaml
    assert_contains "$output" "3 running flows cut"
    for flow in asks streams datagrams; do has_ended $flow; done
    goes_on kept
    assert_equal "$(flows -p udp --dport 5003)" ""
}

@test "what is only let through more, or comes back, cuts nothing" {
    file 'firewall: {input: drop, rules: [allow tcp/5000]}'
    apply fw.yaml
    serve host 5000
    serve host 5001
    talk outside 192.0.2.1 5000 kept
    file 'firewall: {input: drop, rules: [allow tcp/5000-5001]}'
    run plexus plan fw.yaml
    assert_contains "$output" "disturbs nothing"
    apply fw.yaml
    assert_lacks "$output" "cut"
    talk outside 192.0.2.1 5001 more
    before=$(flows -p tcp --dport 5000 -o id | sed 's/.*id=//')
    run plexus rollback fw 1
    assert_status 0
    has_ended more
    goes_on kept
    assert_equal "$(flows -p tcp --dport 5000 -o id | sed 's/.*id=//')" "$before"
    run plexus rollback fw 1
    assert_status 0
    goes_on more
}

@test "an apply that nobody confirms gives back the connections that it cut" {
    file 'firewall: {input: drop, rules: [allow tcp/5000]}'
    apply fw.yaml
    serve host 5000
    talk outside 192.0.2.1 5000 session stream
    file 'firewall: {input: drop}'
    apply --confirm=600 fw.yaml
    has_ended session
    run plexus rollback fw
    assert_status 0
    goes_on session
}

@test "the first input: drop: what runs goes on, whoever began it and whoever speaks" {
    serve host 5000
    serve outside 5001
    talk outside 192.0.2.1 5000 in
    talk outside 192.0.2.1 5000 in-stream stream
    talk host 192.0.2.2 5001 out
    talk host 192.0.2.2 5001 out-stream stream
    assert_equal "$(flows)" ""
    file 'firewall: {input: drop}'
    run plexus plan fw.yaml
    assert_contains "$output" "disturbs nothing"
    apply fw.yaml
    for flow in in in-stream out out-stream; do goes_on $flow; done
    if ip netns exec outside python3 -c 'import socket; socket.create_connection(("192.0.2.1", 5000), 1)' 2>/dev/null; then
        fail "a new connection comes in"
    fi
    run plexus apply fw.yaml
    goes_on in-stream
}

@test "the session from which the command is given is not cut, and told" {
    file 'firewall: {input: drop, rules: [allow tcp/5000]}'
    apply fw.yaml
    serve host 5000
    talk outside 192.0.2.1 5000 session tcp 40000
    file 'firewall: {input: drop}'
    SSH_CONNECTION="192.0.2.2 40000 192.0.2.1 5000" run plexus apply fw.yaml
    assert_status 0
    assert_equal "$(grep -c "SSH session" <<<"$output")" 1
    assert_contains "$output" "this one goes on; so that others come in, the file needs: allow tcp/5000 from 192.0.2.2"
    goes_on session
}

@test "nor under sudo, which takes the variable away, and where IPv4 comes to a socket of IPv6" {
    file 'firewall: {input: drop, rules: [allow tcp/5000]}'
    apply fw.yaml
    serve host 5000
    talk outside 192.0.2.1 5000 session tcp 40000
    file 'firewall: {input: drop}'
    export SSH_CONNECTION="::ffff:192.0.2.2 40000 ::ffff:192.0.2.1 5000"
    run bash -c 'env -u SSH_CONNECTION "$PLEXUS" apply fw.yaml; true'
    assert_contains "$output" "the SSH session that this is typed in, from 192.0.2.2 to port 5000, would be let in no more"
    assert_lacks "$output" "cut: "
    goes_on session
}

# leads_to ADDRESS: the flow to the port 5353 does.
leads_to() { flows -p udp --dport 5353 | grep -q "dport=5353 src=$1 "; }

@test "UDP takes the way that its port is published by now: to a guest, to another, to none" {
    publish() {
        cat >fw.yaml <<YAML
name: fw
interfaces: {wan0: {type: physical, addresses: [192.0.2.1/24]}}
networks: {red: {subnet: 10.1.0.0/24, publish: [$1]}}
firewall: {input: drop, rules: [allow udp/5353]}
namespaces:
  web: {networks: [red]}
  db: {networks: [red]}
YAML
    }
    publish ''
    apply fw.yaml
    serve host 5353 udp
    serve web 53 udp
    serve db 53 udp
    talk outside 192.0.2.1 5353 udp udp
    leads_to 192.0.2.1
    for guest in web:10.1.0.2 db:10.1.0.3; do
        publish "\"5353:${guest%:*}:53/udp\""
        apply fw.yaml
        wait_for 5 leads_to "${guest#*:}"
        goes_on udp
    done
    publish ''
    apply fw.yaml
    wait_for 5 leads_to 192.0.2.1
    goes_on udp
}

@test "the first firewall: what is forwarded for guests goes on, whoever speaks" {
    cat >fw.yaml <<'YAML'
name: fw
interfaces:
  wan0: {type: physical, addresses: [192.0.2.1/24]}
  lan0: {peer: guest/eth0, addresses: [10.4.0.1/24]}
forwarding: true
namespaces:
  guest: {interfaces: {eth0: {addresses: [10.4.0.2/24], gateway: 10.4.0.1}}}
YAML
    apply fw.yaml
    serve outside 5001
    talk guest 192.0.2.2 5001 asks
    talk guest 192.0.2.2 5001 streams stream
    assert_equal "$(flows)" ""
    printf 'firewall: {zones: {lan: [lan0], wan: [wan0]}, forward: drop, policies: [lan to wan: allow]}\n' >>fw.yaml
    apply fw.yaml
    goes_on streams
    goes_on asks
}
