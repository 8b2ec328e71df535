#!/bin/bash
# openapi.yaml tells the truth: it is valid, it names the routes that there are, and each status that it names is had here.
set -euo pipefail
# shellcheck source=ci/lib.sh
source "$ORDEAL_SOURCE/ci/lib.sh"
make_scratch

servers=()
# start_server NAME [flags]: its address comes into $base.
start_server() {
    local name=$1
    shift
    : >"$scratch/$name.stdout"
    "${inside[@]}" "$ORDEAL_BIN/ordeal-reference" --port 0 --data "$scratch/$name" "$@" >"$scratch/$name.stdout" 2>>"$scratch/stderr" &
    servers+=($!)
    wait_until 20 grep -q "listening on" "$scratch/$name.stdout"
    base=http://127.0.0.1:$(sed -E 's/.*://' "$scratch/$name.stdout")
}
inside=()

# gets STATUS METHOD TEMPLATE PLACE [curl arguments]: asks, and notes that this status was had.
gets() {
    local wanted=$1 method=$2 template=$3 place=$4 got
    local -a how=(-X "$method")
    shift 4
    [ "$method" != HEAD ] || how=(--head)
    got=$(curl -sS -o "$scratch/body" -D "$scratch/head" -w '%{http_code}' --path-as-is "${how[@]}" "$@" "$base$place")
    [ "$got" = "$wanted" ] || { echo "$method $place: $got instead of $wanted"; cat "$scratch/body"; return 1; }
    echo "$method $template $wanted" >>"$scratch/had"
}
header() { grep -i "^$1:" "$scratch/head" | head -n1 | sed -E 's/^[^:]*: *//; s/\r$//'; }
: >"$scratch/had"

start_server open --no-auth --max-file-size 5MB --watchers 1
curl -sS "$base/openapi.json" >"$scratch/openapi.json"
jq -r '.paths | to_entries[] | .key as $path | .value | to_entries[] | select(.key != "parameters") | "\(.key | ascii_upcase) \($path)"' \
    "$scratch/openapi.json" | sort >"$scratch/documented"
sed -n 's/^    {"\([A-Z]*\)", "\(\/[^"]*\)".*/\1 \2/p' "$ORDEAL_SOURCE/reference/routes.c" | sort >"$scratch/routes"
check "openapi.json is served" jq -e '.openapi == "3.1.0"' "$scratch/openapi.json"
check "its operations are the routes of the server" diff "$scratch/documented" "$scratch/routes"
validator=$ORDEAL_SOURCE/ci/npm/node_modules/@seriousme/openapi-schema-validator/bin/validate-api-cli.js
if command -v node >/dev/null && [ -e "$validator" ]; then
    valid() { node "$validator" "$1" | jq -e '.valid'; }
    check "openapi.yaml is OpenAPI 3.1" valid "$ORDEAL_SOURCE/reference/openapi.yaml"
    check "what is served is OpenAPI 3.1" valid "$scratch/openapi.json"
else
    skip "openapi.yaml is OpenAPI 3.1" "its validator is not installed; run ci/setup"
fi

# --- every documented status ---

