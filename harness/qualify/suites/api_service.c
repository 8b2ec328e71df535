/* Health, upkeep and errors of the storage API. */
#include <string.h>

#include "base/timing.h"
#include "qualify/exchange.h"

CONVERSATION(it_says_who_it_is, {.ask = "GET /livez", 200, "Content-Type: text/plain & 'ok\n"},
             {.ask = "GET /readyz", 200, "'ok\n"},
             {.ask = "GET /v1/version",
              200,
              "Content-Type: application/json & capabilities.0=files"},
             {.ask = "GET /openapi.json", 200, "openapi=3.1.0 & Content-Type: application/json"})

CONVERSATION(
    unknown_addresses_and_methods_are_refused,
    {.ask = "GET /", 404, "code=not_found & retryable=false"},
    {.ask = "GET /v1/nothing", 404, "code=not_found"}, {.ask = "GET /v1/filesystem", 404},
    {.ask = "GET /livez/", 404},
    {.ask = "PATCH /v1/files/{u}", 405, "code=method_not_allowed & Allow: PUT, GET, HEAD, DELETE"},
    {.ask = "POST /v1/files", 405, "Allow: GET", "x"}, {.ask = "GET /v1/moves", 405, "Allow: POST"},
    {.ask = "PUT /v1/shares", 405, NULL, "x"}, {.ask = "DELETE /livez", 405},
    {.ask = "GET /v1/channels/{u}", 404}, {.ask = "GET /v1/channels/samples", 404})

#define TRIES       3
#define PAUSED_MOST NANOSECONDS_PER_SECOND /* half of what FRAMING-5 promises */

/* Whoever is refused at the head may be sending his content still. A machine that stood still
 * meanwhile proves nothing, and is asked again. */
static void who_is_refused_early_can_send_on(probe *p)
{
    buffer head = {0};
    buffer_printf(&head, "POST /v1/nothing HTTP/1.1\r\nHost: %s\r\nContent-Length: 1\r\n\r\n",
                  probe_host(p));
    const reply *r = NULL;
    for (unsigned i = 0; i < TRIES && (r == NULL || r->paused > PAUSED_MOST); i++)
        r = probe_say(p, buffer_text(&head), 50, "x");
    buffer_free(&head);
    if (r->paused > PAUSED_MOST) {
        probe_not_applicable(p, "this machine stands still for seconds");
        return;
    }
    probe_expect_status(p, r, 404, 0, 0, 0);
    probe_expect(p, r->failure[0] == '\0', "sent after the answer: %s", r->failure);
}

