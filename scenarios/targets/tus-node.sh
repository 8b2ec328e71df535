#!/bin/bash
# Starts the tus server of npm in the foreground: tus-node.sh PORT DATA
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
command -v node >/dev/null || { echo "node is not installed: apt-get install nodejs npm" >&2; exit 127; }
for modules in "${ORDEAL_NODE_MODULES:-}" "$here/../../ci/npm/node_modules" "$PWD/node_modules"; do
    [ ! -e "$modules/@tus/server" ] || exec node "$here/tus-node.js" "$1" "$2" "$modules"
done
echo "@tus/server is not installed: npm ci --prefix ci/npm, or npm install @tus/server @tus/file-store here" >&2
exit 127
