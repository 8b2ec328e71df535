/* store_move: a batch of moves in one transaction. */
#include "store_job.h"

typedef struct {
    move *moves;
    size_t count;
    bool atomic;
    size_t stopped;
} batch;

/* Looks before it writes: a move that is not STORE_DONE and did not fail has changed nothing. */
static store_answer move_one(sqlite3 *db, statements *st, move *m)
{
    version from = {0};
    version to = {0};
    uint64_t from_last = 0;
    uint64_t to_last = 0;
    sql_answer found = sql_find_current(st, m->from, &from, &from_last);
    sql_answer taken = sql_find_current(st, m->to, &to, &to_last);
    if (found == SQL_FAILED || taken == SQL_FAILED)
        return job_failure(db, "find for a move");
    if (found == SQL_NONE || from.deleted)
        return STORE_ABSENT;
    if (taken == SQL_ROW && !to.deleted)
        return STORE_REFUSED;
    job made = {.path = m->to, .blob = from.blob, .size = from.size, .out = &m->made};
    store_answer answer = job_add_version(db, st, &made, to_last + 1);
    if (answer != STORE_DONE)
        return answer;
    return sql_set_current(st, m->from, from_last, true) ? STORE_DONE : job_failure(db, "move");
}

static store_answer run_moves(sqlite3 *db, statements *st, job *j)
{
    batch *b = j->owner;
    for (size_t i = 0; i < b->count; i++) {
        move *m = &b->moves[i];
        m->answer = move_one(db, st, m);
        bool broken = m->answer >= STORE_BUSY;
        if (broken || (b->atomic && m->answer != STORE_DONE)) {
            b->stopped = i;
            return m->answer;
        }
    }
    return STORE_DONE;
}

store_answer store_move(store *s, move *moves, size_t count, bool atomic, size_t *stopped)
{
    batch b = {.moves = moves, .count = count, .atomic = atomic};
    job j = {.run = run_moves, .owner = &b};
    store_answer answer = job_submit(s, &j);
    *stopped = b.stopped;
    return answer;
}
