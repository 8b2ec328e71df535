#!/bin/bash
# The S3 driver against servers that are none of ours.
set -euo pipefail
source "$ORDEAL_SOURCE/ci/lib.sh"
make_scratch
cd "$scratch"
ordeal=$ORDEAL_BIN/ordeal

command -v python3 >/dev/null || { skip "S3 requests are signed" "python3 is not installed; ci/setup installs it"; exit 0; }

cat >server.yaml <<YAML
name: s3-in-memory
driver: s3
command: [python3, "$ORDEAL_SOURCE/harness/tests/s3_server.py", "{port}"]
url: http://127.0.0.1:{port}
root: /ordeal
auth: sigv4
user: ORDEALKEY
secret: \$S3_SECRET
region: eu-test-1
YAML
cat >all.yaml <<YAML
name: s3
target: server.yaml
seed: 5
duration: 3s
quiet: 5s
data: {keys: 6, keys_per_client: 30, sizes: 16..40KiB, names: awkward}
clients:
  - {behaviour: put-get, count: 3, think: 5ms}
  - {behaviour: put-get, name: own, count: 2, keys: own, think: 5ms}
  - {behaviour: conditional, count: 3}
  - {behaviour: delete-put, count: 1, think: 5ms}
  - {behaviour: ranges, count: 1, think: 5ms}
  - {behaviour: list, count: 1, think: 100ms}
  - {behaviour: versions, count: 2, think: 5ms}
  - {behaviour: upload, count: 1, piece: 1KiB}
  - {behaviour: upload-cut, count: 1}
  - {behaviour: upload-abandon, count: 1, cancelled: 70%} # in 3 s a busy machine gets to a few only
  - {behaviour: upload-rivals, count: 2}
invariants: [read-integrity, linearizable, no-phantom, version-order, cas-exclusive, list-agrees, upload-visibility]
YAML
export S3_SECRET=ordeal/secret+key
outcome() { jq -e --arg operation "$1" ".operations[\$operation].ok > 0" runs/*/summary.json; }

check "a mixed load with versions, conditions and multipart uploads passes" expect_code 0 "$ordeal" run all.yaml --quiet
for operation in put get get-range list versions get-version restore upload-create upload-patch upload-head upload-cancel; do
    check "and made $operation" outcome "$operation"
done
check "the secret stays out of what a run writes" sh -c '! grep -rlF "$S3_SECRET" runs'
export S3_SECRET=another
check "a wrong secret is refused, which is no pass" sh -c '! "$0" run all.yaml --quiet --runs wrong' "$ordeal"
check "and what the server calls it is kept" sh -c '"$0" history wrong/* | grep -q SignatureDoesNotMatch' "$ordeal"
unset S3_SECRET
check "a secret that the environment lacks is told" expect_code 2 "$ordeal" run all.yaml
modules=$ORDEAL_SOURCE/ci/npm/node_modules
if [ -e "$modules/s3rver" ] && command -v node >/dev/null; then
    npm_in_cache s3rver
    "$ordeal" qualify s3rver --no-tiers --runs npm >out || true
    verdict_of() { jq -e --arg address "$1" --arg verdict "$2" '.cases[] | select(.address == $address) | .verdict == $verdict' npm/*/qualify.json; }
    check "s3rver brings what was put" verdict_of s3/put-object/1 ok
    check "and lists it" verdict_of s3/list/1 ok
    check "what it lacks is not applicable" verdict_of s3/versions/1 "not applicable"
else
    skip "s3rver brings what was put" "s3rver is not installed; ci/setup installs it"
fi
finish_cases
