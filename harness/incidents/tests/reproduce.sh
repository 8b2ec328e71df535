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
check "both runs are shown, the violation first" \
    diff <(grep -oE '^with(out)? the defect, seed 1: [a-z]+' "$out") <(printf '%s, seed 1: %s\n' 'with the defect' fail 'without the defect' pass)
check "each step of the evidence stands there once" bash -c "! grep '^      ' '$out' | sort | uniq -d | grep ."

# A CI job that is cancelled tells ordeal alone, not its runs.
"$ordeal" reproduce cloudvault-limiter-leak --runs interrupted >"$out" 2>&1 &
interrupted=$!
begun() { compgen -G "interrupted/*/*/*/*/run.json" >/dev/null; }
check "a reproduction begins" wait_until 20 begun
kill -TERM "$interrupted"
code=0
wait "$interrupted" || code=$?
check "and ends when it is told to" test "$code" = 105
check "it leaves no folder" bash -c "[ -z \"\$(ls -A interrupted)\" ]"
left() { pgrep -f "^[^ ]*ordeal.* $scratch/interrupted|^[^ ]*ordeal.*--runs interrupted"; }
nothing_left() { ! left; }
check "and no process" nothing_left

# As on a machine that has no /dev/fuse: opening a socket fails like opening what is not there.
if [ "$(id -u)" = 0 ] && [ -e /dev/fuse ] && unshare -m true 2>/dev/null; then
    python3 -c "import socket; socket.socket(socket.AF_UNIX).bind('none')"
    check "what this machine cannot inject is no failure and no pass" expect_code 3 unshare -m bash -c \
        "mount --bind none /dev/fuse && '$ordeal' reproduce fsync-dir-missing etag-reused --runs without --junit without.xml"
    check "it is skipped out loud, with the reason and what helps" \
        grep -q "^skip - fsync-dir-missing (fault power-cut was skipped: .*/dev/fuse and root.*; 'ordeal doctor' says" "$out"
    check "the others are run" grep -Eq "etag-reused +cas-exclusive +1 of 1" "$out"
    check "JUnit counts what is skipped" test "$(xmllint --xpath 'string(//testsuite/@skipped)' without.xml)" = 2
else
    skip "what this machine cannot inject is skipped out loud" "hides /dev/fuse in a mount namespace; needs root"
fi
finish_cases
