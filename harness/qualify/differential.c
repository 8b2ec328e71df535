#include "qualify/differential.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/files.h"
#include "base/units.h"
#include "history/operations.h"
#include "qualify/answers.h"

#define SHARE_APART   2.0 /* per cent: less is chance */
#define LATENCY_APART 1.5
#define SUMMARY_MOST  ((size_t)4 << 20)

typedef struct {
    const qualification *a;
    const qualification *b;
    FILE *out;
} pair;

/* --- capabilities and cases --- */

static void print_capabilities(const pair *p, const char *who, unsigned bits)
{
    fprintf(p->out, "  only %s:", who);
    for (const capability_row *row = capability_rows; row->name != NULL; row++)
        if (bits & row->bit)
            fprintf(p->out, " %s", row->name);
    fputs(bits == 0 ? " none\n" : "\n", p->out);
}

static const case_result *case_of(const qualification *q, const conformance_case *what)
{
    for (size_t i = 0; i < q->case_count; i++)
        if (q->cases[i].what == what)
            return &q->cases[i];
    return NULL;
}

static bool asked(const case_result *c)
{
    return c != NULL && c->verdict != CASE_NOT_APPLICABLE;
}

static void print_case(const pair *p, const case_result *a, const case_result *b)
{
    fprintf(p->out, "  %-24s %s | %s: %s\n", b->what->address, case_verdict_name(a->verdict),
            case_verdict_name(b->verdict), b->what->requires);
    const case_result *broken = a->actual[0] != '\0' ? a : b;
    fprintf(p->out, "      %s: %s\n      %s\n", broken == a ? p->a->target : p->b->target,
            broken->actual, broken->curl);
}

static void print_cases(const pair *p)
{
    size_t both = 0;
    size_t alike = 0;
    size_t only_a = 0;
    size_t only_b = 0;
    for (size_t i = 0; i < p->b->case_count; i++) {
        const case_result *b = &p->b->cases[i];
        const case_result *a = case_of(p->a, b->what);
        bool of_both = asked(a) && asked(b);
        both += of_both;
        alike += of_both && a->verdict == b->verdict;
        only_a += asked(a) && !asked(b);
        only_b += asked(b) && !asked(a);
    }
    if (p->b->case_count == 0)
        return;
    fprintf(p->out,
            "conformance: of %zu cases that apply to both %zu have the same verdict; %zu apply "
            "only to %s, %zu only to %s\n",
            both, alike, only_a, p->a->target, only_b, p->b->target);
    for (size_t i = 0; i < p->b->case_count; i++) {
        const case_result *b = &p->b->cases[i];
        const case_result *a = case_of(p->a, b->what);
        if (asked(a) && asked(b) && a->verdict != b->verdict)
            print_case(p, a, b);
    }
}

/* --- tiers: operations --- */

static double share(uint64_t part, uint64_t whole)
{
    return whole > 0 ? 100 * (double)part / (double)whole : 0;
}

static bool apart(const answers *a, const answers *b, const answer_kind *k)
{
    double difference =
        share(answers_of_kind(a, k), a->count) - share(answers_of_kind(b, k), b->count);
    return difference >= SHARE_APART || difference <= -SHARE_APART;
}

static void print_kind(const pair *p, const answers *a, const answers *b, const answer_kind *k)
{
    char text[48];
    answer_kind_text(k, text);
    if (apart(a, b, k))
        fprintf(p->out, "        %-18s %5.1f %% | %5.1f %%\n", text,
                share(answers_of_kind(a, k), a->count), share(answers_of_kind(b, k), b->count));
}

static void print_latency(const pair *p, const answers *a, const answers *b)
{
    static const double percents[] = {50, 99};
    for (size_t i = 0; i < 2 && a->latency.count > 0 && b->latency.count > 0; i++) {
        char one[32];
        char two[32];
        uint64_t x = histogram_percentile(&a->latency, percents[i]);
        uint64_t y = histogram_percentile(&b->latency, percents[i]);
        double ratio = x > 0 ? (double)y / (double)x : 0;
        if (ratio > 0 && (ratio >= LATENCY_APART || ratio <= 1 / LATENCY_APART))
            fprintf(p->out, "        p%-17.0f %s | %s: %.2f times\n", percents[i],
                    units_show_duration(x, one), units_show_duration(y, two), ratio);
    }
}

