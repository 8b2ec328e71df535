/* Files and versions of the storage API: what reference/CONTRACT.md says beyond HTTP. */
#include "qualify/exchange.h"

#define TEXT "0123456789abcdef"

CONVERSATION(a_put_tells_its_version,
             {.ask = "PUT /v1/files/{u}/a%20b",
              201,
              "path={u}/a b & version=1 & size=5 & ETag: ~ & X-Version: 1",
              "hello",
              .keep = "etag"},
             {.ask = "GET /v1/files/{u}/a%20b",
              200,
              "ETag: {etag} & X-Version: 1 & Accept-Ranges: bytes & Content-Type: "
              "application/octet-stream & 'hello"},
             {.ask = "PUT /v1/files/{u}/a%20b", 200, "version=2 & size=3 & X-Version: 2", "bye"},
             {.ask = "GET /v1/files/{u}/a%20b?version=1",
              200,
              "X-Version: 1 & ETag: {etag} & 'hello"},
             {.ask = "GET /v1/files/{u}/a%20b?version=2", 200, "'bye"},
             {.ask = "HEAD /v1/files/{u}/a%20b?version=1", 200, "Content-Length: 5 & X-Version: 1"})

CONVERSATION(a_version_is_a_number_that_was_given, {.ask = "PUT /v1/files/{u}", 201, NULL, "x"},
             {.ask = "GET /v1/files/{u}?version=2", 404, "code=not_found & retryable=false"},
             {.ask = "GET /v1/files/{u}?version=0", 400, "code=validation_error"},
             {.ask = "GET /v1/files/{u}?version=x", 400, "code=validation_error"},
             {.ask = "GET /v1/files/{u}?version=1x", 400, "code=validation_error"},
             {.ask = "GET /v1/files/{u}?version=9223372036854775807", 404},
             {.ask = "GET /v1/files/{u}?version=9223372036854775808", 400},
             {.ask = "POST /v1/restore/{u}", 400, "code=validation_error"},
             {.ask = "POST /v1/restore/{u}?version=0", 400},
             {.ask = "POST /v1/restore/{u}?version=2", 404, "code=not_found"},
             {.ask = "POST /v1/restore/{u}-none?version=1", 404})

CONVERSATION(versions_are_listed_newest_first, {.ask = "PUT /v1/files/{u}", 201, NULL, "one"},
             {.ask = "PUT /v1/files/{u}", 200, NULL, "three"},
             {.ask = "POST /v1/restore/{u}?version=1",
              200,
              "path={u} & version=3 & size=3 & X-Version: 3 & ETag: ~"},
             {.ask = "GET /v1/files/{u}", 200, "X-Version: 3 & 'one"},
             {.ask = "GET /v1/versions/{u}",
              200,
              "path={u} & versions.#=3 & versions.0.version=3 & versions.0.size=3 & "
              "versions.1.version=2 & versions.1.size=5 & "
              "versions.2.version=1"},
             {.ask = "DELETE /v1/files/{u}", 204},
             {.ask = "GET /v1/files/{u}", 404, "code=not_found"},
             {.ask = "GET /v1/versions/{u}", 200, "versions.#=3"},
             {.ask = "POST /v1/restore/{u}?version=2", 200, "version=4 & size=5"},
             {.ask = "GET /v1/files/{u}", 200, "'three"},
             {.ask = "GET /v1/versions/{u}-none", 404, "code=not_found"})

