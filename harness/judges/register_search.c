/* Every order of the steps, depth first, each state once (Wing and Gong; Lowe): exact, but only up
 * to a bound. A state is the first step not yet placed, which of the 64 from there are, the current
 * value, and how many of the deletes with an unknown outcome were used: those are interchangeable,
 * so the earliest is always taken. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/random.h"
#include "history/record.h"
#include "judges/register.h"

#define WINDOW     64
#define NEAR       8
#define TABLE_SIZE ((size_t)1 << 19) /* > 2 x REGISTER_SEARCH_BOUND, a power of two */

typedef struct {
    uint64_t placed;
    uint32_t first;
    uint32_t current;
    uint32_t deletes_used;
    uint32_t tried_in; /* the number of the search; 0: none */
} state;

typedef struct {
    const register_step *steps;
    uint32_t *order; /* steps that must be placed, by invoke */
    size_t count;
    uint32_t *deletes; /* steps that may be, by invoke */
    size_t delete_count;
    state *table;
    state *stack;
    size_t stack_count;
    uint32_t number; /* of this search: the table keeps those before it, as if it were empty */
    size_t seen;
    uint32_t furthest;
    bool bounded; /* something was left untried */
} search;

static int by_invoke(const void *a, const void *b, void *steps)
{
    const register_step *x = (const register_step *)steps + *(const uint32_t *)a;
    const register_step *y = (const register_step *)steps + *(const uint32_t *)b;
    return (x->invoke > y->invoke) - (x->invoke < y->invoke);
}

static void visit(search *s, state next)
{
    while (next.placed & 1) {
        next.placed >>= 1;
        next.first++;
    }
    next.tried_in = s->number;
    if (next.first > s->furthest)
        s->furthest = next.first;
    uint64_t hash = random_mix(next.placed ^ random_mix((uint64_t)next.first << 32 | next.current) ^
                               next.deletes_used);
    size_t at = hash & (TABLE_SIZE - 1);
    for (; s->table[at].tried_in == s->number; at = (at + 1) & (TABLE_SIZE - 1)) {
        const state *known = &s->table[at];
        if (known->placed == next.placed && known->first == next.first &&
            known->current == next.current && known->deletes_used == next.deletes_used)
            return;
    }
    if (s->seen == REGISTER_SEARCH_BOUND) {
        s->bounded = true;
        return;
    }
    s->seen++;
    s->table[at] = next;
    s->stack[s->stack_count++] = next;
}

static bool placed(const state *at, size_t offset)
{
    return offset < WINDOW && (at->placed >> offset & 1);
}

/* The least finish of what is still to be placed: nothing that began later can come next. */
static uint64_t horizon(search *s, const state *at)
{
    uint64_t least = HISTORY_NEVER;
    for (size_t i = 0; at->first + i < s->count; i++) {
        const register_step *step = &s->steps[s->order[at->first + i]];
        if (step->invoke > least)
            break;
        if (!placed(at, i) && step->finish < least)
            least = step->finish;
    }
    return least;
}

static void place(search *s, const state *at, size_t offset)
{
    const register_step *step = &s->steps[s->order[at->first + offset]];
    state next = *at;
    if (step->writes) {
        if (step->expected != REGISTER_ANY && step->expected != at->current)
            return;
        next.current = step->value;
    } else if (step->value != at->current) {
        return;
    }
    next.placed |= (uint64_t)1 << offset;
    visit(s, next);
}

static void expand(search *s, const state *at)
{
    uint64_t least = horizon(s, at);
    if (at->deletes_used < s->delete_count && at->current != REGISTER_ABSENT &&
        s->steps[s->deletes[at->deletes_used]].invoke <= least) {
        state next = *at;
        next.deletes_used++;
        next.current = REGISTER_ABSENT;
        visit(s, next);
    }
    for (size_t i = 0; at->first + i < s->count; i++) {
        if (s->steps[s->order[at->first + i]].invoke > least)
            break;
        if (i == WINDOW) {
            s->bounded = true;
            break;
        }
        if (!placed(at, i))
            place(s, at, i);
    }
}

