/* /v1/changes: what happened to which name, to clients that wait for it; as one answer with a
 * cursor (long poll), or as a stream of events (SSE).
 *
 * A cursor is "EPOCH-NUMBER" and opaque to clients: the epoch names the store, the number the last
 * change that was told. No cursor stands for now. Changes come from the store alone, so a cursor
 * outlives any restart; a client is told each change once because it goes on from its cursor. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/json_writer.h"
#include "base/timing.h"
#include "base/units.h"
#include "handlers.h"
#include "metrics.h"
#include "paths.h"
#include "watchers.h"

#define CHANGES_MOST   1000 /* in one answer, or in one look of a stream */
#define WAIT_OTHERWISE 30
#define WAIT_MOST      60
#define HEARTBEAT      (15 * NANOSECONDS_PER_SECOND)
#define CURSOR_SIZE    (EPOCH_SIZE + 24)
#define STALE_SENTENCE                                                                             \
    "changes after this cursor are not known any more; list the files and go on from a new cursor"

typedef struct {
    request *request;
    watcher *watcher;
    uint64_t seen; /* number of the last change told */
    uint64_t until;
    uint64_t asleep_since; /* 0: it was not put to sleep */
    size_t told;           /* in this answer */
    bool at_once;          /* a long poll that has no cursor only wants one */
    bool over;
    buffer text; /* what the answer is made of, or what a stream has yet to send */
    size_t sent;
    json_writer json;
} feed;

static void cursor_text(const request *r, uint64_t number, char out[CURSOR_SIZE])
{
    snprintf(out, CURSOR_SIZE, "%s-%" PRIu64, store_epoch(r->service->store), number);
}

typedef enum { CURSOR_FINE, CURSOR_FOREIGN, CURSOR_WRONG } cursor_answer;

static cursor_answer cursor_parse(const request *r, const char *text, uint64_t *number)
{
    const size_t length = EPOCH_SIZE - 1;
    if (strspn(text, "0123456789abcdef") != length || text[length] != '-' ||
        !units_whole(text + length + 1, number) || *number > INT64_MAX)
        return CURSOR_WRONG;
    bool ours = strncmp(text, store_epoch(r->service->store), length) == 0;
    return ours && *number <= watchers_newest(r->service->watchers) ? CURSOR_FINE : CURSOR_FOREIGN;
}

/* --- begin --- */

static bool wants_stream(const request *r)
{
    const char *accept = request_header(r, "Accept");
    return accept != NULL && strstr(accept, "text/event-stream") != NULL;
}

/* False: it has answered. */
static bool read_cursor(request *r, feed *f)
{
    const char *given = request_header(r, "Last-Event-ID");
    if (given == NULL || given[0] == '\0')
        given = request_query(r, "cursor");
    f->at_once = given == NULL;
    f->seen = watchers_newest(r->service->watchers);
    if (given == NULL)
        return true;
    cursor_answer answer = cursor_parse(r, given, &f->seen);
    if (answer == CURSOR_WRONG)
        answer_problem(r, PROBLEM_VALIDATION, "cursor is none that this server gave");
    else if (answer == CURSOR_FOREIGN)
        answer_problem(r, PROBLEM_STALE, STALE_SENTENCE);
    return answer == CURSOR_FINE;
}

static bool read_wait(request *r, feed *f)
{
    const char *given = request_query(r, "wait");
    uint64_t seconds = WAIT_OTHERWISE;
    if (given != NULL && (!units_whole(given, &seconds) || seconds > WAIT_MOST)) {
        answer_problem(r, PROBLEM_VALIDATION, "wait must be whole seconds from 0 to 60");
        return false;
    }
    f->until = timing_now() + seconds * NANOSECONDS_PER_SECOND;
    return true;
}

void begin_changes(request *r)
{
    feed f = {.request = r};
    if (!read_cursor(r, &f) || !read_wait(r, &f))
        return;
    f.watcher = watchers_join(r->service->watchers, r->connection, r->watched);
    if (f.watcher == NULL) {
        answer_problem(r, PROBLEM_OVERLOADED, "too many watch already");
        return;
    }
    r->state = memory_take(sizeof f);
    memcpy(r->state, &f, sizeof f);
    /* It may last for hours and does nothing: it is counted as a watcher instead. */
    atomic_fetch_sub(&r->service->metrics->in_work, 1);
}

void abandon_changes(request *r)
{
    feed *f = r->state;
    atomic_fetch_add(&r->service->metrics->in_work, 1);
    watchers_leave(r->service->watchers, f->watcher);
    buffer_free(&f->text);
    free(f);
    r->state = NULL;
}

/* --- both ways --- */

static void put_change(json_writer *w, const char *cursor, const change *what)
{
    writer_object(w);
    writer_put_text(w, "cursor", cursor);
    writer_put_whole(w, "number", what->number);
    writer_put_text(w, "type", what->deleted ? "delete" : "put");
    writer_put_text(w, "path", path_unscoped(what->path));
    writer_put_whole(w, "version", what->version);
    writer_object_end(w);
}

