#!/bin/bash
# Plants defects between ordeal and real servers: each must be found and named right by every driver that can see it, and
# without the defect nothing may be named. planter.py is the proxy. `planted.sh all` tries all of the table, `planted.sh DEFECT...`
# only these, `planted.sh` one of each kind.
set -euo pipefail
source "$ORDEAL_SOURCE/ci/lib.sh"
make_scratch
chmod 0755 "$scratch" # some servers are other users
cd "$scratch"
ordeal=$ORDEAL_BIN/ordeal
planter=$ORDEAL_SOURCE/harness/qualify/tests/planter.py
targets=$ORDEAL_SOURCE/scenarios/targets
node=$ORDEAL_SOURCE/ci/npm/node_modules
quick=yes
[ $# -eq 0 ] || quick=''
only=("$@")
[ "${1-}" != all ] || only=()
at_once=8

# --- the servers ---

signed() { printf '%s\n' 'root: /ordeal' 'auth: sigv4' "user: $1" "secret: $2" "region: $3"; }

# write_target SERVER DEFECT PERIOD: SERVER-DEFECTPERIOD.yaml starts the planter before the server.
write_target() {
    local driver url='http://127.0.0.1:{port}' has command ready='ready: /'
    case $1 in
    reference) driver=reference ready='ready: /readyz' has='' command="$ORDEAL_BIN/ordeal-reference, --port, \"@PORT@\", --data, \"@DATA@\", --no-auth" ;;
    apache) driver=webdav ready='ready: /.ready' has='capabilities: [files, conditions, ranges, list, moves, collections]' command="/bin/bash, $targets/apache-dav.sh, \"@PORT@\", \"@DATA@\"" ;;
    nginx) driver=webdav ready='ready: /.ready' has='capabilities: [files, ranges]' command="/bin/bash, $targets/nginx-dav.sh, \"@PORT@\", \"@DATA@\"" ;;
    rclone) driver=webdav has='capabilities: [files, ranges, list, moves, collections]' command="/bin/bash, $targets/rclone-webdav.sh, \"@PORT@\", \"@DATA@\"" ;;
    tus-node) driver=tus url=$url/files ready='' has='capabilities: [files, uploads]' command="node, $targets/tus-node.js, \"@PORT@\", \"@DATA@\", $node" ;;
    docker-registry) driver=oci ready='root: /v2/ordeal' has='' command="/bin/bash, $targets/docker-registry.sh, \"@PORT@\", \"@DATA@\"" ;;
    s3rver) driver=s3 ready=$(signed S3RVER S3RVER us-east-1) has='capabilities: [files, ranges, list]' command="node, $node/s3rver/bin/s3rver.js, --directory, \"@DATA@\", --address, 127.0.0.1, --port, \"@PORT@\", --silent, --configure-bucket, ordeal" ;;
    s3-memory) driver=s3 ready=$(signed ORDEALKEY ordeal/secret+key eu-test-1) has='' command="python3, $ORDEAL_SOURCE/harness/tests/s3_server.py, \"@PORT@\"" ;;
    esac
    printf '%s\n' "name: $1" "driver: $driver" "url: $url" 'port_line: "planter listens on 127.0.0.1:"' "$ready" "$has" ready_within:\ 30s \
        "command: [python3, $planter, \"$2$3\", \"{port}\", \"{data}\", --, $command]" >"$1-$2$3.$BASHPID"
    mv "$1-$2$3.$BASHPID" "$1-$2$3.yaml" # others of the same server read it meanwhile
}

missing() {
    case $1 in
    reference | s3-memory) return 1 ;;
    apache) ! command -v apache2 >/dev/null ;;
    nginx) ! command -v nginx >/dev/null ;;
    rclone) ! command -v rclone >/dev/null ;;
    tus-node) [ ! -e "$node/@tus/server" ] ;;
    docker-registry) ! command -v docker-registry >/dev/null ;;
    s3rver) [ ! -e "$node/s3rver" ] ;;
    esac
}

# --- what runs: files, conditions, ranges, lists, changes, uploads ---

