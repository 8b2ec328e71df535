#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/timing.h"
#include "history/writer.h"
#include "reports/evidence_write.h"
#include "reports/series.h"
#include "reports/severity.h"
#include "reports/show.h"
#include "reports/template.h"

/* --- series --- */

static char folder[] = "/tmp/ordeal-series-XXXXXX";
static char path[64];

/* A get every millisecond for so long, each of so many nanoseconds. */
static history *made_history(uint64_t milliseconds, uint64_t took)
{
    error e = {0};
    memcpy(folder, "/tmp/ordeal-series-XXXXXX", sizeof folder);
    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/history.bin", folder);
    history_writer *w = history_create(path, 1, &e);
    cr_assert_not_null(w);
    for (uint32_t i = 0; i < milliseconds; i++) {
        uint64_t at = (uint64_t)i * NANOSECONDS_PER_MILLISECOND;
        history_record r = {.kind = RECORD_OPERATION,
                            .type = OPERATION_GET,
                            .client = 1,
                            .sequence = i + 1,
                            .invoke = at,
                            .finish = at + took};
        history_append(w, 0, &r);
    }
    cr_assert(history_close(w, &e));
    history *h = history_open(path, &e);
    cr_assert_not_null(h);
    return h;
}

static series *gather(const verdict *v)
{
    series *s = series_begin(v);
    for (size_t i = 0; i < history_count(v->history); i++) {
        history_record r = history_get(v->history, i);
        series_take(s, &r);
    }
    return s;
}

static void drop_history(history *h)
{
    history_free(h);
    unlink(path);
    rmdir(folder);
}

static uint64_t all_of(const series *s)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < s->count; i++)
        sum += s->bins[i].outcomes[OUTCOME_OK];
    return sum;
}

Test(series, folds_until_any_length_fits_and_loses_nothing)
{
    const uint64_t lengths[] = {1, 49, 30000, 30001, 60002, 200000};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        verdict v = {.history = made_history(lengths[i], 1000)};
        series *s = gather(&v);
        cr_assert_leq(s->count, SERIES_BINS);
        cr_assert_eq(all_of(s), lengths[i]);
        cr_assert_geq(s->width * s->count, (lengths[i] - 1) * NANOSECONDS_PER_MILLISECOND);
        free(s);
        drop_history((history *)(uintptr_t)v.history);
    }
}

Test(series, percentiles_are_right_to_a_step)
{
    const uint64_t durations[] = {9000, 100000, 1234567, 50000000, 3000000000};
    for (size_t i = 0; i < sizeof durations / sizeof durations[0]; i++) {
        verdict v = {.history = made_history(100, durations[i])};
        series *s = gather(&v);
        double seen = (double)series_percentile(s, 0, s->count, 99);
        cr_assert_float_eq(seen / (double)durations[i], 1, 0.04);
        free(s);
        drop_history((history *)(uintptr_t)v.history);
    }
}

Test(series, a_rate_is_operations_a_second)
{
    verdict v = {.history = made_history(20000, 10)};
    series *s = gather(&v);
    cr_assert_float_eq(series_rate(s, 10, 100), 1000, 1);
    free(s);
    drop_history((history *)(uintptr_t)v.history);
}

/* --- texts --- */

static void expect_escaped(const char *text, const char *wanted)
{
    buffer out = {0};
    show_escaped(text, &out);
    cr_assert_str_eq(buffer_text(&out), wanted);
    buffer_free(&out);
}

Test(show, escapes_markup_and_what_xml_refuses)
{
    expect_escaped("<a href=\"x\">'&'", "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;");
    expect_escaped("tab\tline\nbell\a", "tab\tline\nbell?");
    expect_escaped("h\xc3\xa9", "h\xc3\xa9");
    expect_escaped("\xff<", "\xef\xbf\xbd&lt;");
    expect_escaped("\xef\xbf\xbf", "\xef\xbf\xbd");
    expect_escaped("\xc3", "\xef\xbf\xbd");
}

Test(template, puts_values_where_their_names_stand)
{
    const template_value values[] = {{"name", "ordeal"}, {"no", ""}};
    buffer out = {0};
    template_fill("a {{name}} b{{no}} {{name}}", values, 2, &out);
    cr_assert_str_eq(buffer_text(&out), "a ordeal b ordeal");
    buffer_free(&out);
}

Test(evidence, finds_the_bytes_in_a_drivers_sentence)
{
    char expected[96];
    char seen[96];
    evidence_bytes("zeroes from 8 on; expected 01 02, saw 00 00", expected, seen, sizeof seen);
    cr_assert_str_eq(expected, "01 02");
    cr_assert_str_eq(seen, "00 00");
    evidence_bytes("it ends early", expected, seen, sizeof seen);
    cr_assert_str_eq(expected, "");
}

/* --- severity --- */

Test(severity, every_invariant_says_what_its_violation_means)
{
    for (size_t i = 0; i < judge_count; i++)
        cr_assert_str_eq(severity_of(judges[i]->name)->invariant, judges[i]->name,
                         "reports/severity.c has no row for %s", judges[i]->name);
}
