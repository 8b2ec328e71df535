#!/bin/bash
# Runs whose target has another clock: what is named, what passes, what is refused, what is left behind.
set -euo pipefail
# shellcheck source=ci/lib.sh
source "$ORDEAL_SOURCE/ci/lib.sh"
make_scratch
cd "$scratch"
ordeal=$ORDEAL_BIN/ordeal
export XDG_RUNTIME_DIR=$scratch/runtime
mkdir -m 700 "$XDG_RUNTIME_DIR"
# A followed program cannot look for leaks: both take ptrace.
export ASAN_OPTIONS=detect_leaks=0:verify_asan_link_order=0

last_run() { ls -d "$scratch"/runs/*/ | tail -n1 | sed 's,/$,,'; }
says() { jq -r '.notes[], .reasons[]' "$(last_run)/summary.json" | grep -E "$1" || { jq . "$(last_run)/summary.json"; return 1; }; }
nothing_left() { ! pgrep -f "ordeal-clock $scratch" && ! pgrep -f -- "--data $scratch/"; }

scenario() { # NAME, further keys on standard input
    {
        cat <<Y
name: $1
target: reference
quiet: 15s
clients:
  - behaviour: put-get
    count: 4
    keys: own
    think: 20ms
  - behaviour: conditional
    count: 2
    think: 50ms
invariants: [read-integrity, durability, linearizable, version-order]
Y
        cat
    } >"$1.yaml"
}

scenario jumps <<'Y'
duration: 5s
faults:
  - {fault: clock-jump, at: 500ms, for: 1s, by: 30d}
  - {fault: clock-rate, at: 2s, for: 500ms, rate: 50}
  - {fault: pause, at: 2800ms, for: 100ms}
  - {fault: kill, at: 3s, for: 100ms}
  - {fault: clock-strobe, at: 3500ms, for: 1s, by: -1h, period: 50ms}
Y
check "a target whose clock jumps, races and flickers, and is killed, passes" expect_code 0 "$ordeal" run jumps.yaml
check "the way to the clock is named, and both starts had it" says "^clock: vDSO patch; [3-9] programs had it, 0 could not, [0-9]+ waits"
check "no tracer and no page is left" wait_until 5 eval 'nothing_left && [ ! -e "$(last_run)/clock" ]'

scenario fast <<'Y'
duration: 2m
clock: {rate: 60, offset: -1d}
faults:
  - {fault: kill, at: 50s, for: 10s}
Y
yesterday() { date -u -d yesterday +%Y-%m-%d; }
began=$(date +%s)
before=$(yesterday)
check "two minutes of scenario time at sixty times the rate pass" expect_code 0 "$ordeal" run fast.yaml
check "and take no two minutes" test $(($(date +%s) - began)) -lt 60
check "rate and offset are named" says "time passes 60 times as fast, wall clock .* behind"
# Midnight may have come meanwhile.
check "the log of the target has the accelerated clock" grep -Eq "\"time\":\"($before|$(yesterday))" "$(last_run)/target.log"

scenario faked <<'Y'
duration: 1s
clock: {way: faketime, offset: 1d}
faults:
  - {fault: kill, at: 500ms, for: 100ms}
Y
check "libfaketime can be asked for" expect_code 0 "$ordeal" run faked.yaml
check "and is named" says "^clock: libfaketime"
nothing_shared() {
    local pid
    for pid in $("$ordeal" history "$(last_run)" | jq -r 'select(.type == "target-start") | .value'); do
        [ ! -e "/dev/shm/faketime_shm_$pid" ] || { echo "of $pid"; return 1; }
    done
}
check "and leaves no shared memory of killed targets behind" nothing_shared

scenario unable <<'Y'
duration: 2s
clock: {way: faketime}
faults:
  - {fault: clock-jump, at: 500ms, for: 500ms}
Y
check "where the clock cannot be changed while the target runs, the run is invalid" expect_code 3 "$ordeal" run unable.yaml
check "and the fault is skipped out loud" says "fault clock-jump was skipped"

if command -v docker-registry >/dev/null; then
    cat >go.yaml <<'Y'
name: go
target: docker-registry
duration: 1s
clients: [{behaviour: put-get, count: 2}]
invariants: [read-integrity]
clock: {way: faketime, offset: 1h}
Y
    check "a Go program is refused a clock of libfaketime, which it does not ask" expect_code 2 "$ordeal" run go.yaml
    check "and why is said" grep -q "docker-registry: is a Go program" "$out"
else
    skip "a Go program is refused a clock of libfaketime" "docker-registry is not installed; ci/setup installs it"
fi

cat >elsewhere.yaml <<'Y'
name: elsewhere
driver: reference
url: http://127.0.0.1:1
Y
check "the clock of a server that somebody else runs cannot be set" expect_code 2 "$ordeal" run fast.yaml --target elsewhere.yaml
check "and the line is named" grep -E "fast.yaml:[0-9]+: clock: only that of a target that ordeal starts" "$out"
finish_cases
