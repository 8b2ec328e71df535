#!/bin/bash
# Runs whose target is short of memory or is started anew: what the record says, and what is left behind.
set -euo pipefail
# shellcheck source=ci/lib.sh
source "$ORDEAL_SOURCE/ci/lib.sh"
make_scratch
cd "$scratch"
ordeal=$ORDEAL_BIN/ordeal
export XDG_RUNTIME_DIR=$scratch/runtime
mkdir -m 700 "$XDG_RUNTIME_DIR"
last_run() { ls -d "$scratch"/runs/*/ | tail -n1 | sed 's,/$,,'; }
history_says() { "$ordeal" history "$(last_run)" | grep -F "$1"; }
groups_of_ours() { find /sys/fs/cgroup -maxdepth 6 -type d -name 'ordeal-[0-9]*' 2>/dev/null | sort; }

scenario() { # NAME, further keys on standard input
    {
        cat <<Y
name: $1
target: reference
quiet: 15s
clients:
  - behaviour: put-get
    count: 6
    keys: own
    think: 10ms
  - behaviour: put-get
    name: later
    count: 100
    from: 1500ms
    think: 50ms
invariants: [read-integrity, durability, linearizable, version-order]
Y
        cat
    } >"$1.yaml"
}

scenario memory <<'Y'
duration: 3s
faults:
  - {fault: memory-limit, at: 1s, for: 1s, limit: 1MiB}
Y
before=$(groups_of_ours)
if "$ordeal" doctor | grep -q "yes *memory cgroup"; then
    check "a target killed for want of memory loses nothing" expect_code 0 "$ordeal" run memory.yaml
    check "its exit is named for what it was" history_says "was killed by the kernel for want of memory"
    check "the fault's end says how often" history_says "the kernel killed 1 for want of memory"
    check "no cgroup is left behind" test "$(groups_of_ours)" = "$before"
else
    skip "a target killed for want of memory loses nothing" "no memory cgroup; be root, or delegate one with the memory controller"
fi

scenario restarts <<'Y'
duration: 3s
faults:
  - {fault: restart, at: 1s}
  - {fault: restart, at: 2s, by: kill}
Y
check "a target that is deployed anew and killed anew loses nothing" expect_code 0 "$ordeal" run restarts.yaml
check "both restarts are in the record" eval '[ "$("$ordeal" history "$(last_run)" | grep -c "\"target-start\"")" -eq 3 ]'

# Its first words are the descriptors that it was given.
cat >"$scratch/telling.yaml" <<Y
name: telling
driver: reference
command: [bash, -c, 'ls /proc/self/fd | xargs echo descriptors; exec "\$0" "\$@"', $ORDEAL_BIN/ordeal-reference, --port, "{port}", --data, "{data}", --no-auth]
url: http://127.0.0.1:{port}
port_line: "listening on 127.0.0.1:"
ready: /readyz
Y
given() { grep -a '^descriptors ' "$(last_run)/target.log"; }
check "a target that says what it was given runs" expect_code 0 "$ordeal" run restarts.yaml --set target=./telling.yaml
check "it says so at each start" eval '[ "$(given | wc -l)" -eq 3 ]'
check "one started anew during the load was given as few descriptors as the first" eval '[ "$(given | sort -u | wc -l)" -eq 1 ]'
finish_cases
