#!/bin/bash
# The built reference server on a disk whose every operation fails once and for a while: it answers, goes on serving, keeps
# what it acknowledged, and says so when it cannot start.
set -euo pipefail
# shellcheck source=ci/lib.sh
source "$ORDEAL_SOURCE/ci/lib.sh"
if [ ! -w /dev/fuse ] || [ "$(id -u)" -ne 0 ]; then
    skip "the server lives through a failing disk" "no /dev/fuse or not root"
    exit 0
fi
make_scratch
mkdir "$scratch/back" "$scratch/disk" "$scratch/work"
coproc DISK { exec "$ORDEAL_BIN/chaosfs-tool" mount "$scratch/back" "$scratch/disk" "$scratch/work"; }
disk=$DISK_PID
exec {disk_out}<&"${DISK[0]}"
disk_in=${DISK[1]}
read -r -t 20 word <&"$disk_out"
tell_disk() {
    local word
    echo "$*" >&"$disk_in"
    read -r -t 20 word <&"$disk_out" && [ "$word" = "done" ]
}
EIO=5 ENOSPC=28

start_server() {
    : >"$scratch/stdout"
    "$ORDEAL_BIN/ordeal-reference" --port 0 --data "$scratch/disk/data" --no-auth --upload-ttl 3600 --cache 0 --query-timeout 1000 >"$scratch/stdout" 2>>"$scratch/stderr" &
    server=$!
    wait_until 20 grep -q "listening on" "$scratch/stdout"
    base=http://127.0.0.1:$(sed -E 's/.*://' "$scratch/stdout")
}
ask() { curl -sS -m 20 -o "$scratch/answer" -w '%{http_code}\n' "$@" 2>/dev/null || true; }
tus=(-H 'Tus-Resumable: 1.0.0')
piece=("${tus[@]}" -H 'Content-Type: application/offset+octet-stream')
new_upload() {
    place=$(curl -sS -o /dev/null -D - "${tus[@]}" -H "Upload-Length: $1" -H "Upload-Metadata: filename $(printf up | base64)" -X POST "$base/v1/uploads" 2>/dev/null |
        sed -n 's/^Location: \(.*\)\r$/\1/p') || true
}
head -c 30000 /dev/urandom >"$scratch/file"
seq 200 | jq -nc '[inputs | {timestamp: .}]' >"$scratch/samples"
round=0
# One of each kind of request; their statuses go to $scratch/codes.
ask_all() {
    round=$((round + 1))
    {
        ask -T "$scratch/file" "$base/v1/files/new/$round"
        ask -T "$scratch/file" "$base/v1/files/often"
        ask "$base/v1/files/kept"
        ask -r 5-90 "$base/v1/files/kept?version=1"
        ask "$base/v1/files?prefix=new/"
        ask "$base/v1/versions/often"
        ask -X POST "$base/v1/restore/often?version=1"
        ask "$base/v1/moves" -d "{\"moves\": [{\"from\": \"new/$round\", \"to\": \"moved/$round\"}]}"
        ask "$base/v1/shares" -d '{"path": "kept"}'
        ask "$base/s/$token"
        ask "$base/v1/channels/c/samples" --data-binary "@$scratch/samples"
        ask "$base/v1/channels/fresh$round/samples" -d '{"timestamp": 1}'
        ask "$base/v1/channels/c/samples"
        ask "${tus[@]}" --head "$base$session"
        ask "${piece[@]}" -X PATCH -H 'Upload-Offset: 0' -d "some bytes" "$base$session"
        ask "${piece[@]}" -H 'Upload-Length: 9' -H "Upload-Metadata: filename $(printf "up$round" | base64)" -d 'nine byte' "$base/v1/uploads"
        ask -X DELETE "${tus[@]}" "$base$session"
        ask -X DELETE "$base/v1/files/moved/$round"
        ask -X DELETE "$base/v1/shares/$token"
        ask "$base/v1/admin/stats"
        ask "$base/v1/changes?cursor=$cursor&wait=0"
        ask -X POST "$base/v1/admin/cleanup"
        ask -X POST "$base/v1/admin/cache/warm"
        ask "$base/readyz"
    } >"$scratch/codes"
}
recovers() {
    wait_until 20 curl -sSf -o /dev/null "$base/readyz" && wait_until 20 curl -sSf -o /dev/null -T "$scratch/file" "$base/v1/files/often" &&
        curl -sS "$base/v1/files/kept" | cmp - "$scratch/kept"
}
renew() {
    new_upload 30000
    session=$place
    token=$(curl -sS "$base/v1/shares" -d '{"path": "kept"}' | jq -r .token)
}
# Everything is answered, or the connection is cut where the disk has no more; nothing is answered with what is not known.
answered() {
    ! grep -vqE '^(000|2..|304|4..|500|503|507)$' "$scratch/codes" && kill -0 "$server"
}
# one_fault "sentence" OPERATIONS ERRNO SKIP COUNT PATTERN
one_fault() {
    local sentence=$1
    shift
    renew
    tell_disk fail "$@" || return 1
    ask_all
    tell_disk heal || return 1
    if answered && recovers; then return 0; fi
    echo "$sentence"
    cat "$scratch/codes"
    return 1
}

