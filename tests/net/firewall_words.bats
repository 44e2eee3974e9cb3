#!/usr/bin/env bats
# The firewall of a file: sets from files, and plexus firewall test. What it does to real packets is in labs.bats.

# shellcheck disable=SC2016 # quotes of messages

load helpers

setup() {
    world_begin
    cd "$BATS_TEST_TMPDIR" || return
    cat >fw.yaml <<'YAML'
name: fw
interfaces:
  eno1: {type: physical, addresses: [192.0.2.1/24]}
  br-g: {type: bridge, addresses: [10.0.0.1/24]}
routes: [{to: default, via: 192.0.2.254}]
forwarding: true
firewall:
  zones: {wan: [eno1], guests: [br-g]}
  sets: {blocked: {file: blocked.txt}}
  input: drop
  forward: drop
  rules:
    - deny from @blocked
    - allow ssh from wan limit 6/minute
    - allow icmp echo-request
    - reject smtp from guests to wan
  policies: [guests to wan: allow]
  publish: ["8080:10.0.0.5:80"]
YAML
    printf '# nobody we like\n203.0.113.0/24  # all of them\n\n198.51.100.9\n' >blocked.txt
}

# decides STATUS RULE PACKET...
decides() {
    run plexus firewall test fw.yaml "${@:3}"
    assert_status "$1"
    assert_contains "$output" "$2"
}

@test "which rule decides, with its line" {
    decides 0 "accepted: allow ssh from wan limit 6/minute (fw.yaml:14)" tcp/22 from wan
    decides 1 "dropped: deny from @blocked (fw.yaml:13)" ssh from 198.51.100.9
    decides 1 "dropped: input: drop (fw.yaml:7)" tcp/23 from wan
    decides 1 "rejected: reject smtp from guests to wan (fw.yaml:16)" smtp from guests to wan
    decides 0 "accepted: guests to wan: allow (fw.yaml:17)" tcp/80 from 10.0.0.7 to 198.51.100.1
    decides 0 "accepted: publish 8080:10.0.0.5:80 (fw.yaml:18)" tcp/8080 from wan
    decides 0 "accepted: allow icmp echo-request" icmp from fd00::1 in br-g
    decides 0 "accepted: what belongs to a connection" tcp/23 from wan state established
    decides 0 "accepted: no rule is about it" tcp/23 from host to wan
    decides 1 "undecided" from wan
}

@test "addresses that the file does not say: those of the kernel count, and without it nothing is guessed" {
    sed -i 's/{type: physical, addresses: .*}/{type: physical}/; s/^routes:.*/routes: []/' fw.yaml
    decides 1 "undecided: whether 192.0.2.1 is an address of this namespace: the file says none of \`eno1\`" tcp/22 from wan to 192.0.2.1
    assert_contains "$output" 'say `to host` or `out INTERFACE`, or give `eno1` its addresses in the file'
    decides 0 "accepted: allow ssh from wan" tcp/22 from wan to host
    decides 1 "dropped: forward: drop" tcp/22 from wan to 192.0.2.1 out br-g
    decides 1 "dropped: forward: drop" tcp/22 from wan to 10.0.0.9
    ip link add eno1 type veth peer name eno1-far
    ip address add 192.0.2.1/24 dev eno1
    ip link set eno1 up
    ip link set eno1-far up
    decides 0 "accepted: allow ssh from wan" tcp/22 from 192.0.2.9 to 192.0.2.1
    assert_contains "$output" "tcp from 192.0.2.9 to 192.0.2.1 port 22 in eno1"
    decides 1 "dropped: forward: drop" tcp/22 from 192.0.2.9 to 203.0.113.200 out br-g
    ip route add 198.51.100.0/24 via 192.0.2.254
    decides 0 "accepted: guests to wan: allow" tcp/80 from 10.0.0.7 to 198.51.100.1
    assert_contains "$output" "in br-g out eno1"
    ip link del eno1
}

@test "the host's address is that where the packet comes in; what is its own comes from it" {
    sed -i '/br-g:/d; s/^interfaces:/interfaces:\n  br-g: {type: bridge, addresses: [10.0.0.1\/24]}/; s/"8080:/"192.0.2.1:8080:/' fw.yaml
    decides 0 "accepted: publish 192.0.2.1:8080:10.0.0.5:80" tcp/8080 from 192.0.2.7
    decides 0 "accepted: publish 192.0.2.1:8080:10.0.0.5:80" tcp/8080 from 203.0.114.7
    sed -i 's/"192.0.2.1:8080:/"8080:/' fw.yaml
    for own in 127.0.0.1 192.0.2.1; do
        decides 0 "accepted: no rule is about it" tcp/8080 from "$own" to 127.0.0.1
        assert_contains "$output" "out lo"
    done
    decides 0 "accepted: no rule is about it" tcp/8080 from 127.0.0.1
}

