/* /v1/channels/{id}/samples: append one or many, read the last ones in pages. */
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/json_writer.h"
#include "base/units.h"
#include "channel_store.h"
#include "handlers.h"

/* What all appends in work may hold; more get 503. */
#define APPENDS_MEMORY_MOST ((size_t)64 << 20)

typedef struct {
    samples *samples;
    size_t memory; /* counted in appends_memory */
    problem_code failed;
} append;

static atomic_size_t appends_memory;

static bool channel_named(request *r)
{
    if (strchr(r->tail, '/') == NULL)
        return true;
    answer_problem(r, PROBLEM_VALIDATION, "the name of a channel has no '/'");
    return false;
}

static void answer_channel_problem(request *r, problem_code code, const char *wrong)
{
    if (code == PROBLEM_VALIDATION)
        answer_problem(r, code, wrong);
    else if (code == PROBLEM_NOT_FOUND)
        answer_problem(r, code, "nothing was ever appended to this channel");
    else if (code == PROBLEM_TOO_LARGE)
        answer_problem(r, code, "the content is larger than this server takes");
    else if (code == PROBLEM_OVERLOADED)
        answer_problem(r, code, "too many appends are in work; nothing was done");
    else if (code == PROBLEM_LOCK_TIMEOUT)
        answer_problem(r, code,
                       "others kept the channel busy for longer than the bound; nothing was done");
    else if (code == PROBLEM_DISK_FULL)
        answer_problem(r, code, "the disk is full; nothing was done");
    else
        answer_problem(r, code, "the channel could not be stored or read");
}

/* --- append --- */

void begin_append(request *r)
{
    if (!channel_named(r))
        return;
    if (r->body_length != NO_LENGTH && r->body_length > r->service->limits.file_size_most) {
        answer_channel_problem(r, PROBLEM_TOO_LARGE, NULL);
        return;
    }
    append *a = memory_zeroed(1, sizeof *a);
    a->samples = samples_open();
    r->state = a;
}

static void count_memory(append *a)
{
    size_t now = samples_memory(a->samples);
    size_t all = atomic_fetch_add(&appends_memory, now - a->memory) + (now - a->memory);
    if (all > APPENDS_MEMORY_MOST && now > a->memory)
        a->failed = PROBLEM_OVERLOADED;
    a->memory = now;
}

void body_append(request *r, const void *bytes, size_t length)
{
    append *a = r->state;
    if (r->body_received > r->service->limits.file_size_most && a->failed == PROBLEM_NONE)
        a->failed = PROBLEM_TOO_LARGE;
    if (a->failed != PROBLEM_NONE)
        return;
    if (!samples_feed(a->samples, bytes, length))
        a->failed = PROBLEM_VALIDATION;
    count_memory(a);
}

void abandon_append(request *r)
{
    append *a = r->state;
    atomic_fetch_sub(&appends_memory, a->memory);
    samples_close(a->samples);
    free(a);
    r->state = NULL;
}

static void answer_appended(request *r, uint64_t accepted, const channel_figures *f)
{
    buffer text = {0};
    json_writer w = writer_begin(&text);
    writer_object(&w);
    writer_put_text(&w, "channel", r->tail);
    writer_put_whole(&w, "accepted", accepted);
    writer_put_whole(&w, "total", f->total);
    writer_put_whole(&w, "dropped", f->dropped);
    writer_object_end(&w);
    answer_text(r, 200, "application/json", buffer_text(&text), text.length, NULL);
    buffer_free(&text);
}

void finish_append(request *r)
{
    append *a = r->state;
    channel_figures figures;
    const char *wrong = "there is not one sample";
    if (a->failed == PROBLEM_NONE && !samples_end(a->samples))
        a->failed = PROBLEM_VALIDATION;
    if (samples_wrong(a->samples)[0] != '\0')
        wrong = samples_wrong(a->samples);
    if (a->failed == PROBLEM_NONE && samples_count(a->samples) == 0)
        a->failed = PROBLEM_VALIDATION;
    if (a->failed == PROBLEM_NONE)
        a->failed = channels_append(r->service->channels, r->path, a->samples, &figures);
    if (a->failed == PROBLEM_NONE)
        answer_appended(r, samples_count(a->samples), &figures);
    else
        answer_channel_problem(r, a->failed, wrong);
    abandon_append(r);
}

/* --- read --- */

static bool asked_page(request *r, uint64_t *from, uint64_t *most)
{
    const char *cursor = request_query(r, "cursor");
    const char *limit = request_query(r, "limit");
    *from = 0;
    *most = SAMPLES_KEPT;
    if ((cursor == NULL || units_whole(cursor, from)) &&
        (limit == NULL || (units_whole(limit, most) && *most > 0 && *most <= SAMPLES_KEPT)))
        return true;
    answer_problem(r, PROBLEM_VALIDATION, "cursor, or limit (1 to 1000) is not valid");
    return false;
}

void begin_read_samples(request *r)
{
    uint64_t from;
    uint64_t most;
    channel_figures f;
    buffer rows = {0};
    buffer text = {0};
    if (!channel_named(r) || !asked_page(r, &from, &most))
        return;
    problem_code found = channels_read(r->service->channels, r->path, &from, most, &rows, &f);
    if (found != PROBLEM_NONE) {
        answer_channel_problem(r, found, NULL);
        return;
    }
    char next[24];
    snprintf(next, sizeof next, "%" PRIu64, from + most);
    json_writer w = writer_begin(&text);
    writer_object(&w);
    writer_put_text(&w, "channel", r->tail);
    writer_put_whole(&w, "total", f.total);
    writer_put_whole(&w, "dropped", f.dropped);
    writer_put_whole(&w, "first", from);
    writer_key(&w, "samples");
    writer_array(&w);
    if (rows.length > 0)
        writer_raw(&w, buffer_text(&rows));
    writer_array_end(&w);
    if (from + most < f.total)
        writer_put_text(&w, "cursor", next);
    writer_object_end(&w);
    answer_text(r, 200, "application/json", buffer_text(&text), text.length, NULL);
    buffer_free(&rows);
    buffer_free(&text);
}
