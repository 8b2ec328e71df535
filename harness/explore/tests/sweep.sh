#!/bin/bash
# `ordeal sweep`: every storage operation of a story fails; careful servers come out of it, careless ones are found.
set -euo pipefail
# shellcheck source=ci/lib.sh
source "$ORDEAL_SOURCE/ci/lib.sh"
PATH=$ORDEAL_BIN:$PATH

if [ ! -w /dev/fuse ] || [ "$(id -u)" -ne 0 ]; then
    skip "every storage operation of a story fails" "no /dev/fuse or not root; run as root with --device /dev/fuse"
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

careless() { # NAME flags...
    local name=$1
    shift
    cat >"$scratch/$name.yaml" <<YAML
name: $name
target:
  name: careless
  driver: reference
  command: [careless-server, --port, "{port}", --data, "{data}"$(printf ', %s' "$@")]
  url: http://127.0.0.1:{port}
  port_line: "listening on 127.0.0.1:"
  ready: /readyz
  capabilities: [files]
duration: 1s
quiet: 5s
data: {keys: 0, keys_per_client: 2, sizes: 9KiB}
clients:
  - {behaviour: put-get, keys: own, reads: 1}
invariants: [read-integrity]
YAML
}

swept() { # CODE TEXT... -- arguments...
    local wanted=$1 texts=() text
    shift
    while [ "$1" != -- ]; do texts+=("$1") && shift; done
    shift
    expect_code "$wanted" ordeal sweep "$@" --runs "$scratch/runs" || return 1
    for text in "${texts[@]}"; do
        grep -qE -- "$text" "$out" || { echo "no '$text' in:"; cat "$out"; return 1; }
    done
}

careless careful
check "a careful server comes out of every fault, and the map tells of all" \
    swept 0 "rename +reached 1 times" "kill after +1 injected, +1 survived" "EIO in recovery" "verdict: pass" -- "$scratch/careful.yaml" --errors EIO
check "the map is in sweep.json" grep -q '"operation": "fsyncdir"' "$scratch/runs/careful.sweep.json"

careless half --half-on-error
check "a server that leaves half a file behind is found" \
    swept 1 "(read-integrity|durability):" "verdict: fail" -- "$scratch/half.yaml" --errors EIO --no-second --first

check "the reference comes out of a kill at every operation of a PUT" \
    swept 0 "fsyncdir +reached" "verdict: pass" -- "$ORDEAL_SOURCE/scenarios/stories/put.yaml" --errors "" --no-second

goes_on() {
    local story=$scratch/careful.yaml state=$scratch/runs/careful.sweep.json whole code=0 sweeping
    whole=$(grep '"tellings"' "$state")
    rm "$state"
    ordeal sweep "$story" --errors EIO --runs "$scratch/runs" >"$out" 2>&1 & sweeping=$!
    wait_until 20 grep -q '"tellings": [1-9]' "$state"
    kill -TERM "$sweeping"
    wait "$sweeping" || code=$?
    [ "$code" -eq 105 ] || { echo "exit code $code"; cat "$out"; return 1; }
    expect_code 0 ordeal sweep "$story" --errors EIO --runs "$scratch/runs" || return 1
    grep -q resumed "$out" || { echo "did not go on:"; cat "$out"; return 1; }
    [ "$(grep '"tellings"' "$state")" = "$whole" ] || { echo "$whole became:"; cat "$state"; return 1; }
}
check "an interrupted sweep goes on and comes to the same end" goes_on

cat >"$scratch/idle.yaml" <<YAML
name: idle
target: reference
duration: 1s
clients: [{behaviour: list}]
invariants: [read-integrity]
YAML
check "a story that does nothing to the disk is invalid" \
    swept 3 "verdict: invalid" -- "$scratch/idle.yaml" --errors "" --no-second
check "an unknown error is refused" swept 2 "EIO, ENOSPC" -- "$scratch/careful.yaml" --errors EPERM
nothing_left() { ! grep -q "$memory" /proc/self/mountinfo && ! compgen -G "$memory/ordeal-explore.*" >/dev/null; }
check "no mount and no disk is left" nothing_left
finish_cases
