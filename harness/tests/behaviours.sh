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
    expect_code 0 "$ordeal" run "$scenarios/files.yaml" --set duration=4s --set faults.0.at=2s --set faults.0.for=200ms
check "every judge saw enough" summary '[.invariants[] | select(.answer != "holds")] == []'

finish_cases