/* Unknown writes that nobody read or replaced may be left out; the zones did so already. */
static void choose_steps(search *s, size_t count)
{
    uint32_t most = 0;
    for (size_t i = 0; i < count; i++)
        if (s->steps[i].value > most)
            most = s->steps[i].value;
    unsigned char *seen = memory_zeroed((size_t)most + 1, 1);
    for (size_t i = 0; i < count; i++) {
        const register_step *step = &s->steps[i];
        if (!step->writes)
            seen[step->value] = 1;
    }
    /* What a needed conditional write replaced is needed too; a chain may stand in any order. */
    for (bool more = true; more;) {
        more = false;
        for (size_t i = 0; i < count; i++) {
            const register_step *step = &s->steps[i];
            bool needed = step->writes && step->expected != REGISTER_ANY &&
                          (step->finish != HISTORY_NEVER || seen[step->value]);
            if (needed && step->expected <= most && !seen[step->expected]) {
                seen[step->expected] = 1;
                more = true;
            }
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        const register_step *step = &s->steps[i];
        bool open = step->writes && step->finish == HISTORY_NEVER;
        if (open && step->value == REGISTER_ABSENT)
            s->deletes[s->delete_count++] = i;
        else if (!open || seen[step->value])
            s->order[s->count++] = i;
    }
    free(seen);
    void *steps = (void *)(uintptr_t)s->steps;
    qsort_r(s->order, s->count, sizeof *s->order, by_invoke, steps);
    qsort_r(s->deletes, s->delete_count, sizeof *s->deletes, by_invoke, steps);
}

static register_answer run(search *s)
{
    visit(s, (state){.current = REGISTER_ABSENT});
    while (s->stack_count > 0) {
        state at = s->stack[--s->stack_count];
        if (at.first == s->count)
            return (register_answer){.kind = REGISTER_FITS};
        expand(s, &at);
    }
    if (s->bounded)
        return (register_answer){.kind = REGISTER_OPEN};
    return (register_answer){
        .kind = REGISTER_NO_ORDER, .steps = {s->order[s->furthest]}, .step_count = 1};
}

static void start_anew(search *s)
{
    s->number++;
    s->stack_count = 0;
    s->seen = 0;
    s->furthest = 0;
    s->bounded = false;
}

static bool fits_without(search *s, size_t left_out)
{
    uint32_t step = s->order[left_out];
    size_t behind = s->count - left_out - 1;
    memmove(s->order + left_out, s->order + left_out + 1, behind * sizeof *s->order);
    s->count--;
    start_anew(s);
    bool fits = run(s).kind == REGISTER_FITS;
    s->count++;
    memmove(s->order + left_out + 1, s->order + left_out, behind * sizeof *s->order);
    s->order[left_out] = step;
    return fits;
}

/* Where the search got stuck is near what is wrong, but need not be it. The reads there without
 * any of which all else fits contradict each other: they are the evidence. */
static register_answer contradicting(search *s, register_answer stuck)
{
    register_answer found = {.kind = REGISTER_NO_ORDER};
    size_t middle = s->furthest;
    size_t end = middle + NEAR < s->count ? middle + NEAR : s->count;
    for (size_t i = middle > NEAR ? middle - NEAR : 0;
         i < end && found.step_count < REGISTER_STEPS_MOST; i++)
        if (!s->steps[s->order[i]].writes && fits_without(s, i))
            found.steps[found.step_count++] = s->order[i];
    return found.step_count > 0 ? found : stuck;
}

register_answer register_search(const register_step *steps, size_t count)
{
    search s = {.steps = steps, .number = 1};
    s.order = memory_take((count + 1) * sizeof *s.order);
    s.deletes = memory_take((count + 1) * sizeof *s.deletes);
    s.table = memory_zeroed(TABLE_SIZE, sizeof *s.table);
    s.stack = memory_take((REGISTER_SEARCH_BOUND + 1) * sizeof *s.stack);
    choose_steps(&s, count);
    register_answer answer = run(&s);
    if (answer.kind == REGISTER_NO_ORDER)
        answer = contradicting(&s, answer);
    free(s.order);
    free(s.deletes);
    free(s.table);
    free(s.stack);
    return answer;
}
