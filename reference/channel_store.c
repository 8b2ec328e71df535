#include "channel_store.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/files.h"
#include "base/json_writer.h"
#include "base/log.h"
#include "base/timing.h"

#define FOLDER        "channels"
#define STRIPES       64
#define RETRIES_MOST  5
#define RETRY_PAUSE   (2 * NANOSECONDS_PER_MILLISECOND)
#define DOCUMENT_MOST (SAMPLES_KEPT * (SAMPLE_MOST + 2) + 4096)
#define FILE_SIZE     48

typedef struct {
    bool taken;
    uint64_t since;
} stripe;

struct channel_store {
    char root[512];
    blob_store *blobs;
    store *known;
    pthread_mutex_t lock;
    pthread_cond_t given;
    stripe stripes[STRIPES];
};

/* A document in memory: its rows are lines of `text`, the first without a comma. */
typedef struct {
    buffer text;
    const char *rows;
    const char *end;
    channel_figures figures;
    bool vanished;
} document;

/* --- names --- */

static void file_of(const char *channel, char file[FILE_SIZE])
{
    unsigned char hash[crypto_generichash_BYTES_MIN];
    char digits[sizeof hash * 2 + 1];
    crypto_generichash(hash, sizeof hash, (const unsigned char *)channel, strlen(channel), NULL, 0);
    sodium_bin2hex(digits, sizeof digits, hash, sizeof hash);
    snprintf(file, FILE_SIZE, "%s.json", digits);
}

/* --- one append at a time --- */

static bool take_stripe(channel_store *c, stripe *mine)
{
    uint64_t until = timing_now() + LOCK_WAIT_MOST;
    struct timespec at = {.tv_sec = (time_t)(until / NANOSECONDS_PER_SECOND),
                          .tv_nsec = (long)(until % NANOSECONDS_PER_SECOND)};
    bool in_time = true;
    pthread_mutex_lock(&c->lock);
    while (mine->taken && in_time)
        /* Behind one that is late already nobody queues: the waits would add up. */
        in_time = timing_now() - mine->since < LOCK_WAIT_MOST &&
                  pthread_cond_timedwait(&c->given, &c->lock, &at) == 0;
    bool mine_now = !mine->taken;
    if (mine_now)
        *mine = (stripe){true, timing_now()};
    pthread_mutex_unlock(&c->lock);
    return mine_now;
}

static void give_stripe(channel_store *c, stripe *mine)
{
    pthread_mutex_lock(&c->lock);
    mine->taken = false;
    pthread_cond_broadcast(&c->given);
    pthread_mutex_unlock(&c->lock);
}

/* --- documents --- */

static void write_head(const char *channel, const channel_figures *f, buffer *out)
{
    json_writer w = writer_begin(out);
    buffer_printf(out, "{\"total\":%" PRIu64 ",\"dropped\":%" PRIu64 ",\"channel\":", f->total,
                  f->dropped);
    writer_text(&w, channel);
    buffer_text_append(out, ",\"samples\":[\n");
}

/* "],...": the end of a document whose bytes so far have this sum. */
static void write_foot(XXH64_hash_t sum, buffer *out)
{
    buffer_printf(out, "],\"sum\":\"%016llx\"}\n", (unsigned long long)sum);
}

static const char *take_number(const char *at, const char *label, uint64_t *number)
{
    size_t length = strlen(label);
    char *rest;
    if (at == NULL || strncmp(at, label, length) != 0)
        return NULL;
    *number = strtoull(at + length, &rest, 10);
    return rest;
}

