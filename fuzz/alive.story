! a start on a disk that fails: amid the search for what no file names
!expect 201 "version":1
PUT /v1/files/~kept

kept
====
!fault step 13 5
!restart
!expect 204
DELETE /v1/files/~kept
====

! files
!expect 201 "version":1
PUT /v1/files/~a/b%20c
Repr-Digest: sha-256=:Ccp+TqpuiunH0mEWcSkYSINkTQffuny/vEyKLgg2DVs=:
X-Odd: a	tab

hello, world
====
!expect 200 hello, world
GET /v1/files/~a/b%20c
====
!expect 200 ETag: {etag}
HEAD /v1/files/~a%2Fb%20c
====
!expect 206 Content-Range: bytes 7-11/12
GET /v1/files/~a/b%20c
Range: bytes=7-11
====
!expect 206 Content-Range: bytes 9-11/12
GET /v1/files/~a/b%20c
Range: bytes=-3
If-Range: {etag}
====
!expect 200 hello, world
GET /v1/files/~a/b%20c
Range: bytes=7-11
If-Range: "another"
====
!expect 416 Content-Range: bytes */12
GET /v1/files/~a/b%20c
Range: bytes=12-
====
!expect 304
GET /v1/files/~a/b%20c
If-None-Match: "another", W/{etag}
====
!expect 200 hello, world
GET /v1/files/~a/b%20c
If-Match: "another", {etag}
====
!expect 412 precondition_failed
PUT /v1/files/~a/b%20c
If-Match: W/{etag}

never
====
!expect 412 precondition_failed
PUT /v1/files/~a/b%20c
If-None-Match: *

never
====
!expect 200 "version":2
PUT /v1/files/~a/b%20c
If-Match: {etag}
Repr-Digest: sha-512=:hxAznctoFNDZ0ikO9CIoXJMitxY5Ufmgyo+IPTMFKG9EE5qjdISOQXT1qtpmMCfkVIY3ttGYlK7E+2xGoTn7+Q==:

hello, world
====
!expect 400 digest_mismatch
PUT /v1/files/~a/b%20c
Repr-Digest: sha-256=:Ccp+TqpuiunH0mEWcSkYSINkTQffuny/vEyKLgg2DVs=:

hello, World
====
!expect 400 validation_error
PUT /v1/files/~a/b%20c
Content-Range: bytes 0-4/12

never
====
!expect 201 "size":0
PUT /v1/files/~ü

====
!expect 200
GET /v1/files/~ü
====
!expect 400 UTF-8
PUT /v1/files/~%ff

