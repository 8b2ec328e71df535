#!/bin/bash
# Installs Debian packages for targets, unattended, and keeps the servers in them from being started: apt.sh PACKAGE...
# As root, or by sudo without a password.
set -euo pipefail
as_root=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null && sudo -n true || { echo "be root to install $*" >&2; exit 1; }
    as_root=(sudo -n)
fi
# Packages of servers start them unless this says no (101).
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
    trap '"${as_root[@]}" rm -f $policy' EXIT
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee $policy >/dev/null
    "${as_root[@]}" chmod 0755 $policy
fi
install() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@"
}
# The lists may be missing or old.
install "$@" || { "${as_root[@]}" apt-get update -q && install "$@"; }
