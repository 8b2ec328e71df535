#!/bin/bash
# Drives the accounts, tokens, plans and quotas of the built reference server with curl.
set -euo pipefail
# shellcheck source=ci/lib.sh
source "$ORDEAL_SOURCE/ci/lib.sh"
make_scratch

start_server() {
    : >"$scratch/stdout"
    "$ORDEAL_BIN/ordeal-reference" --port 0 --data "$scratch/data" "$@" >"$scratch/stdout" 2>>"$scratch/stderr" &
    server=$!
    wait_until 20 grep -q "listening on" "$scratch/stdout"
    base=http://127.0.0.1:$(sed -E 's/.*://' "$scratch/stdout")
}
stop_server() {
    kill "-$1" "$server"
    wait "$server" 2>/dev/null || [ "$1" = KILL ]
}
# answers STATUS METHOD PATH [curl arguments]; as the account whose token is in $token.
answers() {
    local wanted=$1 method=$2 path=$3 got
    local -a how=(-X "$method")
    shift 3
    [ "$method" != HEAD ] || how=(--head)
    [ -z "$token" ] || how+=(-H "Authorization: Bearer $token")
    got=$(curl -sS -o "$scratch/body" -D "$scratch/head" -w '%{http_code}' "${how[@]}" "$@" "$base$path")
    [ "$got" = "$wanted" ] || { echo "got $got instead of $wanted"; cat "$scratch/body"; return 1; }
}
problem_is() { answers "${@:2}" && [ "$(jq -r .code "$scratch/body")" = "$1" ]; }
said() { jq -ce "$1" "$scratch/body"; }
header() { grep -i "^$1:" "$scratch/head" | head -n1 | sed -E 's/^[^:]*: *//; s/\r$//'; }
register() { answers "$1" POST /v1/register -d "$(jq -nc --arg a "$2" --arg p "$3" --arg n "${4:-}" '{account: $a, password: $p} + if $n == "" then {} else {plan: $n} end')"; }
login() { answers "$1" POST /v1/login -d "$(jq -nc --arg a "$2" --arg p "$3" '{account: $a, password: $p}')"; }
# become NAME [PLAN]: a new account, logged in.
become() {
    token=""
    register 201 "$1" "secret of $1" "${2:-Free}" && login 200 "$1" "secret of $1" && token=$(jq -r .token "$scratch/body")
}
uses() { answers 200 GET /v1/usage && said ".used == $1"; }
body_of() { curl -sS -H "Authorization: Bearer $token" "$base$1"; }

token=""
head -c 40000 /dev/urandom >"$scratch/forty"
head -c 90000 /dev/urandom >"$scratch/ninety"
head -c 15000000 /dev/zero >"$scratch/large"
start_server --admin-token administers
check "without log-in a file answers 401" problem_is unauthorized 401 GET /v1/files/a
check "and how to log in is told" test "$(header WWW-Authenticate)" = Bearer
check "and a PUT, before its content is read" problem_is unauthorized 401 PUT /v1/files/a -T "$scratch/forty"
check "and channels, and moves" problem_is unauthorized 401 POST /v1/channels/a/samples -d '{"timestamp":1}'
for open in /livez /readyz /metrics /v1/version; do check "$open needs no log-in" answers 200 GET "$open"; done
check "the version names accounts" bash -c "curl -s $base/v1/version | jq -e '.capabilities | index(\"accounts\")'"
for bad in x '{}' '{"account":"a"}' '{"account":"a b","password":"12345678"}' '{"account":"a","password":"short"}' '{"account":"","password":"12345678"}' \
    '{"account":"a","password":"12345678","plan":"None"}' '{"account":"a","password":"12345678","more":1}' '{"account":"a","password":"12345678","plan":5}'; do
    check "the registration $bad answers 400" problem_is validation_error 400 POST /v1/register -d "$bad"
