#!/usr/bin/env bats
# Networks by hand in the words of those who know docker: short options, several networks at once, and what an option
# that is not there is here.
# shellcheck disable=SC2016 # backquotes in messages are meant as they are

load helpers

setup() {
    needs jq
    world_begin
    needs_kernel_for "$ROOT_DIR/labs/19-networks.yaml"
    cd "$BATS_TEST_TMPDIR" || return
    plexus network create front --subnet 10.1.0.0/24 --quiet
    plexus network create back --subnet 10.2.0.0/24 --quiet
}

teardown() {
    plexus down --all --quiet >/dev/null 2>&1 || true
    ip -all netns delete
    rm -rf /run/plexus /etc/plexus
    world_end
}

hinted() {
    run plexus "${@:2}"
    assert_status 2
    assert_contains "$output" "$1"
}

@test "short options, together and with their values; those of the program are its own" {
    run plexus run --network front -p 8080:80 -p8081:81 -e A=b -e HOME -w / sh -c 'echo "$A $HOME $PWD $1"' -p -e
    assert_status 0
    assert_equal "$output" "b $HOME / -e"
    ip netns add web
    plexus network connect front web --quiet
    run plexus network rm -qf front
    assert_status 0
    assert_equal "$output" ""
    run plexus run -p
    assert_status 2
    assert_contains "$output" 'option `-p` needs a value'
    assert_contains "$(plexus run --help)" "-p, --publish=PORT"
}

@test "several networks are shown and removed; one that cannot be is in the way of no other" {
    plexus network create third --subnet 10.3.0.0/24 --quiet
    assert_equal "$(plexus network inspect front back --json | jq -r .name | xargs)" "front back"
    run plexus network inspect front nosuch back
    assert_status 4
    assert_contains "$output" "front: nat"
    assert_contains "$output" "back: nat"
    assert_contains "$output" 'no network `nosuch` runs'
    ip netns add web
    plexus network connect back web --quiet
    run plexus network rm front back nosuch third
    assert_status 4
    assert_contains "$output" 'network `back` has guests: web'
    assert_equal "$(plexus network ls -q)" back
    run plexus network rm back --dry-run -f
    assert_status 0
    assert_equal "$(plexus network ls -q)" back
}

@test "options of docker that are not here: what is" {
    hinted "it is always so" run --rm --network front -- true
    hinted 'put `&` behind it' run -d --network front -- true
    hinted "has the terminal" run -it --network front -- true
    hinted "files of the host" run -v /a:/b --network front -- true
    hinted 'say `--mode isolated`' network create lab --internal
    hinted "it is a bridge" network create lab --driver bridge
    hinted "it is a bridge" network create lab -d bridge
    hinted '`--dhcp` gives addresses away' network create lab --ip-range 10.4.0.0/25
    hinted "let jq(1) choose" network inspect -f '{{.Name}}' front
    hinted "let jq(1) choose" network ls --format json
    hinted 'did you mean `--publish`?' run --publsh 80:80 --network front -- true
    hinted "plexus run --help shows all" run -z --network front -- true
    assert_equal "$(plexus network ls -q | xargs)" "back front"
}
