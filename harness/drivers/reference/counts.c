/* /metrics: ordeal_requests_total{method="GET",route="/v1/files/{path}",code="200"} 17 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "client/operation.h"
#include "drivers/reference/reference.h"

#define METRICS_MOST ((size_t)1 << 20)

/* Routes that only recorded operations use, each operation one request. */
static const struct {
    const char *method;
    const char *route;
    uint64_t operations;
} routes[] = {
    {"PUT", "/v1/files/{path}", 1u << OPERATION_PUT},
    {"GET", "/v1/files/{path}",
     1u << OPERATION_GET | 1u << OPERATION_GET_RANGE | 1u << OPERATION_GET_VERSION},
    {"HEAD", "/v1/files/{path}", 1u << OPERATION_HEAD},
    {"DELETE", "/v1/files/{path}", 1u << OPERATION_DELETE},
    {"GET", "/v1/files", 1u << OPERATION_LIST},
    {"GET", "/v1/versions/{path}", 1u << OPERATION_VERSIONS},
    {"POST", "/v1/restore/{path}", 1u << OPERATION_RESTORE},
    {"POST", "/v1/moves", 1u << OPERATION_MOVE},
    {"POST", "/v1/uploads", 1u << OPERATION_UPLOAD_CREATE},
    {"PATCH", "/v1/uploads/{id}", 1u << OPERATION_UPLOAD_PATCH},
    {"HEAD", "/v1/uploads/{id}", 1u << OPERATION_UPLOAD_HEAD},
    {"DELETE", "/v1/uploads/{id}", 1u << OPERATION_UPLOAD_CANCEL},
    {"POST", "/v1/shares", 1u << OPERATION_SHARE_CREATE},
    {"GET", "/s/{token}", 1u << OPERATION_SHARE_GET},
    {"DELETE", "/v1/shares/{token}", 1u << OPERATION_SHARE_DELETE},
    {"POST", "/v1/admin/cleanup", 1u << OPERATION_CLEANUP},
};
#define ROUTES (sizeof routes / sizeof routes[0])

/* What is there only while somebody uses it. */
static const struct {
    const char *metric;
    const char *what;
} living[] = {
    {"ordeal_watchers", "watchers"},
    {"ordeal_rate_buckets", "token buckets"},
    {"ordeal_blob_temporary_files", "blobs being written"},
    {"ordeal_store_readers_in_use", "connections to the store in use"},
};

static void tell_living(const char *text, void (*tell)(void *, const counted *), void *owner)
{
    for (size_t i = 0; i < sizeof living / sizeof living[0]; i++) {
        char label[96];
        snprintf(label, sizeof label, "\n%s ", living[i].metric);
        const char *at = strstr(text, label);
        if (at == NULL)
            continue;
        counted one = {.route = living[i].what, .answers = strtoull(at + strlen(label), NULL, 10)};
        tell(owner, &one);
    }
}

static bool receive_text(void *owner, const void *bytes, size_t length)
{
    return buffer_append(owner, bytes, length);
}

/* The answers of one route by status; at least one line, so that a route that was never used is
 * told as such. */
static void tell_route(const char *text, size_t which, void (*tell)(void *, const counted *),
                       void *owner)
{
    char label[96];
    char name[96];
    snprintf(name, sizeof name, "%s %s", routes[which].method, routes[which].route);
    counted one = {.route = name, .operations = routes[which].operations};
    tell(owner, &one);
    snprintf(label, sizeof label, "\nordeal_requests_total{method=\"%s\",route=\"%s\",code=\"",
             routes[which].method, routes[which].route);
    for (const char *at = strstr(text, label); at != NULL; at = strstr(at, label)) {
        at += strlen(label);
        char *rest;
        one.status = (unsigned)strtoul(at, &rest, 10);
        one.answers = strtoull(rest + strcspn(rest, " \n"), NULL, 10);
        tell(owner, &one);
    }
}

/* Nothing but this request is in work. */
static bool at_rest(const char *text)
{
    return strstr(text, "\nordeal_requests_in_work 1\n") != NULL;
}

bool reference_counts(operation *o, void (*tell)(void *owner, const counted *one), void *owner)
{
    char url[ADDRESS_SIZE];
    buffer text = {.limit = METRICS_MOST};
    address_make(o, "/metrics", "", url);
    exchange_request request = http_request("GET", url);
    request.receive = receive_text;
    request.owner = &text;
    operation_exchange(o, &request);
    bool fine =
        o->answer.failure == FAILURE_NONE && o->answer.status == 200 && at_rest(buffer_text(&text));
    for (size_t i = 0; i < ROUTES && fine; i++)
        tell_route(buffer_text(&text), i, tell, owner);
    if (fine)
        tell_living(buffer_text(&text), tell, owner);
    buffer_free(&text);
    return fine;
}
