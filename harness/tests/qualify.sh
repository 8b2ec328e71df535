#!/bin/bash
# ordeal qualify and matrix as a person runs them.
set -euo pipefail
source "$ORDEAL_SOURCE/ci/lib.sh"
make_scratch
cd "$scratch"
ordeal=$ORDEAL_BIN/ordeal

last_of() { find "$1" -maxdepth 1 -name "*-qualify-$2" | sort | tail -n 1; }
verdict_of() { jq -e --arg address "$2" --arg verdict "$3" '.cases[] | select(.address == $address) | .verdict == $verdict' "$1/qualify.json"; }

check "the reference server holds all of its protocol" expect_code 0 "$ordeal" qualify reference --no-tiers --strict
mine=$(last_of runs reference)
check "what it does not offer is not applicable" verdict_of "$mine" dav/move/1 "not applicable"
check "its uploads are asked" verdict_of "$mine" tus/patch/2 ok
check "it leaves no data behind" test ! -e "$mine/data"
check "one case can be asked alone" expect_code 0 "$ordeal" qualify reference --only http/if-match/2 --runs one
check "and is the only one" jq -es '.[0].cases | length == 1' one/*/qualify.json
check "an address that does not exist is refused" expect_code 2 "$ordeal" qualify reference --only http/if-mtach
check "a tier that does not exist is refused" expect_code 2 "$ordeal" qualify reference --tier powercut
check "a target that does not exist is refused" expect_code 2 "$ordeal" qualify no-such-target
echo "http/get/1  # passes in truth" >known
check "a known failing case that passes fails the run" expect_code 1 "$ordeal" qualify reference --only http/get/1 --known known

if command -v nginx >/dev/null; then
    check "nginx breaks requirements of WebDAV" expect_code 1 "$ordeal" qualify nginx-dav --no-tiers
    theirs=$(last_of runs nginx-dav)
    check "which are named: no DAV field" verdict_of "$theirs" dav/options/1 failed
    check "and proven by a curl line" jq -e '.cases[] | select(.address == "dav/options/1") | .curl | startswith("curl -i -X")' "$theirs/qualify.json"
    jq -r '.cases[] | select(.verdict == "failed") | .address' "$theirs/qualify.json" >known
    check "with all of them known it passes" expect_code 0 "$ordeal" qualify nginx-dav --no-tiers --known known
    check "a SHOULD that it does not hold is no failure" expect_code 0 "$ordeal" qualify nginx-dav --only http/put/3
    check "but is one with --strict" expect_code 1 "$ordeal" qualify nginx-dav --only http/put/3 --strict
    check "it is compared with the reference server" expect_code 1 "$ordeal" qualify nginx-dav --only http/etag --differential
    check "and the case in which they differ is listed" grep -Eq "http/etag/2 +ok \| failed" "$out"
    check "the matrix has both servers" expect_code 0 "$ordeal" matrix "$mine" "$theirs" --out table
    check "as a table" grep -q "| http | 47 of 47 |" table/matrix.md
    check "and says what was not run" grep -q "| kill | not run | not run |" table/matrix.md
    check "and as a page that opens its evidence" grep -q "<b>dav/options/1</b>" table/matrix.html
else
    skip "nginx breaks requirements of WebDAV" "nginx is not installed; ci/setup installs it"
fi
if [ -e "$ORDEAL_SOURCE/ci/npm/node_modules/@tus/server" ]; then
    npm_in_cache tus-node
    check "another's tus server breaks requirements of tus" expect_code 1 "$ordeal" qualify tus-node --no-tiers
    theirs=$(last_of runs tus-node)
    check "which are named: it knows no X-HTTP-Method-Override" verdict_of "$theirs" tus/override/1 failed
    check "what it does not announce is not applicable" verdict_of "$theirs" tus/checksum/2 "not applicable"
    cat >uploads.yaml <<'YAML'
name: uploads
target: tus-node
duration: 1500ms
data: {keys: 20, sizes: 16..32KiB}
clients:
  - {behaviour: upload, count: 3, think: 5ms}
  - {behaviour: upload-abandon, count: 2, cancelled: 100%, think: 5ms}
  - {behaviour: put-get, count: 2, think: 5ms}
invariants: [read-integrity, linearizable, no-phantom, upload-visibility]
YAML
    check "the driver tus speaks to it" expect_code 0 "$ordeal" run uploads.yaml --quiet
else
    skip "another's tus server breaks requirements of tus" "its npm packages are missing; ci/setup installs them"
fi
# A server of somebody's own: plain HTTP, and no survivor of DELETE.
cat >server.py <<'PY'
import http.server, os, sys
class Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    def do_PUT(self):
        body = self.rfile.read(int(self.headers['Content-Length']))
        with open(self.translate_path(self.path), 'wb') as out:
            out.write(body)
        self.send_response(201)
        self.send_header('Content-Length', '0')
        self.end_headers()
    def do_DELETE(self):
        os._exit(7)
    def log_message(self, *_):
        pass
os.chdir(sys.argv[2])
http.server.ThreadingHTTPServer(('127.0.0.1', int(sys.argv[1])), Handler).serve_forever()
PY
cat >mine.yaml <<'YAML'
name: mine
driver: webdav
command: [python3, server.py, "{port}", "{data}"]
url: http://127.0.0.1:{port}
capabilities: [files]
YAML
check "a server of one's own is asked" expect_code 1 "$ordeal" qualify mine.yaml --no-tiers
mine=$(last_of runs mine)
check "a case that it does not survive has failed" jq -e '[.cases[] | select(.address | startswith("http/delete")) | select(.actual | contains("ended by itself"))] | length > 0' "$mine/qualify.json"
check "and the others are asked of one that was started again" verdict_of "$mine" http/names/3 ok
check "plain HTTP has no collections" verdict_of "$mine" dav/mkcol/1 "not applicable"

# The same behind a lock: what requests must say is its last argument, @ in it the secret.
cat >guarded.py <<'PY'
import http.server, os, sys
stored = {}
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    def handle_any(self):
        body = self.rfile.read(int(self.headers.get('Content-Length', 0)))
        if self.headers.get('Authorization') != sys.argv[2].replace('@', os.environ['GUARD']):
            return self.answer(401)
        if self.command == 'PUT':
            known, stored[self.path] = self.path in stored, body
            return self.answer(204 if known else 201)
        if self.command == 'DELETE':
            return self.answer(204 if stored.pop(self.path, None) is not None else 404)
        self.answer(200 if self.path in stored else 404, stored.get(self.path, b''))
    do_GET = do_HEAD = do_PUT = do_DELETE = handle_any
    def answer(self, status, body=b''):
        self.send_response(status)
        if status != 204:
            self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        if self.command != 'HEAD':
            self.wfile.write(body)
    def log_message(self, *_):
        pass
http.server.ThreadingHTTPServer(('127.0.0.1', int(sys.argv[1])), Handler).serve_forever()
PY
guarded() { # KIND, what its target file says, what the server wants
    printf '%s\n' "name: $1" 'driver: webdav' 'url: http://127.0.0.1:{port}' 'capabilities: [files]' 'secret: $GUARD' \
        "command: [python3, guarded.py, \"{port}\", \"$3\"]" "$2" >"$1.yaml"
}
guarded basic $'auth: basic\nuser: someone' "Basic $(printf 'someone:open sesame' | base64)"
guarded bearer 'auth: bearer' "Bearer @"
cat >locked.yaml <<'YAML'
name: locked
target: basic.yaml
duration: 1s
data: {keys: 4, sizes: 1KiB..4KiB}
clients:
  - {behaviour: put-get, count: 2, think: 10ms}
invariants: [read-integrity, linearizable]
YAML
export GUARD="open sesame"
for kind in basic bearer; do
    "$ordeal" qualify $kind.yaml --no-tiers --only http/put --runs locked >/dev/null || true
    check "with auth: $kind a file is put" verdict_of "$(last_of locked $kind)" http/put/1 ok
    check "and a run passes" expect_code 0 "$ordeal" run locked.yaml --target $kind.yaml --quiet --runs locked
done
check "the secret stays out of what is written" sh -c '! grep -rlF "$GUARD" locked'
export GUARD="another"
"$ordeal" qualify basic.yaml --no-tiers --only http/put/1 --runs refused >/dev/null || true
check "another secret fails, and 401 is told" jq -e '.cases[0] | .verdict == "failed" and .actual == "status 401"' refused/*/qualify.json
check "and makes a run invalid, which is no pass" expect_code 3 "$ordeal" run locked.yaml --quiet --runs refused

"$ORDEAL_BIN/ordeal-reference" --port 0 --data "$scratch/adopted" --no-auth >adopted.log 2>&1 &
wait_until 10 grep -q "listening on" adopted.log
port=$(sed -n 's/.*listening on 127.0.0.1:\([0-9]*\).*/\1/p' adopted.log | head -n 1)
printf 'name: adopted\ndriver: reference\nurl: http://127.0.0.1:%s\n' "$port" >adopted.yaml
check "a server that runs already is asked" expect_code 0 "$ordeal" qualify adopted.yaml --no-tiers --strict
check "and still runs" curl -fsS -o /dev/null "http://127.0.0.1:$port/readyz"

check "a folder that is no qualification is refused" expect_code 2 "$ordeal" matrix "$scratch"
finish_cases
