#!/bin/bash
# Every case of tus can hold, and those that no installed server announces can fail: a server with all extensions, whole and
# with one defect each.
set -euo pipefail
source "$ORDEAL_SOURCE/ci/lib.sh"
make_scratch
cd "$scratch"
ordeal=$ORDEAL_BIN/ordeal

# ask DEFECT flags...: the folder of the qualification is $1
ask() {
    local defect=$1
    shift
    printf '%s\n' "name: $defect" 'driver: tus' 'url: http://127.0.0.1:{port}/files' ready_within:\ 30s \
        "command: [python3, $ORDEAL_SOURCE/harness/qualify/tests/tus_server.py, \"{port}\", $defect]" >"$defect.yaml"
    "$ordeal" qualify "$defect.yaml" --no-tiers --strict --runs "$defect" "$@"
}

# breaks DEFECT ADDRESS: this case fails, and is the only one.
breaks() {
    ask "$1" --only "${2%/*}" >/dev/null || true
    local seen
    seen=$(jq -r '[.cases[] | select(.verdict == "failed" or .verdict == "non-strict") | .address] | join(" ")' "$1"/*/qualify.json)
    [ "$seen" = "$2" ] || { echo "what does not hold: '$seen'"; return 1; }
}

check "a server with all extensions holds every case" expect_code 0 ask whole --only tus
check "and none is not applicable" jq -e '[.cases[] | select(.verdict == "not applicable")] | length == 0' whole/*/qualify.json
check "parts in another order are named" breaks wrong-order tus/concatenation/3
check "unfinished parts that are joined are named" breaks join-unfinished tus/concatenation/5
check "a final upload that takes pieces is named" breaks patch-final tus/concatenation/4
check "a checksum behind the content that nobody looks at is named" breaks no-trailer tus/checksum-trailer/1
check "an upload that outlives its time is named" breaks no-expiry tus/expiration/4

# A tier that deletes is none for a server that announces no termination.
without_termination() {
    ask no-termination --only tus/core >/dev/null 2>&1 || true
    "$ordeal" qualify no-termination.yaml --tier concurrency --tier uploads --runs without || return 1
    jq -e '[.tiers[] | .verdict == "not applicable" and (.sentence | contains("no termination"))] == [true, true]' without/*/qualify.json
}
check "tiers that delete are not applicable where uploads cannot be taken back, and say so" without_termination
finish_cases
