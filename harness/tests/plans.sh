#!/bin/bash
# Every scenario that comes along: the same seed, the same plan; another seed, another plan.
set -euo pipefail
# shellcheck source=ci/lib.sh
source "$ORDEAL_SOURCE/ci/lib.sh"
make_scratch
ordeal=$ORDEAL_BIN/ordeal
plan() { "$ordeal" run "$1" --print-plan --seed "$2"; }
# Without the first line, which names the seed.
body() { tail -n +2 "$1"; }
same_and_other() {
    plan "$1" 7 >"$scratch/first" && plan "$1" 7 >"$scratch/second" && plan "$1" 8 >"$scratch/other" || return 1
    cmp "$scratch/first" "$scratch/second" || return 1
    ! cmp -s <(body "$scratch/first") <(body "$scratch/other") || { echo "another seed has the same plan"; return 1; }
}
mapfile -t scenarios < <(cd "$ORDEAL_SOURCE/scenarios" && grep -rlE '^(clients|extends):' --include='*.yaml' . | grep -vE '/(targets|TEMPLATE)/|/incidents/base.yaml' | sort)
check "there are scenarios" test "${#scenarios[@]}" -gt 60
for file in "${scenarios[@]}"; do
    check "${file#./}: one seed, one plan" same_and_other "$ORDEAL_SOURCE/scenarios/$file"
done
finish_cases
