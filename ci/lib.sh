# shellcheck shell=bash
# What the scripts of ci/ and the whole-program tests share. Source it; it needs bash and changes no directory.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cases_failed=0

# script_help "$@": with --help first, prints the comment at the head of the script and ends it. Before any cd.
script_help() {
    case ${1-} in
    -h | --help) sed -n '2,${/^#/!q;s/^# \{0,1\}//p}' "$0" && exit 0 ;;
    esac
}

# script_refuse SENTENCE: bad usage.
script_refuse() {
    echo "ci/${0##*/}: $1; --help tells more" >&2
    exit 2
}

# script_takes_nothing "$@": for a script that has no arguments but --help.
script_takes_nothing() {
    script_help "$@"
    [ $# -eq 0 ] || script_refuse "'$1': there are no arguments"
}

# One line a case, counted by ci/test.
ok() { echo "ok - $1"; }
not_ok() { echo "not ok - $1"; cases_failed=$((cases_failed + 1)); }
skip() { echo "skip - $1 ($2)"; }

# check "sentence" command...: the case holds when the command succeeds; its output is shown when not.
check() {
    local sentence=$1 output
    shift
    if output=$("$@" 2>&1); then ok "$sentence"; else
        not_ok "$sentence"
        sed 's/^/    /' <<<"$output"
    fi
}

# jq 1.6 says of an empty input that -e holds: then a server that answers nothing passes. Also for what `bash -c` runs.
jq() {
    local said code=0
    case ${1-} in
    -[!-]*e* | -e*)
        said=$(command jq "$@") || code=$?
        [ -z "$said" ] || printf '%s\n' "$said"
        [ -n "$said" ] || [ "$code" -ne 0 ] || { echo "jq: there was nothing to judge" >&2; return 4; }
        return "$code"
        ;;
    *) command jq "$@" ;;
    esac
}
export -f jq

# expect_code CODE command...: runs the command; its output goes to $out, which the caller names.
expect_code() {
    local wanted=$1 code=0
    shift
    "$@" >"$out" 2>&1 || code=$?
    [ "$code" -eq "$wanted" ] || { echo "exit code $code instead of $wanted: $*"; cat "$out"; return 1; }
}

# wait_until SECONDS command...: polls until the command succeeds.
wait_until() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$deadline" ] || { echo "never became true: $*"; return 1; }
        sleep 0.02
    done
}

# A directory of the script's own, removed on every way out, together with the children that it started.
make_scratch() {
    scratch=$(mktemp -d "${TMPDIR:-/tmp}/ordeal-test.XXXXXX")
    out=$scratch/out
    trap 'code=$?; kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$scratch"; exit $code' EXIT
    trap 'exit 130' INT TERM
}

# stops_in_order "sentence" PID...: each ends with 0 when asked to. Not in check: only the shell that started a child can wait for it.
stops_in_order() {
    local sentence=$1 child code badly=""
    shift
    for child in "$@"; do
        code=0
        { kill -TERM "$child" && wait "$child"; } || code=$?
        [ "$code" -eq 0 ] || badly+=" process $child: exit code $code;"
    done
    if [ -z "$badly" ]; then ok "$sentence"; else not_ok "$sentence:$badly"; fi
}

# npm_in_cache TARGET: the target's packages are those of ci/npm, so that nothing is fetched.
npm_in_cache() {
    export XDG_CACHE_HOME=$scratch/cache
    mkdir -p "$XDG_CACHE_HOME/ordeal/$1"
    ln -s "$top/ci/npm/node_modules" "$XDG_CACHE_HOME/ordeal/$1/node_modules"
}

finish_cases() { [ "$cases_failed" -eq 0 ]; }

our_sources() {
    git -C "$top" ls-files --cached --others --exclude-standard -- '*.c' '*.h'
}
