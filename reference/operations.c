/* /livez, /readyz, /metrics, /v1/version, /v1/admin/stats */
#include "base/json_writer.h"
#include "handlers.h"
#include "metrics.h"

static void answer_plain(request *r, const char *text)
{
    answer_text(r, 200, "text/plain", text, 3, NULL);
}

void begin_live(request *r)
{
    answer_plain(r, "ok\n");
}

/* Ready means: a write would be let in, and would work. So it makes one, as small as they come. */
void begin_ready(request *r)
{
    blob_writer w;
    version ignored;
    if (atomic_load(&r->service->metrics->in_work) > r->service->limits.in_work_most) {
        answer_problem(r, PROBLEM_OVERLOADED, "too many requests are in work");
        return;
    }
    blob_begin(r->service->blobs, &w);
    blob_write(&w, "ready", 5);
    bool stored = blob_commit(r->service->blobs, &w);
    if (stored)
        blob_remove(r->service->blobs, w.name);
    store_answer found = store_find(r->service->store, "ready", 0, &ignored);
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
