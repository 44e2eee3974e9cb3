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
        large) head -c 100000 /dev/zero >"$folder"/resolv.conf ;;
        esac
    }
    for kind in directory fifo large; do
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

# odd KIND PATH: something that is no regular file.
odd() {
    rm -rf "$2"
    case $1 in
    folder) mkdir -p "$2/x" ;;
    pipe) mkfifo "$2" ;;
    device) ln -s /dev/zero "$2" ;;
    esac
}

@test "what lies in the place of our files and is none is named, and not waited for" {
    mkdir -p /etc/plexus
    for kind in folder pipe device; do
        for name in record.json journal.json; do
            apply "$file"
            cp /run/plexus/dns/record.json "$BATS_TEST_TMPDIR/record"
            odd $kind /run/plexus/dns/$name
            say 192.0.2.54
            refused 1 "cannot read /run/plexus/dns/$name: it is " apply "$file"
            refused 1 "cannot read /run/plexus/dns/$name: it is " down dns
            rm -r /run/plexus/dns/$name
            cp "$BATS_TEST_TMPDIR/record" /run/plexus/dns/record.json
            plexus down dns
        done
        odd $kind /run/plexus/lock
        refused 1 "cannot lock /run/plexus/lock: " apply "$file"
        run timeout 20 "$PLEXUS" list
        rm -r /run/plexus/lock
        odd $kind /etc/plexus/odd.yaml
        refused 1 "cannot read /etc/plexus/odd.yaml: it is " apply --saved
        refused 1 "cannot read /etc/plexus/odd.yaml: it is " forget odd
        rm -r /etc/plexus/odd.yaml
        odd $kind "$BATS_TEST_TMPDIR/odd.yaml"
        printf 'name: dns\ninclude: odd.yaml\n' >"$BATS_TEST_TMPDIR/including.yaml"
        refused 2 "cannot include " check "$BATS_TEST_TMPDIR/including.yaml"
        rm -r "$BATS_TEST_TMPDIR/odd.yaml"
    done
    mkdir "$BATS_TEST_TMPDIR/several"
    mkfifo "$BATS_TEST_TMPDIR/several/odd.yaml"
    refused 2 "is no regular file" check "$BATS_TEST_TMPDIR/several"
}

@test "what a crash left beside our files, or others put there, is in the way of nothing" {
    apply "$file"
    for kind in pipe device; do
        for name in record journal seen history/last history/0002; do
            odd $kind /run/plexus/dns/$name.json.new
            odd $kind /run/plexus/dns/$name.new
        done
        odd $kind /etc/plexus/dns.yaml.new
        say "192.0.2.6${#kind}"
        run timeout 20 "$PLEXUS" apply "$file"
        assert_status 0
        run timeout 20 "$PLEXUS" save dns
        assert_status 0
    done
    plexus forget dns
    odd folder /run/plexus/dns/journal.json.new
    say 192.0.2.70
    refused 1 "cannot write /run/plexus/dns/journal.json.new: " apply "$file"
    rm -r /run/plexus/dns/journal.json.new
    plexus down dns
}

@test "a pipe on the command line is a network file" {
    run bash -c '"$PLEXUS" check - <"$1" && "$PLEXUS" check /dev/stdin <"$1" && "$PLEXUS" check <(cat "$1") &&
        cat "$1" | "$PLEXUS" check - && cat "$1" | "$PLEXUS" check /dev/stdin' - "$file"
    assert_status 0
    mkfifo "$BATS_TEST_TMPDIR/pipe.yaml"
    cat "$file" >"$BATS_TEST_TMPDIR/pipe.yaml" &
    run timeout 20 "$PLEXUS" check "$BATS_TEST_TMPDIR/pipe.yaml"
    assert_status 0
}

@test "nothing that a file or the kernel says reaches the terminal as a command" {
    evil=$'a\e[31mb\u202ec'
    shows() {
        run "$PLEXUS" "$@"
        assert_lacks "$output" $'\e'
        assert_lacks "$output" $'\u202e'
    }
    printf 'name: t\ndescription: "\\e[2J"\nnamespaces: {red: {}}\nroutes: [{to: "1\\e[31m", "k\\u202e": 1}] # \u202e\n' >"$file"
    shows check "$file"
    assert_contains "$output" '\x1b[31m'
    assert_contains "$output" '\u202e'
    cp "$file" "$BATS_TEST_TMPDIR/$evil.yaml"
    shows check "$BATS_TEST_TMPDIR/$evil.yaml"
    shows check "$BATS_TEST_TMPDIR/$evil"
    shows "$evil"
    printf 'name: t\nnamespaces: {red: {}}\n' >"$BATS_TEST_TMPDIR/$evil.yaml"
    shows apply "$BATS_TEST_TMPDIR/$evil.yaml"
    for command in history "history --diff" list status show; do
        # shellcheck disable=SC2086 # two words
        shows $command
    done
    plexus down t
    ip link add $'x\e[31m' type bridge
    shows show
    assert_contains "$output" '\x1b[31m'
    ip link del $'x\e[31m'
    assert_contains "$(plexus check --json "$BATS_TEST_TMPDIR/$evil" 2>&1)" '\u001B[31m'
}

@test "a resolv.conf that was made unchangeable is told as that" {
    apply "$file"
    chattr +i "$folder/resolv.conf" || skip "this file system cannot make a file unchangeable"
    say 192.0.2.54
    run plexus apply "$file"
    chattr -i "$folder/resolv.conf"
    [ "$status" -ne 0 ] || fail "it was written"
    assert_contains "$output" "was made unchangeable, see: lsattr"
    assert_lacks "$output" CAP_NET_ADMIN
    plexus down dns
}
