#!/bin/bash
# Drives the built ordeal: a run that passes, runs that must not, interrupts, and bad input.
set -euo pipefail
# shellcheck source=ci/lib.sh
source "$ORDEAL_SOURCE/ci/lib.sh"
make_scratch
cd "$scratch"
ordeal=$ORDEAL_BIN/ordeal
smoke=$ORDEAL_SOURCE/scenarios/smoke.yaml
export XDG_RUNTIME_DIR=$scratch/runtime
mkdir -m 700 "$XDG_RUNTIME_DIR"

nothing_left() { ! pgrep -f -- "--data $scratch/" >/dev/null && [ -z "$(mount | grep -F "$scratch" || true)" ]; }
last_run() { ls -d "$scratch"/runs/*/ | tail -n1 | sed 's,/$,,'; }
verdict_is() { [ "$(jq -r .verdict "$(last_run)/summary.json")" = "$1" ]; }

check "the smoke scenario passes" expect_code 0 "$ordeal" run "$smoke" --seed 7
for file in run.json history.bin summary.json junit.xml report.html target.log; do
    check "the run leaves $file" test -s "$(last_run)/$file"
done
check "it leaves no process behind" nothing_left
check "junit.xml is well formed" xmllint --noout "$(last_run)/junit.xml"
check "report.html may ask nothing of a network" grep -q "default-src 'none'.* connect-src 'none'" "$(last_run)/report.html"
check "the history is one JSON object a line" bash -c "'$ordeal' history '$(last_run)' | jq -es 'length > 100'"
check "every operation is in the summary" bash -c "
    n=\$('$ordeal' history '$(last_run)' | grep -c '\"kind\":\"operation\"'); [ \"\$n\" = \"\$(jq .operations_total '$(last_run)/summary.json')\" ]"
before=$(jq -S 'del(.notes)' "$(last_run)/summary.json")
check "check says the same from the directory alone" expect_code 0 "$ordeal" check "$(last_run)"
check "to the last figure" test "$before" = "$(jq -S 'del(.notes)' "$(last_run)/summary.json")"

"$ordeal" run "$smoke" --seed 7 --print-plan >plan.1
"$ordeal" run "$smoke" --seed 7 --print-plan >plan.2
"$ordeal" run "$smoke" --seed 8 --print-plan >plan.3
check "the same seed gives the same plan" cmp plan.1 plan.2
check "another seed gives another plan" bash -c "! cmp -s plan.1 plan.3"
check "a dry run starts nothing" expect_code 0 "$ordeal" run "$smoke" --dry-run

# Deletes one byte of a stored blob behind the server's back.
tamper() {
    wait_until 20 bash -c "[ \$(find '$scratch'/tamper/*/data/blobs -type f -size +2k 2>/dev/null | wc -l) -gt 20 ]"
    local blob
    blob=$(find "$scratch"/tamper/*/data/blobs -type f -size +2k -print -quit)
    head -c 1000 "$blob" >"$scratch/shorter"
    tail -c +1002 "$blob" >>"$scratch/shorter"
    cat "$scratch/shorter" >"$blob"
}
"$ordeal" run "$smoke" --runs "$scratch/tamper" >tampered 2>&1 &
run=$!
tamper
code=0
wait "$run" || code=$?
check "a deleted byte of a stored blob fails the run" test "$code" = 1
check "the verdict names key, operation and byte offset" grep -E "get [0-9]+/[0-9]+ of 'own/[0-9]+/[0-9]+' read wrong bytes, first at byte 1000" tampered
failed_run=$(find "$scratch/tamper" -mindepth 1 -maxdepth 1 -type d)
mkdir elsewhere
cp -r "$failed_run/." elsewhere
rm -rf "$failed_run"
before=$(jq -S 'del(.notes)' elsewhere/summary.json)
judged_elsewhere() { (cd / && env -i "$ordeal" check "$scratch/elsewhere"); }
check "a failed run fails again where only a copy of its directory is left" expect_code 1 judged_elsewhere
check "with the same findings" test "$before" = "$(jq -S 'del(.notes)' elsewhere/summary.json)"

# A target that is alive and refuses every file as too large.
cat >deaf.yaml <<'Y'
name: deaf
driver: reference
command: [ordeal-reference, --port, "{port}", --data, "{data}", --no-auth, --max-file-size, "1"]
url: http://127.0.0.1:{port}
port_line: "listening on 127.0.0.1:"
ready: /livez
Y
cat >nothing.yaml <<'Y'
name: nothing
target: ./deaf.yaml
duration: 1s
quiet: 2s
data: {keys: 10, sizes: 4KiB}
clients:
  - behaviour: put-get
    think: 10ms
invariants: [read-integrity]
Y
check "a scenario in which no write ever succeeds is invalid" expect_code 3 "$ordeal" run nothing.yaml
check "and says so" grep -q "no put ever succeeded" out
check "its verdict is not pass" verdict_is invalid

# This run and the next go on until they are ended.
"$ordeal" run "$smoke" --runs "$scratch/runs" --set duration=5m >interrupted 2>&1 &
run=$!
wait_until 20 grep -q "seed" interrupted
wait_until 20 bash -c "[ \$(find '$scratch'/runs/*/data/blobs -type f 2>/dev/null | wc -l) -gt 20 ]"
kill -INT "$run"
code=0
wait "$run" || code=$?
check "an interrupted run exits with 105" test "$code" = 105
check "it leaves no process behind" nothing_left
check "it leaves no data behind" bash -c "! ls -d '$scratch'/runs/*/data"