static void print_operation(const pair *p, unsigned type, const answers *a, const answers *b)
{
    if (a->count == 0 && b->count == 0)
        return;
    fprintf(p->out, "      %s: %" PRIu64 " | %" PRIu64 "\n", operation_row_of(type)->name, a->count,
            b->count);
    for (size_t i = 0; i < a->kind_count; i++)
        print_kind(p, a, b, &a->kinds[i]);
    for (size_t i = 0; i < b->kind_count; i++)
        if (answers_of_kind(a, &b->kinds[i]) == 0)
            print_kind(p, a, b, &b->kinds[i]);
    print_latency(p, a, b);
}

/* --- tiers: invariants --- */

static json_t *summary_of(const tier_result *t)
{
    char path[600];
    buffer text = {.limit = SUMMARY_MOST};
    error ignored = {0};
    json_t *root = NULL;
    if (files_join(path, sizeof path, t->directory, "summary.json", &ignored) &&
        files_read(path, SUMMARY_MOST, &text, &ignored))
        root = json_loadb(buffer_text(&text), text.length, 0, NULL);
    buffer_free(&text);
    return root;
}

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text != NULL ? text : "";
}

static const json_t *invariant_of(const json_t *summary, const char *name)
{
    size_t i;
    const json_t *one;
    json_array_foreach(json_object_get(summary, "invariants"), i, one)
    {
        if (strcmp(text_of(one, "name"), name) == 0)
            return one;
    }
    return NULL;
}

static void print_invariants(const pair *p, const tier_result *a, const tier_result *b)
{
    json_t *mine = summary_of(a);
    json_t *theirs = summary_of(b);
    size_t i;
    const json_t *one;
    json_array_foreach(json_object_get(theirs, "invariants"), i, one)
    {
        const json_t *other = invariant_of(mine, text_of(one, "name"));
        if (other == NULL || strcmp(text_of(one, "answer"), text_of(other, "answer")) == 0)
            continue;
        fprintf(p->out, "      %s: %s | %s\n", text_of(one, "name"), text_of(other, "answer"),
                text_of(one, "answer"));
        bool holds = strcmp(text_of(other, "answer"), "holds") == 0;
        fprintf(p->out, "        %s: %s\n", holds ? p->b->target : p->a->target,
                text_of(holds ? one : other, "sentence"));
    }
    json_decref(mine);
    json_decref(theirs);
}

static const char *verdict_of(const tier_result *t)
{
    return !t->applicable ? "not applicable" : t->verdict[0] != '\0' ? t->verdict : "no verdict";
}

static bool print_tier(const pair *p, const tier_result *a, const tier_result *b, error *e)
{
    fprintf(p->out, "  %s: %s | %s\n", b->what->name, verdict_of(a), verdict_of(b));
    if (a->directory[0] == '\0' || b->directory[0] == '\0') {
        const tier_result *silent = a->directory[0] == '\0' ? a : b;
        if (silent->applicable)
            fprintf(p->out, "      %s\n", silent->sentence);
        return true;
    }
    print_invariants(p, a, b);
    run_answers *mine = answers_read(a->directory, e);
    run_answers *theirs = mine != NULL ? answers_read(b->directory, e) : NULL;
    for (unsigned type = 1; theirs != NULL && type < OPERATION_COUNT; type++)
        print_operation(p, type, &mine->of[type], &theirs->of[type]);
    bool fine = theirs != NULL;
    free(mine);
    free(theirs);
    return fine;
}

bool differential_print(const qualification *a, const qualification *b, FILE *out, error *e)
{
    pair p = {a, b, out};
    fprintf(out, "differences: %s | %s\n", a->target, b->target);
    fputs("capabilities\n", out);
    print_capabilities(&p, a->target, a->capabilities & ~b->capabilities);
    print_capabilities(&p, b->target, b->capabilities & ~a->capabilities);
    print_cases(&p);
    if (b->tier_count > 0)
        fprintf(out,
                "tiers, by the same plans; kinds of answers whose shares are %.0f %% apart and "
                "latencies %.1f times apart\n",
                SHARE_APART, LATENCY_APART);
    for (size_t i = 0; i < b->tier_count && i < a->tier_count; i++)
        if (!print_tier(&p, &a->tiers[i], &b->tiers[i], e))
            return false;
    return true;
}
