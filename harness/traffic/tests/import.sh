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
    rates=(\$(sed -nE 's/.*rate: ([0-9]+).*/\1/p' access.yaml)); [ \${#rates[@]} = 60 ] && [ \$((rates[59])) -gt \$((3 * rates[6])) ]"
check "the scenario runs and passes" expect_code 0 "$ordeal" run access.yaml --quiet
check "on the paths of the log" bash -c "'$ordeal' history runs/*-access | grep -q 'a/b c.txt'"
check "JSON lines are read too" expect_code 0 "$ordeal" import access.json --output json.yaml
check "all of them" grep -q "40 of 40 lines understood, 4 paths" "$out"
check "a log that is none is refused" expect_code 2 "$ordeal" import "$ORDEAL_SOURCE/README.md"
check "with the line" grep -q "line 1 is neither" "$out"
cat >odd.log <<'LOG'
2001:db8::1 - - [21/Nov/2026:10:00:00 +0000] "GET /a/b.txt?x=1 HTTP/2.0" 200 1234 "-" "Mozilla/5.0"
127.0.0.1 - frank [21/Nov/2026:10:00:01 +0000] "PUT /a/\"b\".txt HTTP/1.1" 201 - "http://x/\"y\"" "curl \"7\""
127.0.0.1 - frank [21/Nov/2026:10:00:01 +0000] "GET /a/\x22b\x22.txt HTTP/1.1" 200 7 "-" "-"
10.0.0.2 - - [21/Nov/2026:10:00:02 +0000] "HEAD /c HTTP/1.1" 200 0
10.0.0.2 - - [21/Nov/2026:10:00:02 +0000] "GET /%e2%82%ac HTTP/1.1" 206 99999999999999999999 "-" "-"
10.0.0.2 - - [21/Nov/2026:10:00:03 +0000] "GET /%ff HTTP/1.1" 200 5
10.0.0.3 - - [21/Nov/2026:10:00:03 +0000] "\x16\x03\x01\x02" 400 157 "-" "-"
10.0.0.3 - - [21/Nov/2026:10:00:03 +0000] "-" 408 0 "-" "-"
LOG
head -c 1000000 /dev/zero | tr '\0' a >>odd.log
check "real lines are read: IPv6, HTTP/2, escaped quotes, no bytes, no referer" expect_code 0 "$ordeal" import odd.log --output odd.yaml
check "each name once, however its quotes are escaped" grep -q "6 of 9 lines understood, 4 paths" "$out"
check "a name that is not UTF-8 is left out" grep -q "1 requests are left out" "$out"
check "what is left out is no load either" bash -c "
    sed -nE 's/.*for: ([0-9]+)ms, rate: ([0-9.]+).*/\1 \2/p' odd.yaml | awk '{ all += \$1 * \$2 / 1000 } END { exit !(all > 4.9 && all < 5.1) }'"
check "what was not understood is told, with the first line" grep -q "3 lines were not understood, first line 7" "$out"
check "the scenario is fine" "$ordeal" run odd.yaml --dry-run
cat >other.log <<'LOG'
10.0.0.1 - - [21/Nov/2026:10:00:00 +0000] "M-SEARCH /dav/a HTTP/1.1" 200 100 "-" "x"
10.0.0.1 - - [21/Nov/2026:10:00:01 +0000] "OPTIONS * HTTP/1.1" 200 - "-" "x"
10.0.0.1 - - [21/Nov/2026:10:00:01 +0000] "CONNECT example.com:443 HTTP/1.1" 200 - "-" "x"
10.0.0.1 - - [21/Nov/2026:10:00:01 +0000] "get /low HTTP/1.1" 200 12 "-" "x"
10.0.0.1 - - [21/Nov/2026:10:00:01 +0000] "GET /y%EF%BF%BE%C2%85z HTTP/1.1" 200 12 "-" "x"
10.0.0.1 - - [21/Nov/2026:10:00:09 +0000] "GET http://example.com/absolute/path HTTP/1.1" 200 100 "-" "x"
10.0.0.1 - - [21/Nov/2026:10:00:03 +0000] "GET /redirect?to=http://other.example/path HTTP/1.1" 302 - "-" "x"
10.0.0.1 - - [21/Nov/2026:10:00:03 +0000] "GET /with blanks in it HTTP/1.1" 200 12 "-" "x"
10.0.0.1 - j [o] doe [21/Nov/2026:10:00:02 +0000] "GET /a:%20-%20%22b%22%5C%23 HTTP/1.1" 200 12 "-" "x"
LOG
check "methods that are none of ours, and addresses that are no path, are left out" expect_code 0 "$ordeal" import other.log --output other.yaml
check "but understood" grep -q "9 of 9 lines understood, 4 paths" "$out"
check "and told" grep -q "5 requests are left out" "$out"
check "absolute addresses, queries with addresses, blanks and YAML's own signs are names" diff \
    <(sed -n 's/^    - //p' other.yaml | sort) <(printf '%s\n' '"a: - \"b\"\\#"' '"absolute/path"' '"redirect"' '"with blanks in it"')
check "the scenario of a log out of order lasts from its first to its last request" grep -q "^duration: 7020ms" other.yaml
"$ordeal" import other.log --within 1s --output other.yaml 2>/dev/null
check "it runs and passes" expect_code 0 "$ordeal" run other.yaml --quiet
check "a name that no scenario may have is refused" expect_code 2 "$ordeal" import other.log --name "x: y"
check "with the rule" grep -q "letters, digits" "$out"
printf '{"time":1,"method":"GET","path":"/x","status":200}\n{"time":1e308,"method":"GET","path":"/x","status":200}\n{"time":9e9,"method":"GET","path":"/y","status":200}\n' >years.json
check "a log of years needs to be told how long the load takes" expect_code 2 "$ordeal" import years.json
check "and says so" grep -q -- "--within" "$out"
check "and is fine then" expect_code 0 "$ordeal" import years.json --within 4s
printf '%s\n' '::1 - - [29/Feb/2024:10:00:00 +0545] "GET /a HTTP/1.1" 200 5' '::1 - - [30/Feb/2024:10:00:00 +0545] "GET /a HTTP/1.1" 200 5' >days.log
check "a day that its month does not have is no time" expect_code 0 "$ordeal" import days.log
check "and its line is told" grep -q "1 of 2 lines understood" "$out"
printf '%s\n' '::1 - - [29/Feb/2024:10:00:00 +0545] "GET /a HTTP/1.1" 200 5' '::1 - - [29/Feb/2024:10:00:00 +0545] "GET /a HTTP/1.1" 200 9911111111111111111' >large.log
check "a size that no scenario's file has is taken for the largest" expect_code 0 "$ordeal" import large.log --output large.yaml
check "which is told" grep -q "1 sizes are above 16 GiB" "$out"
check "and the scenario is fine" "$ordeal" run large.yaml --dry-run
check "a place that cannot be written is the person's to mend" expect_code 2 "$ordeal" import days.log --output nowhere/x.yaml
: >empty.log
check "an empty log is refused" expect_code 2 "$ordeal" import empty.log
check "and called so" grep -q "empty.log: is empty" "$out"
gzip -k access.log
check "a compressed log is refused" expect_code 2 "$ordeal" import access.log.gz
check "with what to do" grep -q "unpack it first" "$out"
check "a folder is refused" expect_code 2 "$ordeal" import .
check "a log that is not there is refused" expect_code 2 "$ordeal" import nowhere.log
finish_cases