CONVERSATION(names_that_are_none_are_refused,
             {.ask = "PUT /v1/files/{u}/", 400, "code=validation_error", "x"},
             {.ask = "PUT /v1/files/{u}//a", 400, NULL, "x"},
             {.ask = "PUT /v1/files/{u}/%2e/a", 400, NULL, "x"},
             {.ask = "PUT /v1/files/{u}/%2e%2e", 400, NULL, "x"},
             {.ask = "PUT /v1/files/{u}/...", 201, NULL, "x"},
             {.ask = "PUT /v1/files/{u}/.a", 201, NULL, "x"},
             {.ask = "PUT /v1/files/{u}/..a", 201, NULL, "x"},
             {.ask = "PUT /v1/files/{u}%00", 400, NULL, "x"},
             {.ask = "PUT /v1/files/{u}%1f", 400, NULL, "x"},
             {.ask = "PUT /v1/files/{u}%7f", 400, NULL, "x"},
             {.ask = "PUT /v1/files/{u}%7e", 201, NULL, "x"},
             {.ask = "PUT /v1/files/{u}%4", 400, NULL, "x"},
             {.ask = "PUT /v1/files/{u}%4g", 400, NULL, "x"},
             {.ask = "PUT /v1/files/{u}%4Aa%5a", 201, "path={u}JaZ", "x"})

CONVERSATION(names_are_utf8, {.ask = "PUT /v1/files/{u}%c2%80", 201, NULL, "x"},
             {.ask = "PUT /v1/files/{u}%df%bf", 201, NULL, "x"},
             {.ask = "PUT /v1/files/{u}%e0%a0%80", 201, NULL, "x"},
             {.ask = "PUT /v1/files/{u}%ed%9f%bf", 201, NULL, "x"},
             {.ask = "PUT /v1/files/{u}%ef%bf%bf", 201, NULL, "x"},
             {.ask = "PUT /v1/files/{u}%f0%90%80%80", 201, NULL, "x"},
             {.ask = "PUT /v1/files/{u}%f4%8f%bf%bf", 201, NULL, "x"},
             {.ask = "GET /v1/files/{u}%f4%8f%bf%bf", 200, "'x"},
             {.ask = "PUT /v1/files/{u}%80", 400, "code=validation_error", "x"},
             {.ask = "PUT /v1/files/{u}%c1%bf", 400, NULL, "x"},
             {.ask = "PUT /v1/files/{u}%c2", 400, NULL, "x"},
             {.ask = "PUT /v1/files/{u}%c2%c0", 400, NULL, "x"},
             {.ask = "PUT /v1/files/{u}%e0%9f%bf", 400, NULL, "x"},
             {.ask = "PUT /v1/files/{u}%e1%80", 400, NULL, "x"},
             {.ask = "PUT /v1/files/{u}%e1%80/", 400, NULL, "x"},
             {.ask = "PUT /v1/files/{u}%ed%a0%80", 400, NULL, "x"},
             {.ask = "PUT /v1/files/{u}%f0%8f%bf%bf", 400, NULL, "x"},
             {.ask = "PUT /v1/files/{u}%f1%80%80", 400, NULL, "x"},
             {.ask = "PUT /v1/files/{u}%f4%90%80%80", 400, NULL, "x"},
             {.ask = "PUT /v1/files/{u}%f5%80%80%80", 400, NULL, "x"})

CONVERSATION(names_have_a_bound, {.ask = "PUT /v1/files/{long}", 201, "path={long}", "x"},
             {.ask = "GET /v1/files/{long}", 200, "'x"},
             {.ask = "GET /v1/files?prefix={long}", 200, "files.#=1 & files.0.path={long}"},
             {.ask = "POST /v1/moves",
              200,
              "moved=1",
              "{\"moves\": [{\"from\": \"{long}\", \"to\": \"{u}\"}]}"},
             {.ask = "POST /v1/moves",
              200,
              "moved=1",
              "{\"moves\": [{\"from\": \"{u}\", \"to\": \"{long}\"}]}"},
             {.ask = "POST /v1/moves",
              400,
              "code=validation_error",
              "{\"moves\": [{\"from\": \"{u}\", \"to\": \"{long}y\"}]}"},
             {.ask = "POST /v1/shares", 201, "path={long}", "{\"path\": \"{long}\"}"},
             {.ask = "POST /v1/shares", 400, "code=validation_error", "{\"path\": \"{long}y\"}"},
             {.ask = "PUT /v1/files/{long}y", 400, "code=validation_error", "x"},
             {.ask = "GET /v1/files?prefix={long}y", 400, "code=validation_error"})

