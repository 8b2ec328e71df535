#!/bin/bash
# The pages in a real browser. ORDEAL_SHOTS=folder keeps the screenshots.
set -euo pipefail
# shellcheck source=ci/lib.sh
source "$ORDEAL_SOURCE/ci/lib.sh"
modules=$ORDEAL_SOURCE/ci/npm/node_modules
sentence="report pages hold in a real browser"
if ! command -v node >/dev/null || [ ! -d "$modules/playwright-core" ] || [ ! -d "$modules/axe-core" ]; then
    skip "$sentence" "playwright-core and axe-core are not installed; npm ci --prefix ci/npm"
    exit 0
fi
ORDEAL_CHROMIUM=$(command -v chromium || true)
export ORDEAL_CHROMIUM
if [ -z "$ORDEAL_CHROMIUM" ]; then
    skip "$sentence" "chromium is not installed; apt-get install chromium"
    exit 0
fi
make_scratch
shots=${ORDEAL_SHOTS:-$scratch/shots}
mkdir -p "$shots"
"$ORDEAL_BIN/make_run" "$scratch/pass" 3000 3 pass
"$ORDEAL_BIN/make_run" "$scratch/fail" 300000 1800 fail
"$ORDEAL_BIN/make_run" "$scratch/invalid" 3000 3 invalid
for kind in pass fail invalid; do "$ORDEAL_BIN/ordeal" check "$scratch/$kind" >/dev/null || true; done
look() { HOME=$scratch node "$ORDEAL_SOURCE/reports/tests/browser.js" "$modules" "$shots" "$@"; }
code=0
mkdir "$scratch/line"
for run in 1 2 3 4 5 6 7 8 9; do
    mkdir "$scratch/line/$run"
    jq --arg t "2026-02-15T1$run:00:00.000Z" '.began = $t' "$scratch/pass/run.json" >"$scratch/line/$run/run.json"
    jq --argjson f "$((run > 4 ? 3 : 1))" '.target_resident_most_bytes *= $f' "$scratch/pass/summary.json" >"$scratch/line/$run/summary.json"
done
"$ORDEAL_BIN/ordeal" trend "$scratch/line" >/dev/null
look pass="$scratch/pass/report.html" fail="$scratch/fail/report.html" invalid="$scratch/invalid/report.html" \
    health="$scratch/fail/health.html" trend="$scratch/line/trend.html" || code=1
cd "$scratch"
# As long as the browser needs, however busy the machine; then it is interrupted.
"$ORDEAL_BIN/ordeal" run "$ORDEAL_SOURCE/scenarios/smoke.yaml" --quiet --set duration=250s --web 0 >live.out 2>&1 &
run=$!
wait_until 60 grep -q 'live page on' live.out
rm -f "$shots/live-seen"
look live="$(sed -nE 's,.*live page on (http://[^ ]*),\1,p' live.out)" &
viewer=$!
wait_until 200 test -e "$shots/live-seen" || true
kill -INT "$run"
wait "$viewer" || code=1
wait "$run" || true
exit $code
