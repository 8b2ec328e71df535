#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/files.h"
#include "plan/plan.h"
#include "plan/threshold.h"

static const char good[] = "name: x\n"
                           "target: {name: t, driver: reference, url: 'http://127.0.0.1:1'}\n"
                           "duration: 10s\n"
                           "clients:\n"
                           "  - behaviour: put-get\n"
                           "    count: 3\n"
                           "invariants: [read-integrity]\n";

static scenario *load(const char *text, error *e)
{
    return scenario_from_json("test", text, strlen(text), e);
}

Test(scenario, a_good_one_is_typed_with_its_fallbacks)
{
    error e = {0};
    scenario *s = load(good, &e);
    cr_assert_not_null(s, "%s: %s", e.place, e.text);
    cr_assert_eq(scenario_client_count(s), 3);
    cr_assert_eq(s->duration, 10000000000u);
    cr_assert_eq(s->groups[0].values[1].number, 2);
    scenario_free(s);
}

/* What replaces a line, which line is to be named, and what the complaint must say. */
typedef struct {
    const char *old;
    const char *new;
    const char *place;
    const char *says;
} mistake;

static const mistake mistakes[] = {
    {"duration: 10s", "duratoin: 10s", "test:3", "did you mean 'duration'"},
    {"duration: 10s", "duration: -5s", "test:3", "cannot be negative"},
    {"duration: 10s", "duration: [1]", "test:3", "not a list"},
    {"duration: 10s", "duration: soon", "test:3", "not a duration"},
    {"duration: 10s", "duration: 0s", "test:3", "above 0"},
    {"duration: 10s", "name: y", "test:3", "given twice"},
    {"duration: 10s", "seed: -1", "test:3", "whole number"},
    {"duration: 10s", "quiet: 5s", "test:1", "needs 'duration'"},
    {"put-get", "put-gte", "test:5", "did you mean 'put-get'"},
    {"count: 3", "count: 0", "test:6", "whole number from 1"},
    {"count: 3", "cuont: 3", "test:6", "did you mean 'count'"},
    {"count: 3", "reads: many", "test:6", "whole number"},
    {"count: 3", "arrival: constant", "test:5", "needs 'rate'"},
    {"[read-integrity]", "[read-integrty]", "test:7", "did you mean 'read-integrity'"},
    {"[read-integrity]", "[]", "test:1", "proves nothing"},
    {"[read-integrity]", "[read-integrity, read-integrity]", "test:7", "listed twice"},
    {"[read-integrity]", "[durability]\nfaults:\n  - fault: kil\n    at: 1s", "test:9",
     "did you mean 'kill'"},
    {"[read-integrity]", "[durability]\nthresholds: [p95(gte) < 1s]", "test:8", "nearest is get"},
    {"duration: 10s", "quiet: 2000h", "test:3", "at most 1000 h"},
    {"duration: 10s", "operation_timeout: 2h", "test:3", "from 1ms to 1h"},
    {"duration: 10s", "data: {sizes: 900000GiB}", "test:3", "at most 16 GiB"},
    {"duration: 10s", "duration: 10s\ndata: {keys: 0, keys_per_client: 0}", "test:4", "from 1 to"},
    {"[read-integrity]", "[latency: {mots: 1s}]", "test:7", "did you mean 'most'"},
    {"[read-integrity]", "[latency]", "test:7", "needs 'most'"},
    {"[read-integrity]", "[durability]\nfaults:\n  - fault: kill\n    at: 11s", "test:9",
     "would end at 11 s, but the load ends at 10 s"},
    {"name: x", "name: ../../etc", "test:1", "names the run's folder"},
    {"name: x", "name: &a x", "test:1", "anchors"},
    {"name: x", "name: !!str x", "test:1", "tags"},
    {"name: x", "? [a]\n: b", "test:1", "plain word"},
    {"driver: reference", "driver: refrence", "test:2", "did you mean 'reference'"},
    {"url: 'http://127.0.0.1:1'", "url: ftp", "test:2", "http://"},
    {"url: 'http://127.0.0.1:1'", "url: 'http://'", "test:2", "not an address such as"},
    {"url: 'http://127.0.0.1:1'", "url: 'http://127.0.0.1:99999'", "test:2", "not an address"},
    {"url: 'http://127.0.0.1:1'", "url: 'http://127.0.0.1:x'", "test:2", "not an address"},
    {"url: 'http://127.0.0.1:1'", "url: 'http://127.0.0.1:1/a?b=c'", "test:2", "not an address"},
    {"{name: t", "{environment: [a]", "test:2", "not NAME=value"},
    {"{name: t", "{environment: ['=a']", "test:2", "not NAME=value"},
    {"{name: t", "{command: ['']", "test:2", "a program and its arguments"},
    {"{name: t", "{ready_within: 5", "test:2", "write it like 5s"},
    {"duration: 10s", "duration: 10", "test:3", "has no unit; write it like 10s or 10ms"},
    {"duration: 10s", "duration: --help", "test:3", "not a duration"},
    {"count: 3", "think: 5", "test:6", "has no unit"},
    {"count: 3", "name: \"a\\nb\"", "test:6", "control character"},
    {"count: 3", "name: a\n  - behaviour: put-get\n    name: a", "test:7", "named 'a' already"},
    {"name: x", "name: ..", "test:1", "none of '-' and '.' first"},
    {"name: x", "name: -x", "test:1", "none of '-' and '.' first"},
    {"duration: 10s", "data: {paths: [../../etc/passwd]}", "test:3", "not a path such as a/b.txt"},
    {"duration: 10s", "data: {paths: [/etc/passwd]}", "test:3", "not a path"},
    {"duration: 10s", "data: {paths: [a//b]}", "test:3", "not a path"},
    {"duration: 10s", "data: {paths: [a/./b]}", "test:3", "not a path"},
    {"duration: 10s", "data: {paths: [a/]}", "test:3", "not a path"},
    {"duration: 10s", "data: {paths: [\"a\\nb\"]}", "test:3", "not a path"},
    {"duration: 10s", "data: {paths: [a, b, a]}", "test:3", "'a' is listed twice"},
    {"duration: 10s", "duration: 10s\ndata: {keys: 1, paths: [a, b]}", "test:4", "2 paths, but"},
    {"duration: 10s", "data: {sizes: 1.5}", "test:3", "is not 4KiB"},
    {"[read-integrity]", "[durability]\nthresholds: [p95 < 1]", "test:8", "such as 500ms"},
    {"[read-integrity]", "[durability]\nthresholds: [mean < 1s, mean < 1s]", "test:8", "twice"},
    {"[read-integrity]", "[durability]\nthresholds: [{bound: mean < 1s, abort: true, after: 10s}]",
     "test:8", "never be looked at"},
    {"[read-integrity]", "[durability]\nfaults: [{fault: kill, at: 5}]", "test:8", "with units"},
};

