# shellcheck shell=bash
# Completion for bash. What may follow is known to `plexus __complete` alone.

_plexus() {
    local typed=${COMP_WORDS[COMP_CWORD]} line word plain=()
    COMPREPLY=()
    while IFS= read -r line; do
        word=${line%%$'\t'*}
        case $word in
        :files) mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(
                compgen -f -X '!*.yaml' -- "$typed"
                compgen -f -X '!*.yml' -- "$typed"
                compgen -d -- "$typed"
            )
            compopt -o filenames ;;
        :programs) mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -c -- "$typed") ;;
        *) plain+=("$word") ;;
        esac
    done < <("${COMP_WORDS[0]}" __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
    COMPREPLY+=("${plain[@]}")
}
complete -F _plexus plexus
