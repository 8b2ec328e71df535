/* /v1/files/{path}: put, get, head, delete, list. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "accounts.h"
#include "base/arena.h"
#include "base/json_writer.h"
#include "base/log.h"
#include "base/units.h"
#include "digest.h"
#include "handlers.h"
#include "metrics.h"
#include "paths.h"
#include "ranges.h"

#define LIST_MOST 1000

void answer_store(request *r, store_answer answer)
{
    switch (answer) {
    case STORE_ABSENT:
        answer_problem(r, PROBLEM_NOT_FOUND, "there is no such file or version");
        break;
    case STORE_REFUSED:
        answer_problem(r, PROBLEM_PRECONDITION,
                       "the file is not what If-Match or If-None-Match asks for");
        break;
    case STORE_OVER_QUOTA:
        answer_problem(r, PROBLEM_QUOTA,
                       "the account would use more than its quota; nothing was changed");
        break;
    case STORE_BUSY:
        answer_problem(r, PROBLEM_LOCK_TIMEOUT,
                       "the store was busy for longer than the bound; nothing was changed");
        break;
    case STORE_FULL:
        answer_problem(r, PROBLEM_DISK_FULL, "the disk is full; nothing was changed");
        break;
    case STORE_DONE:
    case STORE_FAILED:
        answer_problem(r, PROBLEM_DATABASE, "the store could not do it");
        break;
    }
}

void answer_version(request *r, unsigned status, const char *path, const version *v)
{
    char number[24];
    buffer text = {0};
    json_writer w = writer_begin(&text);
    snprintf(number, sizeof number, "%" PRIu64, v->number);
    writer_object(&w);
    writer_put_text(&w, "path", path);
    writer_put_whole(&w, "version", v->number);
    writer_put_whole(&w, "size", v->size);
    writer_put_text(&w, "etag", v->etag);
    writer_object_end(&w);
    const char *headers[] = {"ETag", v->etag, "X-Version", number, NULL};
    answer_text(r, status, "application/json", buffer_text(&text), text.length, headers);
    buffer_free(&text);
}

/* --- put --- */

typedef struct {
    blob_writer blob;
    digest_check digest;
} put;

void begin_put(request *r)
{
    if (request_header(r, "Content-Range") != NULL) {
        answer_problem(r, PROBLEM_VALIDATION,
                       "Content-Range on PUT is not taken: a part would be stored as the whole");
        return;
    }
    if (r->body_length != NO_LENGTH && r->body_length > accounts_file_size_most(r)) {
        accounts_answer_too_large(r, r->body_length);
        return;
    }
    if (r->body_length != NO_LENGTH && !accounts_fits(r, r->path, r->body_length))
        return;
    put *p = memory_zeroed(1, sizeof *p);
    if (!digest_begin(&p->digest, request_header(r, "Repr-Digest"))) {
        free(p);
        answer_problem(r, PROBLEM_VALIDATION,
                       "Repr-Digest is not well formed: it looks like sha-256=:base64:");
        return;
    }
    r->state = p;
    /* A failure stays in the writer and is answered after the body: answering in its middle would
     * cut the client off. */
    blob_begin(r->service->blobs, &p->blob);
}

void body_put(request *r, const void *bytes, size_t length)
{
    put *p = r->state;
    blob_writer *w = &p->blob;
    if (w->size + length > accounts_file_size_most(r) && w->failed == PROBLEM_NONE)
        w->failed = PROBLEM_TOO_LARGE;
    blob_write(w, bytes, length);
    digest_add(&p->digest, bytes, length);
}

static condition asked_condition(const request *r)
{
    return (condition){.if_match = request_header(r, "If-Match"),
                       .if_none_match = request_header(r, "If-None-Match")};
}

static void put_blob(request *r, blob_writer *w)
{
    version made = {0};
    condition c = asked_condition(r);
    store_answer answer = store_put(r->service->store, r->path, w->name, w->size, &c, &made);
    if (answer == STORE_DONE) {
        metrics_stored(r->service->metrics, w->size);
        answer_version(r, made.number == 1 ? 201 : 200, r->tail, &made);
        return;
    }
    /* After a failed commit nobody knows: then what the store says decides, and in doubt the blob
     * stays. */
    if (answer != STORE_FAILED || !store_knows_blob(r->service->store, w->name))
        blob_remove(r->service->blobs, w->name);
    answer_store(r, answer);
}

