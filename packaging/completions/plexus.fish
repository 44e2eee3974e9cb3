# Completion for fish. What may follow is known to `plexus __complete` alone.

function __plexus_complete
    set -l words (commandline -opc)
    set -l typed (commandline -ct)
    set -l program $words[1]
    for line in ($program __complete $words[2..-1] "$typed" 2>/dev/null)
        switch $line
            case ':files*'
                __fish_complete_suffix .yaml
            case ':programs*'
                __fish_complete_command
            case '*'
                echo $line
        end
    end
end
complete -c plexus -k -f -a '(__plexus_complete)'