@test "what is missing of a packet is named" {
    decides 1 'undecided: not known what it is; say a protocol: `tcp/22`, `icmp`' from wan
}

@test "the answer as JSON" {
    run --separate-stderr plexus --json firewall test fw.yaml tcp/25 from guests to wan
    assert_status 1
    assert_equal "$(jq -r '.outcome, .decides.rule, .decides.file, .decides.line, .packet.out' <<<"$output")" \
        "rejected
reject smtp from guests to wan
fw.yaml
16
eno1"
}

@test "mistakes in the words of a packet" {
    decides 2 'did you mean `wan`?' tcp/22 from wann
    decides 2 "not a protocol with a port, nor a service: \`tcp/0\`" tcp/0
    decides 2 "a word is missing behind \`from\`" tcp/22 from
    decides 4 "fw has no firewall for namespace \`red\`" --in red tcp/22
    run plexus firewall tset fw.yaml
    assert_status 2
    assert_contains "$output" 'did you mean `test`?'
}

@test "the file of a set: bad lines by their number, in the file itself" {
    printf '10.0.0.1\n10.0.0.300 # what\n  oops\n' >blocked.txt
    run plexus check fw.yaml
    assert_status 2
    assert_contains "$output" "blocked.txt:2:1: error: set \`blocked\`: \`10.0.0.300\` is not an address"
    assert_contains "$output" "blocked.txt:3:3: error: set \`blocked\`: \`oops\` is not an address"
    rm blocked.txt
    run plexus check fw.yaml
    assert_status 2
    assert_contains "$output" "fw.yaml:9:26: error: cannot read \`blocked.txt\`, the addresses of a set: no such file"
}

@test "the file of a set is kept with the network: what runs is what was applied" {
    printf 'name: fw\nnamespaces: {red: {firewall: {sets: {blocked: {file: blocked.txt}}, rules: [deny from @blocked]}}}\n' >fw.yaml
    run plexus apply fw.yaml
    assert_status 0
    assert_contains "$(ip netns exec red nft list set inet plexus-fw blocked-v4-nets)" "198.51.100.9, 203.0.113.0/24"
    nothing_to_do fw.yaml
    rm blocked.txt
    run plexus firewall test fw --in red tcp/1 from 203.0.113.8
    assert_status 1
    run plexus status fw
    assert_status 0
    printf '198.51.100.9\n203.0.113.0/25\n' >blocked.txt
    run plexus apply fw.yaml
    assert_status 0
    run plexus rollback fw 1
    assert_status 0
    assert_contains "$(ip netns exec red nft list set inet plexus-fw blocked-v4-nets)" "203.0.113.0/24"
    plexus down fw
}

# From each of these to each other, and back.
firewalls() {
    cat <<'YAML'
{}
firewall: {input: accept}
firewall: {input: drop}
firewall: {input: accept, output: drop, rules: [limit ssh]}
firewall: {input: accept, sets: {b: [1.2.3.4]}, rules: [deny from @b]}
firewall: {input: accept, sets: {b: [1.2.3.4, 5.6.7.8]}, rules: [deny from @b]}
YAML
}

# In no order: chains stand in that in which they were made, and plexus status compares their rules.
ruleset() { nft -s list ruleset | sort; }

@test "every change is taken back, by rollback and where an expectation fails" {
    local -a words
    mapfile -t words < <(firewalls)
    for from in "${words[@]}"; do
        printf 'name: c\n%s\n' "${from/#{\}/description: none}" >a.yaml
        for to in "${words[@]}"; do
            [ "$from" != "$to" ] || continue
            printf 'name: c\n%s\n' "${to/#{\}/description: none}" >b.yaml
            plexus -q apply a.yaml
            before=$(ruleset)
            plexus -q apply --confirm=600 b.yaml
            run plexus rollback c
            assert_status 0
            assert_equal "$(ruleset)" "$before"
            echo 'expect: [host reaches 203.0.113.1 tcp/1]' >>b.yaml
            run plexus apply b.yaml
            assert_status 7
            assert_equal "$(ruleset)" "$before"
            run plexus status c
            assert_status 0
            plexus -q down c
            assert_equal "$(nft list ruleset)" ""
        done
    done
}

@test "a table that somebody deleted is in the way of no return" {
    printf 'name: c\nfirewall: {input: accept}\n' >a.yaml
    printf 'name: c\nfirewall: {input: drop}\n' >b.yaml
    plexus -q apply a.yaml
    before=$(ruleset)
    plexus -q apply --confirm=600 b.yaml
    nft delete table inet plexus-c
    run plexus rollback c
    assert_status 0
    assert_equal "$(ruleset)" "$before"
    plexus -q down c
    assert_equal "$(nft list ruleset)" ""
}
