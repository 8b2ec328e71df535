#!/bin/bash
# Runs every example of CONTRACT.md, in order, against two fresh servers, without and with accounts: each ```sh block must succeed.
set -euo pipefail
# shellcheck source=ci/lib.sh
source "$ORDEAL_SOURCE/ci/lib.sh"
make_scratch

contract=$ORDEAL_SOURCE/reference/CONTRACT.md
servers=()
# start NAME [flags]: its address comes into $address.
start() {
    : >"$scratch/$1.out"
    "$ORDEAL_BIN/ordeal-reference" --port 0 --data "$scratch/$1" "${@:2}" >"$scratch/$1.out" 2>"$scratch/$1.err" &
    servers+=($!)
    wait_until 20 grep -q "listening on" "$scratch/$1.out"
    address=http://127.0.0.1:$(sed -E 's/.*://' "$scratch/$1.out")
}
start free --no-auth
BASE=$address
start accounts
ACCOUNTS=$address
export BASE ACCOUNTS
mkdir "$scratch/work" "$scratch/blocks"
awk -v out="$scratch/blocks/" '/^```sh$/ { n++; inside = 1; file = sprintf("%s%03d-line-%d", out, n, NR); next }
    /^```$/ { inside = 0 } inside { print >file }' "$contract"

run_block() { (cd "$scratch/work" && bash -euo pipefail "$1"); }
for block in "$scratch"/blocks/*; do
    check "the example of CONTRACT.md at ${block##*/} holds" run_block "$block"
done
ids=$(grep -oE '^- \*\*[A-Z]+-[0-9]+\*\*' "$contract")
check "no requirement has the id of another" test -z "$(sort <<<"$ids" | uniq -d)"
# The server's closed list of codes and the one of the document are the same.
codes() { sed -n 's/^ *\[PROBLEM_[A-Z_]*\] = {"\([a-z_]*\)".*/\1/p' "$ORDEAL_SOURCE/reference/problem.c" | grep -v '^none$' | sort; }
# shellcheck disable=SC2016  # those are Markdown's quotes
documented() { sed -n 's/^| `\([a-z_]*\)` |.*/\1/p' "$contract" | sort; }
check "CONTRACT.md lists every problem code" diff <(codes) <(documented)
stops_in_order "the servers stop in order" "${servers[@]}"
finish_cases
