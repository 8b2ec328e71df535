#!/bin/bash
# Where there is no /dev/fuse, storage faults reach a target through its system calls.
set -euo pipefail
# shellcheck source=ci/lib.sh
source "$ORDEAL_SOURCE/ci/lib.sh"
PATH=$ORDEAL_BIN:$PATH

if [ "$(id -u)" -ne 0 ]; then
    skip "storage faults without /dev/fuse" "it is hidden in a mount namespace; run as root"
    exit 0
fi
make_scratch

# without_fuse command...: /dev is a small one of its own.
without_fuse() {
    # shellcheck disable=SC2016
    unshare --mount bash -c 'mount -t tmpfs none /mnt
        for name in null zero full random urandom tty; do cp -a "/dev/$name" /mnt/ 2>/dev/null || true; done
        mkdir /mnt/shm
        mount --bind /dev/shm /mnt/shm
        ln -s /proc/self/fd /mnt/fd
        mount --move /mnt /dev
        exec "$@"' - "$@"
}
if ! without_fuse test ! -e /dev/fuse -a -e /dev/null; then
    skip "storage faults without /dev/fuse" "no mount namespace here; run as root with --cap-add SYS_ADMIN"
    exit 0
fi
scenario() { # NAME faults...
    cat >"$scratch/$1.yaml" <<Y
name: $1
target: reference
duration: 3s
quiet: 20s
data: {keys: 10, keys_per_client: 100, sizes: 1KiB..8KiB}
clients:
  - {behaviour: put-get, count: 4, keys: own, think: 20ms}
faults:
$(printf '  - {%s}\n' "${@:2}")
invariants: [read-integrity, durability, linearizable, no-phantom]
Y
}
ran() { # CODE TEXT SCENARIO
    expect_code "$1" without_fuse ordeal run "$scratch/$3.yaml" --runs "$scratch/runs" || return 1
    grep -qE -- "$2" "$out" || { echo "no '$2' in:"; cat "$out"; return 1; }
}
scenario watched "fault: io-error, at: 600ms, for: 600ms, probability: 30%" "fault: slow-disk, at: 1300ms, for: 400ms" \
    "fault: kill-at, at: 1900ms, for: 400ms"
check "errors, delays and a kill bite by watching system calls" ran 0 "watching the target's system calls" watched
check "and nothing is lost by them" grep -q '^verdict: pass' "$out"
scenario full "fault: disk-full, at: 500ms, for: 500ms"
check "what needs chaosfs is said not to be possible" ran 3 "disk-full.*needs chaosfs" full
check "no control file is left" bash -c "[ -z \"\$(find '$scratch/runs' -name '*.control')\" ]"
finish_cases