static char *replaced(const char *text, const char *old, const char *new)
{
    const char *at = strstr(text, old);
    cr_assert_not_null(at, "%s", old);
    buffer b = {0};
    buffer_append(&b, text, (size_t)(at - text));
    buffer_text_append(&b, new);
    buffer_text_append(&b, at + strlen(old));
    return b.bytes;
}

Test(scenario, each_mistake_is_named_with_its_line_and_what_would_be_right)
{
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        error e = {0};
        char *text = replaced(good, mistakes[i].old, mistakes[i].new);
        cr_assert_null(load(text, &e), "%s was taken", mistakes[i].new);
        cr_assert_eq(e.kind, ERROR_USAGE);
        cr_assert_str_eq(e.place, mistakes[i].place, "%s: %s: %s", mistakes[i].new, e.place,
                         e.text);
        cr_assert_not_null(strstr(e.text, mistakes[i].says), "%s: %s", mistakes[i].new, e.text);
        free(text);
    }
}

Test(scenario, bombs_and_floods_are_refused)
{
    error e = {0};
    buffer deep = {0}, wide = {0};
    for (int i = 0; i < 1000; i++)
        buffer_text_append(&deep, "[");
    cr_assert_null(load(buffer_text(&deep), &e));
    error_clear(&e);
    buffer_text_append(&wide, "a: [");
    for (int i = 0; i < 60000; i++)
        buffer_text_append(&wide, "1,");
    buffer_text_append(&wide, "1]");
    cr_assert_null(load(buffer_text(&wide), &e));
    cr_assert_not_null(strstr(e.text, "too much"), "%s", e.text);
    error_clear(&e);
    cr_assert_null(load("", &e));
    cr_assert_not_null(strstr(e.text, "empty"));
    error_clear(&e);
    cr_assert_null(load("a: 1\n---\nb: 2\n", &e));
    buffer_free(&deep);
    buffer_free(&wide);
}

