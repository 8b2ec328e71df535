#!/bin/bash
# Turns access logs into scenarios, and runs one.
set -euo pipefail
# shellcheck source=ci/lib.sh
source "$ORDEAL_SOURCE/ci/lib.sh"
make_scratch
ordeal=$ORDEAL_BIN/ordeal
export XDG_RUNTIME_DIR=$scratch/runtime
mkdir -m 700 "$XDG_RUNTIME_DIR"
cd "$scratch"

# 20 seconds: six requests a second, and thirty in the last four; three paths, one of them far more often.
combined() {
    local second request rate
    for second in $(seq 10 29); do
        rate=6
        [ "$second" -lt 26 ] || rate=30
        for request in $(seq "$rate"); do
            case $((request % 6)) in
            0) echo "127.0.0.1 - - [10/Oct/2025:13:55:$second +0200] \"PUT /a/b%20c.txt HTTP/1.1\" 201 120 \"-\" \"agent\"" ;;
            1) echo "127.0.0.1 - - [10/Oct/2025:13:55:$second +0200] \"GET /v1/files/d.txt?x=1 HTTP/1.1\" 200 5000 \"-\" \"agent\"" ;;
            2) echo "127.0.0.1 - - [10/Oct/2025:13:55:$second +0200] \"GET /d.txt HTTP/1.1\" 206 100 \"-\" \"agent \\\" quoted\"" ;;
            3) echo "127.0.0.1 - - [10/Oct/2025:13:55:$second +0200] \"POST /login HTTP/1.1\" 403 10 \"-\" \"agent\"" ;;
            *) echo "127.0.0.1 - - [10/Oct/2025:13:55:$second +0200] \"GET /a/b%20c.txt HTTP/1.1\" 200 $((1000 * request)) \"-\" \"agent\"" ;;
            esac
        done
    done
}
combined >access.log
json() {
    for second in $(seq 10 29); do
        echo "{\"time\":\"2025-10-10T11:55:$second.250Z\",\"request\":\"GET /x/$((second % 4)) HTTP/1.1\",\"status\":200,\"body_bytes_sent\":4096}"
        echo "{\"ts\":17600973$second.5,\"request\":{\"method\":\"PUT\",\"uri\":\"/x/$((second % 4))\"},\"status\":200,\"bytes_read\":2048}"
    done
}
json >access.json

check "a combined log becomes a scenario" expect_code 0 "$ordeal" import access.log --name access --within 4s --output access.yaml
check "every line was understood" grep -q "216 of 216 lines understood, 2 paths" "$out"
check "refused requests are left out" grep -q "36 requests are left out" "$out"
check "the scenario is fine" "$ordeal" run access.yaml --dry-run
check "it has the paths, unescaped, the most frequent first" bash -c "grep -A1 'paths:' access.yaml | grep -q '\"a/b c.txt\"'"
check "and the mix" bash -c "grep -q 'gets: 108' access.yaml && grep -q 'puts: 36' access.yaml && grep -q 'ranges: 36' access.yaml"
check "and the sizes" grep -q "sizes: quantiles 4000 .* 29000" access.yaml
check "and the timing: the end is five times as busy" bash -c "
    rates=(\$(sed -nE 's/.*rate: ([0-9]+).*/\1/p' access.yaml)); [ \${#rates[@]} = 20 ] && [ \$((rates[19])) -gt \$((3 * rates[2])) ]"
check "the scenario runs and passes" expect_code 0 "$ordeal" run access.yaml --quiet
check "on the paths of the log" bash -c "'$ordeal' history runs/*-access | grep -q 'a/b c.txt'"
check "JSON lines are read too" expect_code 0 "$ordeal" import access.json --output json.yaml
check "all of them" grep -q "40 of 40 lines understood, 4 paths" "$out"
check "a log that is none is refused" expect_code 2 "$ordeal" import "$ORDEAL_SOURCE/README.md"
check "with the line" grep -q "line 1 is neither" "$out"
check "a log that is not there is refused" expect_code 2 "$ordeal" import nowhere.log
finish_cases
