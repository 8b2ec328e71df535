/* Shares in the store. Every change is a job of the one writer, so a count is exact. */
#include "store_job.h"

static store_answer answer_of(sqlite3 *db, sql_answer found)
{
    return found == SQL_FAILED ? job_failure(db, "share")
           : found == SQL_ROW  ? STORE_DONE
                               : STORE_ABSENT;
}

static store_answer run_add(sqlite3 *db, statements *st, job *j)
{
    bool fine = sql_add_share(st, j->owner) && job_keep_time(st, j->number);
    return fine ? STORE_DONE : job_failure(db, "add a share");
}

static store_answer run_take(sqlite3 *db, statements *st, job *j)
{
    share *s = j->owner;
    store_answer answer = answer_of(db, sql_find_share(st, j->path, s));
    if (answer != STORE_DONE)
        return answer;
    if (share_state(s, j->number) != SHARE_LIVE)
        return STORE_REFUSED;
    return sql_take_share(st, j->path) ? STORE_DONE : job_failure(db, "take of a share");
}

static store_answer run_delete(sqlite3 *db, statements *st, job *j)
{
    share s;
    store_answer answer = answer_of(db, sql_find_share(st, j->path, &s));
    if (answer != STORE_DONE)
        return answer;
    return sql_delete_share(st, j->path, j->number) ? STORE_DONE
                                                    : job_failure(db, "delete a share");
}

store_answer store_share_add(store *s, const share *what, uint64_t now)
{
    share copy = *what;
    job j = {.run = run_add, .owner = &copy, .number = now};
    return job_submit(s, &j);
}

store_answer store_share_take(store *s, const char *token, uint64_t now, share *out)
{
    job j = {.run = run_take, .path = token, .number = now, .owner = out};
    return job_submit(s, &j);
}

store_answer store_share_delete(store *s, const char *token, uint64_t now)
{
    job j = {.run = run_delete, .path = token, .number = now};
    return job_submit(s, &j);
}

share_life share_state(const share *s, uint64_t now)
{
    if (s->deleted)
        return SHARE_DELETED;
    if (now >= s->expires)
        return SHARE_EXPIRED;
    return s->used >= s->most ? SHARE_EXHAUSTED : SHARE_LIVE;
}

store_answer store_share_find(store *s, const char *token, share *out)
{
    question q;
    if (!question_begin(s, &q))
        return STORE_BUSY;
    return question_end(&q, sql_find_share(q.statements, token, out), "find a share");
}
