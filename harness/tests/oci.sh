#!/bin/bash
# The OCI driver against docker-registry.
set -euo pipefail
source "$ORDEAL_SOURCE/ci/lib.sh"
make_scratch
cd "$scratch"
ordeal=$ORDEAL_BIN/ordeal

command -v docker-registry >/dev/null || { skip "a registry is asked" "docker-registry is not installed; ci/setup installs it"; exit 0; }

cat >all.yaml <<YAML
name: oci
target: docker-registry
seed: 5
duration: 2s
quiet: 5s
data: {keys: 6, keys_per_client: 30, sizes: 16..40KiB}
clients:
  - {behaviour: put-get, count: 2, think: 5ms}
  - {behaviour: delete-put, count: 1, think: 5ms}
  - {behaviour: ranges, count: 1, think: 5ms}
  - {behaviour: upload, count: 1, piece: 4KiB}
  - {behaviour: upload-abandon, count: 2, cancelled: 90%}
invariants: [read-integrity, no-phantom, upload-visibility]
YAML
outcome() { jq -e --arg operation "$1" ".operations[\$operation].ok > 0" runs/*/summary.json; }

check "a mixed load with upload sessions passes" expect_code 0 "$ordeal" run all.yaml --quiet
for operation in put get get-range delete upload-create upload-patch upload-cancel; do
    check "and made $operation" outcome "$operation"
done
"$ordeal" qualify docker-registry --no-tiers --runs asked >out || true
verdict_of() { jq -e --arg address "$1" --arg verdict "$2" '.cases[] | select(.address == $address) | .verdict == $verdict' asked/*/qualify.json; }
check "pieces in order make a blob" verdict_of oci/upload/4 ok
check "a wrong digest is refused" verdict_of oci/digest/1 ok
check "and WebDAV is not applicable" verdict_of dav/move/1 "not applicable"
finish_cases
