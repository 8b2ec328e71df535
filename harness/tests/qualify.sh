#!/bin/bash
# ordeal qualify and matrix as a person runs them.
set -euo pipefail
source "$ORDEAL_SOURCE/ci/lib.sh"
make_scratch
cd "$scratch"
ordeal=$ORDEAL_BIN/ordeal

last_of() { find "$1" -maxdepth 1 -name "*-qualify-$2" | sort | tail -n 1; }
verdict_of() { jq -e --arg address "$2" --arg verdict "$3" '.cases[] | select(.address == $address) | .verdict == $verdict' "$1/qualify.json"; }

check "the reference server holds all of its protocol" expect_code 0 "$ordeal" qualify reference --no-tiers --strict
mine=$(last_of runs reference)
check "what it does not offer is not applicable" verdict_of "$mine" dav/move/1 "not applicable"
check "its uploads are asked" verdict_of "$mine" tus/patch/2 ok
check "it leaves no data behind" test ! -e "$mine/data"
check "one case can be asked alone" expect_code 0 "$ordeal" qualify reference --only http/if-match/2 --runs one
check "and is the only one" jq -es '.[0].cases | length == 1' one/*/qualify.json
check "an address that does not exist is refused" expect_code 2 "$ordeal" qualify reference --only http/if-mtach
check "a tier that does not exist is refused" expect_code 2 "$ordeal" qualify reference --tier powercut
check "a target that does not exist is refused" expect_code 2 "$ordeal" qualify no-such-target
echo "http/get/1  # passes in truth" >known
check "a known failing case that passes fails the run" expect_code 1 "$ordeal" qualify reference --only http/get/1 --known known

if command -v nginx >/dev/null; then
    check "nginx breaks requirements of WebDAV" expect_code 1 "$ordeal" qualify nginx-dav --no-tiers
    theirs=$(last_of runs nginx-dav)
    check "which are named: no DAV field" verdict_of "$theirs" dav/options/1 failed
    check "and proven by a curl line" jq -e '.cases[] | select(.address == "dav/options/1") | .curl | startswith("curl -i -X")' "$theirs/qualify.json"
    jq -r '.cases[] | select(.verdict == "failed") | .address' "$theirs/qualify.json" >known
    check "with all of them known it passes" expect_code 0 "$ordeal" qualify nginx-dav --no-tiers --known known
    check "the matrix has both servers" expect_code 0 "$ordeal" matrix "$mine" "$theirs" --out table
    check "as a table" grep -q "| http | 44 of 44 |" table/matrix.md
    check "and as a page that opens its evidence" grep -q "<b>dav/options/1</b>" table/matrix.html
else
    skip "nginx breaks requirements of WebDAV" "nginx is not installed; ci/setup installs it"
fi
if [ -e "$ORDEAL_SOURCE/ci/npm/node_modules/@tus/server" ]; then
    check "another's tus server breaks requirements of tus" expect_code 1 "$ordeal" qualify tus-node --no-tiers
    theirs=$(last_of runs tus-node)
    check "which are named: it knows no X-HTTP-Method-Override" verdict_of "$theirs" tus/override/1 failed
    check "what it does not announce is not applicable" verdict_of "$theirs" tus/checksum/2 "not applicable"
    cat >uploads.yaml <<'YAML'
name: uploads
target: tus-node
duration: 1500ms
data: {keys: 20, sizes: 16..32KiB}
clients:
  - {behaviour: upload, count: 3, think: 5ms}
  - {behaviour: upload-abandon, count: 2, cancelled: 100%, think: 5ms}
  - {behaviour: put-get, count: 2, think: 5ms}
invariants: [read-integrity, linearizable, no-phantom, upload-visibility]
YAML
    check "the driver tus speaks to it" expect_code 0 "$ordeal" run uploads.yaml --quiet
else
    skip "another's tus server breaks requirements of tus" "its npm packages are missing; ci/setup installs them"
fi
check "a folder that is no qualification is refused" expect_code 2 "$ordeal" matrix "$scratch"
finish_cases
