#!/bin/bash
# Drives the channels of samples of the built reference server with curl.
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
# append STATUS CHANNEL BODY: BODY as curl's --data-binary takes it.
append() {
    local got
    got=$(curl -sS -o "$scratch/body" -w '%{http_code}' -H 'Content-Type: application/json' --data-binary "$3" "$base/v1/channels/$2/samples")
    [ "$got" = "$1" ] || { echo "got $got instead of $1"; cat "$scratch/body"; return 1; }
}
refused() { append 400 refused "$1" && jq -e '.code == "validation_error"' "$scratch/body"; }
page() { curl -sS "$base/v1/channels/$1/samples${2:-}"; }
page_is() { page "$1" "${3:-}" | jq -ce "$2"; }
answers() {
    local got
    got=$(curl -sS -o "$scratch/body" -w '%{http_code}' "$base$2")
    [ "$got" = "$1" ] || { echo "got $got instead of $1"; cat "$scratch/body"; return 1; }
}
said() { jq -ce "$1" "$scratch/body"; }
resident() { curl -sS "$base/metrics" | sed -n 's/^process_resident_memory_bytes //p'; }
# many FIRST COUNT: so many samples with increasing timestamps.
many() { seq "$1" $(($1 + $2 - 1)) | awk 'BEGIN { printf "[" } { printf "%s{\"timestamp\":%d,\"value\":%d.5}", (NR > 1 ? "," : ""), $1, $1 } END { printf "]" }'; }

start_server --max-file-size 100MiB
check "a channel that nobody wrote answers 404" answers 404 /v1/channels/none/samples
check "one sample is taken" append 200 one '{"timestamp": 1.5, "value": -2e3}'
check "and counted" said '.accepted == 1 and .total == 1 and .dropped == 0 and .channel == "one"'
check "many are taken" append 200 one '[{"timestamp":2,"value":1},{"timestamp":3,"tags":["a",{"b":null}],"ok":true}]'
check "they are read in order, as they were sent" page_is one '.samples == [{"timestamp":1.5,"value":-2000},{"timestamp":2,"value":1},{"timestamp":3,"tags":["a",{"b":null}],"ok":true}] and .total == 3 and .first == 0'
check "another channel has none of them" answers 404 /v1/channels/two/samples
check "a name in other letters is another channel" append 200 'h%C3%BCgel%20%F0%9F%8C%84' '{"timestamp": 1}'
check "and comes back" page_is 'h%C3%BCgel%20%F0%9F%8C%84' '.channel == "hügel 🌄"'
check "a name with a slash answers 400" append 400 'a%2Fb' '{"timestamp": 1}'
check "a page that is no page answers 400" answers 400 '/v1/channels/one/samples?limit=1001'
check "nor a cursor that is none" answers 400 '/v1/channels/one/samples?cursor=x'

for bad in '' '[]' '5' '[5]' '{}' '[{}]' '{"timestamp":0}' '{"timestamp":-1}' '{"timestamp":"1"}' '{"timestamp":null}' '{"timestamp":[1]}' \
    '{"timestamp":1e-999}' '{"timestamp":1e999}' '{"timestamp":1,"value":1e999}' '{"timestamp":1,"value":NaN}' '{"timestamp":1,"value":01}' \
    '{"timestamp":1,"timestamp":2}' '{"timestamp":1,"a":{"b":1,"b":2}}' '{"timestamp":1,"a":1,"\u0061":2}' '[[{"timestamp":1}]]' \
    '{"timestamp":1,"a":[[[[[[[[1]]]]]]]]}' '{"timestamp":1}{"timestamp":2}' '[{"timestamp":1}' '[{"timestamp":1},]' '{"timestamp":1,"a":"\ud800"}' \
    '{"timestamp":1,"a":"\udc00"}' '{"timestamp":1,"a":"\ud800x"}' '{"timestamp":1,"a":"\ud800\ud800"}' '{"timestamp":1,"\ud83d\n":1}' \
    '{"timestamp":1} // no' '[{"timestamp":1},5]'; do
    check "the samples $bad answer 400" refused "$bad"
done
raw_refused() { printf '%b' "$1" >"$scratch/raw" && refused "@$scratch/raw"; }
check "an overlong character answers 400" raw_refused '{"timestamp":1,"a":"\xc0\xaf"}'
check "a surrogate as UTF-8 answers 400" raw_refused '{"timestamp":1,"a":"\xed\xa0\x80"}'
check "half a character answers 400" raw_refused '{"timestamp":1,"a":"\xe2\x82'
check "a sample of 2 KiB and more answers 400" refused "{\"timestamp\":1,\"a\":\"$(printf '%02048d' 0)\"}"
check "a sample of 65 keys answers 400" refused "{\"timestamp\":1$(for i in $(seq 64); do printf ',"k%d":1' "$i"; done)}"
check "a number of 65 digits answers 400" refused "{\"timestamp\":1,\"a\":$(printf '1%064d' 0)}"
check "nothing of them was kept" answers 404 /v1/channels/refused/samples
check "a whole pair of surrogates is a character" append 200 pair '{"timestamp":1,"a":"\ud83c\udf04\\u"}'
check "and comes back as one" page_is pair '.samples[0].a == "🌄\\u"'