done
check "an account is made" register 201 alice "alice's secret" Free
check "with its plan" said '.account == "alice" and .plan == "Free" and .used == 0 and .quota == 100000000 and .max_file_size == 10000000'
check "a taken name answers 409" problem_is conflict 409 POST /v1/register -d '{"account":"alice","password":"another one"}'
check "a wrong password answers 401" login 401 alice "not her secret"
check "an unknown account as well" login 401 nobody "not her secret"
check "the right one 200" login 200 alice "alice's secret"
token=$(jq -r .token "$scratch/body")
check "with a token that expires" said '.token_type == "Bearer" and .expires_in == 86400 and (.expires_at | length) > 10'
check "no password is kept" bash -c "! grep -rqF \"alice's secret\" $scratch/data $scratch/stderr"
check "and no token" bash -c "! grep -rqF -- '$token' $scratch/data $scratch/stderr"
alice=$token
check "with the token a file is taken" answers 201 PUT /v1/files/notes -T "$scratch/forty"
check "and told under its name" said '.path == "notes"'
check "and brought back" bash -c "curl -s -H 'Authorization: Bearer $token' $base/v1/files/notes | cmp - $scratch/forty"
check "and counted" uses 40000
token=made-up
check "a made-up token answers 401" problem_is unauthorized 401 GET /v1/files/notes

become bob
check "another account does not see it" answers 404 GET /v1/files/notes
check "nor its versions" answers 404 GET /v1/versions/notes
check "nor in a listing" bash -c "curl -s -H 'Authorization: Bearer $token' $base/v1/files | jq -e '.files == []'"
check "and has the name free" answers 201 PUT /v1/files/notes -T "$scratch/ninety"
check "for itself" bash -c "curl -s -H 'Authorization: Bearer $alice' $base/v1/files/notes | cmp - $scratch/forty"
check "a channel is the account's own" answers 200 POST /v1/channels/pulse/samples -d '{"timestamp":1}'
answers 201 POST /v1/shares -d '{"path":"notes"}'
share=$(jq -r .token "$scratch/body")
answers 201 POST /v1/uploads -H 'Tus-Resumable: 1.0.0' -H 'Upload-Length: 5' -H "Upload-Metadata: filename $(printf up | base64)"
upload=$(header Location)
check "a move stays in the account" answers 200 POST /v1/moves -d '{"moves":[{"from":"notes","to":"kept"}]}'
check "and tells its names" said '.results[0].from == "notes" and .results[0].to == "kept"'
check "and uses no more" uses 90000
answers 200 POST /v1/moves -d '{"moves":[{"from":"kept","to":"notes"}]}'
check "a listing has the account's names" bash -c "curl -s -H 'Authorization: Bearer $token' $base/v1/files | jq -e '[.files[].path] == [\"notes\"]'"
cursor=$(body_of /v1/changes | jq -r .cursor)
answers 201 PUT /v1/files/told -T "$scratch/forty"
told=$(body_of "/v1/changes?cursor=$cursor")
check "its changes are told under their names" jq -e '[.changes[].path] == ["told"]' <<<"$told"
token=$alice
body_of "/v1/changes?cursor=$cursor&wait=20" >"$scratch/alices" &
waiting=$!
wait_until 10 bash -c "curl -s $base/metrics | grep -Fx 'ordeal_watchers 1'"
answers 204 DELETE /v1/files/notes
wait "$waiting"
check "and to nobody else, whose own end the wait" jq -e '[.changes[] | [.type, .path]] == [["delete", "notes"]]' "$scratch/alices"
answers 200 PUT /v1/files/notes -T "$scratch/forty"
check "others do not see the channel" answers 404 GET /v1/channels/pulse/samples
check "nor the share" answers 404 GET "/v1/shares/$share"
check "nor take it back" answers 404 DELETE "/v1/shares/$share"
check "nor the upload" answers 404 HEAD "$upload" -H 'Tus-Resumable: 1.0.0'
check "nor end it" answers 404 DELETE "$upload" -H 'Tus-Resumable: 1.0.0'
token=""
check "but who has the share's token downloads it, without log-in" bash -c "curl -s $base/s/$share | cmp - $scratch/ninety"
check "administration needs its token" problem_is unauthorized 401 POST /v1/admin/cleanup
token=$alice
check "an account's does not do" problem_is forbidden 403 POST /v1/admin/cleanup
token=administers
check "its own does" answers 200 POST /v1/admin/cleanup
check "and for nothing else" answers 401 GET /v1/files

