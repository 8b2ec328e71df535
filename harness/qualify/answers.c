#include "qualify/answers.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/files.h"
#include "history/operations.h"
#include "history/reader.h"

static bool same(const answer_kind *a, const answer_kind *b)
{
    return a->outcome == b->outcome && a->failure == b->failure && a->status == b->status;
}

static void count(answers *a, const history_record *r)
{
    answer_kind kind = {.outcome = (outcome)r->outcome,
                        .failure = (failure)r->failure,
                        .status = r->status,
                        .count = 1};
    size_t i = 0;
    while (i < a->kind_count && !same(&a->kinds[i], &kind))
        i++;
    if (i < a->kind_count)
        a->kinds[i].count++;
    else if (a->kind_count < ANSWER_KINDS_MOST)
        a->kinds[a->kind_count++] = kind;
    else
        a->kinds[ANSWER_KINDS_MOST - 1].count++;
    a->count++;
    if (kind.outcome == OUTCOME_OK)
        histogram_record(&a->latency, r->finish - r->invoke);
}

run_answers *answers_read(const char *directory, error *e)
{
    char path[600];
    if (!files_join(path, sizeof path, directory, "history.bin", e))
        return NULL;
    history *h = history_open(path, e);
    if (h == NULL)
        return NULL;
    run_answers *all = memory_zeroed(1, sizeof *all);
    for (size_t i = 0; i < history_count(h); i++) {
        history_record r = history_get(h, i);
        if (r.kind == RECORD_OPERATION && r.finish != HISTORY_NEVER)
            count(&all->of[r.type], &r);
    }
    history_free(h);
    return all;
}

void answer_kind_text(const answer_kind *k, char out[48])
{
    bool says_more = k->failure != FAILURE_NONE && k->failure != FAILURE_STATUS;
    if (says_more)
        snprintf(out, 48, "%s %s", outcome_name(k->outcome), failure_name(k->failure));
    else
        snprintf(out, 48, "%s %u", outcome_name(k->outcome), (unsigned)k->status);
}

uint64_t answers_of_kind(const answers *a, const answer_kind *k)
{
    for (size_t i = 0; i < a->kind_count; i++)
        if (same(&a->kinds[i], k))
            return a->kinds[i].count;
    return 0;
}
