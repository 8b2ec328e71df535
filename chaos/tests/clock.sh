#!/bin/bash
# The clock on programs in several languages, dynamic and static: what they see, how long they wait, what is left behind.
set -euo pipefail
# shellcheck source=ci/lib.sh
. "$ORDEAL_SOURCE/ci/lib.sh"
make_scratch
# A followed program cannot look for leaks: both take ptrace. And LD_PRELOAD is what libfaketime is about.
export ASAN_OPTIONS=detect_leaks=0:verify_asan_link_order=0
tool=$ORDEAL_BIN/clock-tool

# under WAY RATE OFFSET waits|plain program...: its output goes to $out.
under() {
    "$tool" "$scratch/page" "$@" >"$out" 2>"$scratch/error" 3</dev/null 4>/dev/null || { cat "$out" "$scratch/error"; return 1; }
}

# Within ten minutes of what it should be; the offset is a day.
is_tomorrow() { awk -v now="$(date +%s)" '{ d = $1 - now - 86400; good = d < 600 && d > -600 } END { exit !good }' "$out"; }

sees_tomorrow() { under vdso 1 86400 plain "$@" && is_tomorrow; }

# Three seconds at fifty times the rate are over in well under one of ours, and were three for the program.
waits_fast() {
    local began
    began=$(date +%s%N)
    under vdso 50 0 waits "$@" || return 1
    awk '{ good = $2 >= 3000 } END { exit !good }' "$out" || { cat "$out"; return 1; }
    [ $(($(date +%s%N) - began)) -lt 2900000000 ] || { echo "took as long as ever"; return 1; }
}

language() { # NAME command...: prints seconds since 1970, and the milliseconds that a wait of 3 s took
    local name=$1
    shift
    check "$name sees a wall clock that is a day ahead" sees_tomorrow "$@" 0
    check "$name waits by an accelerated clock" waits_fast "$@" 3000
}

cat >"$scratch/a.c" <<'C'
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
int main(int argc, char **argv)
{
    struct timespec a, b;
    clock_gettime(CLOCK_MONOTONIC, &a);
    usleep((unsigned)atoi(argv[argc - 1]) * 1000);
    clock_gettime(CLOCK_MONOTONIC, &b);
    printf("%ld %ld\n", (long)time(NULL), (b.tv_sec - a.tv_sec) * 1000 + (b.tv_nsec - a.tv_nsec) / 1000000);
}
C
gcc -O1 -o "$scratch/dynamic" "$scratch/a.c"
language "a dynamic C program" "$scratch/dynamic"
if gcc -O1 -static -o "$scratch/static" "$scratch/a.c" 2>/dev/null; then
    language "a static C program" "$scratch/static"
else
    skip "a static C program" "no static C library; apt-get install libc6-dev"
fi
language "a program behind two shells" sh -c "sh -c '\"$scratch/dynamic\" \$0; exit' \$0"

cat >"$scratch/a.go" <<'GO'
package main

import (
	"fmt"
	"os"
	"strconv"
	"time"
)

func main() {
	began := time.Now()
	wait, _ := strconv.Atoi(os.Args[1])
	time.Sleep(time.Duration(wait) * time.Millisecond)
	fmt.Println(time.Now().Unix(), time.Since(began).Milliseconds())
}
GO
if command -v go >/dev/null && (cd "$scratch" && CGO_ENABLED=0 GOCACHE="$scratch/cache" GO111MODULE=off go build -o go-program a.go) 2>"$out"; then
    language "a static Go program" "$scratch/go-program"
else
    skip "a static Go program" "no Go compiler; apt-get install golang-go"
fi
cat >"$scratch/a.js" <<'JS'
const began = process.hrtime.bigint();
setTimeout(() => console.log(Math.floor(Date.now() / 1000), Number((process.hrtime.bigint() - began) / 1000000n)), Number(process.argv[2]));
JS
if command -v node >/dev/null; then
    language "Node" node "$scratch/a.js"
else
    skip "Node" "not installed; apt-get install nodejs"
fi
cat >"$scratch/A.java" <<'JAVA'
class A {
    public static void main(String[] arguments) throws Exception {
        long began = System.nanoTime();
        Thread.sleep(Long.parseLong(arguments[0]));
        System.out.println(System.currentTimeMillis() / 1000 + " " + (System.nanoTime() - began) / 1000000);
    }
}
JAVA
if command -v javac >/dev/null && javac -d "$scratch" "$scratch/A.java"; then
    language "Java" java -Xshare:auto -cp "$scratch" A
else
    skip "Java" "no compiler; apt-get install default-jdk-headless"
fi

every_wait() {
    local began
    began=$(date +%s%N)
    under vdso 40 0 waits "$ORDEAL_BIN/clock-waits" 2000 || return 1
    [ "$(wc -l <"$out")" -ge 29 ] || { cat "$out"; return 1; }
    awk '$2 < 1999 { print "too early: " $0; bad = 1 } $2 > 40000 { print "not scaled: " $0; bad = 1 } END { exit bad }' "$out" || return 1
    [ $(($(date +%s%N) - began)) -lt 25000000000 ]
}
check "every one of 29 ways to wait is over when the accelerated clock says so" every_wait

# An hour off would make an absolute wait an hour long, or none at all.
absolute_waits() {
    under vdso 1 "$1" plain timeout 20 "$ORDEAL_BIN/clock-waits" 30 || return 1
    awk '$2 < 29 || $2 > 5000 { print; bad = 1 } END { exit bad || NR < 29 }' "$out"
}
check "a wall clock an hour ahead makes no wait longer or shorter" absolute_waits 3600
check "a wall clock an hour behind makes no wait longer or shorter" absolute_waits -3600

watch_rates() {
    local number
    coproc CHANGES { "$tool" "$scratch/page" vdso 1 0 waits "$ORDEAL_BIN/clock-watch" 2 3<&0 4>&1 >"$out" 2>"$scratch/error" 0<"$scratch/hold"; }
    local pid=$CHANGES_PID
    exec 7>"$scratch/hold" 8>&"${CHANGES[1]}"
    local close_it=${CHANGES[1]}
    exec {close_it}>&-
    for rate in 100 0.1 1440 0.5 3 1000 0.01 20 7 900 0.2 60; do
        echo "rate $rate" >&8
        read -r -u "${CHANGES[0]}" number
        echo "end $number" >&8
        read -r -u "${CHANGES[0]}" number
        echo "offset -100000" >&8
        read -r -u "${CHANGES[0]}" number
        sleep 0.01
        echo "end $number" >&8
        read -r -u "${CHANGES[0]}" number
    done
    exec 7>&-
    exec 8>&-
    wait "$pid"
    awk '{ good = $1 > 1000 && $2 == 0 } END { exit !good }' "$out" || { cat "$out" "$scratch/error"; return 1; }
}
mkfifo "$scratch/hold"
check "the monotonic clock never goes back while rates and the wall clock change under it" watch_rates

by_faketime() { under faketime 1 86400 plain date +%s && is_tomorrow; }
check "where libfaketime is the way, a dynamic program sees it too" by_faketime
a_missing_program() {
    if under vdso 1 0 plain /nowhere/program >/dev/null; then return 1; fi
    grep "/nowhere/program: cannot be run: No such file" "$scratch/error"
}
check "a program that is missing is said so" a_missing_program
nothing_left() { [ ! -e "$scratch/page" ] && ! pgrep -f "ordeal-clock $scratch"; }
check "no page and no tracer is left behind" wait_until 5 nothing_left
finish_cases
