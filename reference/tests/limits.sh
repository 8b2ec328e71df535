#!/bin/bash
# Brings the built reference server to its limits: too much work, a store and channels that stand, slow questions, a full disk.
set -euo pipefail
# shellcheck source=ci/lib.sh
source "$ORDEAL_SOURCE/ci/lib.sh"
make_scratch
data=$scratch/data
patience=20

start_server() {
    : >"$scratch/stdout"
    "$ORDEAL_BIN/ordeal-reference" --port 0 --data "$data" --no-auth "$@" >"$scratch/stdout" 2>>"$scratch/stderr" &
    server=$!
    wait_until 20 grep -q "listening on" "$scratch/stdout"
    base=http://127.0.0.1:$(sed -E 's/.*://' "$scratch/stdout")
}
stop_server() {
    kill -TERM "$server"
    wait "$server"
}
answers() {
    local wanted=$1 method=$2 path=$3 got
    shift 3
    got=$(curl -sS -m "$patience" -o "$scratch/body" -D "$scratch/head" -w '%{http_code} %{time_total}' -X "$method" "$@" "$base$path")
    took=${got#* }
    got=${got% *}
    [ "$got" = "$wanted" ] || { echo "got $got instead of $wanted"; cat "$scratch/body"; return 1; }
}
problem_is() { answers "${@:2}" && [ "$(jq -r .code "$scratch/body")" = "$1" ]; }
# A refusal that says when to come back.
sheds() { problem_is "$1" 503 "${@:2}" && grep -qi '^Retry-After: [1-9]' "$scratch/head" && jq -e .retryable "$scratch/body" >/dev/null; }
metric_is() { curl -s -m 2 "$base/metrics" | grep -Fx "$1 $2"; }
metric_above() { [ "$(curl -s -m 2 "$base/metrics" | sed -n "s/^$1 //p")" -gt "$2" ]; }

head -c 100000 /dev/urandom >"$scratch/file"
start_server --max-in-work 1
# It lasts as long as the next checks need, and is killed.
curl -s -o /dev/null --limit-rate 1K -T "$scratch/file" "$base/v1/files/slow" &
slow=$!
# Nobody asks before it is in work: whoever is in work then, the slow one would be shed.
slow_has_begun() { [ -n "$(ls -A "$data/tmp")" ]; }
wait_until 10 slow_has_begun
check "while the one request it may have is in work, the next is shed" sheds overloaded GET /v1/files/x
check "it is alive nonetheless" answers 200 GET /livez
check "but not ready" sheds overloaded GET /readyz
kill "$slow"
wait "$slow" 2>/dev/null || true
check "and is again when the request is over" wait_until 10 answers 200 GET /readyz
stop_server

slow_questions() {
    rm -rf "$data"
    start_server
    stop_server
    sqlite3 "$data/store.db" "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400000) INSERT INTO versions SELECT 'f' || i, 1, 'b' || i, 5, 'e' FROM n"
    start_server --query-timeout 1
    check "a question that takes too long is given up" sheds storage_lock_timeout GET /v1/admin/stats
    check "and counted" metric_is ordeal_store_queries_timed_out_total 1
    check "quick ones are answered" answers 404 GET /v1/files/x
    # The sweep has one in use for a moment of each second.
    check "the connection is whole again" wait_until 10 metric_is ordeal_store_readers_in_use 0
    stop_server
}
if command -v sqlite3 >"$out"; then slow_questions; else skip "a question that takes too long is given up" "no sqlite3; apt-get install sqlite3"; fi

# The lines of the tool: "stall OPERATIONS PATTERN", "heal".
tell() {
    local answer
    echo "$*" >&"${MOUNT[1]}"
    read -r -u "${MOUNT[0]}" answer && [ "$answer" = "done" ]
}
# It did not wait the two seconds that it might.
quick() {
    "$@" || return 1
    awk "BEGIN { exit !($took < 1.9) }" || { echo "it took $took s"; return 1; }
}
# A connection that the thread of the standing request took with it stands too; the next one does not.
again() { "$@" || "$@" || "$@"; }
in_background() { curl -sS -m 30 -o /dev/null -w '%{http_code}' "$@" >"$scratch/first" & first=$!; }
first_answers() {
    wait "$first" || true
    [ "$(cat "$scratch/first")" = "$1" ] || { cat "$scratch/first"; return 1; }
}
sample='{"timestamp":1}'
standing_disk() {
    mkdir -p "$scratch/back" "$data" "$scratch/work"
    coproc MOUNT { exec "$ORDEAL_BIN/chaosfs-tool" mount "$scratch/back" "$data" "$scratch/work"; }
    local mount_pid=$MOUNT_PID line
    read -r -u "${MOUNT[0]}" line && [ "$line" = ready ]
    start_server
    answers 201 PUT /v1/files/there -T "$scratch/file"
    answers 200 POST /v1/channels/c/samples -d "$sample"

    patience=5
    tell stall rename '/channels/*'
    in_background "$base/v1/channels/c/samples" -d "$sample"
    wait_until 10 metric_is ordeal_blob_temporary_files 1
    check "an append that must wait for another too long is shed" again sheds storage_lock_timeout POST /v1/channels/c/samples -d "$sample"
    check "the next one at once: the waits do not add up" again quick sheds storage_lock_timeout POST /v1/channels/c/samples -d "$sample"
    check "the channel is read meanwhile" again answers 200 GET /v1/channels/c/samples
    tell heal
    if first_answers 200; then ok "the one that held the channel ends well"; else not_ok "the one that held the channel ends well"; fi
    check "and of those shed nothing is there" bash -c "curl -s $base/v1/channels/c/samples | jq -e '.total == 2'"

    tell stall sync '/store.db*'
    in_background -T "$scratch/file" "$base/v1/files/first"
    wait_until 10 metric_above ordeal_store_jobs_waiting 0
    check "a write that must wait for the store too long is shed" again sheds storage_lock_timeout PUT /v1/files/second -T "$scratch/file"
    check "the next one at once" again quick sheds storage_lock_timeout DELETE /v1/files/there
    check "reads go on" again answers 200 GET /v1/files/there
    check "the waits are counted" again metric_above ordeal_store_waits_timed_out_total 1
    tell heal
    if first_answers 201; then ok "the write that the disk held up ends well"; else not_ok "the write that the disk held up ends well"; fi
    check "and of those shed nothing was done" answers 404 GET /v1/files/second
    check "nothing waits any more" wait_until 10 metric_is ordeal_store_jobs_waiting 0
    stop_server
    local write_end=${MOUNT[1]}
    exec {write_end}>&-
    wait "$mount_pid"
    patience=20
}
rm -rf "$data"
if [ -w /dev/fuse ] && [ "$(id -u)" -eq 0 ]; then standing_disk; else skip "waits for a disk that stands are bounded" "no /dev/fuse or not root; run as root with --device /dev/fuse"; fi

# fill FOLDER: until the next is refused.
fill() { for i in $(seq 200); do answers 201 PUT "/v1/files/$1/$i" -T "$scratch/file" >"$out" || break; done; problem_is disk_full 507 PUT "/v1/files/$1/more" -T "$scratch/file"; }
# make_room FOLDER COUNT
make_room() { for i in $(seq "$2"); do answers 204 DELETE "/v1/files/$1/$i" || return 1; done; answers 200 POST /v1/admin/cleanup; }
full_disk() {
    start_server
    answers 201 PUT /v1/files/kept -T "$scratch/file"
    check "on a full disk a PUT answers 507" fill first
    check "and left the name free" answers 404 GET /v1/files/first/more
    check "a piece of an upload too" problem_is disk_full 507 POST /v1/uploads -H 'Tus-Resumable: 1.0.0' -H 'Upload-Length: 100000' -H "Upload-Metadata: filename $(printf x | base64)" \
        -H 'Content-Type: application/offset+octet-stream' --data-binary "@$scratch/file"
    jq -nc '[range(1000) | {timestamp: (. + 1), pad: ("x" * 200)}]' >"$scratch/samples"
    check "an append too" problem_is disk_full 507 POST /v1/channels/c/samples --data-binary "@$scratch/samples"
    check "what there is is served" bash -c "curl -s $base/v1/files/kept | cmp - $scratch/file"
    check "no temporary file stays" bash -c "[ -z \"\$(ls -A $data/tmp)\" ]"
    check "it says that it is not ready" answers 503 GET /readyz
    check "deleting and cleaning up work nonetheless" make_room first 10
    check "and make room" answers 201 PUT /v1/files/second/more -T "$scratch/file"
    check "the disk is filled once more" fill second
    check "and room is made once more" make_room second 3
    fill third
    mount -o remount,size=8m "$data"
    check "with more room it takes files again" answers 201 PUT /v1/files/third/more -T "$scratch/file"
    check "it is ready again" answers 200 GET /readyz
    stop_server
}
rm -rf "$data"
mkdir "$data"
if mount -t tmpfs -o size=4m ordeal-limits "$data" 2>"$out"; then
    trap 'code=$?; kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; umount "$data" 2>/dev/null || true; rm -rf "$scratch"; exit $code' EXIT
    full_disk
    umount "$data"
else
    skip "a full disk answers 507" "cannot mount a small tmpfs; run as root"
fi
# bounds_of COLUMN: each flag of a number, with the least (1) or the most (2) that it says it takes.
bounds_of() {
    local flag
    for flag in $("$ORDEAL_BIN/ordeal-reference" --help | sed -nE 's/^  --([a-z-]+) +(N|S|MS|SIZE) .*/\1/p'); do
        [ "$flag" != port ] || continue
        { "$ORDEAL_BIN/ordeal-reference" --data none "--$flag" 99999999999999999 2>&1 || true; } |
            sed -nE "s/.* from ([0-9]+) to ([0-9]+)\$/--$flag \\$1/p"
    done
}
for column in 1 2; do
    mapfile -t bounds < <(bounds_of "$column" | tr ' ' '\n')
    check "the bounds of all flags are told" test "${#bounds[@]}" -ge 28
    rm -rf "$data"
    base=http://127.0.0.1:9
    start_server "${bounds[@]}" || true
    check "it starts with the $([ "$column" = 1 ] && echo least || echo most) that each flag takes" answers 200 GET /livez
    stops_in_order "and stops in order" "$server"
done

finish_cases
