/* Upload sessions in the store: how much of each is durable. */
#include "store_job.h"

typedef struct {
    const char *id;
    uint64_t now;
    uint64_t due;
    uint64_t expires;
} renewal;

static store_answer run_add(sqlite3 *db, statements *st, job *j)
{
    bool fine = sql_add_upload(st, j->owner) && job_keep_time(st, j->number);
    return fine ? STORE_DONE : job_failure(db, "add an upload");
}

static store_answer run_advance(sqlite3 *db, statements *st, job *j)
{
    const upload *u = j->owner;
    uint64_t changed = 0;
    if (!sql_set_upload(st, u->id, u->offset, u->expires, &changed) ||
        !job_keep_time(st, j->number))
        return job_failure(db, "advance an upload");
    return changed == 1 ? STORE_DONE : STORE_ABSENT;
}

/* The file and the end of its session are one step. */
static store_answer run_finish(sqlite3 *db, statements *st, job *j)
{
    version now = {0};
    uint64_t last = 0;
    store_answer answer = run_advance(db, st, j);
    if (answer != STORE_DONE)
        return answer;
    if (sql_find_current(st, j->path, &now, &last) == SQL_FAILED)
        return job_failure(db, "find");
    bool replaces = last > 0 && !now.deleted;
    answer = job_charge(db, st, j->path, replaces ? now.size : 0, j->size);
    return answer == STORE_DONE ? job_add_version(db, st, j, last + 1) : answer;
}

static store_answer run_delete(sqlite3 *db, statements *st, job *j)
{
    return sql_delete_upload(st, j->path) ? STORE_DONE : job_failure(db, "delete an upload");
}

static store_answer run_renew(sqlite3 *db, statements *st, job *j)
{
    const renewal *r = j->owner;
    bool fine = sql_renew_upload(st, r->id, r->due, r->expires) && job_keep_time(st, r->now);
    return fine ? STORE_DONE : job_failure(db, "renew an upload");
}

store_answer store_upload_add(store *s, const upload *what, uint64_t now)
{
    upload copy = *what;
    job j = {.run = run_add, .owner = &copy, .number = now};
    return job_submit(s, &j);
}

store_answer store_upload_advance(store *s, const upload *what, uint64_t now)
{
    upload copy = *what;
    job j = {.run = run_advance, .owner = &copy, .number = now};
    return job_submit(s, &j);
}

store_answer store_upload_finish(store *s, const upload *what, uint64_t now, version *made)
{
    upload copy = *what;
    job j = {.run = run_finish,
             .number = now,
             .owner = &copy,
             .path = copy.path,
             .blob = copy.id,
             .size = copy.length,
             .out = made};
    return job_submit(s, &j);
}

store_answer store_upload_delete(store *s, const char *id)
{
    job j = {.run = run_delete, .path = id};
    return job_submit(s, &j);
}

store_answer store_upload_renew(store *s, const char *id, uint64_t now, uint64_t due,
                                uint64_t expires)
{
    renewal r = {id, now, due, expires};
    job j = {.run = run_renew, .owner = &r};
    return job_submit(s, &j);
}

store_answer store_upload_find(store *s, const char *id, upload *out)
{
    question q;
    if (!question_begin(s, &q))
        return STORE_BUSY;
    return question_end(&q, sql_find_upload(q.statements, id, out), "find an upload");
}

store_answer store_upload_expired(store *s, uint64_t now,
                                  void (*visit)(void *owner, const char *id), void *owner)
{
    question q;
    if (!question_begin(s, &q))
        return STORE_BUSY;
    return question_end(&q,
                        sql_expired_uploads(q.statements, now, visit, owner) ? SQL_ROW : SQL_FAILED,
                        "list expired uploads");
}

store_answer store_count_uploads(store *s, uint64_t now, uint64_t *count)
{
    question q;
    if (!question_begin(s, &q))
        return STORE_BUSY;
    bool fine = sql_count_uploads(q.statements, now, count);
    return question_end(&q, fine ? SQL_ROW : SQL_FAILED, "count uploads");
}