CONVERSATION(a_trace_id_goes_through,
             {.ask = "GET /v1/files/{u}",
              404,
              "trace_id=0af7651916cd43dd8448eb211c80319c",
              .fields = "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},
             {.ask = "GET /v1/files/{u}",
              404,
              "code=not_found",
              .fields = "traceparent: 00-x-b7ad6b7169203331-01"},
             {.ask = "GET /v1/files/{u}",
              404,
              "code=not_found",
              .fields = "traceparent: 00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01"})

CONVERSATION(clean_up_purges_what_was_deleted, {.ask = "POST /v1/admin/cleanup", 200},
             {.ask = "GET /v1/admin/stats", 200, NULL, .keep = "shares"},
             {.ask = "PUT /v1/files/{u}", 201, NULL, "one"},
             {.ask = "PUT /v1/files/{u}", 200, NULL, "two"},
             {.ask = "PUT /v1/files/{u}-kept", 201, NULL, "kept"},
             {.ask = "PUT /v1/files/{u}-kept", 200, NULL, "kept too"},
             {.ask = "DELETE /v1/files/{u}", 204},
             {.ask = "POST /v1/shares", 201, NULL, "{\"path\": \"{u}-kept\"}"},
             {.ask = "POST /v1/admin/cleanup", 200, "purged=2"},
             {.ask = "POST /v1/admin/cleanup", 200, "purged=0"},
             {.ask = "GET /v1/versions/{u}", 404},
             {.ask = "GET /v1/files/{u}-kept?version=1", 200, "'kept"},
             {.ask = "PUT /v1/files/{u}", 200, "version=3", "three"},
             {.ask = "GET /v1/files/{u}", 200, "'three"})

CONVERSATION(stats_count_what_there_is, {.ask = "POST /v1/admin/cleanup", 200},
             {.ask = "GET /v1/admin/stats", 200, NULL, .keep = "files"},
             {.ask = "GET /v1/admin/stats", 200, "files={files}", .keep = "versions"},
             {.ask = "GET /v1/admin/stats", 200, "versions={versions}", .keep = "bytes"},
             {.ask = "PUT /v1/files/{u}", 201, NULL, "one"}, {.ask = "DELETE /v1/files/{u}", 204},
             {.ask = "GET /v1/admin/stats", 200, "files={files}", .keep = "deleted_files"},
             {.ask = "PUT /v1/files/{u}-kept", 201, NULL, "one"},
             {.ask = "PUT /v1/files/{u}-kept", 200, NULL, "two"},
             {.ask = "GET /v1/admin/stats", 200, "deleted_files={deleted_files}"},
             {.ask = "DELETE /v1/files/{u}-kept", 204},
             {.ask = "POST /v1/admin/cleanup", 200, "purged=3"},
             {.ask = "GET /v1/admin/stats", 200, "versions={versions} & bytes={bytes}"})

CONVERSATION(
    the_cache_changes_no_answer, {.ask = "PUT /v1/files/{u}/a", 201, NULL, "hello"},
    {.ask = "PUT /v1/files/{u}/b", 201, NULL, "hello too"},
    {.ask = "POST /v1/admin/cache/warm?prefix={u}/", 200, "bytes_most=16777216", .keep = "files"},
    {.ask = "POST /v1/admin/cache/warm?prefix={u}/", 200, "files={files}"},
    {.ask = "GET /v1/files/{u}/a", 200, "'hello"}, {.ask = "GET /v1/files/{u}/a", 200, "'hello"},
    {.ask = "PUT /v1/files/{u}/a", 200, NULL, "another"},
    {.ask = "GET /v1/files/{u}/a", 200, "'another"},
    {.ask = "GET /v1/files/{u}/a?version=1", 200, "'hello"},
    {.ask = "GET /v1/files/{u}/b", 206, "'too", .fields = "Range: bytes=6-"},
    {.ask = "POST /v1/admin/cache/warm?prefix=%4", 400, "code=validation_error"})

CONVERSATION(warming_takes_all_there_is, {.ask = "POST /v1/admin/cleanup", 200},
             {.ask = "POST /v1/admin/cache/warm?prefix={u}/", 200, NULL, .keep = "files"},
             {.ask = "PUT /v1/files/{u}/a", 201, NULL, "a content that nothing else has: {u}"},
             {.ask = "POST /v1/admin/cache/warm?prefix={u}/", 200, "files>{files}"})

CONVERSATION(
    metrics_are_at_rest_and_count, {.ask = "GET /v1/files/{u}", 404},
    {.ask = "PUT /v1/files/{u}", 201, NULL, "hello"}, {.ask = "GET /v1/files/{u}", 200, "'hello"},
    {.ask = "GET /v1/files/{u}", 200, "'hello"},
    {.ask = "GET /metrics",
     200,
     "Content-Type: text/plain; version=0.0.4 & *\nordeal_requests_in_work 1\n & "
     "*\nordeal_blob_temporary_files 0\n & *\nordeal_store_readers_in_use 0\n & "
     "*\nordeal_store_jobs_waiting 0\n & *\nordeal_watchers 0\n & *\nordeal_store_failures_total "
     "0\n & *\nordeal_store_queries_timed_out_total 0\n & "
     "*\nordeal_deadline_closed_total 0\n & *\nordeal_store_waits_timed_out_total 0\n & "
     "*\nordeal_rate_buckets 0\n & "
     "*ordeal_requests_total{method=\"GET\",route=\"/v1/files/{path}\",code=\"404\"} & "
     "*ordeal_request_seconds_bucket{le=\"0.00025\"} & "
     "*ordeal_request_seconds_bucket{le=\"0.0005\"} & *ordeal_request_seconds_bucket{le=\"+Inf\"} "
     "& *ordeal_problems_total{kind=\"not_found\"} & -ordeal_request_seconds_bucket{le=\"2.048\"} "
     "& -\nordeal_received_bytes_total 0\n & -\nordeal_cache_hits_total 0\n & "
     "-\nordeal_cache_files 0\n & -\nordeal_changes_total 0\n",
     .within = 5})

#define CASE(number, level, needs, section, requires, run)                                         \
    {                                                                                              \
        "api-service/" number, level, needs, "CONTRACT.md, " section, requires, run                \
    }

static const conformance_case cases[] = {
    CASE("who/1", LEVEL_MUST, 0, "OPS-1", "it says who it is and that it is ready",
         it_says_who_it_is),
    CASE("address/1", LEVEL_MUST, 0, "ERRORS-1", "unknown addresses and methods are refused",
         unknown_addresses_and_methods_are_refused),
    CASE("address/2", LEVEL_MUST, 0, "FRAMING-5",
         "who is refused before his content was read can send it all the same",
         who_is_refused_early_can_send_on),
    CASE("trace/1", LEVEL_MUST, 0, "ERRORS-1", "a trace id goes through", a_trace_id_goes_through),
    CASE("cleanup/1", LEVEL_MUST, CAPABILITY_ADMIN, "OPS-2",
         "clean-up purges what was deleted, and nothing else", clean_up_purges_what_was_deleted),
    CASE("stats/1", LEVEL_MUST, CAPABILITY_ADMIN, "OPS-2", "stats count what there is",
         stats_count_what_there_is),
    CASE("cache/1", LEVEL_MUST, CAPABILITY_ADMIN, "OPS-3",
         "what is kept in memory changes no answer", the_cache_changes_no_answer),
    CASE("cache/2", LEVEL_MUST, CAPABILITY_ADMIN, "OPS-3", "warming takes all that there is",
         warming_takes_all_there_is),
    CASE("metrics/1", LEVEL_SHOULD, 0, "OPS-1", "metrics are at rest when nothing happens",
         metrics_are_at_rest_and_count),
};

const suite suite_api_service = {"api-service", "the storage API: health, upkeep, errors", cases,
                                 sizeof cases / sizeof cases[0], speaks_storage_api};