token=$alice
too_large="File size (15 MB) exceeds the limit of plan Free (10 MB)"
refused_as_too_large() { problem_is file_too_large 413 "$@" && [ "$(jq -r .detail "$scratch/body")" = "$too_large" ]; }
check "a file above the plan's limit is refused with both sizes" refused_as_too_large PUT /v1/files/large -T "$scratch/large"
check "also when its length is not told" refused_as_too_large PUT /v1/files/large -H 'Transfer-Encoding: chunked' -T "$scratch/large"
check "also on the way of pieces" refused_as_too_large POST /v1/uploads -H 'Tus-Resumable: 1.0.0' -H 'Upload-Length: 15000000' -H "Upload-Metadata: filename $(printf large | base64)"
check "and stored nowhere" answers 404 GET /v1/files/large

become carol Trial
fill() { for i in $(seq 11); do answers 201 PUT "/v1/files/fill/$i" -T "$scratch/ninety" || return 1; done; }
check "a quota is used up to its last file" fill
check "the next is refused as over the quota" problem_is quota_exceeded 413 PUT /v1/files/fill/12 -T "$scratch/ninety"
check "also when its length is not told" problem_is quota_exceeded 413 PUT /v1/files/fill/12 -H 'Transfer-Encoding: chunked' -T "$scratch/ninety"
check "also on the way of pieces" problem_is quota_exceeded 413 POST /v1/uploads -H 'Tus-Resumable: 1.0.0' -H 'Upload-Length: 90000' -H "Upload-Metadata: filename $(printf x | base64)"
check "and nothing of it counts" uses 990000
check "replacing a file takes no more" answers 200 PUT /v1/files/fill/1 -T "$scratch/ninety"
check "a smaller one gives back" answers 200 PUT /v1/files/fill/1 -T "$scratch/forty"
check "what it does not need" uses 940000
check "which others may use" answers 201 PUT /v1/files/fill/12 -T "$scratch/forty"
check "restoring a larger version is refused over the quota" problem_is quota_exceeded 413 POST '/v1/restore/fill/1?version=1'
check "deleting gives back" answers 204 DELETE /v1/files/fill/2
check "all of it" uses 890000
check "then the version comes back" answers 200 POST '/v1/restore/fill/1?version=1'
answers 201 POST /v1/uploads -H 'Tus-Resumable: 1.0.0' -H 'Upload-Length: 40000' -H "Upload-Metadata: filename $(printf late | base64)"
late=$(header Location)
check "the room that an upload counted on may be gone" answers 201 PUT /v1/files/fill/13 -T "$scratch/forty"
check "then its last piece is refused" problem_is quota_exceeded 413 PATCH "$late" -H 'Tus-Resumable: 1.0.0' -H 'Upload-Offset: 0' -H 'Content-Type: application/offset+octet-stream' --data-binary "@$scratch/forty"
check "and the file is not there" answers 404 GET /v1/files/late

become dave Trial
race() {
    local urls=() i
    for i in $(seq 100); do urls+=(-T "$scratch/forty" -o /dev/null "$base/v1/files/race/$i"); done
    curl -sS -Z --parallel-immediate --parallel-max 100 -w '%{http_code}\n' -H "Authorization: Bearer $token" "${urls[@]}" 2>/dev/null | sort | uniq -c | xargs
}
check "of a hundred writers at once as many succeed as the quota has room for" test "$(race)" = "25 201 75 413"
check "and it is used to the byte" uses 1000000

stop_server TERM
start_server
become eve
stop_server KILL
start_server --token-ttl 1
check "accounts and tokens live through kill -9" answers 200 GET /v1/usage
login 200 eve "secret of eve"
token=$(jq -r .token "$scratch/body")
check "a token ends" wait_until 10 problem_is token_expired 401 GET /v1/usage
stop_server TERM
start_server --no-auth
token=""
check "with --no-auth there are no accounts" answers 404 POST /v1/register -d '{"account":"a","password":"12345678"}'
check "and no usage" answers 404 GET /v1/usage
check "and all need no log-in" answers 200 GET /v1/files
stop_server TERM
finish_cases
