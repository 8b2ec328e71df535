#!/bin/bash
# Starts docker-registry in the foreground: docker-registry.sh PORT DATA
set -euo pipefail
mkdir -p "$2/run"
cat >"$2/run/config.yml" <<CONF
version: 0.1
log:
  level: warn
  accesslog:
    disabled: true
storage:
  filesystem:
    rootdirectory: $2/files
    maxthreads: 100
  delete:
    enabled: true
  maintenance:
    uploadpurging:
      enabled: false
http:
  addr: 127.0.0.1:$1
  secret: of all replicas and restarts
CONF
exec docker-registry serve "$2/run/config.yml"
