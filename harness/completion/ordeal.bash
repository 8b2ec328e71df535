# bash completion for ordeal
_ordeal() {
    local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]}
    if [ "$COMP_CWORD" -eq 1 ]; then
        mapfile -t COMPREPLY < <(compgen -W "run check crash sweep replay errors postmortem compare trend reproduce incident import history fuzz qualify matrix list doctor --help --version" -- "$word")
        return
    fi
    case $command in
    run)
        if [[ $word == --* ]]; then
            mapfile -t COMPREPLY < <(compgen -W "--seed --set --target --runs --print-plan --dry-run --quiet --metrics-port --web --keep-data --record-storage --help" -- "$word")
        else
            mapfile -t COMPREPLY < <(compgen -W "$(ordeal list scenarios 2>/dev/null)" -- "$word"; compgen -f -X '!*.yaml' -- "$word")
        fi
        ;;
    crash)
        if [[ $word == --* ]]; then
            mapfile -t COMPREPLY < <(compgen -W "--cuts --models --seeds --seed --first --fresh --quiet --help" -- "$word")
        else
            mapfile -t COMPREPLY < <(compgen -d -- "${word:-runs/}")
        fi
        ;;
    sweep)
        if [[ $word == --* ]]; then
            mapfile -t COMPREPLY < <(compgen -W "--set --target --seed --errors --second --no-second --runs --first --fresh --quiet --help" -- "$word")
        else
            mapfile -t COMPREPLY < <(compgen -f -X '!*.yaml' -- "$word")
        fi
        ;;
    replay | errors | postmortem | compare | trend)
        if [[ $word == --* ]]; then
            local flags=--help
            case $command in
            replay) flags="--times --runs --quiet --help" ;;
            errors) flags="--samples --json --help" ;;
            postmortem) flags="--status-page --help" ;;
            compare) flags="--base --tolerance --fail-on-regression --save --any-host --json --help" ;;
            trend) flags="--out --help" ;;
            esac
            mapfile -t COMPREPLY < <(compgen -W "$flags" -- "$word")
        else
            mapfile -t COMPREPLY < <(compgen -f -- "${word:-runs/}")
        fi
        ;;
    check | history) mapfile -t COMPREPLY < <(compgen -d -- "${word:-runs/}") ;;
    reproduce)
        if [[ $word == --* ]]; then
            mapfile -t COMPREPLY < <(compgen -W "--all --cross --seeds --seed --jobs --runs --keep --json --markdown --junit --help" -- "$word")
        else
            mapfile -t COMPREPLY < <(compgen -W "$(ordeal list incidents 2>/dev/null | awk '{ print $2 }')" -- "$word")
        fi
        ;;
    import)
        if [[ $word == --* ]]; then
            mapfile -t COMPREPLY < <(compgen -W "--name --output --target --within --help" -- "$word")
        else
            mapfile -t COMPREPLY < <(compgen -f -- "$word")
        fi
        ;;
    incident) mapfile -t COMPREPLY < <(compgen -W "new check" -- "$word") ;;
    list) mapfile -t COMPREPLY < <(compgen -W "scenarios behaviours faults invariants drivers operations reports incidents schema target-schema" -- "$word") ;;
    esac
}
complete -F _ordeal ordeal
