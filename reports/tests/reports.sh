#!/bin/bash
# The reports of made histories: forms against their schemas, bounds, what GitHub reads, failures/.
set -euo pipefail
# shellcheck source=ci/lib.sh
source "$ORDEAL_SOURCE/ci/lib.sh"
make_scratch
cd "$scratch"
ordeal=$ORDEAL_BIN/ordeal
schemas=$ORDEAL_SOURCE/reports/schemas
unset GITHUB_ACTIONS GITHUB_STEP_SUMMARY
for kind in pass fail invalid; do "$ORDEAL_BIN/make_run" "$scratch/$kind" 3000 3 "$kind"; done

check "a made run passes" expect_code 0 "$ordeal" check pass
check "one with a wrong byte fails" expect_code 1 "$ordeal" check fail
check "its evidence is at most ten lines" test "$(grep -c '^      ' out)" -le 10
check "the terminal tells how to see it again" grep -q '^again: *ordeal replay fail' out
check "and the one request that shows it" grep -q "^ask: *curl .*'http://127.0.0.1:1/v1/files/shared/0'" out
check "one whose fault never bit is invalid" expect_code 3 "$ordeal" check invalid

if python3 -c 'import jsonschema' 2>/dev/null; then
    for kind in pass fail invalid; do
        check "the summary of a run that ends as $kind is as its schema has it" \
            python3 "$ORDEAL_SOURCE/reports/tests/validate.py" "$schemas/summary-1.schema.json" "$kind/summary.json"
    done
    jq '.verdict = "green"' pass/summary.json >wrong.json
    check "a summary with another verdict is not" bash -c "! python3 '$ORDEAL_SOURCE/reports/tests/validate.py' '$schemas/summary-1.schema.json' wrong.json"
    sed '/^thresholds:/,$d' "$ORDEAL_SOURCE/scenarios/smoke.yaml" >short.yaml
    "$ordeal" run short.yaml --runs real --quiet --set duration=1s --set faults.0.at=500ms >out 2>&1 || true
    check "run.json of a real run is as its schema has it" \
        python3 "$ORDEAL_SOURCE/reports/tests/validate.py" "$schemas/run-1.schema.json" real/*/run.json
    check "so is its summary" python3 "$ORDEAL_SOURCE/reports/tests/validate.py" "$schemas/summary-1.schema.json" real/*/summary.json
    rm short.yaml
    check "a replay from the run's directory alone" expect_code 0 "$ordeal" replay real/* --times 2 --runs again
    check "tells in how many tries it failed again" grep -q '^failed again in 0 of 2 tries; 2 passed, 0 neither$' out
    check "each try is a run of its own" test "$(find again -name summary.json | wc -l)" = 2
else
    skip "documents are as their schemas have them" "python3-jsonschema is not installed; ci/setup"
fi
for kind in pass fail invalid; do
    check "junit.xml of a run that ends as $kind is as its schema has it" xmllint --noout --schema "$schemas/junit.xsd" "$kind/junit.xml"
done
count() { xmllint --xpath "string(/testsuites/testsuite/@$1)" "$2/junit.xml"; }
cases() { xmllint --xpath "count(//testcase[$1])" "$2/junit.xml"; }
check "a violation is a failure, and counted" test "$(count failures fail) $(cases failure fail)" = "1 1"
check "what is not proven is an error, and counted" test "$(count errors invalid) $(cases error invalid)" = "1 1"
check "a pass has neither" test "$(count errors pass)$(count failures pass)" = 00

check "metrics.prom holds the counts" grep -q '^ordeal_run_operations_total{operation="get",outcome="ok"} [1-9]' pass/metrics.prom
check "metrics.prom is a name, labels and a number a line" \
    bash -c "! grep -vE '^(# (HELP|TYPE) .*|ordeal_[a-z_]+(\{.*\})? [-+.e0-9]+)$' pass/metrics.prom"
check "the benchmark files are rows of name, unit and value" bash -c \
    "jq -es 'add | length > 5 and all(has(\"name\") and has(\"unit\") and (.value | type == \"number\"))' pass/benchmark-*.json"
check "bencher.json is names of measures with values" bash -c "jq -e 'all(.[]; all(.[]; .value | type == \"number\"))' pass/bencher.json"

check "the wrong bytes are kept, expected and seen" grep -q '^seen     ca 50 5a df 39 41 99 94' fail/failures/read-integrity/bytes.txt
check "with a script that runs it again" test -x fail/failures/read-integrity/repro.sh
check "and evidence for programs" jq -e '.steps | length > 0' fail/failures/read-integrity/evidence.json
check "the evidence carries the server's own words" jq -e '[.steps[].log | select(. != null)] | length == 1' fail/failures/read-integrity/evidence.json
check "a run without violation keeps no failures" test ! -e pass/failures

check "a failed run has a post-mortem" grep -q '^# Post-mortem: read-integrity in made' fail/postmortem.md
check "with severity and how it was derived" grep -q 'wrong bytes are served as if they were right: SEV-1' fail/postmortem.md
check "with a time line that has the detection in seconds" grep -Eq '\*\*detected\*\*: read-integrity is violated, [0-9.]+ s after' fail/postmortem.md
check "no value of its template is missing" bash -c "! grep -q '{{' fail/postmortem.md"
check "a run that did not fail has none" test ! -e pass/postmortem.md -a ! -e invalid/postmortem.md
check "postmortem prints it" expect_code 0 "$ordeal" postmortem fail
check "as it is in the file" diff out fail/postmortem.md
check "and texts for a status page" expect_code 0 "$ordeal" postmortem fail --status-page
check "for each of their four states" test "$(grep -cE '^## (Investigating|Identified|Monitoring|Resolved)$' out)" = 4
check "a run that passed has no post-mortem to print" expect_code 2 "$ordeal" postmortem pass
mkdir -p scenarios/incidents/made
printf -- '---\ntitle: t\n---\n\n## Root cause\nA made-up cause.\n\n## What would have caught it\nThis.\n' >scenarios/incidents/made/story.md
check "the run of a known incident" expect_code 0 "$ordeal" postmortem fail
check "names the likely cause" grep -q '^A made-up cause.$' out
check "and no more of the story" bash -c "! grep -q 'What would have caught it' out"

check "errors are broken down" expect_code 0 "$ordeal" errors fail
check "by kind and endpoint, with samples" bash -c "grep -q '^by kind' out && grep -q '^by endpoint' out && grep -q 'trace [0-9a-f]\{32\}' out"
check "and for programs" bash -c "'$ordeal' errors fail --json --samples 3 | jq -e '.not_ok == ([.groups[].count] | add) and (.groups[0].samples | length == 3)'"
check "errors of nothing is bad usage" expect_code 2 "$ordeal" errors

GITHUB_ACTIONS=true GITHUB_STEP_SUMMARY=$scratch/step "$ordeal" check fail >annotated || true
check "GitHub gets an annotation of the violation" grep -q "^::error title=read-integrity violated::get 1/" annotated
check "and a step summary" grep -q "^| ✗ | read-integrity |" step
check "a step summary that cannot be written costs no verdict" bash -c "GITHUB_STEP_SUMMARY=$scratch/none/step '$ordeal' check pass 2>&1 | grep -q '^verdict: pass'"
check "elsewhere there are none" bash -c "! grep -q '^::' out"

for page in report health; do
    check "$page.html carries no foreign markup" bash -c "! grep -F '</script><b>' fail/$page.html"
done
"$ORDEAL_BIN/make_run" "$scratch/long" 300000 1800 fail
check "half an hour fails as well" expect_code 1 "$ordeal" check long
check "its page is under 2 MB" test "$(stat -c %s long/report.html)" -lt 2000000
check "so is the health page" test "$(stat -c %s long/health.html)" -lt 2000000
cp long/report.html before
check "a second judgement" expect_code 1 "$ordeal" check long
check "gives the same page" cmp before long/report.html
check "a page in the way is a clear error" bash -c "rm long/report.html && mkdir long/report.html && ! '$ordeal' check long 2>&1 | grep -q verdict"
finish_cases
