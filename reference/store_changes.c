/* The changes that watchers are told. */
#include "store_job.h"

typedef struct {
    change_visitor visit;
    void *owner;
    uint64_t last;
    bool gap;
} following;

static void follow(void *owner, const change *what)
{
    following *f = owner;
    f->gap = f->gap || what->number != f->last + 1;
    f->last = what->number;
    if (!f->gap)
        f->visit(f->owner, what);
}

store_answer store_changes(store *s, uint64_t after, size_t most, change_visitor visit, void *owner)
{
    following f = {.visit = visit, .owner = owner, .last = after};
    question q;
    if (!question_begin(s, &q))
        return STORE_BUSY;
    bool fine = sql_changes(q.statements, after, most, follow, &f);
    store_answer answer = question_end(&q, fine ? SQL_ROW : SQL_FAILED, "changes");
    return answer == STORE_DONE && f.gap ? STORE_ABSENT : answer;
}
