/* The feed of changes of the storage API. */
#include "qualify/exchange.h"

CONVERSATION(
    changes_are_told_in_order, {.ask = "GET /v1/changes", 200, "changes.#=0", .keep = "cursor"},
    {.ask = "PUT /v1/files/{u}/a", 201, NULL, "1"}, {.ask = "PUT /v1/files/{u}/a", 200, NULL, "22"},
    {.ask = "POST /v1/restore/{u}/a?version=1", 200}, {.ask = "DELETE /v1/files/{u}/a", 204},
    {.ask = "GET /v1/changes?cursor={cursor}&wait=5",
     200,
     "changes.#=4 & changes.0.type=put & changes.0.path={u}/a & changes.0.version=1 & "
     "changes.1.version=2 & changes.2.version=3 & "
     "changes.2.type=put & changes.3.type=delete & changes.3.path={u}/a",
     .keep = "changes.1.cursor"},
    {.ask = "GET /v1/changes?cursor={changes.1.cursor}",
     200,
     "changes.#=2 & changes.0.version=3",
     .keep = "number"},
    {.ask = "GET /v1/changes", 200, "changes.#=0 & number={number}", .keep = "cursor"},
    {.ask = "GET /v1/changes?cursor={cursor}&wait=0", 200, "changes.#=0 & cursor={cursor}"},
    {.ask = "GET /v1/changes?cursor={cursor}&wait=1",
     200,
     "changes.#=0 & cursor={cursor} & number={number}"})

CONVERSATION(
    moves_and_uploads_are_told_too, {.ask = "PUT /v1/files/{u}/a", 201, NULL, "1"},
    {.ask = "GET /v1/changes", 200, NULL, .keep = "cursor"},
    {.ask = "POST /v1/moves", 200, NULL, "{\"moves\": [{\"from\": \"{u}/a\", \"to\": \"{u}/b\"}]}"},
    {.ask = "GET /v1/changes?cursor={cursor}&wait=5", 200, "changes.#=2"},
    {.ask = "PUT /v1/files/{u}/a", 412, NULL, "1", "If-Match: *"},
    {.ask = "DELETE /v1/files/{u}/none", 404},
    {.ask = "GET /v1/changes?cursor={cursor}&wait=5", 200, "changes.#=2"})

CONVERSATION(
    cursors_that_are_none_are_refused, {.ask = "GET /v1/changes", 200, NULL, .keep = "cursor"},
    {.ask = "GET /v1/changes?cursor=x", 400, "code=validation_error"},
    {.ask = "GET /v1/changes?cursor=", 400}, {.ask = "GET /v1/changes?cursor={cursor}x", 400},
    {.ask = "GET /v1/changes?cursor=0{cursor}", 400},
    {.ask = "GET /v1/changes?cursor=0123456789abcdef-", 400},
    {.ask = "GET /v1/changes?cursor=0123456789abcdef-9223372036854775808", 400},
    {.ask = "GET /v1/changes?cursor={cursor}99999", 410, "code=cursor_stale & retryable=false"},
    {.ask = "GET /v1/changes?cursor=0123456789abcdef-1", 410, "code=cursor_stale"},
    {.ask = "GET /v1/changes?cursor=0123456789abcdef-0", 410, "code=cursor_stale"},
    {.ask = "GET /v1/changes?cursor={cursor}&wait=61", 400, "code=validation_error"},
    {.ask = "GET /v1/changes?cursor={cursor}&wait=-1", 400},
    {.ask = "GET /v1/changes?cursor={cursor}&wait=x", 400},
    {.ask = "GET /v1/changes", 400, NULL, .fields = "Last-Event-ID: x"})

#define STREAM "Accept: text/event-stream"
CONVERSATION(
    a_stream_goes_on_from_its_cursor, {.ask = "GET /v1/changes", 200, NULL, .keep = "cursor"},
    {.ask = "PUT /v1/files/{u}/%22a%22", 201, NULL, "1"},
    {.ask = "DELETE /v1/files/{u}/%22a%22", 204},
    {.ask = "GET /v1/changes?cursor={cursor}&wait=0", 200, NULL, .keep = "changes.0.cursor"},
    {.ask = "GET /v1/changes?cursor={cursor}",
     200,
     "Content-Type: text/event-stream & *id: {changes.0.cursor}\nevent: change\ndata: "
     "{\"cursor\":\"{changes.0.cursor}\" & "
     "*\"type\":\"put\",\"path\":\"{u}/\\\"a\\\"\",\"version\":1}\n\n & "
     "*\"type\":\"delete\"",
     .fields = STREAM,
     .leaves_after = 700,
     .within = 10},
    {.ask = "GET /v1/changes",
     200,
     "*\"type\":\"delete\"",
     .fields = STREAM "\nLast-Event-ID: {changes.0.cursor}",
     .leaves_after = 700,
     .within = 10},
    {.ask = "GET /v1/changes?cursor=0123456789abcdef-1",
     410,
     "code=cursor_stale",
     .fields = STREAM},
    {.ask = "GET /metrics", 200, "*\nordeal_watchers 0\n", .within = 5})

#define CASE(number, section, requires, run)                                                       \
    {                                                                                              \
        "api-changes/" number, LEVEL_MUST, CAPABILITY_CHANGES, "CONTRACT.md, " section, requires,  \
            run                                                                                    \
    }

static const conformance_case cases[] = {
    CASE("order/1", "CHANGES-1", "changes are told in order, from cursor to cursor",
         changes_are_told_in_order),
    CASE("order/2", "CHANGES-1", "moves are told, and what was refused is not",
         moves_and_uploads_are_told_too),
    CASE("cursor/1", "CHANGES-3", "cursors that are none or stale are refused",
         cursors_that_are_none_are_refused),
    CASE("stream/1", "CHANGES-1", "a stream goes on from its cursor",
         a_stream_goes_on_from_its_cursor),
};

const suite suite_api_changes = {"api-changes", "the storage API: the feed of changes", cases,
                                 sizeof cases / sizeof cases[0], speaks_storage_api};
