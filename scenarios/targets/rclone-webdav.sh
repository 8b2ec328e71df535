#!/bin/bash
# Starts rclone serving a folder by WebDAV: rclone-webdav.sh PORT DATA
set -euo pipefail
mkdir -p "$2/files"
exec rclone serve webdav "$2/files" --addr "127.0.0.1:$1" --config "$2/rclone.conf" --cache-dir "$2/cache" --vfs-cache-mode off --dir-cache-time 1s
