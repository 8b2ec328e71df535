#!/bin/bash
# What is seen of a run while it goes on: the screen in a real terminal, plain lines, silence, metrics.
set -euo pipefail
# shellcheck source=ci/lib.sh
source "$ORDEAL_SOURCE/ci/lib.sh"
make_scratch
cd "$scratch"
ordeal=$ORDEAL_BIN/ordeal
export XDG_RUNTIME_DIR=$scratch/runtime
mkdir -m 700 "$XDG_RUNTIME_DIR"
# As long as the looking takes, however busy the machine; then it is interrupted.
cat >calm.yaml <<'Y'
name: calm
target: reference
seed: 7
duration: 5m
data: {keys: 20, sizes: 4KiB}
clients:
  - behaviour: put-get
    count: 4
    think: 20ms
faults:
  - fault: pause
    at: 3s
    for: 2s
    every: 5s
invariants: [read-integrity, linearizable]
Y
sed '/^faults:/,/every: 5s/d' calm.yaml >faultless.yaml

# --- a terminal ---

terminal() { tmux -S "$scratch/tmux" -f /dev/null "$@"; }
pane() { terminal capture-pane -p -t ordeal; }
# pane_shows PATTERN...: all of them are on the screen at once.
pane_shows() {
    local seen pattern
    seen=$(pane)
    for pattern in "$@"; do grep -Eq -- "$pattern" <<<"$seen" || { echo "no '$pattern' in"; echo "$seen"; return 1; }; done
}
pane_lacks() { ! pane_shows "$1" >/dev/null; }
# open_terminal COMMAND: a shell in a terminal of 100 columns and 30 rows that is told to run it.
open_terminal() {
    terminal new-session -d -s ordeal -x 100 -y 30 "env PS1='prompt> ' LANG=C.UTF-8 ${2:-} bash --norc --noprofile"
    terminal send-keys -t ordeal "$1" Enter
}
close_terminal() { terminal kill-session -t ordeal; }
whole_screen() {
    pane_shows '^load +\[[#.]+\] +[0-9]+ %' '(s|min) left of 5 min' 'calm, seed 7' '^requests +[1-9][0-9]*/s' \
        '[1-9][0-9]* done, [0-9]+ not ok, 4 sessions' '^latency +p50 [0-9.]+ [mu]?s +p99' '^errors ' '^faults ' \
        '^memory +target [0-9.]+ MiB +ordeal [0-9.]+ MiB' '^invariants +read-integrity unbroken +1 judged at the end'
}

if command -v tmux >/dev/null; then
    # A job of this script, not a daemon, so that it ends with it on every way out.
    tmux -S "$scratch/tmux" -f /dev/null -D &
    wait_until 10 test -S "$scratch/tmux"
    open_terminal "$ordeal run calm.yaml"
    check "a terminal shows the whole screen" wait_until 20 whole_screen
    check "it shows the latency as a line of sparks" wait_until 20 pane_shows '^latency .*[▁▂▃▄▅▆▇█]{3}'
    check "an active fault is named" wait_until 20 pane_shows '^faults +pause$'
    check "and not for longer than it lasts" wait_until 20 pane_shows '^faults +none active$'
    check "one screen is redrawn in place" bash -c "[ \$(tmux -S '$scratch/tmux' capture-pane -p -t ordeal | grep -c '^requests') = 1 ]"
    check "it is in colour" bash -c "tmux -S '$scratch/tmux' capture-pane -e -p -t ordeal | grep -q \$'\033\\['"
    terminal resize-window -t ordeal -x 44 -y 10
    check "a smaller window gets a smaller screen" wait_until 20 pane_shows '^load +\[[#.]{10}\] ' '^invariants +read-integrity'
    check "without a row twice" bash -c "[ \$(tmux -S '$scratch/tmux' capture-pane -p -t ordeal | grep -c '^requests') = 1 ]"
    terminal resize-window -t ordeal -x 100 -y 30
    check "a larger one the whole again" wait_until 20 whole_screen
    terminal send-keys -t ordeal C-c
    check "after Ctrl-C the shell is back" wait_until 20 pane_shows '^prompt>$'
    check "and the screen is gone" pane_lacks '^requests '
    terminal send-keys -t ordeal 'stty -a | grep -c " echo "; echo typed' Enter
    check "and the terminal is as before" wait_until 10 pane_shows '^typed$' '^[1-9]$'
    close_terminal

    open_terminal "$ordeal run calm.yaml" "NO_COLOR=1"
    check "with NO_COLOR the screen is there" wait_until 20 whole_screen
    check "with NO_COLOR it has no colour" bash -c "! tmux -S '$scratch/tmux' capture-pane -e -p -t ordeal | grep -E '^.?(load|requests|latency|errors)' | grep -q \$'\033'"
    terminal send-keys -t ordeal C-c
    wait_until 20 pane_lacks '^requests '
    close_terminal