/* True when the document is whole: written again from what it says, head and foot are the same. */
static bool understand(document *d, const char *channel)
{
    buffer head = {0};
    buffer foot = {0};
    const char *text = buffer_text(&d->text);
    const char *rest = take_number(text, "{\"total\":", &d->figures.total);
    bool whole = take_number(rest, ",\"dropped\":", &d->figures.dropped) != NULL;
    const char *end = memrchr(text, ']', d->text.length);
    write_head(channel, &d->figures, &head);
    whole = whole && end != NULL && (size_t)(end - text) >= head.length &&
            memcmp(text, head.bytes, head.length) == 0;
    if (whole) {
        d->rows = text + head.length;
        d->end = end;
        size_t length = (size_t)(end - text);
        write_foot(XXH3_64bits(text, length), &foot);
        whole = foot.length == d->text.length - length && memcmp(end, foot.bytes, foot.length) == 0;
    }
    buffer_free(&head);
    buffer_free(&foot);
    return whole;
}

static problem_code load_once(const channel_store *c, const char *channel, document *out)
{
    char path[PATH_MAX];
    char file[FILE_SIZE];
    error problem = {0};
    *out = (document){.rows = NULL};
    file_of(channel, file);
    snprintf(path, sizeof path, "%s/%s", c->root, file);
    if (!files_read(path, DOCUMENT_MOST, &out->text, &problem)) {
        if (errno == ENOENT)
            return PROBLEM_NOT_FOUND;
        log_error(&problem);
        return PROBLEM_STORAGE;
    }
    if (understand(out, channel))
        return PROBLEM_NONE;
    log_line(LOG_ERROR, "%s is not what was stored: it is neither served nor built upon", path);
    return PROBLEM_STORAGE;
}

static problem_code problem_of_store(store_answer answer)
{
    return answer == STORE_BUSY   ? PROBLEM_LOCK_TIMEOUT
           : answer == STORE_FULL ? PROBLEM_DISK_FULL
                                  : PROBLEM_DATABASE;
}

/* PROBLEM_NOT_FOUND: it never was. A document that vanished may come back with its directory: it is
 * looked for again; then it is PROBLEM_STORAGE, and out->vanished. */
static problem_code load(const channel_store *c, const char *channel, document *out)
{
    problem_code found = load_once(c, channel, out);
    if (found != PROBLEM_NOT_FOUND)
        return found;
    store_answer known = store_channel_find(c->known, channel);
    if (known != STORE_DONE)
        return known == STORE_ABSENT ? PROBLEM_NOT_FOUND : problem_of_store(known);
    for (int tries = 0; found == PROBLEM_NOT_FOUND && tries < RETRIES_MOST; tries++) {
        timing_sleep(RETRY_PAUSE << tries);
        found = load_once(c, channel, out);
    }
    if (found != PROBLEM_NOT_FOUND)
        return found;
    log_line(LOG_ERROR, "the document of a channel has vanished");
    out->vanished = true;
    return PROBLEM_STORAGE;
}

/* The row `skip` rows further on, without its comma. */
static const char *row_after(const document *d, uint64_t skip)
{
    const char *at = d->rows;
    for (; skip > 0 && at < d->end; skip--)
        at = (const char *)memchr(at, '\n', (size_t)(d->end - at)) + 1;
    return at < d->end && *at == ',' ? at + 1 : at;
}

static void put(blob_writer *w, XXH3_state_t *sum, const char *bytes, size_t length)
{
    XXH3_64bits_update(sum, bytes, length);
    blob_write(w, bytes, length);
}

/* Straight into the file: a document is never in memory twice. */
static void compose(const char *channel, const document *old, const samples *what,
                    channel_figures *now, blob_writer *w)
{
    uint64_t held = old->figures.total - old->figures.dropped;
    size_t added = 0;
    size_t length = 0;
    const char *rows = samples_rows(what, &added, &length);
    uint64_t kept = held + added <= SAMPLES_KEPT ? held : SAMPLES_KEPT - added;
    XXH3_state_t *sum = XXH3_createState();
    buffer text = {0};
    CHECK(sum != NULL && XXH3_64bits_reset(sum) == XXH_OK && added > 0);
    now->total = old->figures.total + samples_count(what);
    now->dropped = now->total - kept - added;
    write_head(channel, now, &text);
    put(w, sum, text.bytes, text.length);
    if (kept > 0) {
        const char *first = row_after(old, held - kept);
        put(w, sum, first, (size_t)(old->end - first));
    }
    size_t comma = kept == 0; /* the first row has none before it */
    put(w, sum, rows + comma, length - comma);
    buffer_clear(&text);
    write_foot(XXH3_64bits_digest(sum), &text);
    blob_write(w, text.bytes, text.length);
    XXH3_freeState(sum);
    buffer_free(&text);
}

