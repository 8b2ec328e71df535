#!/bin/bash
# Recorded runs that are valid, corrupted in one place: the right judge says so and names the operation. Every judge has at
# least one such corruption. MUTATIONS=50 DURATION=25s harness/tests/mutated.sh goes deeper; bounded-memory needs that long.
set -euo pipefail
# shellcheck source=ci/lib.sh
source "$ORDEAL_SOURCE/ci/lib.sh"
make_scratch
cd "$scratch"
ordeal=$ORDEAL_BIN/ordeal
export XDG_RUNTIME_DIR=$scratch/runtime
mkdir -m 700 "$XDG_RUNTIME_DIR"

cat >base.yaml <<Y
target: reference
seed: 1
duration: ${DURATION:-2500ms}
quiet: 15s
operation_timeout: 10s
data: {keys: 8, keys_per_client: 9, sizes: 4KiB..64KiB}
invariants: [read-integrity]
Y
cat >calm.yaml <<'Y'
extends: base.yaml
name: calm
clients:
  - {behaviour: put-get, count: 4, think: 5ms}
  - {behaviour: conditional, count: 3, think: 10ms}
  - {behaviour: versions, count: 2, think: 20ms}
  - {behaviour: list, think: 100ms}
  - {behaviour: move, count: 2, think: 20ms, batch: 4}
  - {behaviour: share, count: 2, think: 20ms}
  - {behaviour: download, count: 4, think: 10ms}
  - {behaviour: upload, count: 2, think: 10ms}
  - {behaviour: upload-abandon, count: 2, think: 10ms, cancelled: 70%} # a busy machine gets to a few only
  - {behaviour: channel-writer, count: 2, channels: 1, samples: 20, think: 10ms}
  - {behaviour: watcher, count: 2, wait: 200ms, think: 10ms}
Y
cat >broken.yaml <<'Y'
extends: base.yaml
name: broken
clients:
  - {behaviour: put-get, count: 4, keys: own, think: 10ms}
  - {behaviour: delete-put, count: 2, think: 10ms}
faults:
  - {fault: kill, at: 1200ms, for: 100ms}
Y
cat >accounts.yaml <<'Y'
extends: base.yaml
name: accounts
target: reference-accounts
clients:
  - {behaviour: quota-filler, count: 2, accounts: 1, files: 10, think: 20ms}
  - {behaviour: garbage, count: 2, think: 50ms}
Y
cat >uploads.yaml <<'Y'
extends: base.yaml
name: uploads
data: {keys: 100}
clients:
  - {behaviour: upload, count: 3, think: 1ms}
  - {behaviour: upload-cut, count: 1, think: 20ms}
  - {behaviour: upload-rivals, count: 2, think: 50ms}
Y
runs=(calm broken accounts uploads)
pids=()
for run in "${runs[@]}"; do
    "$ordeal" run "$run.yaml" --quiet --runs "$scratch/$run" >"$run.said" 2>&1 &
    pids+=($!)
done
for i in "${!runs[@]}"; do
    code=0
    wait "${pids[i]}" || code=$?
    check "the run to be corrupted is valid: ${runs[i]}" test "$code" -eq 0
    [ "$code" -eq 0 ] || sed 's/^/    /' "${runs[i]}.said"
done
recorded=()
for run in "${runs[@]}"; do recorded+=("$(find "$scratch/$run" -mindepth 1 -maxdepth 1 -type d)"); done
"$ORDEAL_BIN/mutate_history" 1 "${MUTATIONS:-2}" "${recorded[@]}" || cases_failed=$((cases_failed + 1))
finish_cases