write_story() {
    local clients=() invariants="read-integrity, linearizable, no-phantom" duration=2s sizes=600..16KiB
    case $1 in
    files) clients=("{behaviour: put-get, count: 6, think: 4ms}" "{behaviour: delete-put, count: 2, think: 4ms}") ;;
    own) clients=("{behaviour: put-get, count: 6, keys: own, think: 4ms}") ;;
    conditions) clients=("{behaviour: conditional, count: 6, think: 4ms}") invariants+=", cas-exclusive" ;;
    ranges) clients=("{behaviour: ranges, count: 4, think: 4ms}") ;;
    list) clients=("{behaviour: put-get, count: 3, think: 10ms}" "{behaviour: list, count: 2, think: 10ms}") invariants+=", list-agrees" ;;
    watch) clients=("{behaviour: put-get, count: 3, think: 10ms}" "{behaviour: watcher, count: 2}") invariants+=", watch-exact" ;;
    uploads) duration=4s sizes=600..8KiB clients=("{behaviour: upload, count: 4, think: 4ms, piece: 4KiB}" "{behaviour: upload-abandon, count: 2, cancelled: 100%, think: 4ms}") invariants+=", upload-visibility" ;;
    esac
    {
        printf 'name: %s\ntarget: reference\nduration: %s\nquiet: 20s\n' "$1" "$duration"
        printf 'data: {keys: 8, keys_per_client: 3, sizes: %s}\nclients:\n' "$sizes"
        printf '  - %s\n' "${clients[@]}"
        printf 'invariants: [%s]\n' "$invariants"
    } >"$1.yaml"
}

# --- one try each, in a folder of its own ---

