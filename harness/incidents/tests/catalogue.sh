#!/bin/bash
# The catalogue of incidents: every one is whole, every patch still applies and compiles, a new one can be made from the template.
set -euo pipefail
# shellcheck source=ci/lib.sh
source "$ORDEAL_SOURCE/ci/lib.sh"
make_scratch
ordeal=$ORDEAL_BIN/ordeal
incidents=$ORDEAL_SOURCE/scenarios/incidents
cd "$scratch"
mkdir tree
(cd "$ORDEAL_SOURCE" && find reference harness/base -name '*.[ch]' -not -path '*/tests/*' \
    -exec cp --parents -t "$scratch/tree" {} +)
read -r -a compile <<<"cc -std=c17 -fsyntax-only -D_GNU_SOURCE -DORDEAL_VERSION=\"x\" -Iharness -Ireference $(
    pkg-config --cflags libmicrohttpd yaml-0.1 sqlite3 jansson yajl libsodium libcrypto libxxhash)"

# The files that a patch touches compile with it.
compiles() (
    cd "$scratch/tree"
    patch -s --dry-run -p1 -f -i "$1" && patch -s -p1 -f -i "$1" || exit 1
    code=0
    sed -n 's,^+++ b/\(.*\.c\)$,\1,p' "$1" | xargs "${compile[@]}" || code=$?
    patch -s -R -p1 -f -i "$1"
    exit "$code"
)

cd "$ORDEAL_SOURCE"
check "every incident has a story, a scenario that asks for its invariant, and a patch" "$ordeal" incident check
check "ordeal list shows them" bash -c "[ \"\$('$ordeal' list incidents | wc -l)\" = \"\$(ls '$incidents'/*/story.md | grep -vc TEMPLATE)\" ]"
for patch in "$incidents"/*/defect.patch; do
    id=$(basename "$(dirname "$patch")")
    [ "$id" = TEMPLATE ] || check "the defect of $id still applies and compiles" compiles "$patch"
done

cd "$scratch"
mkdir -p own/scenarios
cp -r "$incidents" own/scenarios/incidents
cd own
check "a new incident is made from the template" expect_code 0 "$ordeal" incident new my-own-one
check "it tells what to do next" grep -q "git diff reference/ >scenarios/incidents/my-own-one/defect.patch" "$out"
check "it is not whole while its patch is the template" expect_code 2 "$ordeal" incident check
check "and says so, with the line" grep -q "my-own-one/defect.patch:1: is still the template: put the defect into reference/" "$out"
check "nor is it reproduced" expect_code 2 "$ordeal" reproduce my-own-one
check "for the same reason" grep -q "my-own-one/defect.patch:1: is still the template" "$out"
printf 'some words\n' >scenarios/incidents/my-own-one/defect.patch
check "a patch that is none is refused" expect_code 2 "$ordeal" reproduce my-own-one
check "with what is wanted" grep -q "changes no source of the server: a unified diff" "$out"
cp scenarios/incidents/etag-reused/defect.patch scenarios/incidents/my-own-one/
check "with a patch it is whole" "$ordeal" incident check
check "reports that cannot be written are refused before anything is run" expect_code 2 "$ordeal" reproduce my-own-one --json nowhere/x.json
check "with the file" grep -q "nowhere/x.json: cannot be written" "$out"
check "its scenario is fine" "$ordeal" run scenarios/incidents/my-own-one/scenario.yaml --dry-run
check "an incident that is there already is not overwritten" expect_code 2 "$ordeal" incident new my-own-one
check "and called so" grep -q "my-own-one: is there already" "$out"
rm -rf scenarios/incidents/TEMPLATE
check "without the template nothing is left half made" bash -c "! '$ordeal' incident new half && [ ! -e scenarios/incidents/half ]"
check "a name that is no name is refused" expect_code 2 "$ordeal" incident new "../x"
check "an unknown incident is refused with the nearest one" expect_code 2 "$ordeal" reproduce my-own-on
check "and names it" grep -q "nearest is my-own-one" "$out"
printf -- '---\nnumber: 7\n' >scenarios/incidents/my-own-one/story.md
check "a story without a whole head is refused" expect_code 2 "$ordeal" incident check
check "with the file" grep -q "my-own-one/story.md" "$out"
finish_cases