/* What others' files do is passed over. */
static bool is_own(feed *f, const change *what)
{
    f->seen = what->number;
    return strncmp(what->path, f->request->scope, strlen(f->request->scope)) == 0;
}

static store_answer take_changes(feed *f, change_visitor visit)
{
    return store_changes(f->request->service->store, f->seen, CHANGES_MOST, visit, f);
}

static void refuse(request *r, store_answer answer)
{
    if (answer == STORE_ABSENT)
        answer_problem(r, PROBLEM_STALE, STALE_SENTENCE);
    else
        answer_store(r, answer);
}

static watch_answer wait_for_more(feed *f)
{
    watch_answer answer =
        watchers_wait(f->request->service->watchers, f->watcher, f->seen, f->until);
    if (answer == WATCH_SLEEPS)
        f->asleep_since = timing_now();
    return answer;
}

static void note_awake(feed *f)
{
    if (f->asleep_since > 0)
        f->request->waited += timing_now() - f->asleep_since;
    f->asleep_since = 0;
}

/* --- long poll --- */

static void list_change(void *owner, const change *what)
{
    feed *f = owner;
    char cursor[CURSOR_SIZE];
    if (!is_own(f, what))
        return;
    cursor_text(f->request, what->number, cursor);
    put_change(&f->json, cursor, what);
    f->told++;
}

/* Does not answer when there is nothing to tell yet. */
static void answer_poll(request *r, feed *f, bool news)
{
    char cursor[CURSOR_SIZE];
    buffer_clear(&f->text);
    f->told = 0;
    f->json = writer_begin(&f->text);
    writer_object(&f->json);
    writer_key(&f->json, "changes");
    writer_array(&f->json);
    store_answer answer = news ? take_changes(f, list_change) : STORE_DONE;
    if (answer != STORE_DONE) {
        refuse(r, answer);
        return;
    }
    if (news && f->told == 0)
        return;
    cursor_text(r, f->seen, cursor);
    writer_array_end(&f->json);
    writer_put_text(&f->json, "cursor", cursor);
    writer_put_whole(&f->json, "number", f->seen);
    writer_object_end(&f->json);
    answer_text(r, 200, "application/json", buffer_text(&f->text), f->text.length, NULL);
}

/* --- stream --- */

static void send_change(void *owner, const change *what)
{
    feed *f = owner;
    char cursor[CURSOR_SIZE];
    if (!is_own(f, what))
        return;
    cursor_text(f->request, what->number, cursor);
    buffer_printf(&f->text, "id: %s\nevent: change\ndata: ", cursor);
    json_writer w = writer_begin(&f->text);
    put_change(&w, cursor, what);
    buffer_text_append(&f->text, "\n\n");
}

/* A stream that the store fails, or that fell behind what is kept, ends: who connects again with
 * its last id is told why. */
static watch_answer refill(feed *f)
{
    buffer_clear(&f->text);
    f->sent = 0;
    watch_answer answer = wait_for_more(f);
    if (answer == WATCH_SLEEPS)
        return answer;
    if (answer == WATCH_TIME)
        buffer_text_append(&f->text, ":\n\n");
    f->over = answer == WATCH_OVER ||
              (answer == WATCH_NEWS && take_changes(f, send_change) != STORE_DONE);
    f->until = timing_now() + HEARTBEAT;
    return answer;
}

static ssize_t read_stream(void *owner, uint64_t position, char *out, size_t most)
{
    feed *f = owner;
    (void)position;
    note_awake(f);
    while (f->sent == f->text.length && !f->over)
        if (refill(f) == WATCH_SLEEPS)
            return 0;
    size_t length = f->text.length - f->sent;
    if (length == 0)
        return MHD_CONTENT_READER_END_OF_STREAM;
    length = length < most ? length : most;
    memcpy(out, buffer_text(&f->text) + f->sent, length);
    f->sent += length;
    return (ssize_t)length;
}

static void answer_feed(request *r, feed *f)
{
    static const char *const headers[] = {"Content-Type", "text/event-stream", "Cache-Control",
                                          "no-store", NULL};
    char cursor[CURSOR_SIZE];
    cursor_text(r, f->seen, cursor);
    buffer_printf(&f->text, "retry: 1000\nid: %s\n\n", cursor);
    store_answer answer =
        watchers_newest(r->service->watchers) > f->seen ? take_changes(f, send_change) : STORE_DONE;
    f->until = timing_now() + HEARTBEAT;
    if (answer == STORE_DONE)
        answer_stream(r, 200, read_stream, f, headers);
    else
        refuse(r, answer);
}

/* Run again each time that the connection has slept. */
void finish_changes(request *r)
{
    feed *f = r->state;
    note_awake(f);
    if (wants_stream(r)) {
        answer_feed(r, f);
        return;
    }
    watch_answer why = WATCH_NEWS;
    while (!r->answered && why != WATCH_SLEEPS) {
        why = f->at_once ? WATCH_TIME : wait_for_more(f);
        if (why != WATCH_SLEEPS)
            answer_poll(r, f, why == WATCH_NEWS);
    }
}
