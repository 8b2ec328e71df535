#!/bin/bash
# Five thousand clients at once: ordeal's own memory stays under the bound that it prints, and under 512 MiB.
set -euo pipefail
# shellcheck source=ci/lib.sh
source "$ORDEAL_SOURCE/ci/lib.sh"
make_scratch
cd "$scratch"
ordeal=$ORDEAL_BIN/ordeal
export XDG_RUNTIME_DIR=$scratch/runtime
mkdir -m 700 "$XDG_RUNTIME_DIR"
clients=5000
sanitized=false
if grep -q -E '__(asan|tsan)_init' "$ordeal"; then
    sanitized=true
    clients=200
fi
ulimit -n "$(ulimit -Hn)"
if [ "$(ulimit -n)" -lt $((clients + 500)) ]; then
    skip "$clients clients at once" "at most $(ulimit -n) descriptors; raise the limit (ulimit -n) to $((clients + 500))"
    exit 0
fi
cat >crowd.yaml <<Y
name: crowd
target: reference
duration: 4s
quiet: 20s
operation_timeout: 30s
data: {keys: 500, keys_per_client: 0, sizes: 1KiB..64KiB}
clients: [{behaviour: put-get, count: $clients, think: 4s, reads: 1}]
invariants: [read-integrity]
Y
check "a run of $clients clients passes" expect_code 0 "$ordeal" run crowd.yaml --runs "$scratch/runs"
check "the bound of its own memory is printed before" grep -Eq "$clients clients: ordeal itself will need at most [0-9.]+ MiB of memory" out
check "and what it came to after" grep -Eq 'ordeal itself: [0-9.]+ MiB before the load, [0-9.]+ MiB at most, [0-9.]+ MiB at last; bound [0-9.]+ MiB' out
own() { jq -e ".own_resident_bytes | $1" "$scratch"/runs/*/summary.json; }
if $sanitized; then
    skip "the bound is kept" "a sanitizer's own memory counts too; run the release build"
else
    check "the bound is kept" own '.most < .bound'
    check "it is under 512 MiB" own '.bound < 512 * 1048576'
fi
finish_cases