printf 'some content' >"$scratch/small"
head -c 6000000 /dev/zero >"$scratch/large"
operations_can() {
    gets 200 GET /livez /livez && gets 200 GET /readyz /readyz && gets 200 GET /metrics /metrics &&
        gets 200 GET /openapi.json /openapi.json && gets 200 GET /v1/version /v1/version &&
        gets 200 GET /v1/admin/stats /v1/admin/stats && gets 200 POST /v1/admin/cleanup /v1/admin/cleanup &&
        gets 200 POST /v1/admin/cache/warm /v1/admin/cache/warm &&
        gets 400 POST /v1/admin/cache/warm '/v1/admin/cache/warm?prefix=%2'
}
files_can() {
    local file='/v1/files/{path}'
    gets 201 PUT "$file" /v1/files/a/b -T "$scratch/small" && gets 200 PUT "$file" /v1/files/a/b -T "$scratch/small" &&
        gets 400 PUT "$file" /v1/files/a/../b -T "$scratch/small" && gets 413 PUT "$file" /v1/files/a -T "$scratch/large" &&
        gets 412 PUT "$file" /v1/files/a/b -T "$scratch/small" -H 'If-None-Match: *' &&
        gets 200 GET /v1/files /v1/files && gets 400 GET /v1/files '/v1/files?limit=0' || return 1
    reads_can /v1/files/a/b /v1/files/none "$file" && gets 404 DELETE "$file" /v1/files/none &&
        gets 400 DELETE "$file" /v1/files/a//b && gets 412 DELETE "$file" /v1/files/a/b -H 'If-Match: "x"' &&
        gets 204 DELETE "$file" /v1/files/a/b
}
# reads_can THERE NOT_THERE TEMPLATE
reads_can() {
    local method
    gets 206 GET "$3" "$1" -r 1-2 && gets 416 GET "$3" "$1" -r 99- || return 1
    for method in GET HEAD; do
        gets 200 "$method" "$3" "$1" && gets 304 "$method" "$3" "$1" -H 'If-None-Match: *' &&
            gets 400 "$method" "$3" "${1%/*}//" && gets 404 "$method" "$3" "$2" &&
            gets 412 "$method" "$3" "$1" -H 'If-Match: "x"' || return 1
    done
}
versions_can() {
    gets 201 PUT '/v1/files/{path}' /v1/files/v -T "$scratch/small" && gets 200 GET '/v1/versions/{path}' /v1/versions/v &&
        gets 404 GET '/v1/versions/{path}' /v1/versions/none && gets 400 GET '/v1/versions/{path}' /v1/versions/ &&
        gets 200 POST '/v1/restore/{path}' '/v1/restore/v?version=1' && gets 404 POST '/v1/restore/{path}' '/v1/restore/v?version=9' &&
        gets 400 POST '/v1/restore/{path}' /v1/restore/v
}
moves_can() {
    local place=/v1/moves
    gets 201 PUT '/v1/files/{path}' /v1/files/m -T "$scratch/small" &&
        gets 409 POST $place $place -d '{"moves": [{"from": "m", "to": "v"}]}' &&
        gets 200 POST $place $place -d '{"moves": [{"from": "m", "to": "n"}]}' &&
        gets 404 POST $place $place -d '{"moves": [{"from": "m", "to": "o"}]}' &&
        gets 400 POST $place $place -d '{}' && gets 413 POST $place $place --data-binary "@$scratch/large"
}
tus=(-H 'Tus-Resumable: 1.0.0')
piece=("${tus[@]}" -H 'Content-Type: application/offset+octet-stream')
named=(-H "Upload-Metadata: filename $(printf u | base64)")
bad_sum='Upload-Checksum: sha1 AAAAAAAAAAAAAAAAAAAAAAAAAAA='
create() { gets 201 POST /v1/uploads /v1/uploads "${tus[@]}" "${named[@]}" -H 'Upload-Length: 12' && place=$(header Location); }
uploads_can() {
    local all=/v1/uploads
    gets 204 OPTIONS $all $all && gets 400 POST $all $all "${tus[@]}" && gets 412 POST $all $all &&
        gets 413 POST $all $all "${tus[@]}" "${named[@]}" -H 'Upload-Length: 6000000' &&
        gets 460 POST $all $all "${piece[@]}" "${named[@]}" -H 'Upload-Length: 12' -H "$bad_sum" -d piece && create
}
sessions_can() {
    local one='/v1/uploads/{id}'
    gets 200 HEAD $one "$place" "${tus[@]}" && gets 404 HEAD $one /v1/uploads/none "${tus[@]}" &&
        gets 412 HEAD $one "$place" && gets 400 HEAD $one /v1/uploads/ "${tus[@]}" &&
        gets 400 PATCH $one "$place" "${piece[@]}" -d x && gets 404 PATCH $one /v1/uploads/none "${piece[@]}" -H 'Upload-Offset: 0' -d x &&
        gets 409 PATCH $one "$place" "${piece[@]}" -H 'Upload-Offset: 3' -d x && gets 412 PATCH $one "$place" -d x &&
        gets 413 PATCH $one "$place" "${piece[@]}" -H 'Upload-Offset: 0' -d 'more than twelve bytes' &&
        gets 415 PATCH $one "$place" "${tus[@]}" -H 'Upload-Offset: 0' -d x &&
        gets 460 PATCH $one "$place" "${piece[@]}" -H 'Upload-Offset: 0' -H "$bad_sum" -d x &&
        gets 204 PATCH $one "$place" "${piece[@]}" -H 'Upload-Offset: 0' -d some &&
        gets 404 DELETE $one /v1/uploads/none "${tus[@]}" && gets 400 DELETE $one /v1/uploads/ "${tus[@]}" &&
        gets 412 DELETE $one "$place" && busy_session && gets 204 DELETE $one "$place" "${tus[@]}"
}
# While a slow piece comes in, the session is another's. Its first bytes are waited for: a DELETE before them ends the session.
busy_session() {
    exec {slow}<>"/dev/tcp/127.0.0.1/${base##*:}"
    printf 'PATCH %s HTTP/1.1\r\nHost: x\r\nTus-Resumable: 1.0.0\r\nContent-Type: application/offset+octet-stream\r\nUpload-Offset: 4\r\nContent-Length: 8\r\n\r\nbyte' "$place" >&"$slow"
    wait_until 10 grep -q somebyte "$scratch/open/uploads/${place##*/}" &&
        gets 409 DELETE '/v1/uploads/{id}' "$place" "${tus[@]}" || return 1
    exec {slow}>&-
    wait_until 10 gets 200 HEAD '/v1/uploads/{id}' "$place" "${tus[@]}" && wait_until 10 session_is_free
}
session_is_free() { gets 409 PATCH '/v1/uploads/{id}' "$place" "${piece[@]}" -H 'Upload-Offset: 3' -d x && grep -q 'Upload-Offset is not' "$scratch/body"; }
shares_can() {
    local all=/v1/shares one='/v1/shares/{token}' get='/s/{token}' token
    gets 400 POST $all $all -d '{}' && gets 404 POST $all $all -d '{"path": "none"}' &&
        gets 413 POST $all $all --data-binary "@$scratch/large" && gets 201 POST $all $all -d '{"path": "v"}' || return 1
    token=$(jq -r .token "$scratch/body")
    gets 200 GET $one "$all/$token" && gets 404 GET $one $all/none && gets 400 GET $one $all/ &&
        reads_can "/s/$token" /s/none $get && gets 404 DELETE $one $all/none && gets 400 DELETE $one $all/ &&
        gets 204 DELETE $one "$all/$token" && gets 410 GET $get "/s/$token" && gets 410 HEAD $get "/s/$token"
}
channels_can() {
    local place='/v1/channels/{id}/samples'
    gets 200 POST $place /v1/channels/c/samples -d '{"timestamp": 1}' && gets 400 POST $place /v1/channels/c/samples -d '{}' &&
        gets 413 POST $place /v1/channels/c/samples --data-binary "@$scratch/large" &&
        gets 200 GET $place /v1/channels/c/samples && gets 404 GET $place /v1/channels/none/samples &&
        gets 400 GET $place '/v1/channels/c/samples?limit=0'
}
watchers_are() { gets 200 GET /metrics /metrics && grep -qx "ordeal_watchers $1" "$scratch/body"; }
# One may watch: a poll that still leaves, or that asks before the one that waits has come, would take its place.
changes_can() {
    local place=/v1/changes cursor
    gets 400 GET $place "$place?cursor=x" && gets 410 GET $place "$place?cursor=0123456789abcdef-1" &&
        gets 200 GET $place $place && cursor=$(jq -r .cursor "$scratch/body") && wait_until 10 watchers_are 0 || return 1
    curl -sS "$base$place?cursor=$cursor" >/dev/null 2>&1 &
    wait_until 10 watchers_are 1 && gets 503 GET $place "$place?cursor=$cursor&wait=0" && kill $!
}
accounts_are_off() {
    gets 404 POST /v1/register /v1/register -d '{}' && gets 404 POST /v1/login /v1/login -d '{}' && gets 404 GET /v1/usage /v1/usage
}
check "each status of health and upkeep is had" operations_can
check "each status of files is had" files_can
check "each status of versions is had" versions_can
check "each status of moves is had" moves_can
check "each status of begun uploads is had" uploads_can
create
check "each status of upload sessions is had" sessions_can
check "each status of shares is had" shares_can
check "each status of channels is had" channels_can
check "each status of changes is had" changes_can
check "each status of accounts that are off is had" accounts_are_off

