#!/bin/bash
# /v1/changes of the built reference server: long polls, streams, cursors, watchers that go away.
set -euo pipefail
# shellcheck source=ci/lib.sh
source "$ORDEAL_SOURCE/ci/lib.sh"
make_scratch
ulimit -n 4096

port=0
start_server() {
    : >"$scratch/stdout"
    "$ORDEAL_BIN/ordeal-reference" --port "$port" --data "$scratch/data" --no-auth "$@" >"$scratch/stdout" 2>>"$scratch/stderr" &
    server=$!
    wait_until 20 grep -q "listening on" "$scratch/stdout"
    port=$(sed -E 's/.*://' "$scratch/stdout")
    base=http://127.0.0.1:$port
}
stop_server() {
    kill "-$1" "$server"
    wait "$server" || [ "$1" = KILL ]
}
put() { echo content | curl -sS -f -o /dev/null -T - "$base/v1/files/$1"; }
changes() { curl -sS "$base/v1/changes${1:+?$1}"; }
now() { changes "" | jq -r .cursor; }
status() { curl -sS -o "$scratch/body" -w '%{http_code}' "$@"; }
metric() { curl -sS "$base/metrics" | sed -n "s/^$1 //p"; }
watchers_are() { [ "$(metric ordeal_watchers)" = "$1" ]; }
in_work_are() { [ "$(metric ordeal_requests_in_work)" = "$1" ]; }
problem_is() {
    local code=$1 wanted=$2 got
    shift 2
    got=$(status "$@")
    [ "$got" = "$wanted" ] && [ "$(jq -r .code "$scratch/body")" = "$code" ] || { echo "got $got"; cat "$scratch/body"; return 1; }
}

start_server --changes-kept 80 --watchers 1002 --request-grace 1
check "version names the capability" bash -c "curl -s $base/v1/version | jq -e '.capabilities | index(\"changes\")'"
cursor=$(now)
check "without a cursor it answers at once with one" test "${#cursor}" -gt 16
check "with nothing new and no time to wait it answers at once" jq -e '.changes == []' <(changes "cursor=$cursor&wait=0")
put a; put a; put b
curl -sS -X DELETE "$base/v1/files/b"
curl -sS -o /dev/null "$base/v1/moves" -d '{"moves": [{"from": "a", "to": "c"}]}'
curl -sS -o /dev/null -X POST "$base/v1/restore/a?version=1"
changes "cursor=$cursor" >"$scratch/told"
check "every change is told, in order" jq -e '[.changes[] | "\(.type) \(.path) \(.version)"] ==
    ["put a 1", "put a 2", "put b 1", "delete b 1", "put c 1", "delete a 2", "put a 3"]' "$scratch/told"
check "numbers grow by one" jq -e '[.changes[].number] == [range(1; 8)]' "$scratch/told"
check "the cursor of the answer is that of its last change" jq -e '.cursor == .changes[-1].cursor' "$scratch/told"
middle=$(jq -r '.changes[3].cursor' "$scratch/told")
check "any change's cursor may be gone on from" jq -e '[.changes[].number] == [5, 6, 7]' <(changes "cursor=$middle")
check "what was refused is not told" jq -e '.changes == []' <(
    cursor=$(now)
    status -T /dev/null -H 'If-Match: "other"' "$base/v1/files/a" >/dev/null
    curl -sS -o /dev/null "$base/v1/moves" -d '{"moves": [{"from": "a", "to": "d"}, {"from": "none", "to": "e"}]}'
    changes "cursor=$cursor&wait=0")

poll_wakes() {
    local cursor
    cursor=$(now)
    curl -sS -m 30 "$base/v1/changes?cursor=$cursor&wait=60" >"$scratch/polled" &
    local poll=$!
    wait_until 10 watchers_are 1
    put late
    wait "$poll"
    jq -e '.changes[0].path == "late"' "$scratch/polled"
}
check "a long poll is answered when something changes" poll_wakes
check "and nobody waits any more" wait_until 10 watchers_are 0
check "a wait that is over brings no changes and the same cursor" bash -c "
    cursor=\$(curl -s $base/v1/changes | jq -r .cursor)
    curl -s \"$base/v1/changes?cursor=\$cursor&wait=1\" | jq -e --arg c \"\$cursor\" '.changes == [] and .cursor == \$c'"

