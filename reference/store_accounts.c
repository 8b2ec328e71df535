/* Accounts in the store, and what their files use. Every change is a job of the one writer, so a
 * quota is exact. */
#include <string.h>

#include "store_job.h"

/* Tokens that an account may have at once; the oldest make room. */
#define TOKENS_MOST 100

typedef struct {
    const char *digest;
    const char *account;
    uint64_t now;
    uint64_t expires;
} new_token;

static store_answer run_add(sqlite3 *db, statements *st, job *j)
{
    account ignored;
    sql_answer taken = sql_find_account(st, j->path, &ignored);
    if (taken == SQL_FAILED)
        return job_failure(db, "find an account");
    if (taken == SQL_ROW)
        return STORE_REFUSED;
    return sql_add_account(st, j->owner) ? STORE_DONE : job_failure(db, "add an account");
}

static store_answer run_add_token(sqlite3 *db, statements *st, job *j)
{
    const new_token *t = j->owner;
    bool fine = sql_drop_tokens(st, t->account, t->now, TOKENS_MOST - 1) &&
                sql_add_token(st, t->digest, t->account, t->expires) && job_keep_time(st, t->now);
    return fine ? STORE_DONE : job_failure(db, "add a token");
}

store_answer store_account_add(store *s, const account *what)
{
    account copy = *what;
    job j = {.run = run_add, .path = copy.name, .owner = &copy};
    return job_submit(s, &j);
}

store_answer store_token_add(store *s, const char *digest, const char *name, uint64_t now,
                             uint64_t expires)
{
    new_token t = {digest, name, now, expires};
    job j = {.run = run_add_token, .owner = &t};
    return job_submit(s, &j);
}

store_answer job_charge(sqlite3 *db, statements *st, const char *path, uint64_t before,
                        uint64_t after)
{
    const char *end = strchr(path, SCOPE_END);
    char name[ACCOUNT_SIZE] = "";
    bool fits = true;
    if (end == NULL)
        return STORE_DONE;
    memcpy(name, path, (size_t)(end - path));
    if (!sql_charge(st, name, before, after, &fits))
        return job_failure(db, "charge an account");
    return fits ? STORE_DONE : STORE_OVER_QUOTA;
}

store_answer store_account_find(store *s, const char *name, account *out)
{
    question q;
    if (!question_begin(s, &q))
        return STORE_BUSY;
    return question_end(&q, sql_find_account(q.statements, name, out), "find an account");
}

store_answer store_token_find(store *s, const char *digest, account *out, uint64_t *expires)
{
    question q;
    if (!question_begin(s, &q))
        return STORE_BUSY;
    return question_end(&q, sql_find_token(q.statements, digest, out, expires), "find a token");
}
