#!/bin/bash
# Drives the upload sessions (tus 1.0.0) of the built reference server with curl.
set -euo pipefail
# shellcheck source=ci/lib.sh
source "$ORDEAL_SOURCE/ci/lib.sh"
make_scratch

start_server() {
    : >"$scratch/stdout"
    "$ORDEAL_BIN/ordeal-reference" --port 0 --data "$scratch/data" --no-auth "$@" >"$scratch/stdout" 2>>"$scratch/stderr" &
    server=$!
    wait_until 20 grep -q "listening on" "$scratch/stdout"
    base=http://127.0.0.1:$(sed -E 's/.*://' "$scratch/stdout")
}
stop_server() {
    kill "-$1" "$server"
    wait "$server" 2>/dev/null || [ "$1" = KILL ]
}
# answers STATUS METHOD URL [curl arguments], with the protocol's version said.
answers() {
    local wanted=$1 method=$2 url=$3 got
    local -a how=(-X "$method")
    shift 3
    [ "$method" != HEAD ] || how=(--head)
    got=$(curl -sS -o "$scratch/body" -D "$scratch/head" -w '%{http_code}' "${how[@]}" -H "Tus-Resumable: $tus" "$@" "$url")
    [ "$got" = "$wanted" ] || { echo "got $got instead of $wanted"; cat "$scratch/body"; return 1; }
}
header() { grep -i "^$1:" "$scratch/head" | head -n1 | sed -E 's/^[^:]*: *//; s/\r$//'; }
header_is() { [ "$(header "$1")" = "$2" ] || { echo "$1 is '$(header "$1")'"; return 1; }; }
problem_is() { answers "${@:2}" && [ "$(jq -r .code "$scratch/body")" = "$1" ]; }
named() { printf 'Upload-Metadata: filename %s' "$(printf %s "$1" | base64 -w0)"; }
# create NAME LENGTH [curl arguments]: its address comes into $session.
create() {
    answers 201 POST "$base/v1/uploads" -H "Upload-Length: $2" -H "$(named "$1")" "${@:3}"
    session=$base$(header Location)
}
offset_is() { answers 200 HEAD "$session" && header_is Upload-Offset "$1"; }
piece=(-H 'Content-Type: application/offset+octet-stream')
patch() { answers "$1" PATCH "$session" "${piece[@]}" -H "Upload-Offset: $2" --data-binary "@$3" "${@:4}"; }
sum() { printf 'Upload-Checksum: %s %s' "$1" "$(openssl dgst "-$1" -binary "$2" | base64 -w0)"; }
same_as() { curl -sS "$base/v1/files/$1" | cmp - "$2"; }
nothing_left() { [ -z "$(ls -A "$scratch/data/uploads")" ]; }

tus=1.0.0
head -c 3000000 /dev/urandom >"$scratch/file"
head -c 1000000 "$scratch/file" >"$scratch/first"
tail -c +1000001 "$scratch/file" >"$scratch/second"
: >"$scratch/nothing"
start_server --max-file-size 16MiB

