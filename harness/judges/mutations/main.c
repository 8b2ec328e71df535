/* Corrupts recorded runs in one place, in every way that the tables name, and asks whether the
 * right judge says so and names the operation. Usage: mutate_history SEED TIMES RUN...
 *
 * Prints a line for each mutation; exit code 1 when a judge missed one. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/check.h"
#include "judges/mutations/tape.h"

#define RUNS_MOST 8

typedef struct {
    tape *runs[RUNS_MOST];
    size_t run_count;
    uint64_t times;
    uint64_t seed;
    char folder[64];
} work;

typedef struct {
    uint64_t made;
    uint64_t noticed;
    char miss[600]; /* the first that was not */
} score;

static bool set_values(tape *t, const judge *j, const char *text)
{
    char words[128];
    char *rest = NULL;
    error e = {0};
    memset(t->values, 0, sizeof t->values);
    (void)parameters_fall_back(j->parameters, j->parameter_count, t->values);
    snprintf(words, sizeof words, "%s", text != NULL ? text : "");
    for (char *word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        char *value = strchr(word, '=');
        CHECK(value != NULL);
        *value++ = '\0';
        int index = parameter_index(j->parameters, j->parameter_count, word);
        CHECK(index >= 0);
        if (!parameter_parse(&j->parameters[index], value, &t->values[index], &e))
            return false;
    }
    return true;
}

/* What the judge says of the run as it was, with the values that the mutation chose. */
static bool was_fine(const tape *t, const judge *j)
{
    judge_input in = t->in;
    judge_finding finding = {.answer = ANSWER_NOT_PROVEN};
    in.values = t->values;
    j->examine(&in, &finding);
    return finding.answer == ANSWER_HOLDS || (t->unproven && finding.answer == ANSWER_NOT_PROVEN);
}

static void try_once(const work *w, tape *t, const mutation *m, random_stream *r, score *s)
{
    const judge *j = judge_named(m->judge);
    bool named = false;
    CHECK(j != NULL && set_values(t, j, m->values));
    tape_rewind(t);
    if (!m->apply(t, r) || !was_fine(t, j))
        return;
    judge_finding finding = tape_judge(t, j, w->folder, &named);
    bool noticed = finding.answer == ANSWER_VIOLATED && named;
    s->made++;
    s->noticed += noticed;
    if (!noticed && s->miss[0] == '\0')
        snprintf(s->miss, sizeof s->miss, "operation %" PRIu32 "/%" PRIu32 ", answer %d: %s",
                 (uint32_t)(t->named[0] >> 32), (uint32_t)t->named[0], (int)finding.answer,
                 finding.sentence);
}

static bool try_mutation(const work *w, const mutation *m)
{
    score s = {0};
    for (size_t run = 0; run < w->run_count; run++) {
        random_stream r = random_named(w->seed, "%s %s", m->judge, m->what);
        uint64_t made = s.made;
        for (uint64_t i = 0; i < w->times && s.made < made + w->times; i++)
            try_once(w, w->runs[run], m, &r, &s);
    }
    if (s.made == 0) {
        printf("skip - %s notices that %s (no recorded run has such a thing)\n", m->judge, m->what);
        return true;
    }
    printf("%s - %s notices that %s (%" PRIu64 " of %" PRIu64 ")\n",
           s.made == s.noticed ? "ok" : "not ok", m->judge, m->what, s.noticed, s.made);
    if (s.made != s.noticed)
        printf("    %s\n", s.miss);
    return s.made == s.noticed;
}

static bool try_all(const work *w)
{
    static const mutation_table *const tables[] = {
        &name_mutations, &batch_mutations, &stream_mutations, &grant_mutations, &figure_mutations};
    bool fine = true;
    for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++)
        for (size_t i = 0; i < tables[t]->count; i++)
            fine = try_mutation(w, &tables[t]->rows[i]) && fine;
    return fine;
}

int main(int argc, char **argv)
{
    work w = {.folder = "/tmp/ordeal-mutations.XXXXXX"};
    error e = {0};
    if (argc < 4 || argc > 3 + RUNS_MOST) {
        fputs("usage: mutate_history SEED TIMES RUN...\n", stderr);
        return 2;
    }
    w.seed = strtoull(argv[1], NULL, 10);
    w.times = strtoull(argv[2], NULL, 10);
    for (int i = 3; i < argc; i++) {
        w.runs[w.run_count] = tape_open(argv[i], w.seed, &e);
        if (w.runs[w.run_count++] == NULL) {
            fprintf(stderr, "%s: %s\n", argv[i], e.text);
            return 2;
        }
    }
    CHECK(mkdtemp(w.folder) != NULL);
    bool fine = try_all(&w);
    rmdir(w.folder);
    for (size_t i = 0; i < w.run_count; i++)
        tape_free(w.runs[i]);
    return fine ? 0 : 1;
}