# try_case SERVER DEFECT ADDRESS: is this case of conformance the one that fails?
try_case() {
    local folder=$1-$2-${3//\//.} code=0
    write_target "$1" "$2" :1
    "$ordeal" qualify "$1-$2:1.yaml" --no-tiers --only "$3" --runs "$folder" >"$folder.out" 2>&1 || code=$?
    echo "$code" >"$folder.code"
}

# try_run SERVER DEFECT STORY
try_run() {
    local folder=$1-$2-$3 code=0
    write_target "$1" "$2" ''
    "$ordeal" run "$3.yaml" --target "$1-$2.yaml" --quiet --runs "$folder" >"$folder.out" 2>&1 || code=$?
    echo "$code" >"$folder.code"
}

# --- and what is to be seen ---

bit() {
    local log
    log=$(find "$1" -name target.log | head -n 1)
    grep -Eq "^planted [a-z0-9-]+ [1-9]" "$log" || { echo "the defect was never planted"; tail -n 5 "$log"; return 1; }
}

# A case's verdict is in qualify.json, an invariant's in summary.json.
named() {
    local folder=$1 what=$2 wanted=$3
    if [[ $what == */* ]]; then
        jq -e --arg a "$what" --arg v "$wanted" '.cases[] | select(.address == $a) | .verdict == $v' "$folder"/*/qualify.json >/dev/null && return
        jq -r '.cases[] | "\(.address) \(.verdict): \(.actual)"' "$folder"/*/qualify.json
    else
        jq -e --arg n "$what" --arg v "$wanted" '.invariants[] | select(.name == $n) | .answer == $v' "$folder"/*/summary.json >/dev/null && return
        jq -r '.invariants[]? | "\(.name) \(.answer): \(.sentence)"' "$folder"/*/summary.json
    fi
    cat "$folder.out"
    return 1
}

found() { named "$1" "$2" "$3" && bit "$1"; }
sound() { [ "$(cat "$1.code")" -eq 0 ] || { cat "$1.out"; return 1; }; }
unseen() { sound "$1" && bit "$1"; }

# DEFECT | SERVER | STORY of a run, or "-" for conformance | what names it: an address, or an invariant; "invisible" for what
# no client can see, and must not be called a violation. A write that is carried out twice is seen only where somebody else
# writes the name in between: there it has names of one client each. "!" marks the quick ones. What becomes of a MOVE that copies only
# conformance sees: a run judges moves of names that nothing else touches in atomic batches, which WebDAV has not.
table=$(sed 's/ *#.*//; /^$/d' <<'TABLE'
flip-byte           reference  -           http/get/1
flip-byte           nginx      files       read-integrity      !
flip-byte           reference  files       read-integrity
flip-byte           apache     files       read-integrity
flip-byte           tus-node   uploads     read-integrity      !
cut-body            reference  files       read-integrity
cut-body            nginx      files       read-integrity
zero-tail           reference  files       read-integrity
zero-tail           nginx      files       read-integrity
drop-if-match       reference  -           http/if-match/1
drop-if-match       reference  -           http/if-match/2     !
drop-if-match       reference  conditions  cas-exclusive       !
drop-if-match       apache     -           http/if-match/2
drop-if-none-match  reference  -           http/if-none-match/1
drop-if-none-match  reference  -           http/if-none-match/3
deny-412            reference  -           http/if-match/1
deny-412            reference  conditions  cas-exclusive
range-200           reference  -           http/range/5
range-200           nginx      -           http/range/5        !
range-200           apache     -           http/range/5
range-shift         reference  -           http/range/1
range-shift         nginx      ranges      read-integrity
forget-put          reference  files       linearizable        !
forget-put          nginx      files       linearizable
forget-put          apache     files       linearizable
lost-delete         reference  files       linearizable
lost-delete         nginx      files       linearizable        !
lost-delete         tus-node   -           tus/termination/2
same-etag           reference  -           http/etag/2
stale-read          reference  files       linearizable
stale-read          nginx      files       linearizable
missing-read        reference  files       linearizable
missing-read        nginx      files       linearizable
head-length         reference  -           http/head/2
head-length         nginx      -           http/head/2
late-repeat         reference  files       linearizable
late-repeat         nginx      files       linearizable
doubled-write       nginx      own         invisible           !
list-omits          reference  list        list-agrees         !
list-omits          apache     list        list-agrees
list-omits          apache     -           dav/propfind/2
repeat-event        reference  watch       watch-exact         !
move-copies         apache     -           dav/move/1
not-modified        reference  -           http/if-none-match/5
not-modified        nginx      -           http/if-none-match/5
no-allow            reference  -           http/method/2
put-is-200          reference  -           http/put/1
offset-plus-one     reference  -           tus/patch/1
offset-plus-one     tus-node   -           tus/patch/1         !
offset-plus-one     reference  uploads     upload-visibility
offset-plus-one     tus-node   uploads     upload-visibility
head-offset-back    reference  -           tus/head/1
head-offset-back    tus-node   -           tus/head/1
deny-409            reference  -           tus/patch/2         !
deny-409            tus-node   -           tus/patch/2
flip-piece          reference  uploads     read-integrity
flip-piece          tus-node   uploads     read-integrity
forget-piece        reference  uploads     upload-visibility
forget-piece        tus-node   uploads     upload-visibility
no-version          tus-node   -           tus/tus-resumable/1
cached-offset       tus-node   -           tus/head/3
any-version         reference  -           tus/tus-resumable/2
no-metadata         tus-node   -           tus/creation/4
flip-byte           s3rver     own         read-integrity      !
flip-byte           s3rver     -           s3/put-object/1
flip-byte           s3-memory  files       read-integrity
flip-byte           docker-registry own    read-integrity      !
flip-byte           docker-registry -      oci/upload/3
cut-body            s3rver     own         read-integrity
cut-body            docker-registry own    read-integrity
zero-tail           s3rver     own         read-integrity
zero-tail           docker-registry own    read-integrity
drop-if-match       s3-memory  -           s3/conditions/2     !
drop-if-match       s3-memory  conditions  cas-exclusive
drop-if-none-match  s3-memory  -           s3/conditions/1
deny-412            s3-memory  -           s3/conditions/1
deny-412            s3-memory  conditions  cas-exclusive
range-200           s3rver     -           s3/get-object/2     !
range-200           docker-registry -      oci/blob/6          !
range-shift         s3-memory  ranges      read-integrity
range-shift         docker-registry ranges read-integrity
range-shift         docker-registry -      oci/blob/4
forget-put          s3rver     own         linearizable        !
forget-put          s3-memory  files       linearizable
forget-put          docker-registry own    linearizable        !
lost-delete         s3-memory  files       linearizable
lost-delete         s3rver     -           s3/delete-object/1
lost-delete         docker-registry -      oci/manifest/5
lost-delete         docker-registry -      oci/blob/5
stale-read          s3-memory  files       linearizable
stale-read          docker-registry own    linearizable
missing-read        s3rver     own         linearizable
missing-read        docker-registry own    linearizable
head-length         s3rver     -           http/head/2
head-length         docker-registry -      oci/blob/1
late-repeat         s3-memory  files       linearizable
list-omits          s3-memory  list        list-agrees
list-omits          s3rver     -           s3/list/1
list-omits          docker-registry -      oci/tags/1
offset-plus-one     docker-registry -      oci/upload/5
offset-plus-one     docker-registry uploads upload-visibility
head-offset-back    docker-registry -      oci/upload/7
head-offset-back    s3-memory  -           s3/multipart/4
flip-piece          s3-memory  uploads     read-integrity
forget-piece        s3-memory  uploads     upload-visibility
forget-piece        docker-registry uploads upload-visibility
any-digest          docker-registry -      oci/digest/1
any-signature       s3-memory  -           s3/signature/1
silent-close        reference  -           http/connection/2
silent-close        nginx      -           http/connection/1   !
silent-close        apache     -           http/connection/2
no-absolute-form    reference  -           http/absolute-form/1 !
no-absolute-form    nginx      -           http/absolute-form/1
wrong-bounds        reference  -           api-upkeep/histogram/1
one-sample-less     reference  -           api-channels/kept/2
none                s3rver     own         sound
none                s3-memory  files       sound               !
none                s3-memory  conditions  sound
none                s3-memory  ranges      sound
none                s3-memory  list        sound
none                s3-memory  uploads     sound
none                s3-memory  -           s3/conditions
none                s3-memory  -           s3/signature
none                s3-memory  -           s3/multipart/4
none                s3rver     -           s3/put-object/1
none                s3rver     -           s3/get-object
none                s3rver     -           s3/list/1
none                s3rver     -           s3/delete-object
none                docker-registry -      oci/blob/1
none                docker-registry -      oci/blob/4
none                docker-registry -      oci/blob/6
none                docker-registry -      oci/digest
none                docker-registry -      oci/tags/1
none                docker-registry -      oci/manifest
none                docker-registry own    sound               !
none                docker-registry ranges sound
none                docker-registry uploads sound
none                reference  files       sound               !
none                reference  conditions  sound
none                reference  ranges      sound
none                reference  list        sound
none                reference  watch       sound
none                reference  uploads     sound
none                nginx      files       sound               !
none                nginx      ranges      sound
none                apache     list        sound
none                tus-node   uploads     sound               !
none                reference  -           http
none                reference  -           api-upkeep
none                reference  -           tus
TABLE
)

# wanted DEFECT MARK
wanted() {
    local one
    [ -z "$quick" ] || [ "$2" = '!' ] || return 1
    [ ${#only[@]} -gt 0 ] || return 0
    for one in "${only[@]}"; do [ "$one" != "$1" ] || return 0; done
    return 1
}

for story in files own conditions ranges list watch move uploads; do write_story "$story"; done

while read -r defect server story name mark; do
    if ! wanted "$defect" "$mark" || missing "$server"; then continue; fi
    while [ "$(jobs -rp | wc -l)" -ge "$at_once" ]; do wait -n || true; done
    if [ "$story" = - ]; then try_case "$server" "$defect" "$name" & else try_run "$server" "$defect" "$story" & fi
done <<<"$table"
wait

while read -r defect server story name mark; do
    wanted "$defect" "$mark" || continue
    if [ "$story" = - ]; then folder=$server-$defect-${name//\//.}; else folder=$server-$defect-$story; fi
    if [ "$defect" = none ]; then
        sentence="$server without a defect is sound: $name $story"
    elif [ "$name" = invisible ]; then
        sentence="$defect at $server is legal, and nothing is named"
    else
        sentence="$defect at $server is named $name"
    fi
    if missing "$server"; then
        skip "$sentence" "$server is not installed; ci/setup, or the target file, says how"
        continue
    fi
    case $defect/$name in
    none/*) check "$sentence" sound "$folder" ;;
    */invisible) check "$sentence" unseen "$folder" ;;
    */*/*)
        if named "$folder" "$name" non-strict >/dev/null 2>&1; then check "$sentence" found "$folder" "$name" non-strict
        else check "$sentence" found "$folder" "$name" failed; fi
        ;;
    *) check "$sentence" found "$folder" "$name" violated ;;
    esac
done <<<"$table"
finish_cases