for bad in 'cursor=x' 'cursor=' "cursor=${cursor%-*}-x" 'wait=61' 'wait=-1' 'wait=x'; do
    check "$bad answers 400" problem_is validation_error 400 "$base/v1/changes?$bad"
done
check "a cursor of another store answers 410" problem_is cursor_stale 410 "$base/v1/changes?cursor=0123456789abcdef-1"
check "a cursor from the future answers 410" problem_is cursor_stale 410 "$base/v1/changes?cursor=${cursor%-*}-999"

# --- streams ---

follow() {
    curl -sS -N -H 'Accept: text/event-stream' "${@:2}" "$base/v1/changes" >"$scratch/stream" 2>/dev/null &
    follower=$!
    wait_until 10 watchers_are "$1"
}
streamed() { [ "$(sed -n 's/^data: //p' "$scratch/stream" | jq -r .path | xargs)" = "$1" ]; }
follow 1 -D "$scratch/head"
put s1; put s2
check "a stream brings changes as they come" wait_until 10 streamed "s1 s2"
put "s3%20%22quoted%22"
check "with their names escaped" wait_until 10 bash -c "sed -n 's/^data: //p' $scratch/stream | jq -es '.[2].path == \"s3 \\\"quoted\\\"\"'"
check "and is text/event-stream" grep -i '^content-type: text/event-stream' "$scratch/head"
last=$(sed -n 's/^id: //p' "$scratch/stream" | tail -n 1)
kill "$follower"
check "a client that goes away is forgotten at once" wait_until 5 watchers_are 0
put s4
follow 1 -H "Last-Event-ID: $last"
check "a stream goes on after Last-Event-ID" wait_until 10 streamed s4
sleep_past_grace() { [ "$(metric ordeal_deadline_closed_total)" = 0 ] && kill -0 "$follower"; }
# The grace of a request is one second here: two of its looks must pass over the watcher.
sleep 3
check "a watcher may be still for longer than a request may" sleep_past_grace
kill "$follower"
wait_until 5 watchers_are 0
check "a stream with a stale cursor answers 410" problem_is cursor_stale 410 -H 'Accept: text/event-stream' "$base/v1/changes?cursor=0123456789abcdef-1"

# --- many ---

# With a grace of one second, a machine that takes two for a thousand answers has some of them cut.
stop_server TERM
start_server --changes-kept 80 --watchers 1002
baseline_threads=$(ls "/proc/$server/task" | wc -l)
baseline_files=$(ls "/proc/$server/fd" | wc -l)
cursor=$(now)
sockets=()
watch_many() {
    local i fd
    for ((i = 0; i < 1000; i++)); do
        exec {fd}<>"/dev/tcp/127.0.0.1/$port"
        printf 'GET /v1/changes?cursor=%s&wait=60 HTTP/1.1\r\nHost: x\r\n\r\n' "$cursor" >&"$fd"
        sockets+=("$fd")
    done
}
watch_many
check "a thousand watch" wait_until 30 watchers_are 1000
check "and take no thread" test "$(ls "/proc/$server/task" | wc -l)" = "$baseline_threads"
# The one that asks. One that asked before may still count: it is answered before it is over.
check "nor are they requests in work" wait_until 10 in_work_are 1
put woken
answered() {
    local fd line
    for fd in "${sockets[@]}"; do
        read -r -t 20 line <&"$fd" || return 1
        [[ $line == "HTTP/1.1 200"* ]] || return 1
    done
}
check "one change answers them all" answered
for fd in "${sockets[@]}"; do exec {fd}>&-; done
sockets=()
cursor=$(now)
watch_many
wait_until 30 watchers_are 1000
exec {one}<>"/dev/tcp/127.0.0.1/$port"
printf 'GET /v1/changes?cursor=%s HTTP/1.1\r\nHost: x\r\n\r\n' "$cursor" >&"$one"
exec {two}<>"/dev/tcp/127.0.0.1/$port"
printf 'GET /v1/changes?cursor=%s HTTP/1.1\r\nHost: x\r\n\r\n' "$cursor" >&"$two"
wait_until 10 watchers_are 1002
check "one more than --watchers answers 503" problem_is overloaded 503 "$base/v1/changes?cursor=$cursor"
exec {one}>&- {two}>&-
for fd in "${sockets[@]}"; do exec {fd}>&-; done
check "a thousand that go away are forgotten" wait_until 10 watchers_are 0
back_to_baseline() { [ "$(ls "/proc/$server/fd" | wc -l)" -le "$baseline_files" ]; }
check "and leave no descriptor" wait_until 10 back_to_baseline