CONVERSATION(an_upload_makes_the_next_version, {.ask = "PUT /v1/files/{u}", 201, NULL, "one"},
             {.ask = "POST /v1/uploads",
              201,
              "Upload-Offset: 3 & Location: ~",
              "two",
              "Tus-Resumable: 1.0.0\nUpload-Length: 3\nUpload-Metadata: filename "
              "{u64}\nContent-Type: application/offset+octet-stream"},
             {.ask = "GET /v1/files/{u}", 200, "X-Version: 2 & 'two"},
             {.ask = "GET /v1/versions/{u}", 200, "versions.#=2"},
             {.ask = "PUT /v1/files/{u}", 200, "version=3", "three"})

CONVERSATION(fields_may_have_tabs, {.ask = "PUT /v1/files/{u}", 201, NULL, "x", "X-Any: a\tb"},
             {.ask = "GET /v1/files/{u}", 200, "'x", .fields = "X-Any: a\tb"})

#define BYTES_64   "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define BYTES_512  BYTES_64 BYTES_64 BYTES_64 BYTES_64 BYTES_64 BYTES_64 BYTES_64 BYTES_64
#define BYTES_4096 BYTES_512 BYTES_512 BYTES_512 BYTES_512 BYTES_512 BYTES_512 BYTES_512 BYTES_512
/* Name and value together, without what stands between them. */
#define FIELD_8192                                                                                 \
    "X-4567: " BYTES_4096 BYTES_512 BYTES_512 BYTES_512 BYTES_512 BYTES_512 BYTES_512 BYTES_512    \
        BYTES_64 BYTES_64 BYTES_64 BYTES_64 BYTES_64 BYTES_64 BYTES_64                             \
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789"

CONVERSATION(fields_have_a_bound, {.ask = "GET /v1/files/{u}", 404, NULL, .fields = FIELD_8192},
             {.ask = "GET /v1/files/{u}",
              431,
              "code=head_too_large & retryable=false",
              .fields = FIELD_8192 "x"})

CONVERSATION(a_list_goes_page_by_page, {.ask = "PUT /v1/files/{u}/b", 201, NULL, "22"},
             {.ask = "PUT /v1/files/{u}/a", 201, NULL, "1", .keep = "etag"},
             {.ask = "PUT /v1/files/{u}/%c3%bc", 201, NULL, "333"},
             {.ask = "PUT /v1/files/{u}/d", 201, NULL, "4"}, {.ask = "DELETE /v1/files/{u}/d", 204},
             {.ask = "GET /v1/files?prefix={u}/",
              200,
              "files.#=3 & files.0.path={u}/a & files.0.version=1 & files.0.size=1 & "
              "files.0.etag={etag} & files.1.path={u}/b & "
              "files.1.size=2 & files.2.path={u}/ü & !cursor"},
             {.ask = "GET /v1/files?prefix={u}/&limit=2",
              200,
              "files.#=2 & files.1.path={u}/b",
              .keep = "cursor"},
             {.ask = "GET /v1/files?prefix={u}/&limit=2&cursor={cursor}",
              200,
              "files.#=1 & files.0.path={u}/ü & !cursor"},
             {.ask = "GET /v1/files?prefix={u}/c", 200, "files.#=0 & !cursor"},
             {.ask = "GET /v1/files?prefix={u}/&limit=1", 200, "files.#=1 & files.0.path={u}/a"})