else
    skip "the screen in a terminal" "no tmux; apt-get install tmux"
fi

# --- no terminal ---

check "without a terminal a run" expect_code 0 "$ordeal" run faultless.yaml --set duration=6s
check "prints plain lines" grep -Eq '^load [0-9]+ %, [0-9]+ s left, [0-9]+/s, [0-9]+ done, [0-9]+ not ok' out
check "without escapes" bash -c "! grep -q \$'\033' out"
check "a quiet run" expect_code 0 "$ordeal" run faultless.yaml --set duration=2s --quiet
check "prints the verdict alone" bash -c "[ \"\$(grep -v 'WARNING: ASan' out)\" = 'verdict: pass' ]"

# --- metrics ---

"$ordeal" run calm.yaml --quiet --metrics-port 0 --web 0 >metrics.out 2>&1 &
run=$!
check "the metrics port is printed" wait_until 20 grep -Eq 'metrics on http://127.0.0.1:[0-9]+/metrics' metrics.out
port=$(sed -nE 's,.*127.0.0.1:([0-9]+)/metrics.*,\1,p' metrics.out)
metric_is() { curl -sf "http://127.0.0.1:$port/metrics" | grep -Eq "$1"; }
check "it serves the operations so far" wait_until 20 metric_is '^ordeal_operations_total [1-9]'
check "the sessions" wait_until 20 metric_is '^ordeal_sessions 4$'
check "the latency" metric_is '^ordeal_latency_seconds_bucket\{le="\+Inf"\} [1-9]'
check "the target's memory" wait_until 20 metric_is '^ordeal_target_resident_bytes [1-9]'
check "what is broken" metric_is '^ordeal_invariant_broken_total\{invariant="read-integrity"\} 0$'
check "every line is a comment or a sample" bash -c "! curl -sf http://127.0.0.1:$port/metrics | grep -Ev '^(# (HELP|TYPE) ordeal_[a-z0-9_]+ .+|ordeal_[a-z0-9_]+(\{[^}]*\})? [0-9.e+-]+)\$'"
hex=$(printf '%04X' "$port")
check "nobody but this machine can ask" bash -c "
    [ \"\$(awk '\$4 == \"0A\" && \$2 ~ /:$hex\$/ {print \$2}' /proc/net/tcp /proc/net/tcp6)\" = 0100007F:$hex ]"
check "a taken port is refused" expect_code 2 "$ordeal" run calm.yaml --runs taken --metrics-port "$port"
check "and named" grep -q -- "--metrics-port $port: cannot listen on 127.0.0.1" out
check "before anything is started" test ! -e taken
check "a port that is none is refused" expect_code 2 "$ordeal" run calm.yaml --metrics-port 99999

# --- the page ---

# Who may ask: of the same run, which holds its port until it is told to end.
check "the page's address is printed" wait_until 20 grep -Eq 'live page on http://127.0.0.1:[0-9]+/' metrics.out
page=$(sed -nE 's,.*live page on http://127.0.0.1:([0-9]+)/$,\1,p' metrics.out)
check "it is a page" bash -c "curl -sf http://127.0.0.1:$page/ | grep -q '<title>running: calm'"
check "a page from elsewhere gets nothing" bash -c "[ \$(curl -s -o /dev/null -w '%{http_code}' -H 'Host: elsewhere:$page' http://127.0.0.1:$page/events) = 403 ]"
hex=$(printf '%04X' "$page")
check "nobody but this machine can ask for the page" bash -c "
    [ \"\$(awk '\$4 == \"0A\" && \$2 ~ /:$hex\$/ {print \$2}' /proc/net/tcp /proc/net/tcp6)\" = 0100007F:$hex ]"
check "a taken port of the page is refused" expect_code 2 "$ordeal" run calm.yaml --runs taken --web "$page"
kill -INT "$run"
wait "$run" || true
check "after the run the port is free" wait_until 5 bash -c "! curl -s http://127.0.0.1:$port/metrics"

# A listener hears all of a run from its beginning, whenever it comes.
"$ordeal" run calm.yaml --quiet --set duration=6s --web 0 >web.out 2>&1 &
run=$!
wait_until 20 grep -Eq 'live page on http://127.0.0.1:[0-9]+/' web.out
page=$(sed -nE 's,.*127.0.0.1:([0-9]+)/$,\1,p' web.out)
curl -sfN --max-time 60 "http://127.0.0.1:$page/events" >events &
listener=$!
check "its states come as events" wait_until 20 grep -Eq '^data: \{"at":[0-9]+,"phase":"load",.*"done":[1-9]' events
check "an active fault is in them" wait_until 20 grep -q '"faults":"pause"' events
wait "$run" || true
wait "$listener" || true
check "the end is told" grep -q '^event: end$' events
check "every state is JSON" bash -c "sed -n 's/^data: //p' events | jq -es 'length > 3'"

finish_cases