void finish_put(request *r)
{
    put *p = r->state;
    blob_writer *w = &p->blob;
    r->state = NULL;
    if (w->failed == PROBLEM_NONE && !digest_holds(&p->digest)) {
        blob_abandon(r->service->blobs, w);
        answer_problem(r, PROBLEM_DIGEST, "the content is not what Repr-Digest says");
    } else if (blob_commit(r->service->blobs, w)) {
        put_blob(r, w);
    } else if (w->failed == PROBLEM_TOO_LARGE) {
        accounts_answer_too_large(r, r->body_received);
    } else {
        answer_problem(r, w->failed, "the content could not be stored; the old content stands");
    }
    free(p);
}

void abandon_put(request *r)
{
    put *p = r->state;
    blob_abandon(r->service->blobs, &p->blob);
    free(r->state);
    r->state = NULL;
}

/* --- get and head --- */

static bool asked_version(request *r, uint64_t *number)
{
    const char *text = request_query(r, "version");
    *number = 0;
    if (text == NULL || (units_whole(text, number) && *number > 0 && *number <= INT64_MAX))
        return true;
    answer_problem(r, PROBLEM_VALIDATION, "version must be a whole number from 1 on");
    return false;
}

/* True when If-None-Match or If-Match settled the request. */
static bool settled(request *r, const version *v, const char *const *headers)
{
    const char *none = request_header(r, "If-None-Match");
    const char *match = request_header(r, "If-Match");
    if (match != NULL && !etag_listed(match, v->etag)) {
        answer_problem(r, PROBLEM_PRECONDITION, "the file is not what If-Match asks for");
        return true;
    }
    if (none != NULL && etag_listed_weakly(none, v->etag)) {
        answer_empty(r, 304, headers);
        return true;
    }
    return false;
}

static void refuse_range(request *r, uint64_t size)
{
    char span[64];
    const char *headers[] = {"Content-Range", span, NULL};
    snprintf(span, sizeof span, "bytes */%" PRIu64, size);
    r->headers = headers;
    answer_problem(r, PROBLEM_RANGE, "the range begins after the end of the file");
    r->headers = NULL;
}

static void answer_range(request *r, const source *from, const version *v, const char *number,
                         bool (*admits)(request *r))
{
    uint64_t first = 0;
    uint64_t length = v->size;
    char span[96];
    const char *only_if = request_header(r, "If-Range");
    /* RFC 9110 knows ranges of GET alone. */
    bool ranged = !r->head_only && (only_if == NULL || strcmp(only_if, v->etag) == 0);
    range_answer answer =
        ranged ? range_parse(request_header(r, "Range"), v->size, &first, &length) : RANGE_WHOLE;
    if (answer == RANGE_OUTSIDE) {
        source_close(from);
        refuse_range(r, v->size);
        return;
    }
    if (admits != NULL && !r->head_only && !admits(r)) {
        source_close(from);
        return;
    }
    snprintf(span, sizeof span, "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64, first, first + length - 1,
             v->size);
    const char *headers[] = {"ETag",
                             v->etag,
                             "X-Version",
                             number,
                             "Accept-Ranges",
                             "bytes",
                             "Content-Type",
                             "application/octet-stream",
                             NULL,
                             NULL,
                             NULL};
    if (answer == RANGE_PART) {
        headers[8] = "Content-Range";
        headers[9] = span;
        answer_file(r, 206, from, first, length, headers);
    } else {
        answer_file(r, 200, from, 0, v->size, headers);
    }
}

/* False: it has answered. */
static bool open_source(request *r, const version *v, source *from)
{
    cache *c = r->service->cache;
    *from = (source){.cached = cache_take(c, v->blob), .fd = -1};
    if (from->cached != NULL)
        return true;
    from->fd = blob_read(r->service->blobs, v->blob);
    if (from->fd < 0 && errno == ENOENT && !store_knows_blob(r->service->store, v->blob)) {
        answer_problem(r, PROBLEM_NOT_FOUND, "the version was purged a moment ago");
        return false;
    }
    if (from->fd < 0) {
        log_line(LOG_ERROR, "blob %s of version %" PRIu64 " cannot be opened: %s", v->blob,
                 v->number, strerror(errno));
        answer_problem(r, PROBLEM_STORAGE, "the content cannot be read");
        return false;
    }
    if (!r->head_only)
        from->cached = cache_add(c, v->blob, from->fd, v->size);
    if (from->cached != NULL)
        close(from->fd);
    return true;
}

