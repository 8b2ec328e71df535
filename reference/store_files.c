/* Files and their versions in the store. */
#include <stdio.h>
#include <string.h>

#include "store_job.h"

/* --- writing; each runs inside the writer's transaction --- */

static bool condition_holds(const condition *c, bool exists, const version *now)
{
    if (c->if_match != NULL && !(exists && etag_listed(c->if_match, now->etag)))
        return false;
    return c->if_none_match == NULL || !exists || !etag_listed_weakly(c->if_none_match, now->etag);
}

store_answer job_add_version(sqlite3 *db, statements *st, job *j, uint64_t number)
{
    version *v = j->out;
    v->number = number;
    v->size = j->size;
    v->deleted = false;
    snprintf(v->blob, sizeof v->blob, "%s", j->blob);
    snprintf(v->etag, sizeof v->etag, "\"v%llu-%.16s\"", (unsigned long long)number, j->blob);
    bool fine = sql_insert_version(st, j->path, v) && sql_set_current(st, j->path, number, false);
    return fine ? STORE_DONE : job_failure(db, "put");
}

static store_answer run_put(sqlite3 *db, statements *st, job *j)
{
    version now = {0};
    uint64_t last = 0;
    sql_answer found = sql_find_current(st, j->path, &now, &last);
    if (found == SQL_FAILED)
        return job_failure(db, "find");
    if (!condition_holds(j->condition, found == SQL_ROW && !now.deleted, &now)) {
        *j->out = now;
        return STORE_REFUSED;
    }
    bool replaces = found == SQL_ROW && !now.deleted;
    store_answer charged = job_charge(db, st, j->path, replaces ? now.size : 0, j->size);
    return charged == STORE_DONE ? job_add_version(db, st, j, last + 1) : charged;
}

static store_answer run_delete(sqlite3 *db, statements *st, job *j)
{
    version now = {0};
    uint64_t last = 0;
    sql_answer found = sql_find_current(st, j->path, &now, &last);
    if (found == SQL_FAILED)
        return job_failure(db, "find");
    *j->out = now;
    bool exists = found == SQL_ROW && !now.deleted;
    if (!condition_holds(j->condition, exists, &now))
        return STORE_REFUSED;
    if (!exists)
        return STORE_ABSENT;
    store_answer charged = job_charge(db, st, j->path, now.size, 0);
    if (charged != STORE_DONE)
        return charged;
    return sql_set_current(st, j->path, last, true) ? STORE_DONE : job_failure(db, "delete");
}

static store_answer run_restore(sqlite3 *db, statements *st, job *j)
{
    version old = {0};
    version now = {0};
    uint64_t last = 0;
    sql_answer found = sql_find_number(st, j->path, j->number, &old);
    if (found == SQL_NONE)
        return STORE_ABSENT;
    if (found == SQL_FAILED || sql_find_current(st, j->path, &now, &last) == SQL_FAILED)
        return job_failure(db, "restore");
    j->blob = old.blob;
    j->size = old.size;
    bool replaces = last > 0 && !now.deleted;
    store_answer charged = job_charge(db, st, j->path, replaces ? now.size : 0, old.size);
    return charged == STORE_DONE ? job_add_version(db, st, j, last + 1) : charged;
}

static store_answer run_purge(sqlite3 *db, statements *st, job *j)
{
    return sql_purge(st, &j->count) ? STORE_DONE : job_failure(db, "purge");
}

store_answer store_put(store *s, const char *path, const char *blob, uint64_t size,
                       const condition *c, version *out)
{
    job j = {.run = run_put, .path = path, .blob = blob, .size = size, .condition = c, .out = out};
    return job_submit(s, &j);
}

store_answer store_delete(store *s, const char *path, const condition *c, version *out)
{
    job j = {.run = run_delete, .path = path, .condition = c, .out = out};
    return job_submit_freeing(s, &j);
}

store_answer store_restore(store *s, const char *path, uint64_t number, version *out)
{
    job j = {.run = run_restore, .path = path, .number = number, .out = out};
    return job_submit(s, &j);
}

store_answer store_purge(store *s, void (*gone)(void *owner, const char *blob), void *owner,
                         uint64_t *purged)
{
    job j = {.run = run_purge};
    store_answer answer = job_submit_freeing(s, &j);
    *purged = j.count;
    if (answer != STORE_DONE)
        return answer;
    question q;
    if (!question_begin(s, &q))
        return STORE_BUSY;
    /* Only blobs that no version names; a crash in between leaves them to the sweep at the next
     * start. */
    bool fine = sql_orphans(q.statements, gone, owner);
    answer = question_end(&q, fine ? SQL_ROW : SQL_FAILED, "orphans");
    store_has_room(s);
    return answer;
}

/* --- questions --- */

store_answer store_find(store *s, const char *path, uint64_t number, version *out)
{
    uint64_t last;
    question q;
    if (number == 0 && recent_find(store_recent(s), path, out))
        return STORE_DONE;
    uint64_t moment = recent_moment(store_recent(s));
    if (!question_begin(s, &q))
        return STORE_BUSY;
    sql_answer found = number > 0 ? sql_find_number(q.statements, path, number, out)
                                  : sql_find_current(q.statements, path, out, &last);
    store_answer answer = question_end(&q, found, "find");
    if (answer == STORE_DONE && number == 0 && out->deleted)
        answer = STORE_ABSENT;
    if (answer == STORE_DONE && number == 0)
        recent_note(store_recent(s), moment, path, out);
    return answer;
}

store_answer store_list(store *s, const char *prefix, const char *after, size_t most,
                        version_visitor visit, void *owner)
{
    question q;
    if (!question_begin(s, &q))
        return STORE_BUSY;
    return question_end(
        &q, sql_list(q.statements, prefix, after, most, visit, owner) ? SQL_ROW : SQL_FAILED,
        "list");
}

store_answer store_versions(store *s, const char *path, version_visitor visit, void *owner)
{
    question q;
    if (!question_begin(s, &q))
        return STORE_BUSY;
    return question_end(&q, sql_versions(q.statements, path, visit, owner) ? SQL_ROW : SQL_FAILED,
                        "versions");
}

store_answer store_count(store *s, store_counts *out)
{
    question q;
    if (!question_begin(s, &q))
        return STORE_BUSY;
    return question_end(&q, sql_count(q.statements, out) ? SQL_ROW : SQL_FAILED, "count");
}

bool store_knows_blob(void *owner, const char *blob)
{
    store *s = owner;
    question q;
    /* In doubt a blob is kept. */
    if (!question_begin(s, &q))
        return true;
    return question_end(&q, sql_find_blob(q.statements, blob), "find a blob") != STORE_ABSENT;
}

static bool is_listed(const char *list, const char *etag, bool weakly)
{
    if (strcmp(list, "*") == 0)
        return true;
    size_t length = strlen(etag);
    for (const char *at = list; *at != '\0';) {
        at += strspn(at, " \t,");
        const char *end = at;
        bool quoted = false;
        if (weakly && strncmp(at, "W/", 2) == 0)
            at += 2;
        for (; *end != '\0' && (quoted || *end != ','); end++)
            quoted ^= *end == '"';
        size_t size = (size_t)(end - at);
        while (size > 0 && (at[size - 1] == ' ' || at[size - 1] == '\t'))
            size--;
        if (size == length && strncmp(at, etag, length) == 0)
            return true;
        at = end;
    }
    return false;
}

bool etag_listed(const char *list, const char *etag)
{
    return is_listed(list, etag, false);
}

bool etag_listed_weakly(const char *list, const char *etag)
{
    return is_listed(list, etag, true);
}
