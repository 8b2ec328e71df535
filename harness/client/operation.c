#include "client/operation.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "client/client.h"
#include "engine/trace.h"
#include "history/operations.h"

uint64_t operation_seed(const operation *o)
{
    return o->client->stage->seed;
}

const char *operation_base_url(const operation *o)
{
    return o->client->stage->base_url;
}

uint64_t operation_timeout(const operation *o)
{
    return o->client->stage->operation_timeout;
}

const char *operation_token(const operation *o)
{
    return o->client->token;
}

uint32_t operation_name(operation *o, const char *text)
{
    return history_name(o->client->stage->history, text, strlen(text));
}

places *operation_places(const operation *o)
{
    return o->client->stage->places;
}

uint64_t operation_now(const operation *o)
{
    return history_now(o->client->stage->history);
}

static void add_header(exchange_request *request, const char *name, const char *value)
{
    CHECK(request->header_count < EXCHANGE_HEADERS_MOST);
    request->headers[request->header_count++] = (exchange_header){name, value};
}

void operation_exchange(operation *o, exchange_request *request)
{
    char authorization[RESOURCE_SIZE + 16];
    history_record *r = &o->record;
    add_header(request, "traceparent",
               trace_parent(operation_seed(o), r->client, r->sequence, o->trace));
    if (operation_token(o)[0] != '\0') {
        snprintf(authorization, sizeof authorization, "Bearer %s", operation_token(o));
        add_header(request, "Authorization", authorization);
    }
    request->fields = o->wanted;
    request->field_count = o->wanted_count;
    request->auth = o->client->stage->auth;
    if (request->timeout == 0)
        request->timeout = operation_timeout(o);
    exchange_run(o->client->lane, request, &o->answer);
    if (o->client->stage->log_position != NULL)
        o->parts[0].value = atomic_load(o->client->stage->log_position);
    uint64_t began = history_began(o->client->stage->history);
    r->invoke = o->answer.invoke - began;
    r->finish = o->answer.finish - began;
    r->status = (uint16_t)o->answer.status;
    r->failure = (uint8_t)o->answer.failure;
    if (o->answer.version > 0 && o->answer.version <= UINT32_MAX)
        r->version = (uint32_t)o->answer.version;
}

void operation_want(operation *o, exchange_field *fields, size_t count)
{
    o->wanted = fields;
    o->wanted_count = count;
}

bool operation_part(operation *o, history_record part)
{
    if (o->part_count == HISTORY_GROUP_MOST - 1)
        return false;
    if (o->part_count == o->part_capacity) {
        o->part_capacity = o->part_capacity > 0 ? o->part_capacity * 2 : 8;
        o->parts = memory_resize(o->parts, o->part_capacity * sizeof *o->parts);
    }
    part.kind = RECORD_PART;
    part.client = o->record.client;
    part.sequence = o->record.sequence;
    part.invoke = o->record.invoke;
    part.finish = o->record.invoke;
    o->parts[o->part_count++] = part;
    return true;
}

/* What the answer calls the reason: "code" of a problem document, errors[0].code (OCI), or the
 * element Code (S3). */
static void take_code(const operation *o, const json_t *problem, char *code, size_t size)
{
    const char *known = json_string_value(json_object_get(problem, "code"));
    const json_t *first = json_array_get(json_object_get(problem, "errors"), 0);
    if (known == NULL)
        known = json_string_value(json_object_get(first, "code"));
    const char *element = strstr(o->answer.problem, "<Code>");
    const char *text = element != NULL ? element + strlen("<Code>") : "";
    if (known != NULL)
        snprintf(code, size, "%s", known);
    else
        snprintf(code, size, "%.*s", (int)strcspn(text, "<"), text);
}

/* "code", or "code no-trace" when the answer does not carry our trace id back. */
static void name_refusal(operation *o)
{
    char text[96];
    char code[61];
    json_t *problem =
        json_loadb(o->answer.problem, o->answer.problem_length, JSON_REJECT_DUPLICATES, NULL);
    const char *trace = json_string_value(json_object_get(problem, "trace_id"));
    bool traced = trace != NULL && strlen(trace) == 32 && strncmp(trace, o->trace + 3, 32) == 0;
    take_code(o, problem, code, sizeof code);
    snprintf(text, sizeof text, "%s%s", code, traced ? "" : " no-trace");
    json_decref(problem);
    o->record.detail = operation_name(o, text);
}

static outcome write_outcome(const exchange_answer *a)
{
    if (a->failure != FAILURE_NONE)
        return a->sent_any ? OUTCOME_UNKNOWN : OUTCOME_FAILED;
    if (a->status < 200)
        return OUTCOME_UNKNOWN;
    if (a->status < 300)
        return OUTCOME_OK;
    if (a->status < 500 || (a->status == 503 && a->retry_after > 0))
        return OUTCOME_FAILED;
    return OUTCOME_UNKNOWN;
}

void operation_conclude(operation *o)
{
    history_record *r = &o->record;
    const exchange_answer *a = &o->answer;
    bool good = a->failure == FAILURE_NONE && a->status >= 200 && a->status < 300;
    if (operation_row_of(r->type)->writes)
        r->outcome = (uint8_t)write_outcome(a);
    else
        r->outcome = good ? OUTCOME_OK : OUTCOME_FAILED;
    if (a->failure == FAILURE_NONE && a->status >= 300)
        r->failure = FAILURE_STATUS;
    if ((a->status == 429 || a->status == 503) && a->retry_after > 0)
        r->flags |= FLAG_RETRYABLE;
    if (a->status >= 400)
        name_refusal(o);
}

bool operation_absent(operation *o)
{
    if (o->answer.failure != FAILURE_NONE || (o->answer.status != 404 && o->answer.status != 410))
        return false;
    o->record.outcome = OUTCOME_OK;
    o->record.failure = FAILURE_NONE;
    o->record.flags |= FLAG_ABSENT;
    return true;
}

void operation_malformed(operation *o, const char *sentence)
{
    o->record.failure = FAILURE_MALFORMED;
    o->record.outcome = operation_row_of(o->record.type)->writes ? OUTCOME_UNKNOWN : OUTCOME_FAILED;
    o->record.detail = operation_name(o, sentence);
}