check "a thousand fit" append 200 full "$(many 1 1000)"
stop_server TERM
start_server --max-file-size 100MiB
check "the next pushes out the oldest" append 200 full '{"timestamp":1001}'
check "and is told" said '.total == 1001 and .dropped == 1'
check "the last thousand are there, in order" page_is full '[.samples[].timestamp] == [range(2; 1002)] and .first == 1'
check "a page has as many as asked for" page_is full '[.samples[].timestamp] == [2,3,4] and .cursor == "4"' '?limit=3'
check "and its cursor leads on" page_is full '[.samples[].timestamp] == [5,6]' '?limit=2&cursor=4'
check "the last page has no cursor" page_is full '[.samples[].timestamp] == [1001] and .cursor == null' '?limit=9&cursor=1000'
check "after the last there is nothing" page_is full '.samples == []' '?cursor=1001'

# Ten windows on the same channels: every one of 20 x 10 appends of 3 is there once and whole.
window() { for i in $(seq 20); do append 200 "shared" "[{\"timestamp\":$i,\"w\":$1,\"i\":0},{\"timestamp\":$i,\"w\":$1,\"i\":1},{\"timestamp\":$i,\"w\":$1,\"i\":2}]" >"$scratch/window.$1.$i" || touch "$scratch/window.failed"; done; }
for w in 1 2 3 4 5 6 7 8 9 10; do
    scratch_of=$scratch/w$w
    mkdir "$scratch_of"
    (scratch=$scratch_of window "$w") &
    windows+=($!)
done
wait "${windows[@]}"
check "ten windows that write one channel lose nothing" page_is shared '.total == 600 and ([.samples[] | [.w, .timestamp, .i]] | unique | length) == 600'
check "and keep each append together and in order" page_is shared '[.samples | _nwise(3) | (.[0].w == .[1].w and .[1].w == .[2].w and map(.i) == [0,1,2])] | all'

stop_server KILL
start_server --max-file-size 100MiB
check "samples live through kill -9" page_is full '.total == 1001 and (.samples | length) == 1000'

document=$(grep -l '"channel":"full"' "$scratch"/data/channels/*)
check "a document is JSON" jq -e '.samples | length == 1000' "$document"
cp "$document" "$scratch/whole"
truncate -s -100 "$document"
check "a document that was cut is not served" answers 500 /v1/channels/full/samples
check "but named" said '.code == "storage_error"'
check "and not built upon" append 500 full '{"timestamp":1}'
sed 's/"timestamp":500,/"timestamp":501,/' "$scratch/whole" >"$document"
check "nor one whose bytes were changed" answers 500 /v1/channels/full/samples
cp "$scratch/whole" "$document"
check "whole again it is" answers 200 /v1/channels/full/samples
rm -rf "$scratch/data/channels" "$scratch/data/tmp"
check "a channel whose document vanished does not look as if it never was" answers 500 /v1/channels/full/samples
check "a vanished directory is made again" append 200 again '{"timestamp":1}'
check "and served from" page_is again '.total == 1'
check "a channel whose document vanished begins anew" append 200 full '{"timestamp":5}'
check "and is served" page_is full '[.samples[].timestamp] == [5]'

many 1 50000 >"$scratch/many"
check "50 000 in one go are taken" append 200 huge "@$scratch/many"
check "of which the last thousand stay" page_is huge '.total == 50000 and .dropped == 49000 and .samples[999].timestamp == 50000'
before=$(resident)
awk 'BEGIN { pad = sprintf("%0950d", 0); printf "["; for (i = 1; i <= 50000; i++) printf "%s{\"timestamp\":%d,\"value\":%d.25,\"pad\":\"%s\"}", (i > 1 ? "," : ""), i, i, pad; printf "]" }' >"$scratch/many"
check "50 MB of them in one go too" append 200 huge "@$scratch/many"
bounded() { local grown=$(($(resident) - before)); [ "$grown" -lt $((16 * 1024 * 1024)) ] || { echo "$grown bytes more"; return 1; }; }
case $(ldd "$ORDEAL_BIN/ordeal-reference") in
*libasan* | *libtsan*) skip "in bounded memory" "a sanitizer keeps what was freed; the release build tells" ;;
*) check "in bounded memory" bounded ;;
esac
stop_server TERM

head -c 5000 "$scratch/many" >"$scratch/large"
start_server --max-file-size 1KiB
check "content above the limit answers 413" append 413 large "@$scratch/large"
stop_server TERM
finish_cases
