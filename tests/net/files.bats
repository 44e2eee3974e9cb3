#!/usr/bin/env bats
# The files that Plexus reads and writes: what others put in their place is neither lost nor waited for.

load helpers

setup() {
    world_begin
    folder=/etc/netns/red
    file=$BATS_TEST_TMPDIR/dns.yaml
    say 192.0.2.53
}

teardown() {
    rm -rf /etc/netns
    world_end_or_raze
}

# say SERVER: the network file.
say() {
    printf 'name: dns\nnamespaces: {red: {dns: {servers: [%s]}}}\n' "$1" >"$file"
}

apply() {
    run plexus apply "$@"
    assert_status 0
}

# refused STATUS WORDS COMMAND...
refused() {
    run timeout 20 "$PLEXUS" "${@:3}"
    assert_status "$1"
    assert_contains "$output" "$2"
}

theirs() {
    printf 'nameserver 198.51.100.%s\noptions edns0\n' "$1"
}

# put N: somebody's own file lies there now, and nothing else.
put() {
    mkdir -p "$folder"
    rm -rf "${folder:?}"/*
    theirs "$1" >"$folder"/resolv.conf
}

is_theirs() {
    cmp <(theirs "$1") "$folder"/resolv.conf
    assert_equal "$(ls -A "$folder")" resolv.conf
    assert_equal "$(ls -A /etc/netns)" red
}

@test "a resolv.conf that somebody put in the place of ours is his" {
    apply "$file"
    put 1
    run plexus status dns
    assert_status 1
    assert_contains "$output" "resolver red/resolver"
    say 192.0.2.54
    refused 6 "was not made by Plexus" apply "$file"
    is_theirs 1
    run plexus down dns
    assert_status 0
    assert_contains "$output" "it stays"
    is_theirs 1
    # Nor does the way back take it.
    rm -r "$folder"
    apply --confirm=600 "$file"
    put 2
    run plexus rollback dns
    assert_status 0
    is_theirs 2
    # Also where ours lay in the place of another.
    apply --adopt --confirm=600 "$file"
    put 3
    run plexus rollback dns
    is_theirs 3
    apply --adopt "$file"
    put 4
    refused 6 "was not made by Plexus" apply "$file"
    run plexus down dns
    assert_contains "$output" "it stays"
    is_theirs 4
}

@test "a resolv.conf is adopted again by word only, and the last that was adopted returns" {
    apply "$file"
    put 1
    apply --adopt "$file"
    assert_contains "$(cat "$folder"/resolv.conf)" 192.0.2.53
    nothing_to_do "$file"
    plexus down dns
    is_theirs 1
    apply --adopt "$file"
    put 2
    apply --adopt "$file"
    plexus down dns
    is_theirs 2
}

@test "an adopted resolv.conf returns after the machine was started anew" {
    put 1
    apply --adopt "$file"
    ip netns del red
    rm -r /run/plexus
    apply "$file"
    plexus down dns
    is_theirs 1
}

@test "what a resolv.conf was returns: its bytes, mode, owner, or link" {
    mkdir -p "$folder"
    was=$BATS_TEST_TMPDIR/was
    for content in '' '#|\n' 'nameserver 192.0.2.1' '\n\n' '; \xff\0000 x\r\n#|#|' '# Before it\n#|nameserver 1.1.1.1\n'; do
        printf %b "$content" >"$was"
        install -m 0604 -o 1 -g 2 "$was" "$folder"/resolv.conf
        apply --adopt "$file"
        say 192.0.2.55
        apply "$file"
        plexus down dns
        cmp "$was" "$folder"/resolv.conf
        assert_equal "$(stat -c '%a %u %g' "$folder"/resolv.conf)" "604 1 2"
    done
    for target in "$was" /nowhere; do
        ln -sf "$target" "$folder"/resolv.conf
        apply --adopt "$file"
        [ ! -L "$folder"/resolv.conf ] || fail "it is a link still"
        plexus down dns
        assert_equal "$(readlink "$folder"/resolv.conf)" "$target"
    done
    cmp <(printf '# Before it\n#|nameserver 1.1.1.1\n') "$was"
}

@test "files beside resolv.conf are left alone" {
    mkdir -p "$folder"
    for name in kept new; do echo mine >"$folder"/resolv.conf.$name; done
    apply "$file"
    say 192.0.2.54
    apply "$file"
    plexus down dns
    theirs 1 >"$folder"/resolv.conf
    apply --adopt "$file"
    plexus down dns
    assert_equal "$(cd "$folder" && echo *)" "resolv.conf resolv.conf.kept resolv.conf.new"
    assert_equal "$(cat "$folder"/resolv.conf.kept "$folder"/resolv.conf.new | sort -u)" mine
}

@test "a resolver that cannot be written leaves nothing behind" {
    needs strace
    killed() { ASAN_OPTIONS=detect_leaks=0 strace -f -o /dev/null -e trace="$1" -e inject="$1:$2" "$PLEXUS" apply "$file"; }
    for fault in fsync:error=ENOSPC:when=3 rename:error=EIO:when=3; do
        run killed "${fault%%:*}" "${fault#*:}"
    done
    for call in fsync rename; do
        for when in 1 2 3 4; do
            run killed $call "signal=KILL:when=$when"
            run plexus rollback dns
            run plexus down dns
            [ ! -e /etc/netns ] || fail "left after $call $when: $(find /etc/netns)"
        done
    done
}

@test "what lies in the place of resolv.conf and is no file is named, and stays" {
    odd() {
        case $1 in
        directory) mkdir "$folder"/resolv.conf ;;
        fifo) mkfifo "$folder"/resolv.conf ;;
        device) mknod "$folder"/resolv.conf c 1 5 ;;
        large) head -c 100000 /dev/zero >"$folder"/resolv.conf ;;
        esac
    }
    for kind in directory fifo device large; do
        mkdir -p "$folder"
        odd $kind
        refused 6 "was not made by Plexus" apply "$file"
        refused 7 "/etc/netns/NAME/resolv.conf" apply --adopt "$file"
        rm -r "$folder"
        apply "$file"
        rm "$folder"/resolv.conf
        odd $kind
        run timeout 20 "$PLEXUS" status dns
        assert_status 1
        run timeout 20 "$PLEXUS" down dns
        assert_status 0
        [ -e "$folder"/resolv.conf ] || fail "the $kind is gone"
        rm -r /etc/netns
    done
}

@test "exec lays over /etc what can be, and warns of the rest" {
    apply "$file"
    mkdir "$folder/plexus-has-no-such" "$folder/hosts"
    echo mine >"$folder/hostname"
    echo mine >"$folder/plexus-has-no-such-file"
    mkfifo "$folder/plexus-fifo"
    run --separate-stderr timeout 20 "$PLEXUS" exec red cat /etc/hostname
    assert_status 0
    assert_equal "$output" mine
    for name in plexus-has-no-such plexus-has-no-such-file plexus-fifo hosts; do
        # shellcheck disable=SC2154 # set by run
        assert_contains "$stderr" "warning: $folder/$name is not laid over /etc/$name: "
    done
    mkfifo /run/netns/pipe
    refused 1 "is no network namespace" exec pipe true
    rm /run/netns/pipe
    rm -r "$folder"
    plexus down dns
}
