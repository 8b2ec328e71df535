/* Every clock kind on a small program of its own, and what a clock must never do. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/files.h"
#include "base/timing.h"
#include "chaos/clock/clock.h"
#include "chaos/clock/reader.h"
#include "chaos/fault.h"

#define HOUR (3600 * (int64_t)NANOSECONDS_PER_SECOND)

static char folder[64];
static char page[96];
static error e;

static void set_up(void)
{
    snprintf(folder, sizeof folder, "/tmp/ordeal-clock-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    snprintf(page, sizeof page, "%s/clock", folder);
}

static void tear_down(void)
{
    cr_expect(access(page, F_OK) != 0, "the page was left behind");
    cr_expect(rmdir(folder) == 0);
}

TestSuite(clock, .init = set_up, .fini = tear_down);

static clock_control *open_clock(clock_options options)
{
    options.page = page;
    clock_control *c = clock_open(&options, &e);
    cr_assert_not_null(c, "%s: %s", e.place, e.text);
    return c;
}

static clock_reading ask(clock_reader *r)
{
    clock_reading now;
    cr_assert(clock_reader_ask(r, false, &now, &e), "%s", e.text);
    return now;
}

static clock_reader start(const clock_control *c)
{
    clock_reader r;
    cr_assert(clock_reader_start(c, &r, &e), "%s", e.text);
    return r;
}

static int change(clock_control *c, clock_change wanted)
{
    int number = clock_begin(c, &wanted, &e);
    cr_assert(number >= 0, "%s", e.text);
    return number;
}

static pid_t no_target(void *owner)
{
    (void)owner;
    return 0;
}

Test(clock, every_kind_is_felt_and_is_gone_after)
{
    static const process_control nobody = {.pid = no_target};
    clock_control *c = open_clock((clock_options){.rate = 1, .rate_may_change = true});
    fault_site site = {.work_directory = folder, .process = &nobody, .clock = c};
    size_t tried = 0;
    for (size_t i = 0; i < fault_kind_count; i++) {
        fault f = {.kind = fault_kinds[i]};
        if (strcmp(f.kind->family, "clock") != 0)
            continue;
        for (size_t j = 0; j < f.kind->parameter_count; j++)
            cr_assert(parameter_parse(&f.kind->parameters[j], f.kind->parameters[j].fallback,
                                      &f.values[j], &e));
        cr_expect(f.kind->check(&f, &e));
        cr_expect(f.kind->probe(&f, &site, &e), "%s: %s", e.place, e.text);
        tried++;
    }
    cr_expect(tried == 5);
    clock_close(c);
}

Test(clock, a_change_bites_only_once_somebody_reads_it)
{
    clock_control *c = open_clock((clock_options){.rate = 1});
    fault_site site = {.work_directory = folder, .clock = c};
    fault f = {.kind = fault_kind_named("clock-skew")};
    cr_assert(parameter_parse(&f.kind->parameters[0], "-3h", &f.values[0], &e));
    clock_reader r = start(c);
    ask(&r);
    cr_assert(f.kind->begin(&f, &site, &e));
    cr_expect(f.kind->hits(&f, &site) == 0);
    clock_reading now = ask(&r);
    cr_expect(clock_reading_off_by(&now, -3 * HOUR, 1));
    cr_expect(f.kind->hits(&f, &site) == 1);
    cr_assert(f.kind->end(&f, &site, &e));
    now = ask(&r);
    cr_expect(clock_reading_off_by(&now, 0, 1));
    clock_reader_stop(&r);
    clock_close(c);
}

Test(clock, a_program_started_later_has_the_clock_of_that_moment)
{
    clock_control *c = open_clock((clock_options){.rate = 1, .offset = -HOUR});
    int number = change(c, (clock_change){.offset = 3 * HOUR});
    clock_reader r = start(c);
    clock_reading now = ask(&r);
    cr_expect(clock_reading_off_by(&now, 2 * HOUR, 1));
    clock_end(c, number);
    now = ask(&r);
    cr_expect(clock_reading_off_by(&now, -HOUR, 1));
    clock_reader_stop(&r);
    clock_close(c);
}

Test(clock, jumps_both_ways_leave_the_monotonic_clock_alone)
{
    clock_control *c = open_clock((clock_options){.rate = 1});
    clock_reader r = start(c);
    clock_reading last = ask(&r);
    for (int i = 0; i < 20; i++) {
        int64_t by = (i % 2 == 0 ? 1 : -1) * 500 * HOUR;
        int number = change(c, (clock_change){.offset = by});
        clock_reading now = ask(&r);
        cr_expect(clock_reading_off_by(&now, by, 1));
        cr_expect(clock_reading_ran(&last, &now, 1));
        clock_end(c, number);
        last = now;
    }
    clock_reader_stop(&r);
    clock_close(c);
}

Test(clock, two_offsets_add_up_and_two_rates_are_refused)
{
    clock_control *c = open_clock((clock_options){.rate = 1, .rate_may_change = true});
    clock_reader r = start(c);
    int first = change(c, (clock_change){.offset = HOUR});
    int second = change(c, (clock_change){.offset = HOUR});
    clock_reading now = ask(&r);
    cr_expect(clock_reading_off_by(&now, 2 * HOUR, 1));
    clock_end(c, first);
    now = ask(&r);
    cr_expect(clock_reading_off_by(&now, HOUR, 1));
    clock_end(c, second);
    first = change(c, (clock_change){.rate = 2});
    cr_expect(clock_begin(c, &(clock_change){.rate = 3}, &e) < 0);
    cr_expect(e.kind == ERROR_LIMIT);
    clock_end(c, first);
    clock_reader_stop(&r);
    clock_close(c);
}

Test(clock, a_program_killed_and_started_again_has_the_clock_again)
{
    clock_control *c = open_clock((clock_options){.rate = 1});
    int number = change(c, (clock_change){.offset = HOUR});
    for (int i = 0; i < 3; i++) {
        clock_reader r = start(c);
        clock_reading now = ask(&r);
        cr_expect(clock_reading_off_by(&now, HOUR, 1));
        clock_reader_stop(&r);
    }
    cr_expect(clock_programs(c) == 4, "the probe's and three more, not %llu",
              (unsigned long long)clock_programs(c));
    clock_end(c, number);
    clock_close(c);
}

Test(clock, a_stopped_program_stands_still_and_goes_on)
{
    clock_control *c = open_clock((clock_options){.rate = 1});
    clock_reader r = start(c);
    ask(&r);
    cr_assert(kill(r.pid, SIGSTOP) == 0);
    char path[32];
    char state = '?';
    snprintf(path, sizeof path, "/proc/%d/stat", (int)r.pid);
    for (uint64_t until = timing_now() + 5 * NANOSECONDS_PER_SECOND;
         state != 't' && timing_now() < until; timing_sleep(NANOSECONDS_PER_MILLISECOND)) {
        FILE *file = fopen(path, "re");
        cr_assert_not_null(file);
        cr_assert(fscanf(file, "%*d %*s %c", &state) == 1);
        fclose(file);
    }
    cr_expect(state == 't');
    cr_assert(kill(r.pid, SIGCONT) == 0);
    ask(&r);
    clock_reader_stop(&r);
    clock_close(c);
}

Test(clock, libfaketime_holds_from_the_start_and_refuses_live_changes)
{
    clock_control *c =
        open_clock((clock_options){.way = CLOCK_BY_FAKETIME, .rate = 1, .offset = -24 * HOUR});
    cr_expect(clock_chosen(c) == CLOCK_BY_FAKETIME);
    clock_reader r = start(c);
    clock_reading now = ask(&r);
    cr_expect(clock_reading_off_by(&now, -24 * HOUR, 1));
    error_clear(&e);
    cr_expect(clock_begin(c, &(clock_change){.offset = HOUR}, &e) < 0);
    cr_expect(e.kind == ERROR_UNABLE);
    clock_reader_stop(&r);
    clock_close(c);
}

Test(clock, a_target_that_we_did_not_start_is_skipped_with_a_reason)
{
    fault_site none = {.work_directory = folder};
    fault f = {.kind = fault_kind_named("clock-jump")};
    error_clear(&e);
    cr_expect(!f.kind->probe(&f, &none, &e));
    cr_expect(e.kind == ERROR_UNABLE);
}
