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
HOME=$scratch node "$ORDEAL_SOURCE/reports/tests/browser.js" "$modules" "$shots" pass="$scratch/pass/report.html" \
    fail="$scratch/fail/report.html" invalid="$scratch/invalid/report.html" health="$scratch/fail/health.html"
