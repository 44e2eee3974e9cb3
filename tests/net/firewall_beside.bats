#!/usr/bin/env bats
# Our firewall and those of others in one namespace, whoever comes first: Docker's rules, ufw and firewalld as their
# packages have them. Each keeps what it has, a packet passes where both let it, and each can go without the other.

# shellcheck disable=SC2016 # quotes of messages

load helpers

setup() {
    needs nft python3 iptables iptables-save
    world_begin
    cd "$BATS_TEST_TMPDIR" || return
    cat >fw.yaml <<'YAML'
name: fw
interfaces:
  wan0: {peer: outside/eth0, addresses: [192.0.2.1/24]}
networks:
  guests: {subnet: 10.1.0.0/24, publish: ["8080:web:80"]}
firewall:
  zones: {wan: [wan0]}
  input: drop
  rules: [allow tcp/5000-5001 from wan]
namespaces:
  web: {networks: [guests]}
  outside:
    interfaces: {eth0: {addresses: [192.0.2.2/24]}}
    routes: [{to: default, via: 192.0.2.1}]
YAML
}

teardown() {
    stop_all
    plexus down fw >/dev/null 2>&1 || true
    nft flush ruleset
    world_end_or_raze
}

# begin COMMAND...: in the background.
begin() {
    "$@" 3>&- &
    pids="${pids-} $!"
}

stop_all() {
    local pid
    for pid in ${pids-}; do
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    pids=
}

# serve NAMESPACE PORT...: a server, which says its port.
serve() {
    local in=(ip netns exec "$1")
    [ "$1" != host ] || in=()
    rm -f "server-$1"
    begin "${in[@]}" python3 -uc '
import select, socket, sys
servers = {socket.create_server(("", int(port))): port for port in sys.argv[1:]}
print("ready")
while True:
    for server in select.select(list(servers), [], [])[0]:
        with server.accept()[0] as client:
            client.sendall(servers[server].encode())' "${@:2}" >"server-$1"
    wait_for 10 grep -q ready "server-$1"
}

# passes: what outside gets of a port that both let in, one that only we do, one that nobody does, and the published one.
passes() {
    ip netns exec outside python3 -c '
import concurrent.futures, socket
def get(port):
    try:
        return socket.create_connection(("192.0.2.1", port), 1).recv(10).decode()
    except OSError:
        return "-"
print(*concurrent.futures.ThreadPoolExecutor().map(get, (5000, 5001, 22, 8080)))'
}

# docker_rules: as Docker writes them for a container 172.17.0.2 of which port 8090 is published.
docker_start() {
    iptables -P FORWARD DROP
    for chain in DOCKER DOCKER-USER DOCKER-ISOLATION-STAGE-1; do iptables -N $chain; done
    iptables -A DOCKER -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 80 -j ACCEPT
    iptables -A FORWARD -j DOCKER-USER
    iptables -A FORWARD -j DOCKER-ISOLATION-STAGE-1
    iptables -A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
    iptables -A FORWARD -o docker0 -j DOCKER
    iptables -A FORWARD -i docker0 ! -o docker0 -j ACCEPT
    iptables -A DOCKER-USER -j RETURN
    iptables -t nat -N DOCKER
    iptables -t nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
    iptables -t nat -A DOCKER ! -i docker0 -p tcp -m tcp --dport 8090 -j DNAT --to-destination 172.17.0.2:80
    iptables -t nat -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
}

docker_allow() {
    iptables -I DOCKER-USER -i wan0 -o guests -p tcp --dport 80 -j ACCEPT
    iptables -I DOCKER-USER -i guests -o wan0 -j ACCEPT
}

docker_stop() {
    iptables -P FORWARD ACCEPT
    iptables -F && iptables -X && iptables -t nat -F && iptables -t nat -X
}

ufw_start() {
    needs ufw
    sed -i 's/^IPT_SYSCTL/#&/' /etc/default/ufw # it sets what the network must have at the end as at the beginning
    run ufw --force enable
    [ "$status" -eq 0 ] || skip "ufw cannot be started here: ${lines[-1]}"
}

ufw_allow() {
    ufw allow 5000/tcp
    ufw route allow in on wan0 out on guests to any port 80 proto tcp
}

ufw_stop() { ufw --force disable; }

