#!/usr/bin/env bats
# Large texts of the record, the journal and the history lie in files of their own.

load helpers

setup() {
    world_begin
    folder=/run/plexus/big
    file=$BATS_TEST_TMPDIR/big.yaml
    addresses 5000 >"$BATS_TEST_TMPDIR/blocked.txt"
    printf 'name: big\nfirewall:\n  sets: {blocked: {file: blocked.txt}}\n  rules: [deny from @blocked]\n' >"$file"
    apply "$file"
}

teardown() {
    plexus down big
    world_end_or_raze
}

addresses() {
    local i
    for ((i = 0; i < $1; i++)); do
        echo "10.$((i >> 8)).$((i & 255)).1"
    done
}

# have N: so many elements.
have() {
    assert_equal "$(nft list set inet plexus-big blocked-v4 | grep -o '10\.[0-9.]*' | wc -l)" "$1"
}

# Each that is there is spoken of, and the record is small.
are_those_of_the_record() {
    local name
    for name in "$folder"/texts/*; do
        grep -qF "{\"apart\":\"${name##*/}\"}" "$folder"/record.json
    done
    [ "$(stat -c %s "$folder"/record.json)" -lt 10000 ]
}

@test "what does not change is not written again" {
    are_those_of_the_record
    before=$(stat -c %i "$folder"/texts/* | sort)
    sed -i 's/deny/reject/' "$file"
    apply "$file"
    are_those_of_the_record
    assert_equal "$(stat -c %i "$folder"/texts/* | sort | comm -12 - <(echo "$before") | wc -l)" 1
    assert_equal "$(stat -c %h "$folder"/history/0002.yaml)" 2
    cmp "$folder"/history/0002.yaml "$folder"/texts/"$(ls -t "$folder"/texts | head -n 1)"
    nothing_to_do "$file"
    run plexus status big
    assert_status 0
}

@test "an element less, and the ways back" {
    sed -i '$d' "$BATS_TEST_TMPDIR/blocked.txt"
    apply "$file"
    have 4999
    are_those_of_the_record
    run plexus rollback big 1
    assert_status 0
    have 5000
    are_those_of_the_record
    plexus down big
    assert_equal "$(ls "$folder"/texts)" ""
    run plexus rollback big 1
    assert_status 0
    have 5000
}

@test "the way back of what is not confirmed keeps its texts" {
    sed -i '$d' "$BATS_TEST_TMPDIR/blocked.txt"
    run plexus apply --confirm=600 "$file"
    assert_status 0
    have 4999
    run plexus rollback big
    assert_status 0
    have 5000
    are_those_of_the_record
}

@test "a text that is gone or damaged is told, and nothing is changed" {
    text=$(printf '%s\n' "$folder"/texts/* | head -n 1)
    mv "$text" "$BATS_TEST_TMPDIR/aside"
    run plexus apply "$file"
    assert_status 1
    assert_contains "$output" "record.json is damaged"
    mkfifo "$text"
    run timeout 20 "$PLEXUS" apply "$file"
    assert_status 1
    rm "$text"
    have 5000
    mv "$BATS_TEST_TMPDIR/aside" "$text"
    nothing_to_do "$file"
}
