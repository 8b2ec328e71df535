#!/bin/bash
# Drives the built reference server with curl and raw sockets.
set -euo pipefail
# shellcheck source=ci/lib.sh
source "$ORDEAL_SOURCE/ci/lib.sh"
make_scratch

start_server() {
    # Before the program starts: what an earlier one printed must not be taken for its port.
    : >"$scratch/stdout"
    "$ORDEAL_BIN/ordeal-reference" --port 0 --data "$scratch/data" --no-auth "$@" >"$scratch/stdout" 2>"$scratch/stderr" &
    server=$!
    wait_until 20 grep -q "listening on" "$scratch/stdout"
    port=$(sed -E 's/.*://' "$scratch/stdout")
    base=http://127.0.0.1:$port
}
stop_server() {
    kill -TERM "$server"
    wait "$server"
}

# code METHOD PATH [curl arguments]: the status.
code() {
    local method=$1 path=$2
    shift 2
    curl -sS -o "$scratch/body" -D "$scratch/head" -w '%{http_code}' -X "$method" --path-as-is "$@" "$base$path"
}
answers() {
    local wanted=$1 got
    shift
    got=$(code "$@")
    [ "$got" = "$wanted" ] || { echo "got $got instead of $wanted"; cat "$scratch/body"; return 1; }
}
head_answers() {
    local got
    got=$(curl -sS -o /dev/null -w '%{http_code}' --head "$base$2")
    [ "$got" = "$1" ] || { echo "got $got"; return 1; }
}
header() { grep -i "^$1:" "$scratch/head" | head -n1 | sed -E 's/^[^:]*: *//; s/\r$//'; }
problem_is() { answers "${@:2}" && [ "$(jq -r .code "$scratch/body")" = "$1" ] && [ "$(jq -r .trace_id "$scratch/body" | wc -c)" = 33 ]; }

start_server
head -c 100000 /dev/urandom >"$scratch/file"
head -c 3000 /dev/urandom >"$scratch/other"

