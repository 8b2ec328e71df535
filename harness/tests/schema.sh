#!/bin/bash
# The schema that editors complete scenarios from: it takes what ordeal takes, and refuses what it refuses.
set -euo pipefail
# shellcheck source=ci/lib.sh
source "$ORDEAL_SOURCE/ci/lib.sh"
make_scratch
ordeal=$ORDEAL_BIN/ordeal
if ! python3 -c 'import jsonschema, yaml' 2>/dev/null; then
    skip "the scenarios against the schema" "no validator; apt-get install python3-jsonschema python3-yaml"
    exit 0
fi
"$ordeal" list schema >"$scratch/scenario.json"
"$ordeal" list target-schema >"$scratch/target.json"

# valid SCHEMA FILE...: each of the YAML files meets the schema.
valid() {
    python3 - "$@" <<'P'
import json, sys, jsonschema, yaml
schema = json.load(open(sys.argv[1]))
jsonschema.Draft7Validator.check_schema(schema)
wrong = 0
for name in sys.argv[2:]:
    for error in jsonschema.Draft7Validator(schema).iter_errors(yaml.safe_load(open(name))):
        wrong += 1
        print(name, list(error.path), error.message[:300])
sys.exit(wrong > 0)
P
}
refused() { ! valid "$@" >/dev/null; }
# refers_well SCHEMA: every definition that is referred to is there, and none is there for nothing.
refers_well() {
    local wanted there
    wanted=$(grep -oE '#/definitions/[a-z]+' "$1" | sort -u | sed 's,.*/,,')
    there=$(jq -r '.definitions | keys[]' "$1" | sort)
    [ -z "$(comm -23 <(echo "$wanted") <(echo "$there"))" ]
}
check "the schema refers to nothing that it lacks" refers_well "$scratch/scenario.json"
check "the target schema neither" refers_well "$scratch/target.json"
mapfile -t scenarios < <(find "$ORDEAL_SOURCE/scenarios" -name '*.yaml' -not -path '*/targets/*' -not -path '*/TEMPLATE/*' | sort)
mapfile -t targets < <(find "$ORDEAL_SOURCE/scenarios" -name '*.yaml' -path '*/targets/*' | sort)
check "every scenario that comes along meets it" valid "$scratch/scenario.json" "${scenarios[@]}"
check "every target that comes along meets it" valid "$scratch/target.json" "${targets[@]}"
for kind in behaviours faults invariants; do
    names=$("$ordeal" list "$kind" | sed -nE 's/^  ([a-z][a-z-]+) .*/\1/p' | grep -v '^needs$')
    check "it knows all $kind" bash -c "for name in $(tr '\n' ' ' <<<"$names"); do jq -e --arg name \"\$name\" \
        '[.. | objects | select(.const? == \$name or (.required? // [] | index(\$name)))] | length > 0' '$scratch/scenario.json' >/dev/null || { echo \"\$name\"; exit 1; }; done"
done

cat >"$scratch/good.yaml" <<'Y'
name: good
target: reference
duration: 10s
data: {sizes: 1KiB..64KiB, popularity: zipf 0.9, names: awkward}
clients:
  - {behaviour: put-get, count: 3, reads: 2, think: 5ms}
  - {behaviour: put-get, stages: [{for: 2s, rate: 5}, {for: 3s, arrival: ramp, rate: 0, rate_end: 20}]}
faults: [{fault: kill, at: 2s..3s, for: 300ms}]
invariants: [durability, latency: {most: 2s}]
thresholds: [p95(get) < 1s, {bound: error_rate < 50%, abort: true}]
Y
check "a scenario with all forms meets it" valid "$scratch/scenario.json" "$scratch/good.yaml"
check "ordeal takes it too" "$ordeal" run "$scratch/good.yaml" --dry-run
while IFS='|' read -r old new; do
    sed "s/$old/$new/" "$scratch/good.yaml" >"$scratch/bad.yaml"
    check "ordeal refuses '$new'" expect_code 2 "$ordeal" run "$scratch/bad.yaml" --dry-run
    check "so does the schema" refused "$scratch/scenario.json" "$scratch/bad.yaml"
done <<'B'
duration: 10s|duratoin: 10s
duration: 10s|duration: soon
duration: 10s|duration: 10
put-get, count|put-gte, count
count: 3|count: -3
reads: 2|raeds: 2
think: 5ms|think: [5ms]
fault: kill|fault: kil
at: 2s..3s, |
for: 300ms|for: a while
arrival: ramp|arrival: rump
for: 2s, rate|rate
sizes: 1KiB..64KiB|sizes: huge
names: awkward|names: odd
\[durability|[durabilty
most: 2s|mots: 2s
p95(get) < 1s|p95(get)
abort: true|abort: maybe
^name: good|nmae: good
B
if git -C "$ORDEAL_SOURCE" ls-files --error-unmatch scenarios/schema.json >/dev/null 2>&1; then
    check "the committed schema is what the tables say (else: build, commit scenarios/schema.json)" \
        bash -c "git -C '$ORDEAL_SOURCE' show HEAD:scenarios/schema.json | cmp - '$scratch/scenario.json'"
fi
finish_cases
