#!/bin/bash
# `ordeal crash`: a careful server loses nothing in any cut, careless ones are found and the operation is named.
set -euo pipefail
# shellcheck source=ci/lib.sh
source "$ORDEAL_SOURCE/ci/lib.sh"
PATH=$ORDEAL_BIN:$PATH

if [ ! -w /dev/fuse ] || [ "$(id -u)" -ne 0 ]; then
    skip "power cuts of a recorded run are explored" "no /dev/fuse or not root; run as root with --device /dev/fuse"
    exit 0
fi
make_scratch
# Somebody else may explore at the same time; what is ours is below here.
if [ -w /dev/shm ]; then
    memory=$(mktemp -d /dev/shm/ordeal-test.XXXXXX)
    trap 'code=$?; kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$scratch" "$memory"; exit $code' EXIT
else
    memory=$scratch
fi
export TMPDIR=$memory

scenario() { # NAME TARGET
    cat >"$scratch/$1.yaml" <<YAML
name: $1
target: $2
duration: 500ms
operation_timeout: 30s
record: storage
data: {keys: 0, keys_per_client: 3, sizes: 600B..9KiB}
clients:
  - {behaviour: put-get, name: one, count: 2, keys: own, reads: 1, think: 50ms}
invariants: [read-integrity]
YAML
}

careless() { # NAME flags...
    local name=$1
    shift
    cat >"$scratch/target-$name.yaml" <<YAML
name: careless
driver: reference
command: [careless-server, --port, "{port}", --data, "{data}"$(printf ', %s' "$@")]
url: http://127.0.0.1:{port}
port_line: "listening on 127.0.0.1:"
ready: /readyz
capabilities: [files]
YAML
    scenario "$name" "$scratch/target-$name.yaml"
}

run_of() { echo "$scratch"/runs/*-"$1"; }

record() { # NAME
    ordeal run "$scratch/$1.yaml" --runs "$scratch/runs" --quiet >"$out" 2>&1 || { cat "$out"; return 1; }
}

explored() { # NAME CODE TEXT... -- flags...
    local name=$1 wanted=$2 texts=() text
    shift 2
    while [ "$1" != -- ]; do texts+=("$1") && shift; done
    shift
    record "$name" || return 1
    expect_code "$wanted" ordeal crash "$(run_of "$name")" "$@" || return 1
    for text in "${texts[@]}"; do
        grep -q -- "$text" "$out" || { echo "no '$text' in:"; cat "$out"; return 1; }
    done
}

scenario reference reference
check "the reference loses nothing in a sample of cuts under all models" \
    explored reference 0 "verdict: pass" "servers/s" -- --cuts 12 --seeds 2
nothing_left() { ! compgen -G "$memory/ordeal-explore.*" >/dev/null; }
check "nothing of the disks is left" nothing_left

careless careful
check "a careful server of files passes" explored careful 0 "verdict: pass" -- --seeds 2 --cuts 20

careless file --skip-file-sync
check "a server that does not sync the file is found, with the write named" \
    explored file 1 "write of .* bytes at 0 of /own_.*\.data (operation .*) was not followed by an fsync of the file" -- --first
careless directory --skip-directory-sync
check "a server that does not sync the directory is found, with the rename named" \
    explored directory 1 "rename of /own_.*\.temporary to /own_.*\.data (operation .*) was not followed by an fsync of directory /" -- --first
careless early --early-answer
check "a server that answers before it syncs is found" \
    explored early 1 "was not followed by an fsync of" -- --first
careless renames --two-renames
check "a server that crashes between two renames is found, and the order is named" \
    explored renames 1 "the order is to blame" "after rename of /own_.*\.data" -- --seeds 1 --models all

goes_on() {
    local whole first second run
    run=$(run_of renames)
    ordeal crash "$run" --fresh --cuts 50 --models all >"$out" 2>&1 || true
    whole=$(grep -E '^ +all ' "$out")
    rm -rf "$run/crash"
    ordeal crash "$run" --cuts 50 --models all >"$out" 2>&1 & first=$!
    wait_until 20 grep -q '"cuts_done": [1-9]' "$run/crash/crash.json"
    kill -TERM "$first"
    wait "$first" && second=0 || second=$?
    [ "$second" -eq 105 ] || [ "$second" -eq 1 ] || { echo "exit code $second"; cat "$out"; return 1; }
    grep -q interrupted "$out" || { echo "was not interrupted:"; cat "$out"; return 1; }
    ordeal crash "$run" --cuts 50 --models all >"$out" 2>&1 || true
    grep -q resumed "$out" || { echo "did not go on:"; cat "$out"; return 1; }
    [ "$(grep -E '^ +all ' "$out")" = "$whole" ] || { echo "'$whole' became:"; cat "$out"; return 1; }
}
check "an interrupted exploration goes on and comes to the same end" goes_on

unrecorded() {
    sed -i '/^record:/d' "$scratch/careful.yaml"
    rm -rf "$scratch/runs"
    record careful && expect_code 2 ordeal crash "$(run_of careful)" && grep -q "chaosfs.log" "$out"
}
check "a run without a log is refused with exit code 2" unrecorded
finish_cases