CONVERSATION(a_page_that_is_none_is_refused,
             {.ask = "GET /v1/files?limit=0", 400, "code=validation_error"},
             {.ask = "GET /v1/files?limit=1001", 400}, {.ask = "GET /v1/files?limit=1000", 200},
             {.ask = "GET /v1/files?limit=x", 400}, {.ask = "GET /v1/files?limit=", 400},
             {.ask = "GET /v1/files?cursor=0", 400}, {.ask = "GET /v1/files?cursor=zz", 400},
             {.ask = "GET /v1/files?cursor=AB", 400}, {.ask = "GET /v1/files?cursor=00", 400},
             {.ask = "GET /v1/files?cursor=6100", 400}, {.ask = "GET /v1/files?prefix=", 200})

CONVERSATION(
    a_digest_is_verified,
    {.ask = "PUT /v1/files/{u}",
     201,
     NULL,
     "hello",
     "Repr-Digest: md5=:xx:, sha-256=:LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=:"},
    {.ask = "PUT /v1/files/{u}",
     400,
     "code=digest_mismatch & retryable=true",
     "hellO",
     "Repr-Digest: sha-256=:LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=:"},
    {.ask = "PUT /v1/files/{u}",
     200,
     NULL,
     "hello",
     "Repr-Digest: "
     "sha-512=:m3HSJL1i83hdltRq0+o9czGb+8KJDKra4t/"
     "3JRlnPKcjI8PZm6XBHXx6zG4UuMXaDEZjR1wuXDre9G9zvN7AQw==: , "
     "sha-256=:LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=:"},
    {.ask = "PUT /v1/files/{u}",
     400,
     "code=digest_mismatch",
     "hellO",
     "Repr-Digest: "
     "sha-512=:m3HSJL1i83hdltRq0+o9czGb+8KJDKra4t/"
     "3JRlnPKcjI8PZm6XBHXx6zG4UuMXaDEZjR1wuXDre9G9zvN7AQw==:"},
    {.ask = "PUT /v1/files/{u}", 400, "code=validation_error", "hello", "Repr-Digest: sha-256=abc"},
    {.ask = "PUT /v1/files/{u}",
     400,
     "code=validation_error",
     "hello",
     "Repr-Digest: sha-256=:abcd:"},
    {.ask = "PUT /v1/files/{u}", 400, "code=validation_error", "hello", "Repr-Digest: sha-256=::"},
    {.ask = "PUT /v1/files/{u}", 400, "code=validation_error", "hello", "Repr-Digest: sha-256"},
    {.ask = "PUT /v1/files/{u}", 400, "code=validation_error", "hello", "Repr-Digest: =:abcd:"},
    {.ask = "PUT /v1/files/{u}", 200, "version=3", "hello", "Repr-Digest: sha-224=:anything:"},
    {.ask = "GET /v1/files/{u}", 200, "'hello"})

CONVERSATION(
    conditions_are_lists_of_tags, {.ask = "PUT /v1/files/{u}", 201, NULL, "hello", .keep = "etag"},
    {.ask = "GET /v1/files/{u}",
     304,
     "ETag: {etag} & X-Version: 1",
     .fields = "If-None-Match: \"x\", {etag}"},
    {.ask = "GET /v1/files/{u}", 304, NULL, .fields = "If-None-Match: W/{etag}"},
    {.ask = "GET /v1/files/{u}", 304, NULL, .fields = "If-None-Match: *"},
    {.ask = "GET /v1/files/{u}", 200, "'hello", .fields = "If-None-Match: \"x\", \"y\""},
    {.ask = "GET /v1/files/{u}", 200, "'hello", .fields = "If-Match: \"x\", {etag}"},
    {.ask = "GET /v1/files/{u}", 200, "'hello", .fields = "If-Match: *"},
    {.ask = "GET /v1/files/{u}", 412, "code=precondition_failed", .fields = "If-Match: \"x\""},
    {.ask = "HEAD /v1/files/{u}", 304, NULL, .fields = "If-None-Match: {etag}"},
    {.ask = "PUT /v1/files/{u}", 412, "code=precondition_failed", "x", "If-Match: \"x\", \"y\""},
    {.ask = "PUT /v1/files/{u}", 412, NULL, "x", "If-None-Match: {etag}"},
    {.ask = "PUT /v1/files/{u}", 200, "version=2", "world", "If-Match: \"x\", {etag}"},
    {.ask = "DELETE /v1/files/{u}", 412, NULL, .fields = "If-Match: {etag}"},
    {.ask = "GET /v1/files/{u}", 200, NULL, .keep = "ETag:"},
    {.ask = "DELETE /v1/files/{u}", 204, NULL, .fields = "If-Match: {ETag}"},
    {.ask = "DELETE /v1/files/{u}", 404, "code=not_found"},
    {.ask = "PUT /v1/files/{u}", 412, NULL, "x", "If-Match: *"},
    {.ask = "PUT /v1/files/{u}", 200, "version=3", "x", "If-None-Match: *"})