check "OPTIONS answers 204" answers 204 OPTIONS "$base/v1/uploads"
check "and names the extensions" header_is Tus-Extension creation,creation-with-upload,expiration,checksum,termination
tus=0.2.2
check "another version of tus answers 412" problem_is protocol_version 412 POST "$base/v1/uploads"
tus=1.0.0
check "no length answers 400" problem_is validation_error 400 POST "$base/v1/uploads" -H "$(named x)"
check "no name answers 400" problem_is validation_error 400 POST "$base/v1/uploads" -H 'Upload-Length: 5'
check "a name that leads out answers 400" problem_is validation_error 400 POST "$base/v1/uploads" -H 'Upload-Length: 5' -H "$(named ../x)"
check "two names answer 400" problem_is validation_error 400 POST "$base/v1/uploads" -H 'Upload-Length: 5' -H "$(named x),filename eA=="
check "no base64 of a name answers 400" problem_is validation_error 400 POST "$base/v1/uploads" -H 'Upload-Length: 5' -H 'Upload-Metadata: filename x'
check "nor base64 with a NUL in it" problem_is validation_error 400 POST "$base/v1/uploads" -H 'Upload-Length: 5' -H 'Upload-Metadata: filename YQBi'
check "nor metadata without end" problem_is validation_error 400 POST "$base/v1/uploads" -H 'Upload-Length: 5' -H "Upload-Metadata: filename eA==,k $(printf '%05000d' 0)"
check "a deferred length answers 400" problem_is validation_error 400 POST "$base/v1/uploads" -H 'Upload-Defer-Length: 1' -H "$(named x)"
check "a part to be put together answers 400" problem_is validation_error 400 POST "$base/v1/uploads" -H 'Upload-Concat: partial' -H 'Upload-Length: 5' -H "$(named x)"
check "a wrong checksum's name at creation answers 400" problem_is validation_error 400 POST "$base/v1/uploads" -H 'Upload-Length: 5' -H "$(named x)" -H 'Upload-Checksum: md5 AAAA'
check "a name need not come first" answers 201 POST "$base/v1/uploads" -H 'Upload-Length: 5' -H "Upload-Metadata: k, filename eA=="
check "a length over the limit answers 413" problem_is file_too_large 413 POST "$base/v1/uploads" -H 'Upload-Length: 99999999' -H "$(named x)"
check "creation answers 201" create a/b 3000000
create a/b 3000000
check "a new session has nothing" offset_is 0
check "sessions are counted" wait_until 20 bash -c "[ \$(curl -s $base/metrics | sed -n 's/^ordeal_upload_sessions //p') -ge 2 ]"
check "a piece of another type answers 415" problem_is unsupported_media_type 415 PATCH "$session" -H 'Upload-Offset: 0' -H 'Content-Type: text/plain' --data-binary x
check "a wrong offset answers 409" problem_is conflict 409 PATCH "$session" "${piece[@]}" -H 'Upload-Offset: 7' --data-binary x
check "a damaged piece answers 460" patch 460 0 "$scratch/first" -H "$(sum sha1 "$scratch/second")"
check "an unknown checksum answers 400" patch 400 0 "$scratch/first" -H 'Upload-Checksum: md5 AAAA'
check "a checksum behind the piece answers 400" patch 400 0 "$scratch/first" -H 'Trailer: Upload-Checksum' -H 'Transfer-Encoding: chunked'
check "none of these moved the offset" offset_is 0
stop_server TERM
start_server --max-file-size 16MiB
session=$base/v1/uploads/${session##*/}
check "a session lives through a stop" offset_is 0
check "a piece with sha1 answers 204" patch 204 0 "$scratch/first" -H "$(sum sha1 "$scratch/first")"
check "the file is not there before the last byte" answers 404 GET "$base/v1/files/a/b"
stop_server KILL
printf 'bytes that nobody acknowledged' >>"$scratch/data/uploads/${session##*/}"
start_server --max-file-size 16MiB
session=$base/v1/uploads/${session##*/}
check "an acknowledged offset lives through kill -9" offset_is 1000000
check "the rest with sha256 answers 204" patch 204 1000000 "$scratch/second" -H "$(sum sha256 "$scratch/second")"
check "the file has the same bytes" same_as a/b "$scratch/file"
check "a done session still tells its offset" offset_is 3000000
check "a piece beyond the length answers 413" patch 413 3000000 "$scratch/first"
check "a done session leaves no file" nothing_left
check "termination answers 204" answers 204 DELETE "$session"
check "a terminated session answers 404" answers 404 HEAD "$session"
check "a name that no session can have answers 404" answers 404 DELETE "${session}0123456789abcdef"
check "the file outlives its session" same_as a/b "$scratch/file"
check "creation takes a first piece" create c 3000000 "${piece[@]}" --data-binary "@$scratch/first"
create c 3000000 "${piece[@]}" --data-binary "@$scratch/first"
check "which counts" offset_is 1000000
# Cut once the server has some of it, however long that took.
curl -sS --limit-rate 100K -X PATCH -H 'Tus-Resumable: 1.0.0' "${piece[@]}" -H 'Upload-Offset: 1000000' -T "$scratch/second" "$session" >"$out" 2>&1 &
cut=$!
has_more() { [ "$(stat -c %s "$scratch/data/uploads/${session##*/}")" -gt 1000000 ]; }
wait_until 20 has_more
kill "$cut"
wait "$cut" 2>/dev/null || true
moved_on() { answers 200 HEAD "$session" && [ "$(header Upload-Offset)" -gt 1000000 ]; }
check "a cut piece keeps what came" wait_until 20 moved_on
offset=$(header Upload-Offset)
tail -c +$((offset + 1)) "$scratch/file" >"$scratch/rest"
check "and goes on from there" patch 204 "$offset" "$scratch/rest"
check "to the same bytes" same_as c "$scratch/file"
check "an empty file needs no piece" create empty 0
check "and is there" same_as empty "$scratch/nothing"

create d 3000000
for i in 1 2 3 4 5 6 7 8; do
    curl -sS -o /dev/null -w '%{http_code}\n' -X PATCH -H 'Tus-Resumable: 1.0.0' "${piece[@]}" -H 'Upload-Offset: 0' --data-binary "@$scratch/file" "$session" >"$scratch/code.$i" &
    racers+=($!)
done
wait "${racers[@]}"
check "of eight pieces at once one is taken" test "$(cat "$scratch"/code.* | grep -c 204)" = 1
check "the others answer 409 or 413" test "$(cat "$scratch"/code.* | grep -cE '409|413')" = 7
check "and no bytes are mixed" same_as d "$scratch/file"
stop_server TERM

rm -rf "$scratch/data"
start_server --upload-ttl 1
printf 'a piece' >"$scratch/small"
abandon_many() { for i in $(seq 100); do create "left/$i" 3000000 "${piece[@]}" --data-binary "@$scratch/small" || return 1; done; }
check "a hundred uploads are begun and left" abandon_many
# An ended one is known for a minute, which the hundred may have taken.
create last 3000000 "${piece[@]}" --data-binary "@$scratch/small"
check "after their time nothing is left of them" wait_until 20 nothing_left
check "and they answer 410" answers 410 HEAD "$session"
stop_server TERM
finish_cases
