#!/bin/bash
# ordeal compare and trend, on made runs whose figures are set.
set -euo pipefail
# shellcheck source=ci/lib.sh
source "$ORDEAL_SOURCE/ci/lib.sh"
make_scratch
cd "$scratch"
ordeal=$ORDEAL_BIN/ordeal
"$ORDEAL_BIN/make_run" "$scratch/seed" 12000 3 pass
"$ordeal" check seed >/dev/null
# variant NAME LATENCY-FACTOR RATE-FACTOR HOUR: the run with other figures.
variant() {
    mkdir -p "$(dirname "$1")" "$1"
    jq --argjson l "$2" --argjson r "$3" '.operations |= map_values(.corrected |= with_entries(if .key | endswith("_ns") then .value = (.value * $l | floor) else . end)
        | .ok = (.ok * $r | floor)) | .blocks.p50_ns |= map(. * $l | floor) | .blocks.p99_ns |= map(. * $l | floor) | .blocks.throughput |= map(. * $r)' \
        seed/summary.json >"$1/summary.json"
    jq --arg t "2026-02-15T$4:00:00.000Z" '.began = $t' seed/run.json >"$1/run.json"
}
hour=10
for f in 0.97 1.01 1.03 0.99 1.02 0.98; do
    variant "base/$hour" "$f" "$f" "$hour"
    variant "slow/$hour" "$(jq -n "$f * 1.6")" "$(jq -n "$f * 0.6")" "$hour"
    hour=$((hour + 1))
done

check "a run against itself is no regression" expect_code 0 "$ordeal" compare seed seed --fail-on-regression
check "and says so" grep -q '^no regression$' out
check "three like runs against three are none" \
    expect_code 0 "$ordeal" compare --base base/10 --base base/11 --base base/12 base/13 base/14 base/15 --fail-on-regression
check "one slow run against one is a regression" expect_code 99 "$ordeal" compare base/10 slow/10 --fail-on-regression
check "seen in blocks of the load" grep -Eq '^  all rate .* worse \(blocks\)' out
check "repeated runs are kept as a base line" expect_code 0 "$ordeal" compare --save baseline.json base/*
check "six like runs against it are no regression" expect_code 0 "$ordeal" compare baseline.json base/* --fail-on-regression
check "six slow ones are" expect_code 99 "$ordeal" compare baseline.json slow/* --fail-on-regression
check "each figure is tested" grep -Eq '^  get p99 .*\+60.0 %   p 0\.00[0-9]+  effect \+1\.00  worse' out
check "where it changed is told" grep -q '^change points of all runs' out
check "without the flag it is told and no failure" expect_code 0 "$ordeal" compare baseline.json slow/*
check "the other way round it is better" bash -c "'$ordeal' compare --base slow/10 --base slow/11 --base slow/12 --base slow/13 base/* --json | jq -e '.regressed == false and any(.figures[]; .change == \"better\")'"
check "a change within the tolerance is none" expect_code 0 "$ordeal" compare baseline.json slow/* --tolerance 90% --fail-on-regression

refuse() {
    check "$1 is not comparable" expect_code 2 "$ordeal" compare seed other
    check "$1 is named" grep -Eq "$2" out
}
other() { rm -rf other && cp -r seed other && jq "$2" "seed/$1" >"other/$1"; }
other run.json '.scenario.clients[0].count = "99"'
refuse "another plan" 'the scenario made is not the same'
other run.json '.scenario.name = "else"'
refuse "another scenario" 'scenarios differ: made, else'
other run.json '.host.processors = 64'
refuse "another machine" 'machines differ: .*64 processors'
check "unless told to" expect_code 0 "$ordeal" compare seed other --any-host
other summary.json '.verdict = "invalid"'
refuse "an invalid run" 'other is invalid'
other summary.json '.load_seconds = 300'
refuse "a longer run" 'the load lasted 3.0 s and 300.0 s'
echo '{"schema":1,"kind":"groceries"}' >list.json
check "a foreign file is refused" expect_code 2 "$ordeal" compare seed list.json
check "a single run is refused" expect_code 2 "$ordeal" compare seed
other summary.json '.verdict = "fail"'
check "a violation that the base line lacks is a regression" expect_code 99 "$ordeal" compare seed other --fail-on-regression

mkdir line
for h in 10 11 12 13 14 15; do cp -r "base/$h" "line/a$h"; done
for h in 10 11 12 13 14 15; do
    cp -r "slow/$h" "line/b$h"
    jq --arg t "2026-02-16T$h:00:00.000Z" '.began = $t' "slow/$h/run.json" >"line/b$h/run.json"
done
mkdir line/unfinished
check "trend draws a folder of runs" expect_code 0 "$ordeal" trend line
check "it tells when a figure changed" grep -Eq '^  get p99 .* worse from 2026-02-16T10:00:00.000Z on \(line/b10\)' out
check "and what it left out" grep -q '^1 folders were left out' out
check "the page stands in the folder" grep -q '<title>trend of runs' line/trend.html
check "a folder without runs is refused" expect_code 2 "$ordeal" trend base/10
finish_cases
