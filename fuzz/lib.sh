# shellcheck shell=bash
# What the scripts of fuzz/ share. Source it from one of them; it answers --help and changes to the project's top.

# shellcheck source=ci/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../ci/lib.sh"
script_help "$@"
cd "$top" || exit 1
targets=(path range fields samples document requests uploads scenario log history answers stories)
# What parses, and what must be covered: see fuzz/coverage.
parsing_files='reference/(accounts|files|versions|paths|ranges|base64|digest|checksum|document|samples|json_text|framing|routes|moves|shares|tus|uploads|channels|changes)\.c'
work=${XDG_CACHE_HOME:-$HOME/.cache}/ordeal-fuzz

die() { echo "fuzz/$(basename "$0"): $*" >&2; exit 2; }

is_target() { local t; for t in "${targets[@]}"; do [ "$t" = "$1" ] && return 0; done; return 1; }

# seconds_of 60s: whole seconds of a duration such as 90, 60s, 5m, 4h.
seconds_of() {
    local seconds
    [[ $1 =~ ^0*([0-9]{1,7})([smh]?)$ ]] || die "'$1' is no duration, such as 60s, 5m or 4h"
    seconds=${BASH_REMATCH[1]}
    case ${BASH_REMATCH[2]} in
    m) seconds=$((seconds * 60)) ;;
    h) seconds=$((seconds * 3600)) ;;
    esac
    [ "$seconds" -gt 0 ] || die "'$1' is no time at all: it needs at least a second"
    echo "$seconds"
}

# ccache does not see what AFL++'s compiler is told by the environment.
build_targets() { # PRESET TARGET...
    local preset=$1 log=build/$1.log launcher
    launcher=$(command -v ccache || true)
    shift
    case $preset in
    afl*) launcher= ;;
    fuzz) command -v clang >/dev/null || die "clang is missing: install the Debian package clang, or run ci/setup" ;;
    esac
    mkdir -p build
    if ! { cmake --preset "$preset" -DCMAKE_C_COMPILER_LAUNCHER=$launcher && cmake --build --preset "$preset" -j "$(nproc)" --target "$@"; } >"$log" 2>&1; then
        tail -n 30 "$log" >&2
        die "the fuzz targets could not be built; all of what was said is in $log"
    fi
}

dictionary_of() { [ -e "fuzz/dictionaries/$1.dict" ] && echo "fuzz/dictionaries/$1.dict"; return 0; }

# core N: the number of the Nth (0: first) core that this process may use, for taskset. A target with the server in it hands every
# write over to another thread, which costs far less on one core than between two.
core() {
    local range permitted=()
    for range in $(sed -nE 's/^Cpus_allowed_list:[[:space:]]*//p' /proc/self/status | tr ',' ' '); do
        mapfile -t -O ${#permitted[@]} permitted < <(seq "${range%-*}" "${range#*-}")
    done
    echo "${permitted[$1 % ${#permitted[@]}]}"
}

# What the targets write goes into a folder of its own in memory, which is removed in the end: libFuzzer ends a target at once
# when it finds something.
data_of_its_own() {
    ORDEAL_FUZZ_FOLDER=$(mktemp -d "$(memory_folder)/ordeal-fuzz-XXXXXX")
    export ORDEAL_FUZZ_FOLDER
    trap 'rm -rf "$ORDEAL_FUZZ_FOLDER"' EXIT
    trap 'echo "fuzz/$(basename "$0"): interrupted" >&2; exit 105' INT TERM HUP
}

memory_folder() { if [ -w /dev/shm ]; then echo /dev/shm; else echo "${TMPDIR:-/tmp}"; fi; }

# set_bounds TARGET: `bounds` for libFuzzer, of one allocation, of the process, and on waiting for ever; what an input may compute
# is bound.c's matter. A server keeps some of what an input brought, wherefore libFuzzer would look for leaks behind each input and
# take most of the time for it; service_here.c looks for them when the servers begin anew.
set_bounds() {
    bounds=(-max_len=65536 -timeout=60 -report_slow_units=60 -malloc_limit_mb=128 -rss_limit_mb=2048)
    case $1 in
    requests | stories | uploads) bounds+=(-detect_leaks=0) ;;
    esac
}

# fresh_copy FOLDER: the tree as it stands, without what git ignores; what was built there before stays. All is younger than that
# (-m): a file that was planted with a defect there and is sound again must not pass for one that was compiled.
fresh_copy() {
    rm -rf "${1:?}/reference" "${1:?}/fuzz"
    mkdir -p "$1"
    git ls-files --cached --others --exclude-standard -z | tar -cf - --null -T - | tar -xmf - -C "$1"
}