never
====
!expect 400 segment
GET /v1/files/~a/../b
====
!expect 400 control
GET /v1/files/~%0a
====
!expect 404 not_found
GET /v1/files/~none
====
!expect 404 not_found
DELETE /v1/files/~none
====
!expect 404 not_found
GET /v1/nowhere
====
!expect 405 Allow: GET
POST /v1/version
====
!expect 200 "path":"~a/b c"
GET /v1/files?prefix=~&limit=1
====
!expect 200 "files":[{"path":"~ü"
GET /v1/files?prefix=~&limit=1&cursor={cursor}
====
!expect 400 validation_error
GET /v1/files?limit=0
====

! versions
!expect 200 "path":"~a/b c","versions":[{"version":2
GET /v1/versions/~a/b%20c
====
!expect 200 hello, world
GET /v1/files/~a/b%20c?version=1
====
!expect 404 not_found
GET /v1/files/~a/b%20c?version=3
====
!expect 200 "version":3
POST /v1/restore/~a/b%20c?version=1
====
!expect 404 not_found
POST /v1/restore/~a/b%20c?version=7
====
!expect 400 validation_error
POST /v1/restore/~a/b%20c?version=x
====

! moves
!expect 200 "moved":2
POST /v1/moves

{"moves":[{"from":"~a/b c","to":"~d"},{"from":"~ü","to":"~e"}]}
====
!expect 404 not_found
GET /v1/files/~ü
====
!expect 409 move 0: the name 'to' is taken
POST /v1/moves

{"moves":[{"from":"~d","to":"~e"}]}
====
!expect 404 move 1: there is no file
POST /v1/moves

{"moves":[{"from":"~e","to":"~f"},{"from":"~none","to":"~g"}]}
====
!expect 200 "status":404,"code":"not_found"},{"from":"~d","to":"~e","status":409,"code":"conflict"}
POST /v1/moves

{"atomic":false,"moves":[{"from":"~none","to":"~g"},{"from":"~d","to":"~e"}]}
====
!expect 200 "moved":1
POST /v1/moves

{"atomic":false,"moves":[{"from":"~none","to":"~g"},{"from":"~e","to":"~f"}]}
====
!expect 400 validation_error
POST /v1/moves

{"moves":[]}
====
!expect 200 hello, world
GET /v1/files/~d
====

! shares
!expect 201
POST /v1/shares

{"path":"~d","expires_in":60,"max_downloads":1}
====
!expect 200 "downloads":0
GET /v1/shares/{share}
====
!expect 200
HEAD /s/{share}
====
!expect 200 hello, world
GET /s/{share}
====
!expect 410 share_exhausted
GET /s/{share}
====
!expect 201
POST /v1/shares

{"path":"~d","expires_in":60}
====
!clock 61
!expect 410 share_expired
GET /s/{share}
====
!expect 201
POST /v1/shares

{"path":"~d"}
====
!expect 204
DELETE /v1/shares/{share}
====
!expect 410 share_deleted
GET /s/{share}
====
!expect 404 not_found
GET /s/0123456789abcdef
====

! uploads
!expect 204 Tus-Version: 1.0.0
OPTIONS /v1/uploads
====
!expect 201 Location: /v1/uploads/
POST /v1/uploads
Tus-Resumable: 1.0.0
Upload-Length: 10
Upload-Metadata: filename {b64:~up},kind {b64:text}
====
!expect 204 Upload-Offset: 5
PATCH {upload}
Tus-Resumable: 1.0.0
Upload-Offset: 0
Content-Type: application/offset+octet-stream
Upload-Checksum: sha256 LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=

hello
====
!expect 404 not_found
GET /v1/files/~up
====
!expect 460 checksum_mismatch
PATCH {upload}
Tus-Resumable: 1.0.0
Upload-Offset: 5
Content-Type: application/offset+octet-stream
Upload-Checksum: sha1 fCEUM/AgcVl3Qeb/Wo6jR4mrv0M=

World
====
!expect 409 conflict
PATCH {upload}
Tus-Resumable: 1.0.0
Upload-Offset: 4
Content-Type: application/offset+octet-stream

world
====
!expect 413 file_too_large
PATCH {upload}
Tus-Resumable: 1.0.0
Upload-Offset: 5
Content-Type: application/offset+octet-stream

world!
====
!expect 415 unsupported_media_type
PATCH {upload}
Tus-Resumable: 1.0.0
Upload-Offset: 5

world
====
!expect 412 protocol_version
PATCH {upload}
Tus-Resumable: 0.2.2
Upload-Offset: 5
Content-Type: application/offset+octet-stream

world
====
!expect 200 Upload-Offset: 5
HEAD {upload}
Tus-Resumable: 1.0.0
====
!expect 204 Upload-Offset: 10
PATCH {upload}
Tus-Resumable: 1.0.0
Upload-Offset: 5
Content-Type: application/offset+octet-stream
Upload-Checksum: sha1 fCEUM/AgcVl3Qeb/Wo6jR4mrv0M=

world
====
!expect 200 helloworld
GET /v1/files/~up
====
!expect 204
DELETE {upload}
Tus-Resumable: 1.0.0
====
!expect 404
HEAD {upload}
Tus-Resumable: 1.0.0
====
! an identity of one digit too many
!expect 404 not_found
PATCH /v1/uploads/0123456789abcdef0123456789abcdef0
Tus-Resumable: 1.0.0
Upload-Offset: 0
Content-Type: application/offset+octet-stream

one
====
!expect 201 Upload-Offset: 2
POST /v1/uploads
Tus-Resumable: 1.0.0
Upload-Length: 10
Upload-Metadata: filename {b64:~up2}
Content-Type: application/offset+octet-stream

he
====
!clock 61
!sweep
!expect 410
HEAD {upload}
Tus-Resumable: 1.0.0
====
!expect 400 validation_error
POST /v1/uploads
Tus-Resumable: 1.0.0
Upload-Defer-Length: 1
Upload-Metadata: filename {b64:~up}
====
!expect 400 validation_error
POST /v1/uploads
Tus-Resumable: 1.0.0
Upload-Length: 10
Upload-Metadata: filename {b64:~up},filename {b64:~up}
====
!expect 400 validation_error
POST /v1/uploads
Tus-Resumable: 1.0.0
Upload-Length: 10
====

! channels
!expect 404 not_found
GET /v1/channels/~c/samples
====
!expect 200 "accepted":1
POST /v1/channels/~c/samples

{"timestamp":1700000000.5,"value":61,"text":"\ud83d\ude00"}
====
!expect 200 "total":3
POST /v1/channels/~c/samples

[{"timestamp":2,"value":-6.5e1},{"timestamp":3,"nested":{"list":[true,null]}}]
====
!expect 200 "samples":[{"timestamp":2,"value":-6.5e1}
GET /v1/channels/~c/samples?cursor=1&limit=1
====
!expect 400 validation_error
POST /v1/channels/~c/samples

{"timestamp":0}
====
!expect 400 validation_error
POST /v1/channels/~c/d/samples

{"timestamp":1}
====

! changes
!expect 200 "changes":[]
GET /v1/changes
====
!expect 201
PUT /v1/files/~told

one
====
!expect 204
DELETE /v1/files/~told
====
!expect 200 "type":"delete"
GET /v1/changes?cursor={cursor}&wait=0
====
!expect 200 data: {"cursor":
GET /v1/changes?cursor={cursor}
Accept: text/event-stream
====
!expect 200 Content-Type: text/event-stream
GET /v1/changes
Accept: text/event-stream
====
!expect 200 Content-Type: application/json
GET /v1/changes
Accept: application/json
====
!expect 410 cursor_stale
GET /v1/changes?cursor=0123456789abcdef-1&wait=0
====
!expect 400 validation_error
GET /v1/changes?wait=61
====
!expect 400 cursor
GET /v1/changes?wait=0
Last-Event-ID: 7
====
!expect 200 "changes":[]
GET /v1/changes?cursor={cursor}&wait=0
Last-Event-ID: 
====

! framing
!expect 400 control
GET /v1/files/~d
X-Odd: 
====
!expect 400 Host
GET /v1/files/~d
Host: localhost
====
!expect 400 twice
GET /v1/files/~d
If-Match: *
If-Match: *
====
!expect 501 chunked
GET /v1/files/~d
Transfer-Encoding: gzip
====
!expect 400 Content-Length
!bare
PUT /v1/files/~d
Host: localhost
Content-Length: 3x

one
====
!expect 501 chunked
!bare
PUT /v1/files/~d
Host: localhost
Transfer-Encoding: chunked
Transfer-Encoding: chunked

one
====
!expect 501 chunked
!bare
PUT /v1/files/~d
Host: localhost
Transfer-Encoding: gzip
Transfer-Encoding: chunked

one
====
!expect 200 "version":2
!bare
PUT /v1/files/~d
Host: localhost
Transfer-Encoding: Chunked

one
====

! operations
!expect 200
GET /livez
====
!expect 200
GET /readyz
====
!expect 200 ordeal_requests_total
GET /metrics
====
!expect 200 "openapi"
GET /openapi.json
====
!expect 200 "capabilities"
GET /v1/version
====
!expect 200 "deleted_files":
GET /v1/admin/stats
====
!expect 200 "files":
POST /v1/admin/cache/warm
====
!expect 200 "purged":
POST /v1/admin/cleanup
====
!expect 404
GET /v1/usage
====

! accounts
!accounts
!expect 201 "plan":"Trial"
POST /v1/register

{"account":"~somebody","password":"a long password","plan":"Trial"}
====
!expect 409 conflict
POST /v1/register

{"account":"~somebody","password":"a long password"}
====
!expect 400 validation_error
POST /v1/register

{"account":"~else","password":"a long password","plan":"Gold"}
====
!expect 401 unauthorized
POST /v1/login

{"account":"~somebody","password":"a wrong password"}
====
!expect 200 "token":
POST /v1/login

{"account":"~somebody","password":"a long password"}
====
!expect 401 unauthorized
PUT /v1/files/~a

one
====
!expect 201 "version":1
PUT /v1/files/~a
Authorization: Bearer {token}

one
====
!expect 200 one
GET /v1/files/~a
Authorization: Bearer {token}
====
!expect 200 "used":3
GET /v1/usage
Authorization: Bearer {token}
====
!expect 200 "files":[{"path":"~a"
GET /v1/files
Authorization: Bearer {token}
====
!expect 200 "moved":1
POST /v1/moves
Authorization: Bearer {token}

{"moves":[{"from":"~a","to":"~b"}]}
====
!expect 201 "version":1
PUT /v1/files/~c
Authorization: Bearer {token}

two
====
!expect 200 "files":[{"path":"~b"
GET /v1/files?limit=1
Authorization: Bearer {token}
====
!expect 200 "files":[{"path":"~c"
GET /v1/files?limit=1&cursor={cursor}
Authorization: Bearer {token}
====
!expect 201
POST /v1/shares
Authorization: Bearer {token}

{"path":"~b"}
====
!expect 200 one
GET /s/{share}
====
!expect 200 "total":1
POST /v1/channels/~c/samples
Authorization: Bearer {token}

{"timestamp":1}
====
!expect 413 File size (1000000 MB) exceeds the limit of plan Trial
POST /v1/uploads
Authorization: Bearer {token}
Tus-Resumable: 1.0.0
Upload-Length: 1000000000000
Upload-Metadata: filename {b64:~up}
====
!expect 403 forbidden
GET /v1/admin/stats
Authorization: Bearer {token}
====
!expect 200
GET /v1/admin/stats
Authorization: Bearer the-admin
====
!clock 4000
!expect 401 token_expired
GET /v1/usage
Authorization: Bearer {token}
====