Test(scenario, extends_and_set_change_what_they_name_and_the_resolved_form_loads_again)
{
    char folder[] = "/tmp/ordeal-plan.XXXXXX";
    char path[64];
    error e = {0};
    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/base.yaml", folder);
    cr_assert(files_replace(path, good, strlen(good), &e));
    snprintf(path, sizeof path, "%s/own.yaml", folder);
    static const char own[] = "extends: base.yaml\nname: y\ndata: {keys: 7}\n";
    cr_assert(files_replace(path, own, strlen(own), &e));
    const char *sets[] = {"clients.0.count=5", "clients.put-get.reads=9", "data.sizes=4KiB"};
    scenario_request request = {
        .file = path, .sets = sets, .set_count = 1, .has_seed = true, .seed = 42};
    scenario *s = scenario_load(&request, &e);
    cr_assert_not_null(s, "%s: %s", e.place, e.text);
    cr_assert_str_eq(s->name, "y");
    cr_assert_eq(s->groups[0].count, 5);
    cr_assert_eq(s->data.keys, 7);
    cr_assert_eq(s->seed, 42);
    buffer json = {0};
    json_writer w = writer_begin(&json);
    node_write_json(s->tree, &w);
    scenario *again = load(buffer_text(&json), &e);
    cr_assert_not_null(again, "%s: %s", e.place, e.text);
    plan *first = plan_make(s);
    plan *second = plan_make(again);
    buffer a = {0}, b = {0};
    plan_print(first, &a);
    plan_print(second, &b);
    cr_assert_str_eq(buffer_text(&a), buffer_text(&b));
    buffer_free(&a);
    buffer_free(&b);
    buffer_free(&json);
    plan_free(first);
    plan_free(second);
    scenario_free(s);
    scenario_free(again);
    request.set_count = 2;
    cr_assert_null(scenario_load(&request, &e));
    cr_assert_not_null(strstr(e.text, "there is no put-get"), "%s", e.text);
    files_remove_tree(folder, &e);
}

Test(plan, adding_a_client_changes_no_other_client)
{
    error e = {0};
    scenario *three = load(good, &e);
    char *more = replaced(good, "count: 3", "count: 4");
    scenario *four = load(more, &e);
    for (uint32_t i = 1; i <= 3; i++) {
        random_stream a = plan_client_stream(three, i);
        random_stream b = plan_client_stream(four, i);
        cr_assert_eq(random_bits(&a), random_bits(&b));
    }
    free(more);
    scenario_free(three);
    scenario_free(four);
}

Test(threshold, reads_figures_and_says_what_is_wrong)
{
    threshold t;
    error e = {0};
    cr_assert(threshold_parse("p99.9(get) < 1s", &t, &e));
    cr_assert(t.figure == FIGURE_PERCENTILE && t.percentile == 99.9 &&
              t.operation == OPERATION_GET && t.bound == 1e9);
    cr_assert(threshold_parse("corrected_p50 <= 5ms", &t, &e) && t.operation == OPERATION_NONE);
    cr_assert(threshold_parse("error_rate < 5%", &t, &e) && threshold_holds(&t, 0.049) &&
              !threshold_holds(&t, 0.05));
    cr_assert(threshold_parse("rate(put) >= 100", &t, &e) && threshold_holds(&t, 100));
    const char *const bad[] = {"",
                               "p95",
                               "p95(get)",
                               "p95(get) < ",
                               "p95(get) = 1s",
                               "p95(get) < 5 apples",
                               "p195(get) < 1s",
                               "speed > 3",
                               "error_rate < 5s",
                               "p95(get) < 1s and more"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        error_clear(&e);
        cr_assert_not(threshold_parse(bad[i], &t, &e), "%s", bad[i]);
        cr_assert_eq(e.kind, ERROR_USAGE);
    }
}

/* --- arrivals --- */

static const char staged[] = "name: x\n"
                             "target: {name: t, driver: reference, url: 'http://127.0.0.1:1'}\n"
                             "duration: 60s\n"
                             "clients:\n"
                             "  - behaviour: put-get\n"
                             "    count: 20\n"
                             "    from: 5s\n"
                             "    stages:\n"
                             "      - {for: 10s, rate: 100}\n"
                             "      - {for: 20s, arrival: ramp, rate: 0, rate_end: 50}\n"
                             "      - {for: 5s, clients: 2, clients_end: 20, think: 1s}\n"
                             "      - {for: 10s, arrival: diurnal, rate: 40, rate_end: 0, "
                             "period: 5s}\n"
                             "      - {for: 10s, arrival: burst, rate: 200, rate_end: 0, "
                             "period: 1s}\n"
                             "invariants: [read-integrity]\n";

