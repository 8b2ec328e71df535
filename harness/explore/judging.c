#include "explore/judging.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "judges/index.h"

/* About what is stored, not about when or how often. */
static const char *const of_data[] = {
    "durability",        "read-integrity",   "linearizable",      "no-phantom",
    "version-order",     "atomic-move",      "cas-exclusive",     "list-agrees",
    "no-partial-create", "recovered-writes", "upload-visibility", "channel-bounded",
};
#define ALWAYS 2 /* of these, from the front */

static const planned_invariant *asked_for(const scenario *s, const judge *j)
{
    for (size_t i = 0; i < s->invariant_count; i++)
        if (s->invariants[i].judge == j)
            return &s->invariants[i];
    return NULL;
}

bool judging_ask(const scenario *s, const char *history_path, judged *out, error *e)
{
    *out = (judged){0};
    history *h = history_open(history_path, e);
    if (h == NULL)
        return false;
    history_index *x = history_index_build(h);
    judge_input in = {.history = h, .index = x};
    for (size_t i = 0; i < sizeof of_data / sizeof of_data[0] && out->judge == NULL; i++) {
        const judge *j = judge_named(of_data[i]);
        CHECK(j != NULL);
        const planned_invariant *asked = asked_for(s, j);
        CHECK(asked != NULL || i >= ALWAYS || j->parameter_count == 0);
        if (i >= ALWAYS && asked == NULL)
            continue;
        in.values = asked != NULL ? asked->values : NULL;
        judge_finding finding = {.answer = ANSWER_NOT_PROVEN};
        j->examine(&in, &finding);
        if (finding.answer != ANSWER_VIOLATED)
            continue;
        out->judge = j;
        snprintf(out->sentence, sizeof out->sentence, "%s", finding.sentence);
    }
    history_index_free(x);
    history_free(h);
    return true;
}
