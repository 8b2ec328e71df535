/* Share links of the storage API. */
#include "qualify/exchange.h"

/* Whoever has the link needs no log-in. */
#define STRANGER "Authorization: "

CONVERSATION(
    a_share_is_shown_and_downloaded, {.ask = "PUT /v1/files/{u}", 201, NULL, "hello"},
    {.ask = "POST /v1/shares",
     201,
     "path={u} & max_downloads=3 & downloads=0 & state=live & Location: ~",
     "{\"path\": \"{u}\", \"expires_in\": 60, \"max_downloads\": 3}",
     .keep = "token"},
    {.ask = "GET /v1/shares/{token}",
     200,
     "token={token} & url=/s/{token} & path={u} & downloads=0 & state=live",
     .keep = "expires_at"},
    {.ask = "GET /s/{token}", 200, "ETag: ~ & 'hello", .fields = STRANGER},
    {.ask = "GET /v1/shares/{token}", 200, "downloads=1 & expires_at={expires_at}"},
    {.ask = "GET /s/{token}",
     206,
     "Content-Range: bytes 1-2/5 & 'el",
     .fields = STRANGER "\nRange: bytes=1-2"},
    {.ask = "GET /v1/shares/{token}", 200, "downloads=2 & state=live"},
    {.ask = "GET /s/{token}", 200, "'hello"},
    {.ask = "GET /v1/shares/{token}", 200, "downloads=3 & state=exhausted"},
    {.ask = "GET /s/{token}", 410, "code=share_exhausted & retryable=false", .fields = STRANGER},
    {.ask = "HEAD /s/{token}", 410}, {.ask = "GET /v1/shares/{token}", 200, "downloads=3"},
    {.ask = "DELETE /v1/shares/{token}", 204}, {.ask = "GET /s/{token}", 410, "code=share_deleted"})

CONVERSATION(
    looking_uses_up_nothing, {.ask = "PUT /v1/files/{u}", 201, NULL, "hello", .keep = "etag"},
    {.ask = "POST /v1/shares",
     201,
     NULL,
     "{\"path\": \"{u}\", \"max_downloads\": 1}",
     .keep = "token"},
    {.ask = "HEAD /s/{token}", 200, "Content-Length: 5"},
    {.ask = "GET /s/{token}", 304, NULL, .fields = "If-None-Match: {etag}"},
    {.ask = "GET /s/{token}", 412, "code=precondition_failed", .fields = "If-Match: \"x\""},
    {.ask = "GET /s/{token}", 416, "code=range_not_satisfiable", .fields = "Range: bytes=5-"},
    {.ask = "GET /v1/shares/{token}", 200, "downloads=0"},
    {.ask = "PUT /v1/files/{u}", 200, NULL, "again"}, {.ask = "GET /s/{token}", 200, "'again"},
    {.ask = "GET /s/{token}", 410, "code=share_exhausted"})

CONVERSATION(a_share_ends_by_its_time, {.ask = "PUT /v1/files/{u}", 201, NULL, "hello"},
             {.ask = "POST /v1/shares",
              201,
              NULL,
              "{\"path\": \"{u}\", \"expires_in\": 1}",
              .keep = "token"},
             {.ask = "GET /s/{token}", 200, "'hello"},
             {.ask = "GET /s/{token}", 410, "code=share_expired", .within = 5},
             {.ask = "GET /v1/shares/{token}", 200, "state=expired"},
             {.ask = "HEAD /s/{token}", 410})

CONVERSATION(a_share_is_taken_back, {.ask = "PUT /v1/files/{u}", 201, NULL, "hello"},
             {.ask = "POST /v1/shares",
              201,
              "max_downloads=1000000000",
              "{\"path\": \"{u}\"}",
              .keep = "token"},
             {.ask = "DELETE /v1/shares/{token}", 204},
             {.ask = "GET /s/{token}", 410, "code=share_deleted"},
             {.ask = "GET /v1/shares/{token}", 200, "state=deleted"})

CONVERSATION(what_is_not_shared_is_not_there, {.ask = "GET /s/none", 404, "code=not_found"},
             {.ask = "GET /v1/shares/none", 404, "code=not_found"},
             {.ask = "DELETE /v1/shares/none", 404, "code=not_found"},
             {.ask = "POST /v1/shares", 404, "code=not_found", "{\"path\": \"{u}\"}"},
             {.ask = "PUT /v1/files/{u}", 201, NULL, "hello"},
             {.ask = "POST /v1/shares", 201, NULL, "{\"path\": \"{u}\"}", .keep = "token"},
             {.ask = "DELETE /v1/files/{u}", 204}, {.ask = "GET /s/{token}", 404, "code=not_found"})

#define BAD(body)                                                                                  \
    {                                                                                              \
        .ask = "POST /v1/shares", 400, "code=validation_error", body                               \
    }
CONVERSATION(shares_that_are_none_are_refused, {.ask = "PUT /v1/files/{u}", 201, NULL, "hello"},
             BAD("x"), BAD("{}"), BAD("{\"path\": 5}"), BAD("{\"path\": \"../a\"}"),
             BAD("{\"path\": \"{u}\", \"expires_in\": 0}"),
             BAD("{\"path\": \"{u}\", \"expires_in\": -1}"),
             BAD("{\"path\": \"{u}\", \"expires_in\": 315360001}"),
             BAD("{\"path\": \"{u}\", \"expires_in\": \"1\"}"),
             BAD("{\"path\": \"{u}\", \"max_downloads\": 0}"),
             BAD("{\"path\": \"{u}\", \"max_downloads\": 1.5}"),
             BAD("{\"path\": \"{u}\", \"max_downloads\": 1000000001}"),
             BAD("{\"path\": \"{u}\", \"more\": 1}"),
             {.ask = "POST /v1/shares",
              201,
              "max_downloads=1000000000",
              "{\"path\": \"{u}\", \"expires_in\": 315360000, \"max_downloads\": 1000000000}"})

#define CASE(number, section, requires, run)                                                       \
    {                                                                                              \
        "api-shares/" number, LEVEL_MUST, CAPABILITY_SHARES, "CONTRACT.md, " section, requires,    \
            run                                                                                    \
    }

static const conformance_case cases[] = {
    CASE("downloads/1", "SHARES-1", "a share gives its maximum of downloads, and tells how many",
         a_share_is_shown_and_downloaded),
    CASE("downloads/2", "SHARES-1", "HEAD, 304, 412 and 416 use up none", looking_uses_up_nothing),
    CASE("end/1", "SHARES-2", "a share ends by its time", a_share_ends_by_its_time),
    CASE("end/2", "SHARES-2", "a share is taken back", a_share_is_taken_back),
    CASE("none/1", "openapi.yaml", "what is not shared is not there",
         what_is_not_shared_is_not_there),
    CASE("form/1", "openapi.yaml", "shares that are none are refused",
         shares_that_are_none_are_refused),
};

const suite suite_api_shares = {"api-shares", "the storage API: share links", cases,
                                sizeof cases / sizeof cases[0], speaks_storage_api};
