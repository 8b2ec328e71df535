#!/bin/bash
# What a run records: its counts are the target's own, its data is as production has it, however it ends.
set -euo pipefail
# shellcheck source=ci/lib.sh
source "$ORDEAL_SOURCE/ci/lib.sh"
make_scratch
cd "$scratch"
ordeal=$ORDEAL_BIN/ordeal
export XDG_RUNTIME_DIR=$scratch/runtime
mkdir -m 700 "$XDG_RUNTIME_DIR"
last_run() { ls -d "$scratch/$1"/*/ | tail -n1 | sed 's,/$,,'; }
# holds FILTER: true of the array of all records in history.json, or what stands there instead is shown.
holds() { [ "$(jq -c "$1" history.json)" = true ] || { jq -c "$1" history.json; return 1; }; }

# --- a server that runs already ---

"$ORDEAL_BIN/ordeal-reference" --port 0 --data "$scratch/data" --no-auth >server.out 2>&1 &
server=$!
wait_until 20 grep -q "listening on" server.out
port=$(sed -nE 's/.*127.0.0.1:([0-9]+).*/\1/p' server.out)
printf 'name: adopted\ndriver: reference\nurl: http://127.0.0.1:%s\nready: /readyz\npid: %s\n' "$port" "$server" >adopted.yaml
cat >calm.yaml <<'Y'
name: calm
target: ./adopted.yaml
duration: 2s
data: {keys: 400, keys_per_client: 0, sizes: ladder, names: awkward, popularity: zipf 0.99}
clients:
  - {behaviour: put-get, count: 20, reads: 2, think: 5ms}
  - {behaviour: delete-put, count: 2, think: 20ms}
  - {behaviour: conditional, count: 2, think: 20ms}
invariants: [read-integrity]
Y
# No blobs of 64 MiB: writing those would measure the disk.
sed -i 's/ladder/0..64KiB/' calm.yaml
check "a calm run against a server that runs already passes" expect_code 0 "$ordeal" run calm.yaml --runs "$scratch/calm"
"$ordeal" history "$(last_run calm)" | jq -s . >history.json
# counted METHOD: what the server says that it answered, but for what no client of ours asks.
counted() { awk -v method="method=\"$1\"" 'index($0, "ordeal_requests_total{" method) && /\/v1\/files\/\{path\}/ { sum += $2 } END { print sum + 0 }' metrics; }
same_count() { holds "[.[] | select(.kind == \"operation\" and .type == \"$2\")] | length == $(counted "$1")"; }
all_counted() { curl -s "http://127.0.0.1:$port/metrics" >metrics && same_count PUT put && same_count GET get && same_count DELETE delete; }
wait_until 10 all_counted || true # the server counts an answer a moment after it was sent
check "its PUTs are those that the server counted, exactly" same_count PUT put
check "its GETs too" same_count GET get
check "its DELETEs too" same_count DELETE delete
check "by status as well" holds "[.[] | select(.kind == \"operation\" and .type == \"put\" and .status == 412)] | length == $(awk '/method="PUT"/ && /code="412"/ { print $2 }' metrics | grep . || echo 0)"
check "the server's processes were sampled by their pid" holds '[.[] | select(.kind == "sample") | .resident > 1e6 and .threads > 1 and .descriptors > 5] | length >= 4 and all'
printf 'extends: calm.yaml\nfaults: [{fault: kill, at: 500ms, for: 100ms}]\n' >kill.yaml
check "a fault that needs its process makes that run invalid" expect_code 3 "$ordeal" run kill.yaml --runs "$scratch/kill"
check "and is skipped out loud" grep -Eq "^invalid: fault kill was skipped: .*kill" out
check "the server was left alone" kill -0 "$server"
check "an optional one is skipped out loud" expect_code 0 "$ordeal" run kill.yaml --runs "$scratch/kill" --set faults.0.optional=true
check "in a note" grep -Eq "^note: skipped: fault kill" out
check "what an earlier run left there is not taken for this run's" expect_code 0 "$ordeal" run calm.yaml --runs "$scratch/again"
kill "$server"

# --- data as in production ---

names='[.[] | select(.kind == "operation" and .type == "put") | .key]'
check "names have blanks, percent signs, quotes, umlauts, question marks, other scripts" \
    holds "$names | [\" \", \"%\", \"\\\"\", \"ü\", \"?\", \"#\", \"+\", \"%2F\", \"日\", \"\\\\\"] as \$odd | . as \$all | [\$odd[] | . as \$one | any(\$all[]; contains(\$one))] | all"
check "the most popular tenth of the names takes over half of the reads" \
    holds '[.[] | select(.kind == "operation" and .type == "get" and ((.flags // []) | index("final") | not)) | .key] | length as $n | (group_by(.) | map(length) | sort | reverse | .[0:40] | add) > $n * 0.5'
sed 's,target: .*,target: reference,; s/sizes: [^,]*/sizes: ladder/; s/think: 5ms/think: 1ms/' calm.yaml >ladder.yaml
check "a run with the ladder of sizes passes" expect_code 0 "$ordeal" run ladder.yaml --runs "$scratch/ladder" --set duration=3s
"$ordeal" history "$(last_run ladder)" | jq -s . >history.json
puts='[.[] | select(.kind == "operation" and .type == "put" and .outcome == "ok") | .size] | unique'
ladder='[0, 1, ([512, 4096, 16384, 65536, 131072, 1048576, 5242880, 67108864][] | . - 1, ., . + 1)]'
check "it wrote sizes of the ladder, many of them, and nothing else" holds "$puts | length >= 8 and (. - $ladder | length == 0)"
check "and read them back whole" holds "[.[] | select(.kind == \"operation\" and .type == \"get\" and .outcome == \"ok\") | .size] | unique | length >= 5"

# --- killed at any moment ---

sed -i 's,target: .*,target: reference,; s/duration: .*/duration: 20s/' calm.yaml
readable() {
    expect_code 3 "$ordeal" check "$1" && grep -q "the history is incomplete" "$out" &&
        "$ordeal" history "$1" 2>/dev/null | jq -es 'length > 0' >/dev/null
}
has_records() { [ -n "$("$ordeal" history "$(last_run killed)" 2>/dev/null)" ]; }
for pause in 0.31 0.83 1.37; do
    "$ordeal" run calm.yaml --runs "$scratch/killed" --quiet >killed.out 2>&1 &
    run=$!
    wait_until 20 has_records # they reach the file up to a quarter of a second after run.json is there
    sleep "$pause"
    kill -9 "$run"
    wait "$run" 2>/dev/null || true
    check "a run killed after $pause s leaves a readable prefix, marked incomplete" readable "$(last_run killed)"
    rm -rf "$scratch/killed"
done
check "an operation takes at most 64 bytes and its share of the names" bash -c "
    [ \$(stat -c %s '$(last_run calm)/history.bin') -lt \$((70 * \$('$ordeal' history '$(last_run calm)' | wc -l) + 60 * 420 + 8192)) ]"
finish_cases