CONVERSATION(
    ranges_of_every_form, {.ask = "PUT /v1/files/{u}", 201, NULL, TEXT, .keep = "etag"},
    {.ask = "GET /v1/files/{u}",
     206,
     "Content-Range: bytes 0-0/16 & Content-Length: 1 & X-Version: 1 & ETag: {etag} & '0",
     .fields = "Range: bytes=0-0"},
    {.ask = "GET /v1/files/{u}",
     206,
     "Content-Range: bytes 15-15/16 & 'f",
     .fields = "Range: bytes=15-"},
    {.ask = "GET /v1/files/{u}",
     206,
     "Content-Range: bytes 15-15/16 & 'f",
     .fields = "Range: bytes=15-15"},
    {.ask = "GET /v1/files/{u}",
     206,
     "Content-Range: bytes 14-15/16 & 'ef",
     .fields = "Range: bytes=14-16"},
    {.ask = "GET /v1/files/{u}",
     206,
     "Content-Range: bytes 0-15/16 & '" TEXT,
     .fields = "Range: bytes=-16"},
    {.ask = "GET /v1/files/{u}",
     206,
     "Content-Range: bytes 0-15/16 & '" TEXT,
     .fields = "Range: bytes=-17"},
    {.ask = "GET /v1/files/{u}",
     206,
     "Content-Range: bytes 15-15/16 & 'f",
     .fields = "Range: bytes=-1"},
    {.ask = "GET /v1/files/{u}",
     206,
     "Content-Range: bytes 0-15/16",
     .fields = "Range: bytes=000-99999999999999999999999"},
    {.ask = "GET /v1/files/{u}",
     416,
     "code=range_not_satisfiable & Content-Range: bytes */16",
     .fields = "Range: bytes=16-"},
    {.ask = "GET /v1/files/{u}", 416, NULL, .fields = "Range: bytes=-0"},
    {.ask = "GET /v1/files/{u}", 416, NULL, .fields = "Range: bytes=99999999999999999999999-"},
    {.ask = "GET /v1/files/{u}", 200, "'" TEXT, .fields = "Range: bytes=5-4"},
    {.ask = "GET /v1/files/{u}", 200, "'" TEXT, .fields = "Range: bytes=0-1,3-4"},
    {.ask = "GET /v1/files/{u}", 200, "'" TEXT, .fields = "Range: bytes=5"},
    {.ask = "GET /v1/files/{u}", 200, "'" TEXT, .fields = "Range: bytes=a-b"},
    {.ask = "GET /v1/files/{u}", 200, "'" TEXT, .fields = "Range: bytes=-"},
    {.ask = "GET /v1/files/{u}", 200, "'" TEXT, .fields = "Range: bytes=1-b"},
    {.ask = "GET /v1/files/{u}", 206, "'1", .fields = "Range: bytes=1-1\nIf-Range: {etag}"},
    {.ask = "GET /v1/files/{u}", 200, "'" TEXT, .fields = "Range: bytes=99-\nIf-Range: \"x\""},
    {.ask = "HEAD /v1/files/{u}", 200, "Content-Length: 16", .fields = "Range: bytes=2-3"})

