#!/bin/bash
# Runs what clients do against the reference server, and expects every judge to have seen enough to say that it holds.
set -euo pipefail
# shellcheck source=ci/lib.sh
source "$ORDEAL_SOURCE/ci/lib.sh"
make_scratch
cd "$scratch"
ordeal=$ORDEAL_BIN/ordeal
scenarios=$ORDEAL_SOURCE/scenarios
export XDG_RUNTIME_DIR=$scratch/runtime
mkdir -m 700 "$XDG_RUNTIME_DIR"

last_run() { ls -d "$scratch"/runs/*/ | tail -n1 | sed 's,/$,,'; }
summary() { jq -e "$1" "$(last_run)/summary.json"; }

check "everything that is done with files passes, with a kill" \
    expect_code 0 "$ordeal" run "$scenarios/files.yaml" --set duration=4s --set faults.0.at=2s \
    --set faults.0.for=200ms --set clients.4.batch=10 --set data.keys_per_client=100
all_hold() { summary '[.invariants[] | select(.answer != "holds")] == []'; }

check "every judge saw enough" all_hold
check "uploads pass: whole, cut, left and with rivals, with kills" \
    expect_code 0 "$ordeal" run "$scenarios/uploads.yaml" --set duration=5s --set faults.0.at=1500ms --set faults.1.at=3s
check "every judge saw enough of them" all_hold
check "those who do not behave are borne" \
    expect_code 0 "$ordeal" run "$scenarios/hostile.yaml" --set duration=3s --set quiet=20s --set thresholds.0='p95(get) < 10s'
check "every judge saw enough of that" all_hold
check "mutated stories are answered, and the server lives on" \
    expect_code 0 "$ordeal" run "$scenarios/garbage.yaml" --set duration=3s --set quiet=20s

# short NAME SECONDS: the scenario with a kill as its only fault, after so many seconds.
short() {
    printf 'name: %s\nextends: %s/%s.yaml\nduration: %ds\nfaults:\n  - fault: kill\n    at: %ds\n    for: 200ms\n' \
        "$1" "$scenarios" "$1" $(($2 + 2)) "$2" >"$1.yaml"
    expect_code 0 "$ordeal" run "$1.yaml"
}
check "channels that many write hold what was appended" short channels 2
check "every judge saw enough" summary '[.invariants[] | select(.answer != "holds")] == []'
check "accounts that are filled to the brim keep to their quotas" short accounts 5
check "every judge saw enough" summary '[.invariants[] | select(.answer != "holds")] == []'
sed '/^faults:/,/for: 300ms/d; s/- durability//' "$scenarios/smoke.yaml" >refused.yaml
check "a server that lets nobody in makes a run invalid, and does not hold it up" \
    expect_code 3 timeout 60 "$ordeal" run refused.yaml --target reference-accounts --set duration=1s

check "without faults the target's counters and log are what clients saw, exactly" \
    expect_code 0 "$ordeal" run "$scenarios/counts.yaml" --set duration=3s
check "every answer was counted" summary '.invariants[] | select(.name == "counts-agree" and .examined > 500)'

cat >patience.yaml <<'Y'
name: patience
target: reference
duration: 2s
operation_timeout: 500ms
data: {keys: 0, keys_per_client: 4}
clients:
  - behaviour: slow
    count: 10
    size: 64KiB
invariants: [process-hygiene]
Y
check "a run in which most operations were not served proves nothing" expect_code 3 "$ordeal" run patience.yaml
check "and the reason says so" grep -q "operations were not served" out

finish_cases
