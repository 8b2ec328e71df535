/* /v1/versions/{path}, /v1/restore/{path}?version=n, /v1/admin/cleanup */
#include "base/json_writer.h"
#include "base/units.h"
#include "handlers.h"

typedef struct {
    json_writer *w;
    size_t count;
} rows;

static void write_row(void *owner, const char *path, const version *v)
{
    (void)path;
    rows *out = owner;
    writer_object(out->w);
    writer_put_whole(out->w, "version", v->number);
    writer_put_whole(out->w, "size", v->size);
    writer_put_text(out->w, "etag", v->etag);
    writer_object_end(out->w);
    out->count++;
}

void begin_versions(request *r)
{
    buffer text = {0};
    json_writer w = writer_begin(&text);
    rows out = {.w = &w};
    writer_object(&w);
    writer_put_text(&w, "path", r->tail);
    writer_key(&w, "versions");
    writer_array(&w);
    store_answer answer = store_versions(r->service->store, r->path, write_row, &out);
    writer_array_end(&w);
    writer_object_end(&w);
    if (answer == STORE_DONE && out.count == 0)
        answer = STORE_ABSENT;
    if (answer == STORE_DONE)
        answer_text(r, 200, "application/json", buffer_text(&text), text.length, NULL);
    else
        answer_store(r, answer);
    buffer_free(&text);
}

void begin_restore(request *r)
{
    const char *asked = request_query(r, "version");
    uint64_t number;
    version made = {0};
    if (asked == NULL || !units_whole(asked, &number) || number == 0 || number > INT64_MAX) {
        answer_problem(r, PROBLEM_VALIDATION, "version must be a whole number from 1 on");
        return;
    }
    store_answer answer = store_restore(r->service->store, r->path, number, &made);
    if (answer == STORE_DONE)
        answer_version(r, 200, r->tail, &made);
    else
        answer_store(r, answer);
}

static void drop_blob(void *owner, const char *blob)
{
    blob_remove(owner, blob);
}

void begin_cleanup(request *r)
{
    uint64_t purged = 0;
    store_answer answer = store_purge(r->service->store, drop_blob, r->service->blobs, &purged);
    if (answer != STORE_DONE) {
        answer_store(r, answer);
        return;
    }
    buffer text = {0};
    json_writer w = writer_begin(&text);
    writer_object(&w);
    writer_put_whole(&w, "purged", purged);
    writer_object_end(&w);
    answer_text(r, 200, "application/json", buffer_text(&text), text.length, NULL);
    buffer_free(&text);
}