/* Beside a document that is there too: the append that made it may have failed before this. */
static bool make_known(const channel_store *c, const char *channel, bool fresh)
{
    if (!fresh && store_channel_find(c->known, channel) == STORE_DONE)
        return true;
    return store_channel_add(c->known, channel) == STORE_DONE;
}

/* PROBLEM_CONFLICT: a document that was not there a moment ago is back. It must not be lost. */
static problem_code append(channel_store *c, const char *channel, const samples *what,
                           channel_figures *out)
{
    document old;
    blob_writer w = {.failed = PROBLEM_NONE};
    char file[FILE_SIZE];
    problem_code found = load(c, channel, &old);
    bool fresh = found == PROBLEM_NOT_FOUND || old.vanished;
    if (found == PROBLEM_NONE || fresh) {
        file_of(channel, file);
        blob_begin(c->blobs, &w);
        compose(channel, &old, what, out, &w);
        found = blob_commit_as(c->blobs, &w, FOLDER, file, fresh) ? PROBLEM_NONE : w.failed;
    }
    /* Not PROBLEM_LOCK_TIMEOUT and its like: something was done. */
    if (found == PROBLEM_NONE && !make_known(c, channel, fresh))
        found = PROBLEM_DATABASE;
    buffer_free(&old.text);
    return found;
}

/* --- what handlers ask --- */

problem_code channels_append(channel_store *c, const char *channel, const samples *what,
                             channel_figures *out)
{
    uint64_t hash = XXH3_64bits(channel, strlen(channel));
    stripe *mine = &c->stripes[hash % STRIPES];
    if (!take_stripe(c, mine))
        return PROBLEM_LOCK_TIMEOUT;
    problem_code answer = PROBLEM_CONFLICT;
    for (int tries = 0; answer == PROBLEM_CONFLICT && tries < RETRIES_MOST; tries++)
        answer = append(c, channel, what, out);
    give_stripe(c, mine);
    return answer;
}

problem_code channels_read(channel_store *c, const char *channel, uint64_t *from, uint64_t most,
                           buffer *rows, channel_figures *out)
{
    document d;
    problem_code found = load(c, channel, &d);
    *out = d.figures;
    if (found == PROBLEM_NONE) {
        *from = *from < out->dropped ? out->dropped : *from > out->total ? out->total : *from;
        const char *first = row_after(&d, *from - out->dropped);
        uint64_t left = out->total - *from;
        const char *end = left > most ? row_after(&d, *from - out->dropped + most) - 1 : d.end;
        buffer_append(rows, first, (size_t)(end - first));
    }
    buffer_free(&d.text);
    return found;
}

channel_store *channels_open(const char *data, blob_store *blobs, store *known, error *e)
{
    channel_store *c = memory_zeroed(1, sizeof *c);
    c->blobs = blobs;
    c->known = known;
    if (!files_join(c->root, sizeof c->root, data, FOLDER, e) ||
        !files_make_directories(c->root, 0755, e) || !files_sync_directory(data, e)) {
        free(c);
        return NULL;
    }
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->given, &monotonic);
    pthread_condattr_destroy(&monotonic);
    return c;
}

void channels_close(channel_store *c)
{
    if (c == NULL)
        return;
    pthread_mutex_destroy(&c->lock);
    pthread_cond_destroy(&c->given);
    free(c);
}
