/* Which channels have a document (channel_store.h). */
#include "store_job.h"

static store_answer run_add_channel(sqlite3 *db, statements *st, job *j)
{
    return sql_add_channel(st, j->path) ? STORE_DONE : job_failure(db, "add a channel");
}

store_answer store_channel_add(store *s, const char *channel)
{
    job j = {.run = run_add_channel, .path = channel};
    return job_submit(s, &j);
}

store_answer store_channel_find(store *s, const char *channel)
{
    question q;
    if (!question_begin(s, &q))
        return STORE_BUSY;
    return question_end(&q, sql_find_channel(q.statements, channel), "find a channel");
}
