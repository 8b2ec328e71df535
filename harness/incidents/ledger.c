#include "incidents/ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"

ledger *ledger_create(size_t rows, size_t seeds)
{
    ledger *l = memory_zeroed(1, sizeof *l);
    l->rows = memory_zeroed(rows, sizeof *l->rows);
    l->seeds = seeds;
    return l;
}

void ledger_free(ledger *l)
{
    if (l == NULL)
        return;
    for (size_t i = 0; i < l->count; i++)
        free(l->rows[i].seconds);
    free(l->rows);
    free(l);
}

const ledger_row *ledger_row_of(const ledger *l, const incident *defect, const incident *scenario)
{
    for (size_t i = 0; i < l->count; i++)
        if (l->rows[i].defect == defect && l->rows[i].scenario == scenario)
            return &l->rows[i];
    return NULL;
}

void ledger_expect(ledger *l, const incident *defect, const incident *scenario)
{
    l->rows[l->count++] = (ledger_row){
        .defect = defect,
        .scenario = scenario,
        .seconds = memory_zeroed(l->seeds, sizeof(double)),
    };
}

static ledger_row *row_for(ledger *l, const trial *t)
{
    const ledger_row *row = ledger_row_of(l, t->defect, t->scenario);
    CHECK(row != NULL);
    return &l->rows[row - l->rows];
}

static void note_broken(ledger_row *row, const trial *t)
{
    for (size_t i = 0; i < t->broken_count; i++) {
        const char *name = t->broken[i].judge->name;
        size_t used = strlen(row->broken);
        if (strstr(row->broken, name) == NULL)
            snprintf(row->broken + used, sizeof row->broken - used, "%s%s", used > 0 ? ", " : "",
                     name);
    }
}

static bool as_it_should(const trial *t)
{
    if (t->defect == NULL)
        return strcmp(t->verdict, "pass") == 0;
    return t->defect != t->scenario || trial_broke(t, t->defect->invariant) != NULL;
}

void ledger_take(ledger *l, const trial *t)
{
    ledger_row *row = row_for(l, t);
    const broken_invariant *named = t->defect != NULL ? trial_broke(t, t->defect->invariant) : NULL;
    CHECK(row->runs < l->seeds);
    row->runs++;
    row->passes += strcmp(t->verdict, "pass") == 0;
    row->failed += t->broken_count > 0;
    row->skipped += t->skipped;
    if (named != NULL)
        row->seconds[row->caught++] = named->seconds;
    note_broken(row, t);
    if (as_it_should(t) || row->trouble[0] != '\0')
        return;
    if (t->skipped)
        snprintf(row->trouble, sizeof row->trouble, "%s", t->trouble);
    else
        snprintf(row->trouble, sizeof row->trouble, "seed %llu: verdict %s%s%s",
                 (unsigned long long)t->seed, t->verdict, t->trouble[0] != '\0' ? ": " : "",
                 t->trouble);
    snprintf(row->directory, sizeof row->directory, "%s",
             t->directory[0] != '\0' ? t->directory : t->folder);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

double ledger_median(const ledger_row *row)
{
    if (row->caught == 0)
        return 0;
    qsort(row->seconds, row->caught, sizeof *row->seconds, by_size);
    return row->seconds[row->caught / 2];
}

ledger_state ledger_row_state(const ledger_row *row)
{
    bool good = row->passes == row->runs;
    /* Runs are made to reproduce: 19 of 20 seeds. */
    if (row->defect != NULL)
        good = row->defect != row->scenario || row->caught * 20 >= row->runs * 19;
    if (row->runs > 0 && row->skipped == row->runs)
        return LEDGER_SKIPPED;
    return row->runs > 0 && good ? LEDGER_GOOD : LEDGER_BAD;
}

ledger_state ledger_state_of(const ledger *l)
{
    ledger_state worst = l->count > 0 ? LEDGER_GOOD : LEDGER_BAD;
    for (size_t i = 0; i < l->count; i++) {
        ledger_state now = ledger_row_state(&l->rows[i]);
        worst = now > worst ? now : worst;
    }
    return worst;
}
