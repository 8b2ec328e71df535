#!/bin/bash
# Reproduces a few quick incidents: the defect is caught by the invariant of its story, the clean server passes.
# In the fast tier of every change; ci/gate does all of them.
set -euo pipefail
# shellcheck source=ci/lib.sh
source "$ORDEAL_SOURCE/ci/lib.sh"
make_scratch
ordeal=$ORDEAL_BIN/ordeal
export XDG_RUNTIME_DIR=$scratch/runtime XDG_CACHE_HOME=${XDG_CACHE_HOME:-$HOME/.cache}
mkdir -m 700 "$XDG_RUNTIME_DIR"
cd "$scratch"
"$ordeal" reproduce etag-reused range-off-by-one vaultfs-use-after-move errors-unclassified --runs runs --json table.json \
    --markdown table.md --junit table.xml >table 2>said || true
cat table
for id in $(jq -r '.rows[] | select(.defect != null) | .defect' table.json); do
    check "$id is caught by the invariant of its story" jq -e --arg id "$id" '.rows[] | select(.defect == $id) | .good' table.json
    check "the clean server passes the scenario of $id" \
        jq -e --arg id "$id" '.rows[] | select(.defect == null and .scenario == $id) | .good' table.json
done
check "the JUnit table is well formed" xmllint --noout table.xml
check "the Markdown table has a row for each" bash -c "[ \"\$(grep -c '^| [0-9]' table.md)\" = 4 ]"
check "runs that went as they should are not kept" bash -c "[ -z \"\$(ls -A runs)\" ]"

check "a single incident tells its evidence" expect_code 0 "$ordeal" reproduce range-off-by-one --runs runs
check "with the byte" grep -q "read wrong bytes" "$out"
check "and how often it fails and passes" grep -q "passes in 1 of 1" "$out"
finish_cases
