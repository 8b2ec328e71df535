#!/bin/bash
# A foreign client, tus-js-client, against the built reference server.
set -euo pipefail
# shellcheck source=ci/lib.sh
source "$ORDEAL_SOURCE/ci/lib.sh"
modules=$ORDEAL_SOURCE/ci/npm/node_modules
sentence="an upload of tus-js-client that is cut and resumed ends with the same bytes"
if ! command -v node >/dev/null || [ ! -d "$modules/tus-js-client" ]; then
    skip "$sentence" "tus-js-client is not installed; run ci/setup"
    exit 0
fi
make_scratch
: >"$scratch/stdout"
"$ORDEAL_BIN/ordeal-reference" --port 0 --data "$scratch/data" --no-auth >"$scratch/stdout" 2>"$scratch/stderr" &
server=$!
wait_until 20 grep -q "listening on" "$scratch/stdout"
base=http://127.0.0.1:$(sed -E 's/.*://' "$scratch/stdout")
head -c 20000003 /dev/urandom >"$scratch/file"

client() { timeout 60 node "$ORDEAL_SOURCE/reference/tests/tus_client.js" "$modules" "$base" "$scratch/file" big/file; }
same() { curl -sS "$base/v1/files/big/file" | cmp - "$scratch/file"; }
check "tus-js-client uploads, is cut and resumes" client
check "$sentence" same
check "nothing of the session stays on the disk" test -z "$(ls -A "$scratch/data/uploads")"
stops_in_order "the server stops in order" "$server"
finish_cases
