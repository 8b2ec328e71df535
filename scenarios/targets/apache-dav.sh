#!/bin/bash
# Starts Apache httpd with mod_dav in the foreground: apache-dav.sh PORT DATA
set -euo pipefail
port=$1
data=$2
modules=$(dirname "$(find /usr/lib/apache2 -name mod_dav.so | head -n 1)")
mkdir -p "$data/files" "$data/run"
rm -f "$data/run/pid" # which elsewhere lies on a file system that no power cut leaves
if [ "$(id -u)" -eq 0 ]; then
    chown -R www-data:www-data "$data/files" "$data/run"
    setpriv --reuid www-data --regid www-data --clear-groups test -w "$data/files" || {
        echo "apache2 serves as www-data, who cannot enter $data: choose a folder with --runs that everybody can enter" >&2
        exit 1
    }
fi
cat >"$data/run/apache.conf" <<CONF
ServerRoot $data/run
ServerName localhost
Listen 127.0.0.1:$port
PidFile $data/run/pid
ErrorLog /dev/stderr
LogLevel warn
LoadModule mpm_event_module $modules/mod_mpm_event.so
LoadModule authz_core_module $modules/mod_authz_core.so
LoadModule alias_module $modules/mod_alias.so
LoadModule dav_module $modules/mod_dav.so
LoadModule dav_fs_module $modules/mod_dav_fs.so
$([ "$(id -u)" -ne 0 ] || echo "User www-data
Group www-data")
ThreadsPerChild 64
ServerLimit 4
MaxRequestWorkers 256
LimitRequestBody 0
DavLockDB $data/run/locks
Redirect 204 /.ready
DocumentRoot $data/files
<Directory $data/files>
    Dav On
    Require all granted
</Directory>
CONF
exec apache2 -f "$data/run/apache.conf" -D FOREGROUND
