#!/usr/bin/env bats
# What bash, zsh and fish make of a half-typed command, by the completions of packaging/completions. bash and zsh run on
# a terminal of their own, where TAB is typed; fish can be asked.

load helpers

setup() {
    world_begin
    cd "$BATS_TEST_TMPDIR" || return
    mkdir bin home
    ln -s "$PLEXUS" bin/plexus
    PATH=$PWD/bin:$PATH
    HOME=$PWD/home TERM=xterm
    export PATH HOME TERM
    completions=$ROOT_DIR/packaging/completions
    cat >red-blue.yaml <<'YAML'
name: red-blue
namespaces:
  red: {interfaces: {eth0: {peer: blue/eth0}}}
  blue: {}
networks:
  lan: {mode: isolated}
YAML
    touch red.txt second.yml third.txt
    mkdir -p /etc/plexus
    sed 's/red-blue/spare/' red-blue.yaml >/etc/plexus/spare.yaml
    plexus apply -q red-blue.yaml
}

teardown() {
    plexus down --all --quiet
    world_end_or_raze
}

# after_tab TEXT SHELL [ARGUMENT]...: the line that the shell holds after the text and TAB. Its ^X^P must put the line
# into the file `line`, and end the shell.
after_tab() {
    rm -f line
    timeout 20 "$NET_DIR/typed" 'ready> ' "$1"$'\t\x18\x10' "${@:2}" >shown || fail "the shell showed: $(cat -v shown)"
    cat line
}

in_bash() {
    cat >home/rc <<'RC'
. "$COMPLETIONS/plexus.bash"
line_out() {
    printf %s "$READLINE_LINE" >line
    exit
}
bind 'set bell-style none'
bind -x '"\C-x\C-p": line_out'
PS1='ready> '
RC
    COMPLETIONS=$completions after_tab "$1" bash --rcfile home/rc -i
}

in_zsh() {
    cat >home/.zshrc <<'RC'
fpath=($COMPLETIONS $fpath)
autoload -U compinit
compinit -u -D
line_out() {
    print -rn -- "$BUFFER" >line
    exit
}
zle -N line_out
bindkey '^X^P' line_out
setopt no_beep
PS1='ready> '
RC
    COMPLETIONS=$completions ZDOTDIR=$PWD/home after_tab "$1" zsh -d -i
}

# The first candidate, put in place of the last word: fish offers files of another kind too, after the others.
in_fish() {
    local candidates
    # shellcheck disable=SC2016 # fish's own variables
    candidates=$(fish --no-config -c 'source $argv[1]; complete -C $argv[2]' "$completions/plexus.fish" "$1" | sed 's/\t.*//; q')
    printf '%s' "${1% *} $candidates"
}

# completes_in SHELL: what there is only one way to go on with.
completes_in() {
    local typed whole
    while IFS='|' read -r typed whole; do
        assert_equal "$("in_$1" "$typed" | sed 's/ *$//')" "$whole"
    done <<'END'
plexus ap|plexus apply
plexus apply --conf|plexus apply --confirm
plexus apply --confirm --no-w|plexus apply --confirm --no-wait
plexus apply r|plexus apply red-blue.yaml
plexus check sec|plexus check second.yml
plexus down |plexus down red-blue
plexus forget |plexus forget spare
plexus status s|plexus status spare
plexus show red/e|plexus show red/eth0
plexus exec bl|plexus exec blue
plexus exec red sha256s|plexus exec red sha256sum
plexus network disc|plexus network disconnect
plexus network create --subn|plexus network create --subnet
plexus network inspect |plexus network inspect lan
plexus network connect lan re|plexus network connect lan red
plexus run --network l|plexus run --network lan
plexus run --network lan sha256s|plexus run --network lan sha256sum
END
}

@test "bash completes commands, options, files and live names" {
    completes_in bash
}

@test "zsh completes commands, options, files and live names" {
    needs zsh
    completes_in zsh
}

@test "fish completes commands, options, files and live names" {
    needs fish
    completes_in fish
}
