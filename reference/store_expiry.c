/* What has ended: uploads, shares and log-ins. */
#include "base/timing.h"
#include "store_job.h"

typedef struct {
    int statement;
    uint64_t memory; /* nanoseconds that it is remembered after its end */
} memory_row;

static const memory_row memories[] = {
    {SQL_FORGET_UPLOADS, 60 * NANOSECONDS_PER_SECOND},
    {SQL_FORGET_SHARES, 86400 * NANOSECONDS_PER_SECOND},
    {SQL_FORGET_TOKENS, 86400 * NANOSECONDS_PER_SECOND},
};

bool job_keep_time(statements *st, uint64_t now)
{
    return sql_move_clock(st, now, STORE_TIME_KEPT_EVERY);
}

static store_answer run_expire(sqlite3 *db, statements *st, job *j)
{
    bool fine = sql_move_clock(st, j->number, j->count);
    for (size_t i = 0; fine && i < sizeof memories / sizeof memories[0]; i++)
        fine = sql_forget(st, memories[i].statement, j->number - memories[i].memory);
    return fine ? STORE_DONE : job_failure(db, "forget what has ended");
}

store_answer store_expire(store *s, uint64_t now, uint64_t stale)
{
    job j = {.run = run_expire, .number = now, .count = stale};
    return job_submit(s, &j);
}