check "livez answers 200" answers 200 GET /livez
check "readyz answers 200" answers 200 GET /readyz
kept() { [ "$(curl -sS -o /dev/null -o /dev/null -w '%{num_connects}' "$base$1" "$base$1" 2>/dev/null)" = 10 ]; }
check "a connection serves more than one request" kept /livez
check "also after a refusal" kept /v1/files/none
check "version names its capabilities" bash -c "curl -s $base/v1/version | jq -e '.capabilities | index(\"files\")'"
check "a first PUT answers 201" answers 201 PUT /v1/files/a/b%20c -T "$scratch/file"
check "it made version 1" test "$(header X-Version)" = 1
etag=$(header ETag)
check "GET brings the same bytes" bash -c "curl -s $base/v1/files/a/b%20c | cmp - $scratch/file"
check "HEAD answers 200" head_answers 200 /v1/files/a/b%20c
check "a range brings its bytes" bash -c "curl -s -r 1000-1999 $base/v1/files/a/b%20c | cmp - <(tail -c +1001 $scratch/file | head -c 1000)"
check "a range answers 206" answers 206 GET /v1/files/a/b%20c -r 5-9
check "Content-Range tells which" test "$(header Content-Range)" = "bytes 5-9/100000"
check "a range beyond the end answers 416" problem_is range_not_satisfiable 416 GET /v1/files/a/b%20c -r 100000-
check "If-Range with another tag brings the whole" answers 200 GET /v1/files/a/b%20c -r 5-9 -H 'If-Range: "other"'
check "If-None-Match answers 304" answers 304 GET /v1/files/a/b%20c -H "If-None-Match: $etag"
check "also a weak tag" answers 304 GET /v1/files/a/b%20c -H "If-None-Match: \"x\", W/$etag"
check "for If-Match a weak tag is another" answers 412 GET /v1/files/a/b%20c -H "If-Match: W/$etag"
check "the name of the unit may be written large" answers 206 GET /v1/files/a/b%20c -H 'Range: Bytes=5-9'
check "HEAD knows no ranges" test "$(curl -sS -o /dev/null -w '%{http_code}' --head -r 5-9 "$base/v1/files/a/b%20c")" = 200
check "two fields of one condition answer 400" problem_is validation_error 400 PUT /v1/files/a/b%20c -T "$scratch/other" -H 'If-None-Match: "x"' -H 'If-None-Match: *'
check "a weak If-None-Match refuses a PUT" answers 412 PUT /v1/files/a/b%20c -T "$scratch/other" -H "If-None-Match: W/$etag"
check "and a DELETE" answers 412 DELETE /v1/files/a/b%20c -H 'If-None-Match: *'
check "If-Match with another tag answers 412" problem_is precondition_failed 412 PUT /v1/files/a/b%20c -T "$scratch/other" -H 'If-Match: "other"'
check "the refused PUT changed nothing" bash -c "curl -s $base/v1/files/a/b%20c | cmp - $scratch/file"
check "If-Match with its tag answers 200" answers 200 PUT /v1/files/a/b%20c -T "$scratch/other" -H "If-Match: $etag"
check "that made version 2" test "$(header X-Version)" = 2
check "its tag is another" test "$(header ETag)" != "$etag"
check "If-None-Match * on a taken name answers 412" answers 412 PUT /v1/files/a/b%20c -T "$scratch/other" -H 'If-None-Match: *'
check "If-None-Match * on a free name answers 201" answers 201 PUT /v1/files/free -T "$scratch/other" -H 'If-None-Match: *'
check "version 1 still has its bytes" bash -c "curl -s '$base/v1/files/a/b%20c?version=1' | cmp - $scratch/file"
check "a version that never was answers 404" problem_is not_found 404 GET '/v1/files/a/b%20c?version=9'
check "a version that is no number answers 400" problem_is validation_error 400 GET '/v1/files/a/b%20c?version=x'
check "restore makes version 3" bash -c "curl -s -X POST '$base/v1/restore/a/b%20c?version=1' | jq -e '.version == 3'"
check "restored bytes are those of version 1" bash -c "curl -s $base/v1/files/a/b%20c | cmp - $scratch/file"
check "restore of a version that never was answers 404" answers 404 POST '/v1/restore/a/b%20c?version=9'
check "versions are listed newest first" bash -c "curl -s $base/v1/versions/a/b%20c | jq -e '[.versions[].version] == [3,2,1]'"
check "DELETE answers 204" answers 204 DELETE /v1/files/a/b%20c
check "a deleted file answers 404" problem_is not_found 404 GET /v1/files/a/b%20c
check "deleting again answers 404" answers 404 DELETE /v1/files/a/b%20c
check "a deleted file is not listed" bash -c "curl -s '$base/v1/files?prefix=a/' | jq -e '.files == []'"
check "cleanup purges its versions" bash -c "curl -s -X POST $base/v1/admin/cleanup | jq -e '.purged == 3'"
check "numbers go on after a purge" bash -c "curl -s -T $scratch/other $base/v1/files/a/b%20c | jq -e '.version == 4'"
check "a PUT with Content-Range answers 400" problem_is validation_error 400 PUT /v1/files/x -T "$scratch/other" -H 'Content-Range: bytes 0-2999/9000'
check "and stores nothing" answers 404 GET /v1/files/x
sum() { openssl dgst "-$1" -binary "$scratch/other" | base64 -w0; }
check "content with its Repr-Digest is taken" answers 201 PUT /v1/files/sum -T "$scratch/other" -H "Repr-Digest: md5=:xx:, sha-256=:$(sum sha256):, sha-512=:$(sum sha512):"
check "content that is not what sha-256 says answers 400" problem_is digest_mismatch 400 PUT /v1/files/sum -T "$scratch/file" -H "Repr-Digest: sha-256=:$(sum sha256):"
check "and what sha-512 says too" problem_is digest_mismatch 400 PUT /v1/files/sum -T "$scratch/file" -H "Repr-Digest: sha-512=:$(sum sha512):"
check "the old content stands" bash -c "curl -s $base/v1/files/sum | cmp - $scratch/other"
check "a Repr-Digest that is none answers 400" problem_is validation_error 400 PUT /v1/files/sum -T "$scratch/file" -H "Repr-Digest: sha-256=abc"
check "an empty file is a file" answers 201 PUT /v1/files/empty -T /dev/null
check "of length 0" test "$(curl -s "$base/v1/files/empty" | wc -c)" = 0
check "chunked content is stored whole" bash -c "curl -s -T - $base/v1/files/chunked <$scratch/file >/dev/null; curl -s $base/v1/files/chunked | cmp - $scratch/file"
check "a name with .. answers 400" problem_is validation_error 400 PUT /v1/files/a/%2e%2e/b -T "$scratch/other"
check "a name with a control character answers 400" answers 400 PUT /v1/files/a%0Ab -T "$scratch/other"
code PUT /v1/files/slash%2Fed -T "$scratch/other" >/dev/null
check "%2F and / are the same name" answers 200 GET /v1/files/slash/ed
check "an unknown address answers 404" problem_is not_found 404 GET /v1/nothing
check "a known address with another method answers 405" problem_is method_not_allowed 405 PATCH /v1/files/a
for i in 1 2 3 4 5; do curl -s -T "$scratch/other" "$base/v1/files/list/$i" >/dev/null; done
check "a list is paged by its cursor" bash -c "
    first=\$(curl -s '$base/v1/files?prefix=list/&limit=3'); cursor=\$(jq -r .cursor <<<\"\$first\")
    second=\$(curl -s \"$base/v1/files?prefix=list/&limit=3&cursor=\$cursor\")
    jq -se '[.[].files[].path] == [\"list/1\",\"list/2\",\"list/3\",\"list/4\",\"list/5\"]' <<<\"\$first\$second\""
for bad in zz 6 6100 00; do check "the made-up cursor $bad answers 400" answers 400 GET "/v1/files?cursor=$bad"; done

moves() { code POST /v1/moves -H 'Content-Type: application/json' --data-binary "$1"; }
moves_answer() { local got; got=$(moves "$2"); [ "$got" = "$1" ] || { echo "got $got"; cat "$scratch/body"; return 1; }; }
for i in 1 2 3; do curl -s -T "$scratch/other" "$base/v1/files/from/$i" >/dev/null; done
check "a batch of moves answers 200" moves_answer 200 '{"moves":[{"from":"from/1","to":"to/1"},{"from":"to/1","to":"to/2"}]}'
check "and tells each new version" jq -e '.moved == 2 and .results[1].version == 1 and .results[1].status == 200' "$scratch/body"
check "the content is under the last name" bash -c "curl -s $base/v1/files/to/2 | cmp - $scratch/other"
check "and no more under the first" answers 404 GET /v1/files/from/1
check "a batch with an absent name answers 404" moves_answer 404 '{"moves":[{"from":"from/2","to":"to/3"},{"from":"none","to":"to/4"}]}'
check "and did none of it" answers 404 GET /v1/files/to/3
check "a batch onto a taken name answers 409" moves_answer 409 '{"moves":[{"from":"from/2","to":"to/3"},{"from":"from/3","to":"to/2"}]}'
check "and left the names where they were" answers 200 GET /v1/files/from/2
check "a batch that is not atomic does what it can" moves_answer 200 '{"atomic":false,"moves":[{"from":"none","to":"to/5"},{"from":"from/3","to":"to/2"},{"from":"from/2","to":"to/3"}]}'
check "and answers for each" jq -e '.moved == 1 and [.results[].status] == [404,409,200]' "$scratch/body"
check "moving back to an old name goes on with its numbers" bash -c "curl -s $base/v1/moves -d '{\"moves\":[{\"from\":\"to/3\",\"to\":\"from/2\"}]}' | jq -e '.results[0].version == 2'"
for bad in 'x' '[]' '{}' '{"moves":[]}' '{"moves":[{"from":"a"}]}' '{"moves":[{"from":"a","to":"a"}]}' '{"moves":[{"from":"a","to":"../b"}]}' \
    '{"moves":[{"from":"a","to":"b"}],"atomic":1}' '{"moves":[{"from":"a","to":"b"}],"more":1}'; do
    check "the batch $bad answers 400" moves_answer 400 "$bad"
done
jq -nc '{moves: [range(1001) | {from: "a\(.)", to: "b\(.)"}]}' >"$scratch/many"
check "1001 moves answer 400" moves_answer 400 "@$scratch/many"
head -c 5000000 /dev/zero | tr '\0' ' ' >"$scratch/many"
check "a batch of 5 MB answers 413" moves_answer 413 "@$scratch/many"

share() { curl -s "$base/v1/shares" -d "$1" | jq -r .token; }
token=$(share '{"path":"to/2","expires_in":60,"max_downloads":50}')
# Each of 200 connections has sent all of its request but the last byte before any is ended.
download_many() {
    local sockets=() fd
    for _ in $(seq 200); do
        exec {fd}<>"/dev/tcp/127.0.0.1/$port"
        printf 'GET /s/%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r' "$token" >&"$fd"
        sockets+=("$fd")
    done
    for fd in "${sockets[@]}"; do printf '\n' >&"$fd"; done
    for fd in "${sockets[@]}"; do
        head -n 1 <&"$fd" | cut -d' ' -f2
        exec {fd}>&-
    done | sort | uniq -c | xargs
}
check "HEAD of a share answers 200" head_answers 200 "/s/$token"
check "a range outside answers 416" answers 416 GET "/s/$token" -r 999999-
code GET "/s/$token" -H 'If-None-Match: *' >/dev/null
check "none of these uses up a download" bash -c "curl -s $base/v1/shares/$token | jq -e '.downloads == 0 and .state == \"live\"'"
check "of 200 downloads at once exactly 50 succeed" test "$(download_many)" = "50 200 150 410"
check "an exhausted share says so" problem_is share_exhausted 410 GET "/s/$token"
check "and HEAD answers 410 too" head_answers 410 "/s/$token"
token=$(share '{"path":"to/2"}')
check "a share brings the bytes of its file" bash -c "curl -s $base/s/$token | cmp - $scratch/other"
curl -s -o /dev/null -X DELETE "$base/v1/shares/$token"
token=$(share '{"path":"to/2","expires_in":1}')
check "an expired share says so" wait_until 10 problem_is share_expired 410 GET "/s/$token"
token=$(share '{"path":"to/2"}')
check "a part counts as a download" answers 206 GET "/s/$token" -r 0-9
check "and is counted" bash -c "curl -s $base/v1/shares/$token | jq -e '.downloads == 1'"
check "a share is deleted" answers 204 DELETE "/v1/shares/$token"
check "a deleted share says so" problem_is share_deleted 410 GET "/s/$token"
check "a share that never was answers 404" problem_is not_found 404 GET /s/none
check "showing it answers 404" answers 404 GET /v1/shares/none
check "deleting it answers 404" answers 404 DELETE /v1/shares/none
check "a share of an absent file answers 404" answers 404 POST /v1/shares -d '{"path":"none"}'
for bad in x '{}' '{"path":"../a"}' '{"path":"a","expires_in":0}' '{"path":"a","max_downloads":1.5}' '{"path":"a","more":1}'; do
    check "the share $bad answers 400" answers 400 POST /v1/shares -d "$bad"
done
printf '{"path":"none","max_downloads":1\0}' >"$scratch/nul.json"
check "a NUL byte behind a number is no JSON" answers 400 POST /v1/shares --data-binary "@$scratch/nul.json"
check "stats count what there is" bash -c "curl -s $base/v1/admin/stats | jq -e '.files > 5 and .versions > .files and .shares == 4 and .bytes > 0'"

# --- the cache: it may save work, never change an answer ---

metric() { curl -sS "$base/metrics" | sed -n "s/^$1 //p"; }
for i in 1 2 3; do head -c 5000 /dev/urandom >"$scratch/hot.$i"; done
code PUT /v1/files/hot -T "$scratch/hot.1" >/dev/null
brings() { curl -sS "${@:2}" "$base/v1/files/hot" | cmp - "$1"; }
check "a file is read from the disk" brings "$scratch/hot.1"
hits=$(metric ordeal_cache_hits_total)
check "and then from memory" brings "$scratch/hot.1"
check "which the metrics tell" test "$(metric ordeal_cache_hits_total)" -gt "$hits"
check "a part comes from memory as well" bash -c "curl -s -r 100-199 $base/v1/files/hot | cmp - <(tail -c +101 $scratch/hot.1 | head -c 100)"
code PUT /v1/files/hot -T "$scratch/hot.2" >/dev/null
check "what was written over is never brought" brings "$scratch/hot.2"
check "but by its version" bash -c "curl -s '$base/v1/files/hot?version=1' | cmp - $scratch/hot.1"
code DELETE /v1/files/hot >/dev/null
check "nor is what was deleted" answers 404 GET /v1/files/hot
check "warming brings files into memory" bash -c "curl -s -X POST '$base/v1/admin/cache/warm' | jq -e '.files > 5 and .bytes > 0 and .bytes <= .bytes_most'"
check "warming a prefix that is none answers 400" answers 400 POST '/v1/admin/cache/warm?prefix=%2'

trace=0123456789abcdef0123456789abcdef
code GET /v1/files/none -H "traceparent: 00-$trace-0123456789abcdef-01" >/dev/null
check "the caller's trace id comes back" test "$(jq -r .trace_id "$scratch/body")" = $trace
# An answer comes before its request is logged and counted.
check "and stands in the log with its kind" wait_until 10 bash -c "grep $trace $scratch/stderr | jq -e '.kind == \"not_found\" and .status == 404'"
check "metrics count by route and code" wait_until 10 bash -c "curl -s $base/metrics | grep -F 'ordeal_requests_total{method=\"DELETE\",route=\"/v1/files/{path}\",code=\"204\"} 2'"

check "and files by their size" bash -c "curl -s $base/metrics | grep -E 'ordeal_file_bytes_bucket.le=.4096.} [1-9]'"

# raw "bytes": the status lines that come back.
raw() { timeout 10 bash -c "exec 3<>/dev/tcp/127.0.0.1/$port; printf '$1' >&3; cat <&3" | tr -d '\r\000' | grep -a '^HTTP/'; }
one_400() { [ "$(raw "$1" | cut -d' ' -f2 | xargs)" = "$2" ]; }
check "two Content-Length are refused once" one_400 'PUT /v1/files/r HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nabc' 400
check "Content-Length beside Transfer-Encoding is refused" one_400 'PUT /v1/files/r HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n' 400
check "an unknown Transfer-Encoding is refused" one_400 'PUT /v1/files/r HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\nabc' 501
check "Expect without content is refused, though more follows" one_400 'PUT /v1/files/r HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n\r\nGET /livez HTTP/1.1\r\nHost: x\r\n\r\n' 400
check "a missing Host is refused" one_400 'GET /livez HTTP/1.1\r\nConnection: close\r\n\r\n' 400
check "Transfer-Encoding before HTTP/1.1 is refused" one_400 'PUT /v1/files/r HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n' 400
check "an address with its host is as good as without" one_400 'GET http://x/livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n' 200
check "a control character in a field is refused" one_400 'GET /livez HTTP/1.1\r\nHost: x\r\nX-A: a\001b\r\nConnection: close\r\n\r\n' 400
check "65 fields are refused" one_400 "GET /livez HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n$(printf 'X-%s: 1\\r\\n' {1..63})\\r\\n" 431
check "a field of 9000 bytes is refused" one_400 "GET /livez HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\nX-Long: $(printf '%09000d' 0)\\r\\n\\r\\n" 431
check "none of them stored anything" answers 404 GET /v1/files/r

# Not in check: only the shell that started it can wait for it.
if stop_server; then ok "it stops on SIGTERM with code 0"; else not_ok "it stops on SIGTERM with code 0"; fi
start_server
check "what was stored is there after a restart" bash -c "curl -s $base/v1/files/chunked | cmp - $scratch/file"
kill -9 "$server"; wait "$server" 2>/dev/null || true
echo junk >"$scratch/data/tmp/left.part"
mkdir -p "$scratch/data/blobs/00"
echo junk >"$scratch/data/blobs/00/00000000000000000000000000000000"
start_server
check "temporary files of an earlier life are removed" test ! -e "$scratch/data/tmp/left.part"
check "blobs that nothing names are removed" test ! -e "$scratch/data/blobs/00/00000000000000000000000000000000"
check "what was stored is there after kill -9" bash -c "curl -s $base/v1/files/chunked | cmp - $scratch/file"

for i in $(seq 40); do curl -s -T "$scratch/other" "$base/v1/files/here/$i" >/dev/null; done
jq -nc '{moves: [range(1;41) | {from: "here/\(.)", to: "there/\(.)"}]}' >"$scratch/go"
jq -nc '{moves: [range(1;41) | {from: "there/\(.)", to: "here/\(.)"}]}' >"$scratch/back"
listed() { curl -s "$base/v1/files?prefix=$1/" | jq '.files | length'; }
# Whole: all of the batch in one place, none in the other.
batch_is_whole() { local both; both="$(listed here) $(listed there)"; [ "$both" = "40 0" ] || [ "$both" = "0 40" ] || { echo "$both"; return 1; }; }
for round in 1 2 3; do
    (while curl -s "$base/v1/moves" -d "@$scratch/go" && curl -s "$base/v1/moves" -d "@$scratch/back"; do :; done) >"$scratch/moved" 2>&1 &
    mover=$!
    wait_until 10 test -s "$scratch/moved"
    kill -9 "$server"; wait "$server" 2>/dev/null || true
    wait "$mover" || true
    start_server
    check "kill -9 amid moves leaves a whole batch (round $round)" batch_is_whole
done
rm -rf "$scratch/data/blobs" "$scratch/data/tmp"
check "vanished directories are made again" answers 201 PUT /v1/files/after -T "$scratch/other"
stop_server
start_server
# Head, part of the content and the end of the connection come together, so that one read takes them all.
walk_away() {
    exec 3<>"/dev/tcp/127.0.0.1/$port"
    printf 'PUT /v1/files/left HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n%3000s' x >&3
    exec 3>&-
}
for _ in $(seq 50); do walk_away; done
check "clients that walk away are noticed at once" wait_until 5 bash -c \
    "curl -s $base/metrics | grep -Fx 'ordeal_requests_abandoned_total 50'"
check "they leave no temporary file" bash -c "[ -z \"\$(ls -A $scratch/data/tmp)\" ]"
stop_server
start_server --max-file-size 1KiB
check "a file over the limit answers 413" problem_is file_too_large 413 PUT /v1/files/big -T "$scratch/other"
check "and so does one of unknown length" bash -c "[ \$(curl -s -o /dev/null -w '%{http_code}' -T - $base/v1/files/big <$scratch/other) = 413 ]"
check "the name stays free" answers 404 GET /v1/files/big
stop_server
start_server --rate 1 --burst 5
# Six by one curl: where six of them take a second, a token has flowed in for the last.
check "a client that asks too often gets 429" problem_is rate_limited 404404404404404429 GET '/v1/files/{a,b,c,d,e,f}'
check "and is told when to come back" test "$(header Retry-After)" -ge 1
check "health is asked without a token" answers 200 GET /livez
check "a bucket that is not full is counted" bash -c "curl -s $base/metrics | grep -Fx 'ordeal_rate_buckets 1'"
check "tokens flow in again" wait_until 20 answers 404 GET /v1/files/none
stop_server
start_server --request-grace 1 --least-rate 1KiB
# Sends the bytes of $1 at $2 bytes each 0.1 s; ends when the server closes, or after 15 s.
# shellcheck disable=SC2016  # the inner shell expands them
drip() { timeout 15 bash -c 'exec 3<>/dev/tcp/127.0.0.1/$0; printf "$1" >&3; while printf "$2" >&3; do sleep 0.1; done' "$port" "$1" "$2" 2>/dev/null; }
is_cut() { local code=0; drip "$@" || code=$?; [ "$code" -ne 124 ] || { echo "it lived on"; return 1; }; }
check "a head that drips does not live for ever" is_cut 'GET /livez HTTP/1.1\r\nX-A: ' a
check "content that drips does not either" is_cut 'PUT /v1/files/drip HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n' a
check "and it stored nothing" answers 404 GET /v1/files/drip
check "the cut is counted" bash -c "curl -s $base/metrics | grep -Fx 'ordeal_deadline_closed_total 2'"
check "slow but steady content is taken" bash -c "[ \$(curl -s -o /dev/null -w '%{http_code}' --limit-rate 25K -T $scratch/file $base/v1/files/steady) = 201 ]"
check "no temporary file stays" bash -c "[ -z \"\$(ls -A $scratch/data/tmp)\" ]"
stop_server
check "a bad flag exits with 2" expect_code 2 "$ORDEAL_BIN/ordeal-reference" --prot 1
check "a bad number exits with 2" expect_code 2 "$ORDEAL_BIN/ordeal-reference" --data "$scratch/x" --port 99999
check "no data directory exits with 2" expect_code 2 "$ORDEAL_BIN/ordeal-reference" --port 0
finish_cases
