#!/bin/bash
# chaosfs as a whole: other people's programs on it, exact kills, nothing left behind.
set -euo pipefail
# shellcheck source=ci/lib.sh
source "$ORDEAL_SOURCE/ci/lib.sh"
tool=$ORDEAL_BIN/chaosfs-tool

if [ ! -w /dev/fuse ] || [ "$(id -u)" -ne 0 ]; then
    skip "chaosfs carries real programs" "no /dev/fuse or not root; run as root with --device /dev/fuse"
    exit 0
fi
make_scratch
mkdir -p "$scratch/back" "$scratch/mnt" "$scratch/work"

mounted() { mountpoint -q "$scratch/mnt"; }
unmounted() { ! mountpoint -q "$scratch/mnt"; }

# The tool unmounts when its standard input ends.
start_mount() {
    coproc MOUNT { exec "$tool" mount "$scratch/back" "$scratch/mnt" "$scratch/work" log; }
    mount_pid=$MOUNT_PID
    read -r -u "${MOUNT[0]}" line && [ "$line" = ready ]
}
stop_mount() {
    local write_end=${MOUNT[1]}
    exec {write_end}>&-
    wait "$mount_pid"
}

start_mount
check "the mount is there once start returns" mounted
check "SQLite in WAL mode with mmap and four writers stays intact" "$tool" database "$scratch/mnt/data.db"
unpack() { tar -C / -cf - usr/include/linux | tar -C "$scratch/mnt" -xf - && diff -r /usr/include/linux "$scratch/mnt/usr/include/linux"; }
check "tar and diff of a real tree see no difference" unpack
appends() { for i in 1 2 3; do echo "$i" >>"$scratch/mnt/appended"; done; [ "$(cat "$scratch/mnt/appended")" = $'1\n2\n3' ]; }
check "appending appends" appends
locks() { flock -n "$scratch/mnt/appended" bash -c "! flock -n '$scratch/mnt/appended' true"; }
check "a lock keeps a second holder out" locks
# What nobody may do below a directory, one word a try.
tries_of_nobody() { # DIRECTORY
    mkdir "$1/closed" "$1/open" && chmod 755 "$1/closed" && chmod 1777 "$1/open"
    echo secret >"$1/closed/secret" && chmod 600 "$1/closed/secret"
    echo shown >"$1/closed/shown" && chmod 644 "$1/closed/shown"
    echo root >"$1/open/of-root" && chmod 666 "$1/open/of-root"
    mkdir -m 700 "$1/locked" && echo hidden >"$1/locked/hidden"
    # shellcheck disable=SC2016
    setpriv --reuid 65534 --regid 65534 --clear-groups bash -c '
        try() { "$@" >/dev/null 2>&1 && echo -n "yes " || echo -n "no "; }
        cd /
        try cat "$1/closed/secret"; try cat "$1/closed/shown"; try sh -c "echo x >>$1/closed/shown"; try touch "$1/closed/new"
        try mkdir "$1/closed/newer"; try rm -f "$1/closed/shown"; try mv "$1/closed/shown" "$1/open/shown"
        try sh -c "echo x >$1/open/mine"; try chmod 600 "$1/open/mine"; try mv "$1/open/mine" "$1/open/still-mine"
        try rm -f "$1/open/of-root"; try sh -c "echo x >>$1/open/of-root"; try chmod 600 "$1/open/of-root"
        try rm -f "$1/open/still-mine"; try cat "$1/locked/hidden"; try ls "$1/locked"; try truncate -s 0 "$1/closed/shown"' _ "$1"
}
as_on_the_bare_directory() {
    local bare through
    chmod 711 "$scratch"
    mkdir "$scratch/bare"
    bare=$(tries_of_nobody "$scratch/bare")
    through=$(tries_of_nobody "$scratch/mnt")
    [ "$bare" = "$through" ] && [[ $bare == *yes* && $bare == *no* ]] || { echo "bare:    $bare"; echo "through: $through"; return 1; }
}
check "whoever is not root is refused what the bare directory refuses" as_on_the_bare_directory
code=0
stop_mount || code=$?
check "the daemon ends in order" [ "$code" -eq 0 ]
check "nothing stays mounted after it" unmounted

start_mount
kill -KILL "$mount_pid"
check "a killed harness leaves no mount behind" wait_until 10 unmounted
wait "$mount_pid" 2>/dev/null || true

dies_exactly() { # THREADS N...
    local threads=$1 n moment
    shift
    for n; do
        for moment in before after; do
            rm -rf "$scratch/back"
            mkdir "$scratch/back"
            "$tool" kill "$scratch/back" "$scratch/mnt" "$scratch/work" "$n" "$moment" "$threads" ||
                { echo "$moment operation $n"; return 1; }
        done
    done
}
check "the target dies before or after its operation N and not one later" dies_exactly 1 1 2 7 40
check "so it does with 8 threads at work" dies_exactly 8 1 9 100 1000
check "nothing stays mounted at the end" unmounted
finish_cases
