#!/bin/bash
# What a person may get wrong on the command line and in files: one message that names the place, exit code 2, nothing left.
set -euo pipefail
# shellcheck source=ci/lib.sh
source "$ORDEAL_SOURCE/ci/lib.sh"
make_scratch
ordeal=$ORDEAL_BIN/ordeal
cd "$scratch"
cat >good.yaml <<'Y'
name: good
target: {driver: reference, url: 'http://127.0.0.1:1', ready_within: 50ms}
duration: 10s
clients: [{behaviour: put-get, count: 3}]
invariants: [read-integrity]
Y
: >empty.yaml
printf 'name: a\0b\n' >nul.yaml
head -c 2000 "$ORDEAL_BIN/ordeal" >binary.yaml
mkdir folder.yaml
echo 'extends: two.yaml' >one.yaml
echo 'extends: one.yaml' >two.yaml
echo 'extends: missing.yaml' >widow.yaml
printf 'extends: good.yaml\n\ndata: 5\n' >child.yaml
printf 'a: %0100d' 0 | tr 0 '[' >deep.yaml
printf '%01100000d' 0 >huge.yaml

# says TEXT ARGUMENT...: ordeal refuses these arguments in one line with the text.
says() {
    local text=$1
    shift
    expect_code 2 "$ordeal" "$@" </dev/null || return 1
    [ "$(wc -l <"$out")" -eq 1 ] || { echo "more than one line:"; cat "$out"; return 1; }
    grep -qF -- "$text" "$out" || { echo "does not say '$text':"; cat "$out"; return 1; }
}
check "the good one is fine" expect_code 0 "$ordeal" run good.yaml --dry-run
while IFS='|' read -r arguments text; do
    # shellcheck disable=SC2086
    check "refused: ordeal $arguments" says "$text" $arguments
done <<'B'
run empty.yaml|empty.yaml:1: the file is empty
run nul.yaml|nul.yaml:1: control characters
run binary.yaml|binary.yaml:1:
run folder.yaml|not a regular file
run one.yaml|is it a circle?
run widow.yaml|widow.yaml:1: extends: there is no scenario 'missing.yaml'
run child.yaml|child.yaml:3: data must be a map
run deep.yaml|deep.yaml:1: nested deeper than 20 levels
run huge.yaml|at most 1048576 are taken
run missing.yaml|there is no such scenario
run smoek|did you mean 'smoke'
run good.yaml good.yaml|give one scenario
run good.yaml --set duration=10|--set duration=10:1: duration: '10' has no unit; write it like 10s or 10ms
run good.yaml --set duration=--help|'--help' is not a duration
run good.yaml --set duration|write it as name=value
run good.yaml --set duration=|the value is empty
run good.yaml --set data..keys=3|a name between the dots is empty
run good.yaml --set dat.keys=3|--set dat.keys=3:1: unknown key in a scenario 'dat'; did you mean 'data'
run good.yaml --set clients.7.count=3|there is no 7
run good.yaml --set target=missing|no target 'missing'
run good.yaml --set target.pid=4194305|there is no process 4194305
run good.yaml --seed -1|--seed: '-1' is not a whole number
run good.yaml --seed 1 --seed 2|--seed: given twice: '1' and '2'
run good.yaml --dyr-run|did you mean --dry-run
run good.yaml -q|flags begin with two dashes
run good.yaml --runs=|the name of a directory is empty
run good.yaml --runs empty.yaml|exists and is not a directory
run good.yaml --target empty.yaml|empty.yaml:1: the file is empty
run good.yaml --target missing|no target 'missing'
run good.yaml --metrics-port 70000|is not a port
run good.yaml --quiet|does not answer
check --fast good|--fast: unknown flag
check missing|missing/run.json
history missing|missing/history.bin
rum|did you mean 'run'
B
nothing_left() { [ -z "$(find . -newer huge.yaml -name '*-good*')" ]; }
check "no run directory was left" nothing_left
finish_cases