CONVERSATION(
    a_range_of_nothing_is_outside, {.ask = "PUT /v1/files/{u}", 201, "size=0", ""},
    {.ask = "GET /v1/files/{u}", 200, "Content-Length: 0 & '"},
    {.ask = "GET /v1/files/{u}", 416, "Content-Range: bytes */0", .fields = "Range: bytes=0-"},
    {.ask = "GET /v1/files/{u}", 416, NULL, .fields = "Range: bytes=-5"})

CONVERSATION(contents_of_every_size_come_back,
             {.ask = "PUT /v1/files/{u}/1", 201, "size=65536", TEXT, .times = 4096},
             {.ask = "GET /v1/files/{u}/1",
              206,
              "Content-Range: bytes 65530-65535/65536 & 'abcdef",
              .fields = "Range: bytes=65530-"},
             {.ask = "PUT /v1/files/{u}/2", 201, "size=160000", TEXT, .times = 10000},
             {.ask = "GET /v1/files/{u}/2", 200, "Content-Length: 160000"},
             {.ask = "GET /v1/files/{u}/2", 206, "'f0", .fields = "Range: bytes=131071-131072"},
             {.ask = "GET /v1/files/{u}/2", 206, "'f0", .fields = "Range: bytes=131071-131072"})

#define CASE(number, level, section, requires, run)                                                \
    {                                                                                              \
        "api-files/" number, level, 0, "CONTRACT.md, " section, requires, run                      \
    }

static const conformance_case cases[] = {
    CASE("put/1", LEVEL_MUST, "FILES-1", "a PUT tells its version, size and ETag, and GET the same",
         a_put_tells_its_version),
    CASE("versions/1", LEVEL_MUST, "VERSIONS-2", "a version is a number that was given",
         a_version_is_a_number_that_was_given),
    CASE("versions/2", LEVEL_MUST, "VERSIONS-1",
         "versions are listed, restored and go on after a deletion",
         versions_are_listed_newest_first),
    CASE("names/1", LEVEL_MUST, "NAMES-1", "names that are none are refused",
         names_that_are_none_are_refused),
    CASE("names/2", LEVEL_MUST, "NAMES-1", "names are UTF-8", names_are_utf8),
    CASE("names/3", LEVEL_MUST, "NAMES-1", "a name has 1024 bytes at most", names_have_a_bound),
    CASE("versions/3", LEVEL_MUST, "VERSIONS-1", "an upload makes the next version",
         an_upload_makes_the_next_version),
    CASE("fields/1", LEVEL_MUST, "FRAMING-1", "a tab in a field is no control character",
         fields_may_have_tabs),
    CASE("fields/2", LEVEL_MUST, "FRAMING-2", "a field has 8192 bytes at most",
         fields_have_a_bound),
    CASE("list/1", LEVEL_MUST, "FILES-7", "a list goes page by page in the order of bytes",
         a_list_goes_page_by_page),
    CASE("list/2", LEVEL_MUST, "FILES-7", "a page that is none is refused",
         a_page_that_is_none_is_refused),
    CASE("digest/1", LEVEL_MUST, "FILES-4", "Repr-Digest is verified", a_digest_is_verified),
    CASE("conditions/1", LEVEL_MUST, "FILES-5", "conditions are lists of tags",
         conditions_are_lists_of_tags),
    CASE("range/1", LEVEL_MUST, "FILES-6", "ranges of every form", ranges_of_every_form),
    CASE("range/2", LEVEL_MUST, "FILES-6", "a range of an empty file lies outside",
         a_range_of_nothing_is_outside),
    CASE("size/1", LEVEL_MUST, "FILES-1", "contents of every size come back",
         contents_of_every_size_come_back),
};

const suite suite_api_files = {"api-files", "the storage API: files and versions", cases,
                               sizeof cases / sizeof cases[0], speaks_storage_api};