# --- kept changes ---

cursor=$(now)
for i in $(seq 100); do put "kept"; done
check "a cursor that lies too far back answers 410" problem_is cursor_stale 410 "$base/v1/changes?cursor=$cursor"
check "a stream from there too" problem_is cursor_stale 410 -H 'Accept: text/event-stream' "$base/v1/changes?cursor=$cursor"
back=${cursor%-*}-$((${cursor#*-} + 20))
check "as many as are kept are still told" jq -e '.changes | length == 80' <(changes "cursor=$back")
stop_server TERM

# --- every acknowledged change once, across kill -9 ---

start_server
cursor=$(now)
: >"$scratch/acknowledged"
write_on() {
    local i=0 answer
    while [ ! -e "$scratch/stop" ]; do
        i=$((i + 1))
        answer=$(echo content | curl -s -m 5 -f -T - "$base/v1/files/crash/$1-$((i % 5))" | jq -r '"\(.path) \(.version)"' 2>/dev/null) || continue
        [ -z "$answer" ] || echo "$answer" >>"$scratch/acknowledged.$1"
    done
}
# A watcher that goes on from its cursor until it has an empty answer after the writers' end.
watch_on() {
    local at=$cursor answer last=
    while :; do
        [ -e "$scratch/settled" ] && last=1
        answer=$(curl -s -m 20 -f "$base/v1/changes?cursor=$at&wait=1") || { sleep 0.05; continue; }
        jq -r '.changes[] | "\(.path) \(.version) \(.number)"' <<<"$answer" >>"$scratch/told.$1"
        at=$(jq -r .cursor <<<"$answer")
        [ -z "$last" ] || [ "$(jq '.changes | length' <<<"$answer")" -gt 0 ] || break
    done
}
writers=()
followers=()
for i in 1 2 3; do write_on "$i" & writers+=($!); done
for i in 1 2 3; do watch_on "$i" & followers+=($!); done
enough() { [ "$(cat "$scratch"/acknowledged.* 2>/dev/null | wc -l)" -gt "$1" ]; }
for round in 1 2 3; do
    wait_until 30 enough $((round * 25))
    stop_server KILL
    start_server
done
touch "$scratch/stop"
wait "${writers[@]}"
touch "$scratch/settled"
wait "${followers[@]}"
sort "$scratch"/acknowledged.? >"$scratch/due"
for i in 1 2 3; do
    cut -d' ' -f1,2 "$scratch/told.$i" | sort >"$scratch/seen"
    check "watcher $i was told every acknowledged change across three kill -9" test -z "$(comm -23 "$scratch/due" "$scratch/seen")"
    check "watcher $i was told none twice" test -z "$(uniq -d "$scratch/seen")"
    check "watcher $i was told them in order" sort -c -n -u -k3,3 "$scratch/told.$i"
    check "watcher $i saw what watcher 1 saw" cmp "$scratch/told.1" "$scratch/told.$i"
done

curl -sS -m 30 "$base/v1/changes?cursor=$(now)&wait=60" >"$scratch/polled" &
poll=$!
wait_until 10 watchers_are 1
follow 2
if stop_server TERM; then ok "it stops although clients wait"; else not_ok "it stops although clients wait"; fi
# Not in check: only the shell that started it can wait for it.
if wait "$poll"; then ok "and a long poll gets its answer"; else not_ok "and a long poll gets its answer"; fi
check "which is empty" jq -e '.changes == []' "$scratch/polled"
finish_cases
