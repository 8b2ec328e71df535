/* /livez, /readyz, /metrics, /v1/version, /v1/admin/stats, /v1/admin/cache/warm */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/json_writer.h"
#include "handlers.h"
#include "metrics.h"
#include "openapi.h"
#include "paths.h"

#define WARM_AT_ONCE ((size_t)500)

static void answer_plain(request *r, const char *text)
{
    answer_text(r, 200, "text/plain", text, 3, NULL);
}

void begin_live(request *r)
{
    answer_plain(r, "ok\n");
}

/* What a small file and its metadata take: on a full disk a few bytes come free now and then, and
 * no write could live on those. */
#define READY_ROOM ((size_t)32 * 1024)

/* Ready means: a write would be let in, and would work. So it makes one. */
void begin_ready(request *r)
{
    static const char content[READY_ROOM];
    blob_writer w;
    version ignored;
    if (atomic_load(&r->service->metrics->in_work) > r->service->limits.in_work_most) {
        answer_problem(r, PROBLEM_OVERLOADED, "too many requests are in work");
        return;
    }
    blob_begin(r->service->blobs, &w);
    blob_write(&w, content, sizeof content);
    bool stored = blob_commit(r->service->blobs, &w);
    if (stored)
        blob_remove(r->service->blobs, w.name);
    store_answer found = store_find(r->service->store, "", 0, &ignored);
    if (!stored)
        answer_problem(r, PROBLEM_OVERLOADED, "content cannot be stored at present");
    else if (found != STORE_DONE && found != STORE_ABSENT)
        answer_problem(r, PROBLEM_OVERLOADED, "the store cannot be asked at present");
    else
        answer_plain(r, "ok\n");
}

void begin_metrics(request *r)
{
    buffer text = {0};
    metrics_write(r->service, &text);
    answer_text(r, 200, "text/plain; version=0.0.4", buffer_text(&text), text.length, NULL);
    buffer_free(&text);
}

void begin_version(request *r)
{
    static const char *const capabilities[] = {"files",    "conditions", "ranges",  "list",
                                               "versions", "moves",      "shares",  "limits",
                                               "uploads",  "channels",   "changes", "accounts"};
    size_t count = sizeof capabilities / sizeof capabilities[0];
    buffer text = {0};
    json_writer w = writer_begin(&text);
    writer_object(&w);
    writer_put_text(&w, "name", "ordeal-reference");
    writer_put_text(&w, "version", ORDEAL_VERSION);
    writer_key(&w, "capabilities");
    writer_array(&w);
    if (!r->service->accounts)
        count--; /* the last of them */
    for (size_t i = 0; i < count; i++)
        writer_text(&w, capabilities[i]);
    writer_array_end(&w);
    writer_object_end(&w);
    answer_text(r, 200, "application/json", buffer_text(&text), text.length, NULL);
    buffer_free(&text);
}

void begin_openapi(request *r)
{
    answer_text(r, 200, "application/json", openapi_json, openapi_json_size, NULL);
}

void begin_stats(request *r)
{
    store_counts counts;
    store_answer answer = store_count(r->service->store, &counts);
    if (answer != STORE_DONE) {
        answer_store(r, answer);
        return;
    }
    buffer text = {0};
    json_writer w = writer_begin(&text);
    writer_object(&w);
    writer_put_whole(&w, "files", counts.files);
    writer_put_whole(&w, "deleted_files", counts.deleted);
    writer_put_whole(&w, "versions", counts.versions);
    writer_put_whole(&w, "bytes", counts.bytes);
    writer_put_whole(&w, "shares", counts.shares);
    writer_object_end(&w);
    answer_text(r, 200, "application/json", buffer_text(&text), text.length, NULL);
    buffer_free(&text);
}

/* --- the cache --- */

typedef struct {
    char last[PATH_LONGEST + 1];
    size_t count;
    struct {
        char blob[BLOB_NAME_SIZE];
        uint64_t size;
    } files[WARM_AT_ONCE];
} warm_page;

static void note_file(void *owner, const char *path, const version *v)
{
    warm_page *p = owner;
    snprintf(p->last, sizeof p->last, "%s", path);
    snprintf(p->files[p->count].blob, BLOB_NAME_SIZE, "%s", v->blob);
    p->files[p->count++].size = v->size;
}

/* False when there is no room left: what is read on would only push out what was read before. */
static bool warm_one(service *s, const char *blob, uint64_t size)
{
    cache_figures figures = cache_look(s->cache);
    if (figures.bytes + size > figures.bytes_most)
        return false;
    cached *one = cache_take(s->cache, blob);
    int fd = one == NULL ? blob_read(s->blobs, blob) : -1;
    if (fd >= 0) {
        one = cache_add(s->cache, blob, fd, size);
        close(fd);
    }
    if (one != NULL)
        cache_give(one);
    return true;
}

static store_answer warm_all(service *s, const char *prefix, warm_page *p)
{
    bool room = true;
    do {
        p->count = 0;
        store_answer answer = store_list(s->store, prefix, p->last, WARM_AT_ONCE, note_file, p);
        if (answer != STORE_DONE)
            return answer;
        for (size_t i = 0; i < p->count && room; i++)
            room = p->files[i].size > CACHE_FILE_MOST ||
                   warm_one(s, p->files[i].blob, p->files[i].size);
    } while (room && p->count == WARM_AT_ONCE);
    return STORE_DONE;
}

void begin_warm(request *r)
{
    const char *given = request_query(r, "prefix");
    char prefix[PATH_LONGEST + 1] = "";
    if (given != NULL && given[0] != '\0' && !path_unescape(given, prefix, sizeof prefix)) {
        answer_problem(r, PROBLEM_VALIDATION, "prefix is not valid");
        return;
    }
    warm_page *p = memory_zeroed(1, sizeof *p);
    store_answer answer = warm_all(r->service, prefix, p);
    free(p);
    if (answer != STORE_DONE) {
        answer_store(r, answer);
        return;
    }
    cache_figures figures = cache_look(r->service->cache);
    buffer text = {0};
    json_writer w = writer_begin(&text);
    writer_object(&w);
    writer_put_whole(&w, "files", figures.files);
    writer_put_whole(&w, "bytes", figures.bytes);
    writer_put_whole(&w, "bytes_most", figures.bytes_most);
    writer_object_end(&w);
    answer_text(r, 200, "application/json", buffer_text(&text), text.length, NULL);
    buffer_free(&text);
}