void answer_content(request *r, const version *v, bool (*admits)(request *r))
{
    char number[24];
    source from;
    snprintf(number, sizeof number, "%" PRIu64, v->number);
    const char *headers[] = {"ETag", v->etag, "X-Version", number, NULL};
    if (!settled(r, v, headers) && open_source(r, v, &from))
        answer_range(r, &from, v, number, admits);
}

void begin_get(request *r)
{
    version v;
    uint64_t asked;
    if (!asked_version(r, &asked))
        return;
    store_answer answer = store_find(r->service->store, r->path, asked, &v);
    if (answer == STORE_DONE)
        answer_content(r, &v, NULL);
    else
        answer_store(r, answer);
}

/* --- delete --- */

void begin_delete(request *r)
{
    version v = {0};
    condition c = asked_condition(r);
    store_answer answer = store_delete(r->service->store, r->path, &c, &v);
    if (answer == STORE_DONE)
        answer_empty(r, 204, NULL);
    else
        answer_store(r, answer);
}

/* --- list --- */

typedef struct {
    json_writer *w;
    char last[PATH_LONGEST + 1];
    size_t count;
} listing;

static void list_entry(void *owner, const char *path, const version *v)
{
    listing *l = owner;
    path = path_unscoped(path);
    writer_object(l->w);
    writer_put_text(l->w, "path", path);
    writer_put_whole(l->w, "version", v->number);
    writer_put_whole(l->w, "size", v->size);
    writer_put_text(l->w, "etag", v->etag);
    writer_object_end(l->w);
    snprintf(l->last, sizeof l->last, "%s", path);
    l->count++;
}

static void write_cursor(json_writer *w, const char *last)
{
    char hex[(size_t)2 * PATH_LONGEST + 1];
    size_t length = strlen(last);
    for (size_t i = 0; i < length; i++)
        snprintf(hex + 2 * i, 3, "%02x", (unsigned char)last[i]);
    writer_put_text(w, "cursor", hex);
}

/* A cursor is the hexadecimal of the last name; opaque to clients. */
static bool read_cursor(const char *text, char out[PATH_LONGEST + 1])
{
    size_t length = strlen(text);
    if (length % 2 != 0 || length > (size_t)2 * PATH_LONGEST ||
        strspn(text, "0123456789abcdef") != length)
        return false;
    for (size_t i = 0; i < length / 2; i++) {
        char pair[3] = {text[2 * i], text[2 * i + 1], '\0'};
        out[i] = (char)strtoul(pair, NULL, 16);
        if (out[i] == '\0')
            return false;
    }
    out[length / 2] = '\0';
    return true;
}

void begin_list(request *r)
{
    const char *prefix_raw = request_query(r, "prefix");
    const char *cursor = request_query(r, "cursor");
    const char *limit = request_query(r, "limit");
    char prefix[STORED_PATH_SIZE];
    char after[STORED_PATH_SIZE];
    size_t scope = strlen(r->scope);
    uint64_t most = LIST_MOST;
    snprintf(prefix, sizeof prefix, "%s", r->scope);
    snprintf(after, sizeof after, "%s", r->scope);
    bool fine = prefix_raw == NULL || prefix_raw[0] == '\0' ||
                path_unescape(prefix_raw, prefix + scope, PATH_LONGEST + 1);
    fine = fine && (cursor == NULL || read_cursor(cursor, after + scope));
    fine = fine && (limit == NULL || (units_whole(limit, &most) && most > 0 && most <= LIST_MOST));
    if (!fine) {
        answer_problem(r, PROBLEM_VALIDATION, "prefix, cursor, or limit (1 to 1000) is not valid");
        return;
    }
    buffer text = {0};
    json_writer w = writer_begin(&text);
    listing l = {.w = &w};
    writer_object(&w);
    writer_key(&w, "files");
    writer_array(&w);
    store_answer answer =
        store_list(r->service->store, prefix, after, (size_t)most, list_entry, &l);
    writer_array_end(&w);
    if (l.count == most)
        write_cursor(&w, l.last);
    writer_object_end(&w);
    if (answer == STORE_DONE)
        answer_text(r, 200, "application/json", buffer_text(&text), text.length, NULL);
    else
        answer_store(r, answer);
    buffer_free(&text);
}
