#!/bin/bash
# Whatever comes in numbers and goes away without a word leaves nothing behind in the built reference server.
set -euo pipefail
# shellcheck source=ci/lib.sh
source "$ORDEAL_SOURCE/ci/lib.sh"
make_scratch
ulimit -n 4096
# What a sanitizer keeps of freed memory, in all and for each thread, is not the server's.
export ASAN_OPTIONS="quarantine_size_mb=0:thread_local_quarantine_size_kb=0:${ASAN_OPTIONS:-}"
tolerance=$((4 << 20))

start_server() {
    : >"$scratch/stdout"
    "$ORDEAL_BIN/ordeal-reference" --port 0 --data "$scratch/data" --no-auth "$@" >"$scratch/stdout" 2>>"$scratch/stderr" &
    server=$!
    wait_until 20 grep -q "listening on" "$scratch/stdout"
    port=$(sed -E 's/.*://' "$scratch/stdout")
    base=http://127.0.0.1:$port
}
stop_server() {
    kill "$server"
    wait "$server"
}
metric() { curl -sS "$base/metrics" | sed -n "s/^$1 //p"; }
metric_is() { [ "$(metric "$1")" = "$2" ]; }
threads() { find "/proc/$server/task" -mindepth 1 -maxdepth 1 | wc -l; }
descriptors() { find "/proc/$server/fd" -mindepth 1 | wc -l; }
resident() { awk '/^VmRSS/ { print $2 * 1024 }' "/proc/$server/status"; }
files() { find "$scratch/data/tmp" "$scratch/data/uploads" -type f | wc -l; }

note_base() {
    base_threads=$(threads)
    base_descriptors=$(descriptors)
    base_resident=$(resident)
}
is_back() { [ "$(files)" = 0 ] && [ "$(threads)" = "$base_threads" ] && [ "$(descriptors)" -le "$base_descriptors" ]; }
no_larger() {
    local grown=$(($(resident) - base_resident))
    [ "$grown" -lt "$tolerance" ] || { echo "grown by $grown bytes from $base_resident"; return 1; }
}
# leaves_nothing "what" command...: after what brings in all that the server keeps for its life.
leaves_nothing() {
    local what=$1
    shift
    wait_until 30 is_back
    note_base
    check "$what" "$@"
    check "and of all that no file, descriptor or thread stays" wait_until 30 is_back
    check "nor memory" no_larger
}

# libmicrohttpd does not see the end of a client that cuts its own body: such a connection ends with --idle.
start_server --upload-ttl 1 --idle 2
note_base
printf 'a piece' >"$scratch/piece"
abandon_uploads() {
    local urls=() i
    for ((i = 0; i < 1000; i++)); do urls+=(-o /dev/null "$base/v1/uploads"); done
    curl -sS -X POST -H 'Tus-Resumable: 1.0.0' -H 'Upload-Length: 1000' -H "Upload-Metadata: filename $(printf left | base64)" \
        -H 'Content-Type: application/offset+octet-stream' --data-binary "@$scratch/piece" -w '%{http_code}\n' "${urls[@]}" |
        sort | uniq -c | grep -q ' 1000 201$'
}
abandon_uploads
leaves_nothing "a thousand uploads are begun and left" abandon_uploads

drop_watchers() {
    local cursor fd sockets=() i
    cursor=$(curl -sS "$base/v1/changes" | jq -r .cursor)
    for ((i = 0; i < 1000; i++)); do
        exec {fd}<>"/dev/tcp/127.0.0.1/$port"
        printf 'GET /v1/changes?cursor=%s&wait=60 HTTP/1.1\r\nHost: x\r\n\r\n' "$cursor" >&"$fd"
        sockets+=("$fd")
    done
    wait_until 30 metric_is ordeal_watchers 1000
    for fd in "${sockets[@]}"; do exec {fd}>&-; done
    wait_until 30 metric_is ordeal_watchers 0
}
drop_watchers
leaves_nothing "a thousand watchers come and go" drop_watchers

cut_puts() {
    local i
    for ((i = 0; i < 200; i++)); do
        exec {fd}<>"/dev/tcp/127.0.0.1/$port"
        printf 'PUT /v1/files/cut HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nbegin' >&"$fd"
        exec {fd}>&-
    done
}
cut_puts
leaves_nothing "two hundred PUTs are cut" cut_puts
check "none of them made a file" test "$(curl -sS -o /dev/null -w '%{http_code}' "$base/v1/files/cut")" = 404
stop_server

start_server --rate 1 --burst 1
clients() { [ "$("$ORDEAL_BIN/many_clients" "$port" "$1")" -gt $(($1 * 9 / 10)) ]; }
note_base
clients 2000
many=100000
# Ten times slower, and there to find other faults. No pipe: grep -q leaves at once, and ldd then fails for it.
case $(ldd "$ORDEAL_BIN/ordeal-reference") in
*libasan* | *libtsan*) many=10000 ;;
esac
leaves_nothing "$many clients are each held to their rate" clients "$many"
check "and their buckets are forgotten" wait_until 10 metric_is ordeal_rate_buckets 0
stop_server
finish_cases
