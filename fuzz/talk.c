#include "talk.h"

#include <jansson.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <yajl/yajl_parse.h>

#include "base/timing.h"
#include "faults.h"
#include "fuzz.h"
#include "metrics.h"
#include "problem.h"
#include "readings/head.h"
#include "uploads.h"

#define PATIENCE 20000 /* milliseconds: on a busy machine a thread may stand for seconds */

bool talk_field(const wire_answer *answer, const char *name, char *value, size_t size)
{
    size_t skip = strlen(name);
    for (const char *at = buffer_text(&answer->head); *at != '\0';) {
        size_t line = strcspn(at, "\r");
        if (line > skip + 1 && strncasecmp(at, name, skip) == 0 && at[skip] == ':') {
            snprintf(value, size, "%.*s", (int)(line - skip - 2), at + skip + 2);
            return true;
        }
        at += line + 2;
    }
    return false;
}

static bool code_is_known(const char *code, unsigned status)
{
    for (problem_code c = PROBLEM_NONE + 1; c < PROBLEM_COUNT; c++)
        if (strcmp(problem_of(c)->code, code) == 0)
            return problem_of(c)->status == status;
    return false;
}

static void check_problem(const wire_answer *answer)
{
    json_t *root =
        json_loadb(answer->body.bytes, answer->body.length, JSON_REJECT_DUPLICATES, NULL);
    const char *code = json_string_value(json_object_get(root, "code"));
    const char *trace = json_string_value(json_object_get(root, "trace_id"));
    ORACLE(code != NULL && code_is_known(code, answer->status));
    ORACLE(trace != NULL && strlen(trace) == 32 && strspn(trace, "0123456789abcdef") == 32);
    ORACLE(json_integer_value(json_object_get(root, "status")) == answer->status);
    ORACLE(json_is_string(json_object_get(root, "detail")));
    ORACLE(json_is_boolean(json_object_get(root, "retryable")));
    json_decref(root);
}

static void check_body(const wire_request *asked, const wire_answer *answer)
{
    char type[128] = "";
    bool silent =
        strcmp(asked->method, "HEAD") == 0 || answer->status == 304 || answer->status == 204;
    talk_field(answer, "Content-Type", type, sizeof type);
    ORACLE(!answer->body.overflowed);
    if (answer->status >= 400)
        ORACLE(strcmp(type, "application/problem+json") == 0);
    if (silent)
        return;
    ORACLE(answer->broken || answer->length == UINT64_MAX || answer->body.length == answer->length);
    if (answer->status >= 400)
        check_problem(answer);
    else if (strcmp(type, "application/json") == 0)
        ORACLE(talk_is_json(answer->body.bytes, answer->body.length));
}

/* Refused when a second reading says so, and then only. */
static void check_head(const wire_request *asked, const wire_answer *answer)
{
    static const char *const sentences[] = {
        "more than 64 header fields", "a control character in a header field",
        "exactly one Host field",     "more than one Content-Length",
        "Content-Length beside",      "Transfer-Encoding before",
        "a field stands twice",       "Content-Length is not a number",
        "Expect without content",     "the only transfer coding is chunked"};
    unsigned wrong = head_reading(asked);
    ORACLE(wrong == 0 || answer->status == wrong);
    if (wrong != 0 || (answer->status != 400 && answer->status != 431 && answer->status != 501))
        return;
    for (size_t i = 0; i < sizeof sentences / sizeof sentences[0]; i++)
        ORACLE(strstr(buffer_text(&answer->body), sentences[i]) == NULL);
}

void talk_ask(const wire_request *asked, bool faults, wire_answer *answer)
{
    wire_ask(asked, answer);
    if (answer->status == 0)
        return;
    ORACLE(answer->status >= 200 && answer->status < 600);
    ORACLE(faults || answer->status < 500 || answer->status == 501);
    ORACLE(faults || !answer->broken);
    check_body(asked, answer);
    check_head(asked, answer);
}

void talk_heal(service_kind kind)
{
    uint64_t count;
    faults_disarm();
    service *s = service_of_process(kind);
    for (unsigned patience = 0; store_count_uploads(s->store, 0, &count) != STORE_DONE;
         patience++) {
        ORACLE(patience < PATIENCE);
        timing_sleep(NANOSECONDS_PER_MILLISECOND);
    }
}

void talk_settled(service_kind kind)
{
    service *s = service_of_process(kind);
    ORACLE(atomic_load(&s->metrics->in_work) == 0);
    ORACLE(blob_temporary_count(s->blobs) == 0);
    /* The server's own threads read now and then. */
    for (unsigned patience = 0; store_look(s->store).readers_in_use > 0; patience++) {
        ORACLE(patience < PATIENCE);
        timing_sleep(NANOSECONDS_PER_MILLISECOND);
    }
}

void talk_no_session(service_kind kind)
{
    service *s = service_of_process(kind);
    /* A clock set back lengthens it, and what was renewed while a piece came in lives on for 2 s.
     */
    int64_t longest =
        SERVICE_UPLOAD_LIFE + (int64_t)(STORE_TIME_KEPT_EVERY / NANOSECONDS_PER_SECOND) + 2;
    faults_step(longest, true);
    uploads_sweep(s->uploads);
    ORACLE(uploads_count(s->uploads) == 0);
    ORACLE(service_upload_files(kind) == 0);
}

bool talk_is_json(const void *bytes, size_t length)
{
    yajl_handle parser = yajl_alloc(NULL, NULL, NULL);
    bool fine = yajl_parse(parser, bytes, length) == yajl_status_ok &&
                yajl_complete_parse(parser) == yajl_status_ok;
    yajl_free(parser);
    return fine;
}
