#!/bin/bash
# Installs npm packages for targets into a folder of their own, unattended, and Debian's Node and npm where there is no npm:
# npm.sh FOLDER NODE PACKAGE@VERSION...    NODE: the least version of Node that they run on
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=$1
least=$2
shift 2
command -v npm >/dev/null || "$here/apt.sh" nodejs npm
version=$(node --version)
printf '%s\n' "v$least" "$version" | sort --version-sort --check=quiet || {
    echo "$* need Node $least or newer; $(command -v node) is $version" >&2
    exit 1
}
mkdir -p "$folder"
exec npm install --prefix "$folder" --no-audit --no-fund --ignore-scripts "$@"
