#!/bin/bash
# How the load is made: arrivals and stages, what is dropped, corrected latency, thresholds that end the run.
set -euo pipefail
# shellcheck source=ci/lib.sh
source "$ORDEAL_SOURCE/ci/lib.sh"
make_scratch
cd "$scratch"
ordeal=$ORDEAL_BIN/ordeal
export XDG_RUNTIME_DIR=$scratch/runtime
mkdir -m 700 "$XDG_RUNTIME_DIR"
# run_as NAME FLAG...: a quiet run of NAME.yaml into NAME/, whose only run is linked to NAME.run; its exit code is kept.
run_as() {
    local name=$1
    shift
    code=0
    "$ordeal" run "$name.yaml" --runs "$scratch/$name" "$@" >"$name.out" 2>&1 || code=$?
    run=$(ls -d "$scratch/$name"/*/)
}
summary() { jq "$1" "$run/summary.json"; }
true_of() { [ "$(summary "$1")" = true ] || { summary "$1"; jq -c '{operations, dropped_arrivals, notes}' "$run/summary.json"; return 1; }; }
planned() { "$ordeal" run "$1.yaml" --print-plan | awk -F= '/ arrivals=/ { sum += $NF } END { print sum }'; }

cat >stages.yaml <<'Y'
name: stages
target: reference
duration: 2s
data: {keys: 20, sizes: 4KiB}
clients:
  - behaviour: put-get
    count: 20
    reads: 0
    stages:
      - {for: 500ms, rate: 100}
      - {for: 500ms, arrival: ramp, rate: 0, rate_end: 200}
      - {for: 500ms, arrival: diurnal, rate: 200, rate_end: 0, period: 500ms}
      - {for: 500ms, arrival: burst, rate: 500, rate_end: 10, period: 250ms}
invariants: [read-integrity]
Y
run_as stages
check "a load of stages passes" test "$code" = 0
check "every arrival of the plan is made or counted as dropped" true_of ".operations.put.ok + .dropped_arrivals == $(planned stages)"
cat >flood.yaml <<'Y'
name: flood
target: reference
duration: 1s
data: {keys: 20, sizes: 4KiB}
clients: [{behaviour: put-get, rate: 200000, reads: 0}]
invariants: [read-integrity]
Y
# Late by over 5 s, which takes that long.
"$ordeal" run flood.yaml --runs "$scratch/long" --set duration=60s --quiet --metrics-port 0 >long.out 2>&1 &
long=$!
run_as flood
check "more arrivals than one client can make are dropped, and each is counted" \
    true_of ".dropped_arrivals > 1000 and .operations.put.ok + .dropped_arrivals == $(planned flood)"
"$ordeal" check "$run" >flood.out
check "they are shown" grep -Eq '^ +[1-9][0-9]+ arrivals were dropped' flood.out

wait_until 20 grep -q 'metrics on' long.out
port=$(sed -nE 's,.*127.0.0.1:([0-9]+)/metrics.*,\1,p' long.out)
check "arrivals dropped in a run that goes on are shown" wait_until 30 bash -c "curl -sf http://127.0.0.1:$port/metrics | grep -Eq '^ordeal_dropped_arrivals_total [1-9]'"
kill -INT "$long"
wait "$long" || true

sed 's/^duration: .*/duration: 7s/; s/at: 3s/at: 1s/; s/reads: 5/reads: 10/' "$ORDEAL_SOURCE/scenarios/pause.yaml" >pause.yaml
run_as pause
check "a server that stands still for 2 s once: the run" test "$code" = 0
check "the corrected p99.9 shows the pause" true_of '.operations.get.corrected.p99_9_ns > 1.5e9'
check "the uncorrected p99.9 does not" true_of '.operations.get.latency.p99_9_ns < 1e9'
check "every operation of a late turn is corrected" true_of '.operations.put.corrected.p90_ns > 2 * .operations.put.latency.p90_ns and .operations.get.corrected.p90_ns > 2 * .operations.get.latency.p90_ns'
"$ordeal" check "$run" >pause.out
check "both are printed" grep -Eq '^ +get .* p99\.9 .* corrected p99\.9 [0-9.]+ s$' pause.out

cat >abort.yaml <<'Y'
name: abort
target: reference
duration: 60s
data: {keys: 20, sizes: 4KiB}
clients: [{behaviour: put-get, count: 2, think: 5ms}]
faults: [{fault: kill, at: 30s, for: 100ms}]
invariants: [read-integrity]
thresholds:
  - error_rate < 50%
  - {bound: p50(get) < 1us, abort: true, after: 500ms}
Y
began=$SECONDS
run_as abort
check "a broken threshold with abort ends the run early" test $((SECONDS - began)) -lt 30
check "the run has missed its thresholds, nothing else" test "$code" = 99
check "it says which and when" true_of '.aborted_by == "p50(get) < 1us" and .load_seconds >= 0.5 and .load_seconds < 20'
check "the fault that was to come is told" true_of '[.notes[] | test("fault kill at 30 s was not reached")] | any'
check "the rest of the pipeline was gone through" true_of '[.invariants[] | .answer == "holds"] | all'
check "judging again says the same" expect_code 99 "$ordeal" check "$run"
sed 's/1us/10s/; s/60s/1s/; /^faults/d' abort.yaml >kept.yaml
run_as kept
check "a kept one does not" true_of '.aborted_by == null and .load_seconds >= 1'
finish_cases
