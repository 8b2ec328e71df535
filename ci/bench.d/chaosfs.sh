#!/bin/bash
# An idle chaosfs with its log on against the bare directory: PUT of 64 KiB with fsync, rename and fsync of the directory.
# The sides take turns, because the machine's speed drifts; the median of the ratios counts.
set -euo pipefail
cd "$(dirname "$0")/../.."
bin=$PWD/build/release/bin
seconds=1
rounds=5
if [ ! -w /dev/fuse ] || [ "$(id -u)" -ne 0 ]; then
    echo "skip - chaosfs against the bare directory (no /dev/fuse or not root)" >&2
    exit 0
fi
measure() { # NAME PARENT THREADS GOAL
    local work bare through ratios=()
    work=$(mktemp -d "$2/ordeal-bench.XXXXXX")
    mkdir "$work/back" "$work/bare" "$work/mnt" "$work/work"
    coproc MOUNT { exec "$bin/chaosfs-tool" mount "$work/back" "$work/mnt" "$work/work" log; }
    local pid=$MOUNT_PID write_end=${MOUNT[1]}
    read -r -u "${MOUNT[0]}" _
    for ((i = 0; i < rounds; i++)); do
        bare=$("$bin/chaosfs-tool" put "$work/bare" "$3" "$seconds")
        through=$("$bin/chaosfs-tool" put "$work/mnt" "$3" "$seconds")
        ratios+=("$(awk "BEGIN { print $through / $bare }")")
    done
    exec {write_end}>&-
    wait "$pid"
    rm -rf "$work"
    local median
    median=$(printf '%s\n' "${ratios[@]}" | sort -g | sed -n "$((rounds / 2 + 1))p")
    printf '{"name":"%s","ratio":%s,"goal":%s,"note":"last: bare %s/s, chaosfs %s/s"}\n' "$1" "$median" "$4" "$bare" "$through"
}
measure "chaosfs tmpfs, 1 thread" /dev/shm 1 0.3
measure "chaosfs tmpfs, 8 threads" /dev/shm 8 0.3
measure "chaosfs disk, 1 thread" "${TMPDIR:-/tmp}" 1 0.75
measure "chaosfs disk, 8 threads" "${TMPDIR:-/tmp}" 8 0.6