start_server short --no-auth --upload-ttl 1
create
ended_session() {
    wait_until 10 gets 410 HEAD '/v1/uploads/{id}' "$place" "${tus[@]}" && gets 410 DELETE '/v1/uploads/{id}' "$place" "${tus[@]}" &&
        gets 410 PATCH '/v1/uploads/{id}' "$place" "${piece[@]}" -H 'Upload-Offset: 0' -d x
}
check "an ended upload answers 410" ended_session
rm -rf "$scratch/short/tmp"
: >"$scratch/short/tmp"
check "a server that cannot write answers 503 to /readyz" gets 503 GET /readyz /readyz

start_server known --admin-token secret
register() { gets "$1" POST /v1/register /v1/register --data-binary "$2"; }
login() { gets "$1" POST /v1/login /v1/login --data-binary "$2"; }
ada='{"account": "ada", "password": "a long secret"}'
accounts_can() {
    local token
    register 201 '{"account": "ada", "password": "a long secret", "plan": "Trial"}' && register 409 "$ada" && register 400 '{}' && register 413 "@$scratch/large" &&
        login 200 "$ada" || return 1
    token=$(jq -r .token "$scratch/body")
    login 401 '{"account": "ada", "password": "another secret"}' && login 400 '{}' && login 413 "@$scratch/large" &&
        gets 401 GET /v1/usage /v1/usage && gets 200 GET /v1/usage /v1/usage -H "Authorization: Bearer $token"
}
# The quota is a million bytes: an old version does not fit beside what is there.
quota_can() {
    local who="Authorization: Bearer $token" i
    head -c 100000 /dev/zero >"$scratch/part"
    gets 201 PUT '/v1/files/{path}' /v1/files/old -H "$who" -T "$scratch/part" &&
        gets 200 PUT '/v1/files/{path}' /v1/files/old -H "$who" -T "$scratch/small" || return 1
    for i in 1 2 3 4 5 6 7 8 9; do gets 201 PUT '/v1/files/{path}' "/v1/files/$i" -H "$who" -T "$scratch/part" || return 1; done
    gets 201 PUT '/v1/files/{path}' /v1/files/one-more -H "$who" -T "$scratch/small" &&
        gets 413 POST '/v1/restore/{path}' '/v1/restore/old?version=1' -H "$who"
}
check "each status of accounts is had" accounts_can
token=$(curl -sS "$base/v1/login" -d "$ada" | jq -r .token)
check "a restore beyond the quota answers 413" quota_can
place_of() { sed -E 's/\{[a-z]+\}/x/g' <<<"$1"; }
# refused JQ-CONDITION STATUS: all such operations, asked without a token.
refused() {
    local method path
    while read -r method path; do
        # A token may have flowed in meanwhile; then this took it.
        gets "$2" "$method" "$path" "$(place_of "$path")" >/dev/null || gets "$2" "$method" "$path" "$(place_of "$path")" || return 1
    done < <(jq -r ".security as \$all | .paths | to_entries[] | .key as \$path | .value | to_entries[] | select(.key != \"parameters\") |
        select((.value.security // \$all) as \$s | $1) | \"\(.key | ascii_upcase) \(\$path)\"" "$scratch/openapi.json")
}
check "what asks for a bearer token answers 401 without" refused '$s == [{bearer: []}]' 401
check "what asks for an administrator answers 401 without a token" refused '$s == [{admin: []}]' 401
forbidden() { gets 403 GET /v1/admin/stats /v1/admin/stats -H "Authorization: Bearer $token"; }
check "and 403 with an account's" forbidden

start_server limited --no-auth --rate 1 --burst 1
curl -sS -o /dev/null "$base/v1/files"
limited() { refused '$s != [] or .key == "never"' 429; }
check "all but health and downloads answer 429 to who asks too often" limited

inside=(unshare --mount --map-root-user sh -c "mount -t tmpfs -o size=4m none '$scratch/full' && exec \"\$@\"" sh)
mkdir "$scratch/full"
if [ "$(id -u)" -eq 0 ]; then inside=(unshare --mount "${inside[@]:3}"); fi
if "${inside[@]}" true 2>/dev/null; then
    start_server full --no-auth
    check "a full disk answers 507" gets 507 PUT '/v1/files/{path}' /v1/files/a -T "$scratch/large"
    check "and goes on with what fits" gets 201 PUT '/v1/files/{path}' /v1/files/a -T "$scratch/small"
else
    skip "a full disk answers 507" "no mounts here; be root"
    echo 'PUT /v1/files/{path} 507' >>"$scratch/had"
fi

jq -r '.paths | to_entries[] | .key as $path | .value | to_entries[] | select(.key != "parameters") | (.key | ascii_upcase) as $method |
    .value.responses | keys[] | select(. != "default") | "\($method) \($path) \(.)"' "$scratch/openapi.json" | sort >"$scratch/promised"
sort -u "$scratch/had" >"$scratch/seen"
check "no documented status is left out here" test -z "$(comm -23 "$scratch/promised" "$scratch/seen")"
comm -23 "$scratch/promised" "$scratch/seen"
# 401, 403 and 429 are what `default` says.
undocumented() { comm -13 "$scratch/promised" "$scratch/seen" | grep -vE ' (401|403|429)$'; }
check "no status was had that is not documented" test -z "$(undocumented)"
undocumented || true
stops_in_order "the servers stop in order" "${servers[@]}"
finish_cases