Test(arrivals, stages_follow_each_other_and_the_plan_knows_every_arrival)
{
    error e = {0};
    scenario *s = load(staged, &e);
    cr_assert_not_null(s, "%s: %s", e.place, e.text);
    const client_group *g = &s->groups[0];
    cr_assert_eq(g->stage_count, 5);
    cr_assert_eq(g->stages[0].begin, 5000000000u);
    for (size_t i = 1; i < 5; i++)
        cr_assert_eq(g->stages[i].begin, g->stages[i - 1].end);
    cr_assert_eq(g->stages[4].end, 60000000000u);
    plan *p = plan_make(s);
    const double wanted[] = {1000, 500, 0, 200, 200};
    for (size_t i = 0; i < 5; i++)
        cr_assert_float_eq((double)plan_arrivals(p, 0, i), wanted[i], 5 * sqrt(wanted[i]) + 0.1,
                           "stage %zu: %lu", i, plan_arrivals(p, 0, i));
    buffer printed = {0};
    char line[64];
    plan_print(p, &printed);
    snprintf(line, sizeof line, "arrivals=%lu", plan_arrivals(p, 0, 1));
    cr_assert_not_null(strstr(buffer_text(&printed), line));
    cr_assert_not_null(strstr(buffer_text(&printed), "think=1000000000ns clients=2..20"));
    buffer_free(&printed);
    plan_free(p);
    scenario_free(s);
}

Test(arrivals, each_mistake_says_what_would_be_right)
{
    static const mistake wrong[] = {
        {"rate: 100", "rates: 100", "test:9", "did you mean 'rate'"},
        {"{for: 10s, rate: 100}", "{rate: 100}", "test:9", "needs 'for'"},
        {"{for: 10s, rate: 100}", "{for: 0s, rate: 100}", "test:9", "above 0"},
        {"rate: 100", "rate: -1", "test:9", "0.0001"},
        {"rate: 100", "arrival: constant", "test:9", "needs 'rate'"},
        {"rate: 100", "rate: 0", "test:9", "above 0"},
        {"rate: 100", "rate: 10, think: 1s", "test:9", "belongs to closed"},
        {"rate: 100", "rate: 10, period: 1s", "test:9", "belongs to diurnal"},
        {"rate: 100", "rate: 10, rate_end: 1", "test:9", "one rate"},
        {"rate: 100", "rate: 10, clients: 1", "test:9", "belongs to closed"},
        {"rate: 100", "arrival: closed, rate: 10", "test:9", "not to closed"},
        {"arrival: ramp", "arrival: rump", "test:10", "did you mean 'ramp'"},
        {"rate_end: 50", "period: 5s", "test:10", "needs 'rate_end'"},
        {"period: 5s", "think: 5s", "test:12", "needs 'period'"},
        {"clients_end: 20", "clients_end: 21", "test:11", "more clients than"},
        {"for: 10s, rate", "for: 11s, rate", "test:5", "end at 61 s"},
        {"from: 5s", "from: 70s", "test:5", "when the load is over"},
        {"from: 5s", "rate: 7", "test:5", "beside 'stages'"},
        {"from: 5s", "until: 20s", "test:5", "after the load or the group"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        error e = {0};
        char *text = replaced(staged, wrong[i].old, wrong[i].new);
        cr_assert_null(load(text, &e), "%s was taken", wrong[i].new);
        cr_assert_str_eq(e.place, wrong[i].place, "%s: %s: %s", wrong[i].new, e.place, e.text);
        cr_assert_not_null(strstr(e.text, wrong[i].says), "%s: %s", wrong[i].new, e.text);
        free(text);
    }
}

Test(threshold, one_that_ends_the_run_says_so_and_from_when)
{
    error e = {0};
    char *text = replaced(good, "[read-integrity]",
                          "[read-integrity]\nthresholds:\n"
                          "  - {bound: p95(get) < 1s, abort: true, after: 3s}\n  - mean < 1s");
    scenario *s = load(text, &e);
    cr_assert_not_null(s, "%s: %s", e.place, e.text);
    cr_assert(s->thresholds[0].abort && s->thresholds[0].after == 3000000000u);
    cr_assert_not(s->thresholds[1].abort);
    scenario_free(s);
    free(text);
    static const mistake wrong[] = {
        {"[read-integrity]", "[durability]\nthresholds: [{bound: mean < 1s, abrot: true}]",
         "test:8", "did you mean 'abort'"},
        {"[read-integrity]", "[durability]\nthresholds: [{bound: mean < 1s, abort: yes}]", "test:8",
         "not true or false"},
        {"[read-integrity]", "[durability]\nthresholds: [{abort: true}]", "test:8",
         "needs 'bound'"},
        {"[read-integrity]", "[durability]\nthresholds: [{bound: mean < 1s, after: 2s}]", "test:8",
         "goes with 'abort"},
        {"[read-integrity]", "[durability]\nthresholds: [{bound: count(put) > 5, abort: true}]",
         "test:8", "at the end only"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        error_clear(&e);
        text = replaced(good, wrong[i].old, wrong[i].new);
        cr_assert_null(load(text, &e), "%s was taken", wrong[i].new);
        cr_assert_str_eq(e.place, wrong[i].place, "%s: %s", wrong[i].new, e.text);
        cr_assert_not_null(strstr(e.text, wrong[i].says), "%s: %s", wrong[i].new, e.text);
        free(text);
    }
}