firewalld_start() {
    needs firewalld firewall-cmd dbus-daemon
    mkdir -p /run/dbus
    begin dbus-daemon --system --nofork --nopidfile >/dev/null 2>&1
    wait_for 10 test -S /run/dbus/system_bus_socket
    begin firewalld --nofork --nopid >/dev/null 2>&1
    firewalld=${pids##* }
    wait_for 30 eval '[ "$(firewall-cmd --state 2>&1)" = running ]'
}

firewalld_allow() { firewall-cmd --add-port=5000/tcp; }

# It takes its rules away as long as it has its bus.
firewalld_stop() {
    kill "$firewalld"
    wait "$firewalld" || true
    stop_all
}

# ours, theirs: each part of the rule set, without what is counted.
ours() { nft list table inet plexus-fw | sed -E 's/packets [0-9]+ bytes [0-9]+//'; }
theirs() {
    nft -j list ruleset | jq -c '.nftables[] | select(.table.name // (.chain // .rule // .set // .map // .element).table | . != "plexus-fw" and . != null) |
        walk(if type == "object" then del(.handle, .index, .packets, .bytes) else . end)'
    iptables-save 2>/dev/null | sed '/^#/d; s/\[.*\]//'
}

serve_all() {
    serve host 22 5000 5001
    serve web 80
}

# side_by_side WHO NAME PASSES-AT-FIRST PASSES-WHEN-ALLOWED: first they and then we, then the other way round.
side_by_side() {
    local who=$1 before mine
    "${who}_start"
    before=$(theirs)
    [ -n "$before" ] || fail "$who has no rules"
    run plexus apply fw.yaml
    assert_status 0
    assert_contains "$output" "dropped by chain"
    assert_contains "$output" " of $2"
    assert_equal "$(theirs)" "$before"
    serve_all
    assert_equal "$(passes)" "$3"
    "${who}_allow"
    assert_equal "$(passes)" "$4"
    plexus status fw
    mine=$(ours)
    "${who}_stop"
    assert_equal "$(ours)" "$mine"
    plexus status fw

    # They come to where we are.
    [ -n "$pids" ] || serve_all
    assert_equal "$(passes)" "5000 5001 - 80"
    "${who}_start"
    "${who}_allow"
    assert_equal "$(ours)" "$mine"
    plexus status fw
    assert_equal "$(passes)" "$4"
    before=$(theirs)
    plexus down fw --quiet
    assert_equal "$(theirs | grep -v plexus-fw)" "$before"
    "${who}_stop"
}

@test "Docker's rules: what it drops of ours is named, and it and we keep what we have" {
    iptables -L -n >/dev/null 2>&1 || skip "iptables cannot be used in this kernel"
    side_by_side docker Docker "5000 5001 - -" "5000 5001 - 80"
}

@test "ufw: what it drops of ours is named, and it and we keep what we have" {
    side_by_side ufw ufw "- - - -" "5000 - - 80"
}

# It lets through whatever was translated.
@test "firewalld: what it drops of ours is named, and it and we keep what we have" {
    side_by_side firewalld firewalld "- - - 80" "5000 - - 80"
}

@test "nft lists what was meant, word for word, and iptables nothing of it" {
    iptables -L -n >/dev/null 2>&1 || skip "iptables cannot be used in this kernel"
    before=$(iptables-save; ip6tables-save)
    apply fw.yaml
    assert_equal "$(ours | grep -vE 'IPv6: errors|DHCP|^[^"]*$' | sed -E 's/^[ \t]+//; s/ +/ /g')" "$(cat <<'END'
ct state established,related counter accept comment "what belongs to a connection that was let through"
ct state invalid counter drop comment "what belongs to no connection and begins none"
iifname "lo" counter accept comment "loopback"
iifname "wan0" tcp dport 5000-5001 counter accept comment "allow tcp/5000-5001 from wan"
counter drop comment "input: drop"
iifname != "guests" oifname != "guests" counter accept comment "what is of no network of ours"
ct state established,related counter accept comment "what belongs to a connection that was let through"
ct state invalid counter drop comment "what belongs to no connection and begins none"
ct status dnat ip daddr . meta l4proto . th dport @published-v4 counter accept comment "publish"
iifname "guests" oifname "guests" counter accept comment "guests: among its guests"
iifname "guests" oifname != { "lo", "guests" } counter accept comment "guests: to outside"
iifname "guests" counter drop comment "from a network to where it does not lead"
oifname "guests" counter drop comment "to a network, unasked"
fib daddr type local counter dnat ip to meta l4proto . th dport map @publish-v4 comment "publish"
ip daddr != 127.0.0.0/8 fib daddr type local counter dnat ip to meta l4proto . th dport map @publish-v4 comment "publish"
ct status dnat ip saddr . ip daddr @hairpin-v4 counter masquerade comment "from a guest to its sibling by what is published"
oifname != { "lo", "guests" } ip saddr 10.1.0.0/24 counter masquerade comment "masquerade from guests to outside"
END
)"
    assert_contains "$(nft list map inet plexus-fw publish-v4)" "tcp . 8080 counter packets 0 bytes 0 : 10.1.0.2 . 80"
    assert_contains "$(nft list set inet plexus-fw published-v4)" "10.1.0.2 . tcp . 80 counter packets 0 bytes 0"
    assert_equal "$(iptables-save; ip6tables-save)" "$before"
}