"$ordeal" run "$smoke" --runs "$scratch/killed" --set duration=5m >killed.out 2>&1 &
run=$!
wait_until 20 bash -c "[ \$(find '$scratch'/killed/*/data/blobs -type f 2>/dev/null | wc -l) -gt 20 ]"
kill -9 "$run"
wait "$run" 2>/dev/null || true
check "a killed harness takes its target with it" wait_until 5 nothing_left
check "what it recorded can still be judged, as invalid" expect_code 3 "$ordeal" check "$scratch"/killed/*
check "the incomplete history is named" grep -q "the history is incomplete" out
check "its data is still there" bash -c "ls -d '$scratch'/killed/*/data"
check "the next run" expect_code 3 "$ordeal" run nothing.yaml
check "removes that data and says so" bash -c "! ls -d '$scratch'/killed/*/data && grep -q 'removed directory .*killed.*data, left by a killed run' out"
check "no run leaves a marker" bash -c "[ -z \"\$(find '$XDG_RUNTIME_DIR' -type f)\" ]"

# refuse "what" PATTERN: bad.yaml is refused with that message, and nothing is started.
refuse() {
    rm -rf runs.bad
    check "$1 is refused" expect_code 2 "$ordeal" run bad.yaml --runs runs.bad
    check "$1 is named" grep -Eq "$2" out
    check "$1 starts nothing" test ! -e runs.bad
}
sed 's/duration: 5s/duratoin: 5s/' "$smoke" >bad.yaml
refuse "a typo in a key" "bad.yaml:[0-9]+: unknown key .*duratoin.* did you mean 'duration'"
sed 's/duration: 5s/duration: -5s/' "$smoke" >bad.yaml
refuse "a negative duration" "bad.yaml:[0-9]+: .*negative"
sed 's/put-get/putget/' "$smoke" >bad.yaml
refuse "an unknown behaviour" "bad.yaml:[0-9]+: unknown behaviour .*'put-get'"
sed 's/fault: kill/fault: kll/' "$smoke" >bad.yaml
refuse "an unknown fault" "bad.yaml:[0-9]+: unknown fault .*'kill'"
: >bad.yaml
refuse "an empty file" "bad.yaml:1: the file is empty"
head -c 100000000 /dev/zero | tr '\0' x >bad.yaml
refuse "a 100 MB file" "at most 1048576"
printf 'a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n' >bad.yaml
refuse "an alias bomb" "bad.yaml:1: anchors"
rm bad.yaml

# target COMMAND READY_WITHIN
target() { printf 'name: t\ndriver: reference\nurl: http://127.0.0.1:{port}\ncommand: %s\nready_within: %s\n' "$@" >bad-target.yaml; }
target '[/no/such/program]' 20s
check "a missing program is refused" expect_code 2 "$ordeal" run "$smoke" --target ./bad-target.yaml
check "and named" grep -q "/no/such/program.*cannot be run" out
target '[sh, -c, "echo out of luck; exit 7"]' 20s
check "a target that dies at once is refused" expect_code 2 "$ordeal" run "$smoke" --target ./bad-target.yaml
check "with its code and last words" grep -q "exited with code 7; its last output: out of luck" out
target '[sh, -c, "echo still warming up; sleep 60"]' 1s
check "a target that is never ready is refused" expect_code 2 "$ordeal" run "$smoke" --target ./bad-target.yaml
check "with its last words" grep -q "did not become ready in time; its last output: still warming up" out
"$ORDEAL_BIN/ordeal-reference" --port 0 --data "$scratch/taken" --no-auth >taken.out 2>&1 &
wait_until 20 grep -q "listening on" taken.out
port=$(sed -E 's/.*://' taken.out)
printf 'name: t\ndriver: reference\nurl: http://127.0.0.1:%s/elsewhere\nready_within: 2s\ncommand: [ordeal-reference, --data, "{data}", --port, "%s"]\n' "$port" "$port" >bad-target.yaml
check "a taken port is refused" expect_code 2 "$ordeal" run "$smoke" --target ./bad-target.yaml
check "and who answers there is named" grep -q "something else answers at http://127.0.0.1:$port/elsewhere" out
check "none of them leaves a run directory" bash -c "for run in '$scratch'/runs/*; do [ -s \"\$run/summary.json\" ] || exit 1; done"
printf 'name: t\ndriver: reference\nurl: http://127.0.0.1:1\nready_within: 1s\n' >bad-target.yaml
sed '/^faults:/,/for: 300ms/d; s/- durability//' "$smoke" >calm.yaml
check "an unreachable server is refused" expect_code 2 "$ordeal" run calm.yaml --target ./bad-target.yaml
printf 'name: t\ndriver: reference\nurl: http://127.0.0.1:%s\nready: /readyz\n' "$port" >adopted.yaml
check "a server that runs already is judged by its url" expect_code 0 "$ordeal" run calm.yaml --target ./adopted.yaml --set duration=2s

check "a misspelt scenario exits with 2" expect_code 2 "$ordeal" run smoek
check "and the nearest is named" grep -q "did you mean 'smoke'?" out
check "list names what there is" bash -c "'$ordeal' list | grep -q durability"
check "list of an unknown table exits with 2" expect_code 2 "$ordeal" list fautls
check "an unknown command exits with 2" expect_code 2 "$ordeal" rnu
check "an unknown flag exits with 2" expect_code 2 "$ordeal" run "$smoke" --sede 3
check "a run directory that is none exits with 2" expect_code 2 "$ordeal" check "$scratch"
check "help prints the exit codes" bash -c "'$ordeal' --help | grep -q '105  interrupted'"
check "doctor tells what can be injected" bash -c "'$ordeal' doctor | grep -qE '^  (yes|no) +/dev/fuse'"
finish_cases
