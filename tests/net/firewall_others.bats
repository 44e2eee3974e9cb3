#!/usr/bin/env bats
# The firewall of a file beside rule sets of others: who drops what it lets through is named, with the mend; what they
# have stays as it is.

# shellcheck disable=SC2016 # quotes of messages

load helpers

setup() {
    needs nft
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
  rules: [allow tcp/5000 from wan]
namespaces:
  web: {networks: [guests]}
  outside:
    interfaces: {eth0: {addresses: [192.0.2.2/24]}}
    routes: [{to: default, via: 192.0.2.1}]
YAML
}

teardown() {
    for name in fw other; do plexus down $name >/dev/null 2>&1 || true; done
    nft flush ruleset
    world_end_or_raze
}

# warns PART...: in one line or two, of a plan of fw.yaml.
warns() {
    run plexus plan "${file-fw.yaml}"
    [ "$status" -le 1 ] || assert_status 1
    for part; do assert_contains "$output" "$part"; done
}

@test "a chain of others that drops what is let through is named" {
    nft -f - <<'NFT'
add table inet site
add chain inet site in { type filter hook input priority 10; policy drop; }
add table ip filter
add chain ip filter DOCKER-USER
add chain ip filter FORWARD { type filter hook forward priority 0; policy drop; }
add rule ip filter FORWARD jump DOCKER-USER
NFT
    before=$(nft list ruleset)
    warns 'fw.yaml:9:11: warning: `allow tcp/5000 from wan`: what this lets through is dropped by chain `inet site in`, its policy' \
        'let it through there too: nft insert rule inet site in ... accept' \
        'is dropped by chain `ip filter FORWARD` of Docker, its policy (and' \
        'iptables -I DOCKER-USER'
    nft insert rule inet site in tcp dport 5000 accept
    nft insert rule ip filter DOCKER-USER accept
    run plexus plan fw.yaml
    assert_lacks "$output" "warning"
    nft flush ruleset
    nft -f - <<<"$before"
    run plexus apply fw.yaml
    assert_status 0
    assert_contains "$output" 'of Docker'
    run plexus apply fw.yaml
    assert_lacks "$output" "warning"
    plexus down fw
    assert_equal "$(nft list ruleset)" "$before"
}

@test "whose chain it is that drops: Docker by nft, Incus, LXD, Kubernetes, CNI, fail2ban" {
    while read -r table chain who; do
        nft -f - <<NFT
add table ip $table
add chain ip $table $chain
add chain ip $table pass { type filter hook forward priority 0; policy drop; }
NFT
        warns "is dropped by chain \`ip $table pass\` of $who, its policy"
        nft flush ruleset
    done <<'END'
docker-bridges forward Docker
incus forward Incus
lxd forward LXD
kube-proxy forward Kubernetes
filter KUBE-FORWARD Kubernetes
filter CNI-FORWARD CNI
f2b-table forward fail2ban
filter f2b-sshd fail2ban
END
}

@test "bridged packets that are judged as forwarded, and dropped" {
    sysctl -qw net.bridge.bridge-nf-call-iptables=1 2>/dev/null || skip "this kernel has no br_netfilter"
    sed -i 's/input: drop/forward: drop/; /^networks/,/publish/d; s/^interfaces:/&\n  br0: {type: bridge}/; s/web: .*/web: {interfaces: {eth0: {bridge: br0}}}/' fw.yaml
    warns '`net.bridge.bridge-nf-call-iptables` is 1: what guests of `br0` send each other is judged as forwarded, and dropped' \
        "sysctl -w net.bridge.bridge-nf-call-iptables=0"
    sysctl -qw net.bridge.bridge-nf-call-iptables=0
    run plexus plan fw.yaml
    sysctl -qw net.bridge.bridge-nf-call-iptables=1
    assert_lacks "$output" bridge-nf
}

@test "what is published twice, or at nobody's address" {
    sed 's/^name: fw/name: other/; s/outside/beyond/g; s/wan0/wan1/g; s/192\.0\.2/192.0.3/; s/10\.1\.0/10.3.0/; s/guests/others/g; s/web/page/g; s/input: drop/output: accept/' fw.yaml >other.yaml
    run plexus apply other.yaml
    assert_status 0
    warns 'fw.yaml:5:43: warning: `8080:web:80`: the topology `other` publishes that port too'
    assert_lacks "$output" "dropped by"
    sed -i 's/"8080:web:80"/"203.0.113.9:8082:web:80"/' fw.yaml
    warns '`203.0.113.9:8082:web:80`: no interface of the host has the address 203.0.113.9'
}

@test "a zone of a port of a bridge; an address that stays on one" {
    cat >fw.yaml <<'YAML'
name: fw
interfaces:
  nic0: {type: physical, bridge: br0}
  br0: {type: bridge}
firewall: {zones: {wan: [nic0]}, input: drop, rules: [allow ssh from wan]}
YAML
    ip link add nic0 type veth peer name nic1
    ip address add 192.0.2.7/24 dev nic0
    warns 'zone `wan`: nothing comes in by `nic0`: it is a port of bridge `br0`' 'name `br0`: rules see packets there' \
        '`nic0` has the address 192.0.2.7/24, and is to be a port of bridge `br0`' \
        'it belongs onto the bridge: `br0: {addresses: [192.0.2.7/24]}`'
    ip link del nic0
}

@test "iptables-legacy, of which nobody sees the rules, is told" {
    needs iptables-legacy
    iptables-legacy -A INPUT -p tcp --dport 1 -j DROP 2>/dev/null || skip "this kernel has no iptables-legacy"
    warns "iptables-legacy has tables here (filter): they may drop what this lets through"
    iptables-legacy -F
}
