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
samples=500000
sanitized=false
if grep -q -E '__(asan|tsan)_init' "$ordeal"; then
    sanitized=true
    clients=200
    samples=20000
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
cat >samples.yaml <<Y
name: samples
target: reference
duration: 2s
operation_timeout: 60s
data: {keys: 1, keys_per_client: 0}
clients: [{behaviour: channel-writer, count: 2, channels: 1, samples: $samples, reads: 10%}]
invariants: [read-integrity]
Y
"$ordeal" run samples.yaml --quiet --runs "$scratch/samples" >/dev/null || true # one append may be all
taken() { jq -e ".operations[\"channel-append\"].ok > 0" "$scratch"/samples/*/summary.json; }
check "appends of up to $samples samples are taken" taken
own() { jq -e ".own_resident_bytes | $1" "$scratch"/runs/*/summary.json; }
if $sanitized; then
    skip "the bound is kept" "a sanitizer's own memory counts too; run the release build"
else
    check "the bound is kept" own '.most < .bound'
    check "it is under 512 MiB" own '.bound < 512 * 1048576'
    # The text of an append is 36 MB.
    check "an append is never in memory as a whole" jq -e '.own_resident_bytes | .most - .before < 8 * 1048576' "$scratch"/samples/*/summary.json
fi
finish_cases
