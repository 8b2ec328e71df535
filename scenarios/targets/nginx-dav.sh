#!/bin/bash
# Starts nginx with its WebDAV module in the foreground: nginx-dav.sh PORT DATA
set -euo pipefail
port=$1
data=$2
mkdir -p "$data/files" "$data/parts" "$data/run"
cat >"$data/run/nginx.conf" <<CONF
daemon off;
$([ "$(id -u)" -ne 0 ] || echo "user root; # else www-data, who may not enter the folders above")
worker_processes 2;
pid $data/run/nginx.pid;
error_log stderr warn;
events { worker_connections 8192; }
http {
    access_log off;
    client_body_temp_path $data/parts;
    proxy_temp_path $data/run/proxy;
    fastcgi_temp_path $data/run/fastcgi;
    uwsgi_temp_path $data/run/uwsgi;
    scgi_temp_path $data/run/scgi;
    client_max_body_size 0;
    server {
        listen 127.0.0.1:$port;
        root $data/files;
        location = /.ready { return 204; }
        location / {
            dav_methods PUT DELETE MKCOL COPY MOVE;
            create_full_put_path on;
            dav_access user:rw group:rw all:rw;
        }
    }
}
CONF
exec nginx -c "$data/run/nginx.conf" -e stderr