start_server
head -c 20000 /dev/urandom >"$scratch/kept"
curl -sSf -o /dev/null -T "$scratch/kept" "$base/v1/files/kept"
curl -sSf -o /dev/null -T "$scratch/file" "$base/v1/files/often"
cursor=$(curl -sS "$base/v1/changes" | jq -r .cursor)
for operation in create open-write open-read write fsync fsyncdir rename link unlink mkdir truncate read; do
    check "it lives through an I/O error of every $operation of contents" one_fault "$operation" "$operation" $EIO 0 0 '/data/[bcut]*'
done
for operation in create write fsync rename link; do
    check "it says that the disk is full when $operation does" one_fault "$operation" "$operation" $ENOSPC 0 0 '/data/[bcut]*'
done
store_faults() {
    local skip
    for skip in 0 1 3 6; do one_fault "$1 $skip" "$1" "$2" "$skip" "$3" '/data/store.db*' || return 1; done
}
check "it lives through one failing write of the store, whichever" store_faults write $EIO 1
check "it lives through one failing sync of the store, whichever" store_faults sync $EIO 1
check "it lives through one failing read of the store, whichever" store_faults read $EIO 1
check "it lives through a store that cannot write" one_fault store write,fsync,fdatasync,truncate $EIO 0 0 '/data/store.db*'
check "it lives through a store that finds the disk full" one_fault full write,truncate $ENOSPC 0 0 '/data/store.db*'
check "it lives through a disk that takes nothing" one_fault all write,sync,create,rename,link $EIO 0 0 '/data/*'

kill "$server"
if wait "$server"; then ok "after all that it stops in order"; else not_ok "after all that it stops in order"; fi
start_server
kill -9 "$server"
wait "$server" 2>/dev/null || true
start_server
check "and after kill -9 nothing is lost" bash -c "curl -sS $base/v1/files/kept | cmp - $scratch/kept"
kill "$server"
wait "$server"

# --- a start on a failing disk ---

# refuses OPERATION PATTERN: it does not start, and says why.
refuses() {
    local code=0
    tell_disk fail "$1" $EIO 0 0 "$2" || return 1
    timeout 20 "$ORDEAL_BIN/ordeal-reference" --port 0 --data "$scratch/disk/data" --no-auth >"$scratch/out" 2>&1 || code=$?
    tell_disk heal || return 1
    [ "$code" = 1 ] && grep -q '^ordeal-reference: ' "$scratch/out" || { echo "code $code"; cat "$scratch/out"; return 1; }
}
while read -r operation pattern; do
    check "it does not start when $operation of ${pattern#/data/} fails, and says so" refuses "$operation" "$pattern"
done <<'WAYS'
open /data/store.db
read /data/store.db
readdir /data/blobs
readdir /data/blobs/??
readdir /data/uploads
fsyncdir /data/blobs
fsyncdir /data
WAYS
mv "$scratch/disk/data/uploads" "$scratch/disk/data/uploads.away"
mv "$scratch/disk/data/channels" "$scratch/disk/data/channels.away"
check "nor when it cannot make its folders" refuses mkdir '/data/*'
# Its standard input ends when nobody has it any more.
exec {disk_in}>&-
wait "$disk"
finish_cases
