#include <criterion/criterion.h>
#include <math.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/timing.h"
#include "engine/arrival.h"
#include "engine/content.h"
#include "engine/coroutine.h"
#include "engine/curl_memory.h"
#include "engine/histogram.h"
#include "engine/sizes.h"
#include "engine/trace.h"

/* --- coroutines --- */

typedef struct {
    coroutine *self;
    int steps;
} walker;

static void walk(void *argument)
{
    walker *w = argument;
    volatile char deep[8192];
    for (int i = 0; i < 3; i++) {
        deep[i * 100] = (char)i;
        w->steps += 1 + deep[i * 100] - i;
        coroutine_wait(w->self);
    }
}

Test(coroutine, goes_on_where_it_waited_and_its_place_is_used_again)
{
    coroutine_pool *p = coroutine_pool_create(100, 32768);
    for (int round = 0; round < 3; round++) {
        walker walkers[100] = {0};
        for (int i = 0; i < 100; i++) {
            walkers[i].self = coroutine_create(p, walk, &walkers[i]);
            cr_assert_not_null(walkers[i].self);
        }
        cr_assert_null(coroutine_create(p, walk, &walkers[0]));
        for (int step = 1; step <= 3; step++)
            for (int i = 0; i < 100; i++) {
                cr_assert(coroutine_resume(walkers[i].self));
                cr_assert_eq(walkers[i].steps, step);
            }
        for (int i = 0; i < 100; i++)
            cr_assert_not(coroutine_resume(walkers[i].self));
    }
    coroutine_pool_destroy(p);
}

/* --- content --- */

static const content example = {.seed = 7, .value = 0x300000005, .key = 99, .size = 10000};

static content_answer verify(const unsigned char *bytes, uint64_t offset, size_t length,
                             size_t piece, bool whole, content_check *check)
{
    content_check_begin(check, 7, offset, 0);
    for (size_t at = 0; at < length; at += piece)
        content_check_feed(check, bytes + at, length - at < piece ? length - at : piece);
    return content_check_end(check, whole);
}

Test(content, any_range_is_the_same_as_a_cut_of_the_whole_and_verifies)
{
    unsigned char whole[10000], part[10000];
    content_check check;
    random_stream r = random_named(1, "ranges");
    content_make(&example, 0, whole, sizeof whole);
    for (int i = 0; i < 3000; i++) {
        uint64_t offset = random_below(&r, 10000);
        size_t length = (size_t)random_between(&r, 1, 10000 - offset);
        content_make(&example, offset, part, length);
        cr_assert_eq(memcmp(part, whole + offset, length), 0);
        content_answer answer = verify(part, offset, length, 1 + (size_t)random_below(&r, 700),
                                       offset + length == 10000, &check);
        size_t header = (size_t)((CONTENT_BLOCK - offset % CONTENT_BLOCK) % CONTENT_BLOCK) + 48;
        cr_assert(answer == CONTENT_GOOD || length < header, "%lu+%zu: %s", offset, length,
                  check.sentence);
        if (length >= header)
            cr_assert_eq(check.value, example.value);
    }
}

Test(content, every_changed_byte_is_found_at_its_offset)
{
    unsigned char whole[10000];
    content_check check;
    content_make(&example, 0, whole, sizeof whole);
    for (size_t at = 0; at < sizeof whole; at += 7) {
        whole[at] ^= 0x40;
        cr_assert_eq(verify(whole, 0, sizeof whole, 1000, true, &check), CONTENT_WRONG);
        /* Inside the first header it cannot be told which of its bytes is wrong. */
        cr_assert(check.wrong_at == at || (at < 48 && check.wrong_at == 0), "%zu said %lu", at,
                  check.wrong_at);
        whole[at] ^= 0x40;
    }
}

Test(content, missing_added_zeroed_and_foreign_bytes_are_told_apart)
{
    unsigned char bytes[10512];
    content_check check;
    content other = {.seed = 7, .value = 0x400000009, .key = 98, .size = 10000};
    content_make(&example, 0, bytes, 10000);
    cr_assert_eq(verify(bytes, 0, 9999, 512, true, &check), CONTENT_WRONG);
    cr_assert_str_eq(check.sentence, "ends at 9999 of 10000");
    cr_assert_eq(verify(bytes, 0, 9999, 512, false, &check), CONTENT_GOOD);
    memset(bytes + 10000, 'x', 512);
    cr_assert_eq(verify(bytes, 0, 10512, 4096, true, &check), CONTENT_WRONG);
    cr_assert_eq(check.wrong_at, 10000);
    memset(bytes + 8192, 0, 1808);
    cr_assert_eq(verify(bytes, 0, 10000, 4096, true, &check), CONTENT_WRONG);
    cr_assert_str_eq(check.sentence, "zeroes from byte 8192 on");
    content_make(&example, 0, bytes, 10000);
    content_make(&other, 4096, bytes + 4096, 512);
    cr_assert_eq(verify(bytes, 0, 10000, 4096, true, &check), CONTENT_WRONG);
    cr_assert_eq(check.wrong_value, other.value);
    memset(bytes, 0, sizeof bytes);
    cr_assert_eq(verify(bytes, 0, 10000, 4096, true, &check), CONTENT_WRONG);
    cr_assert_eq(check.wrong_at, 0);
    cr_assert_eq(verify(bytes, 0, 5, 5, true, &check), CONTENT_WRONG);
}

Test(content, short_values_tell_as_much_as_fits)
{
    unsigned char bytes[64];
    content_check check;
    for (size_t size = 0; size <= 64; size++) {
        content c = {.seed = 7, .value = 0x300000005, .key = 99, .size = size};
        content_make(&c, 0, bytes, size);
        content_answer answer = verify(bytes, 0, size, 64, true, &check);
        cr_assert_eq(answer, size < CONTENT_IDENTITY ? CONTENT_UNIDENTIFIED : CONTENT_GOOD,
                     "size %zu: %s", size, check.sentence);
        cr_assert_eq(check.value, size < CONTENT_IDENTITY ? 0 : c.value);
    }
}

Test(content, the_expected_write_alone_is_accepted_when_one_is_named)
{
    unsigned char bytes[1000];
    content_check check;
    content_make(&example, 0, bytes, 1000);
    content_check_begin(&check, 7, 0, 12345);
    content_check_feed(&check, bytes, 1000);
    cr_assert_eq(content_check_end(&check, false), CONTENT_WRONG);
    content_check_begin(&check, 8, 0, 0);
    content_check_feed(&check, bytes, 1000);
    cr_assert_eq(content_check_end(&check, false), CONTENT_WRONG);
}

/* --- numbers --- */

Test(histogram, percentiles_are_within_one_percent)
{
    static histogram h, other;
    for (uint64_t i = 1; i <= 100000; i++)
        histogram_record(i % 2 ? &h : &other, i * 1000);
    histogram_merge(&h, &other);
    cr_assert_eq(h.count, 100000);
    for (double p = 1; p <= 100; p += 0.5) {
        double exact = p / 100 * 100000 * 1000;
        cr_assert_float_eq((double)histogram_percentile(&h, p) / exact, 1, 0.01, "p%g", p);
    }
    cr_assert_eq(h.most, 100000000);
    histogram_record(&h, UINT64_MAX / 2);
    cr_assert_leq(histogram_percentile(&h, 50), 50500000);
}

Test(sizes, are_drawn_within_what_was_asked_for)
{
    size_mixture m;
    random_stream r = random_named(1, "sizes");
    cr_assert(sizes_parse("1KiB..64KiB", &m));
    for (int i = 0; i < 1000; i++) {
        uint64_t size = sizes_draw(&m, &r);
        cr_assert(size >= 1024 && size <= 65536);
    }
    cr_assert(sizes_parse("4096", &m) && sizes_draw(&m, &r) == 4096);
    cr_assert(sizes_parse("ladder", &m));
    static const uint64_t steps[] = {512, 4096, 16384, 65536, 131072, 1048576, 5242880, 67108864};
    bool seen[2 + 3 * 8] = {false};
    for (int i = 0; i < 2000; i++) {
        uint64_t size = sizes_draw(&m, &r);
        size_t place = size < 2 ? size : 2;
        while (place >= 2 && place < 26 && size != steps[(place - 2) / 3] - 1 + (place - 2) % 3)
            place++;
        cr_assert_lt(place, 26, "%lu is no step", size);
        seen[place] = true;
    }
    for (size_t i = 0; i < 26; i++)
        cr_assert(seen[i], "step %zu was never drawn", i);
    cr_assert(sizes_parse("quantiles 0 10 10 1KiB", &m));
    size_t tens = 0;
    for (int i = 0; i < 3000; i++) {
        uint64_t size = sizes_draw(&m, &r);
        cr_assert_leq(size, 1024);
        tens += size == 10;
    }
    cr_assert(tens > 900 && tens < 1300, "%zu", tens);
    cr_assert_not(sizes_parse("quantiles 10 5", &m) || sizes_parse("quantiles 10", &m));
    cr_assert(sizes_parse("production", &m));
    const char *const bad[] = {"", "..", "5..3", "1KiB..", "many", "-1"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        cr_assert_not(sizes_parse(bad[i], &m), "%s", bad[i]);
}

Test(sizes, production_has_a_body_around_32_kib_a_heavy_tail_and_boundaries)
{
    enum { DRAWS = 200000 };
    static uint64_t drawn[DRAWS];
    size_mixture m;
    random_stream r = random_named(2, "production");
    double body = 0, tail = 0, boundaries = 0, beyond = 0;
    cr_assert(sizes_parse("production", &m));
    for (size_t i = 0; i < DRAWS; i++) {
        uint64_t size = drawn[i] = sizes_draw(&m, &r);
        cr_assert_leq(size, 64 * 1048576 + 1);
        body += size > 7000 && size < 147000;
        tail += size > 1048577;
        beyond += size > 16 * 1048576;
        for (uint64_t edge = 512; edge <= 64 * 1048576; edge *= 2)
            boundaries += size + 1 >= edge && size <= edge + 1;
    }
    /* Within one standard deviation of the logarithm lie two thirds of the body. */
    cr_assert_float_eq(body / DRAWS, 0.92 * 0.683 + 0.02, 0.03);
    cr_assert(tail / DRAWS > 0.03 && tail / DRAWS < 0.08, "%g", tail / DRAWS);
    cr_assert(beyond / DRAWS > 0.0005 && beyond / DRAWS < 0.01, "%g", beyond / DRAWS);
    cr_assert_geq(boundaries / DRAWS, 0.03);
}

static double arrivals_in(const arrival *a, uint64_t from, uint64_t to, uint64_t share)
{
    random_stream r = random_named(3, "arrivals");
    uint64_t count = 0;
    for (uint64_t at = arrival_next(a, a->begin, share, &r); at < a->end;
         at = arrival_next(a, at, share, &r))
        count += at >= from && at < to;
    return (double)count;
}

Test(arrival, comes_at_its_rate_and_follows_its_curve)
{
    uint64_t second = NANOSECONDS_PER_SECOND;
    uint64_t begin = 7 * second;
    uint64_t end = begin + 100 * second;
    uint64_t middle = begin + 50 * second;
    arrival all = {.begin = begin, .end = end, .rate = 200, .rate_end = 10, .period = 10 * second};
    arrival constant = all, ramp = all, diurnal = all, burst = all;
    constant.form = ARRIVAL_CONSTANT;
    ramp.form = ARRIVAL_RAMP;
    diurnal.form = ARRIVAL_DIURNAL;
    burst.form = ARRIVAL_BURST;
    burst.rate_end = 0;
    cr_assert_float_eq(arrivals_in(&constant, begin, end, 1), 20000, 600);
    cr_assert_float_eq(arrivals_in(&constant, begin, end, 10), 2000, 200);
    cr_assert_float_eq(arrivals_in(&ramp, begin, end, 1), 10500, 450);
    cr_assert_float_eq(arrivals_in(&ramp, begin, middle, 1), 7625, 400);
    /* At night, which is when the curve begins; and at noon. */
    cr_assert_float_eq(arrivals_in(&diurnal, begin, end, 1), 10500, 450);
    cr_assert_lt(arrivals_in(&diurnal, begin, begin + second, 1), 40);
    cr_assert_gt(
        arrivals_in(&diurnal, begin + 4 * second + second / 2, begin + 5 * second + second / 2, 1),
        150);
    cr_assert_float_eq(arrivals_in(&burst, begin, end, 1), 2000, 180);
    for (uint64_t at = begin; at < end; at += burst.period)
        cr_assert_eq(arrivals_in(&burst, at + second, at + burst.period, 1), 0);
}

Test(arrival, a_closed_stage_has_as_many_clients_as_it_says_at_any_time)
{
    const uint64_t counts[][2] = {{0, 10}, {10, 0}, {4, 4}, {3, 9}, {8, 2}, {0, 1}, {10, 10}};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        arrival a = {
            .begin = 1000, .end = 2000, .clients = counts[i][0], .clients_end = counts[i][1]};
        for (uint64_t at = 1000; at < 2000; at += 7) {
            double wanted = (double)a.clients + ((double)a.clients_end - (double)a.clients) *
                                                    (double)(at - 1000) / 1000;
            double present = 0;
            for (uint64_t rank = 0; rank < 10; rank++) {
                uint64_t from, until;
                arrival_presence(&a, rank, &from, &until);
                cr_assert(from >= 1000 && until <= 2000 && from <= until);
                present += at >= from && at < until;
            }
            cr_assert_float_eq(present, wanted, 1, "%zu at %lu: %g of %g", i, at, present, wanted);
        }
    }
}

Test(trace, an_id_names_its_operation)
{
    char id[33], parent[56];
    cr_assert_eq(strlen(trace_id(7, 3, 5, id)), 32);
    cr_assert_str_eq(id + 16, "0000000300000005");
    cr_assert_eq(strlen(trace_parent(7, 3, 5, parent)), 55);
    cr_assert_eq(strncmp(parent + 3, id, 32), 0);
}

/* --- libcurl's memory --- */

Test(curl_memory, keeps_what_was_written_when_it_grows_and_zeroes_what_was_used_before)
{
    curl_memory_begin();
    static const size_t sizes[] = {0, 1, 16, 17, 8192, 8193, 65537, 262144, 262145, 1000000};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        unsigned char *bytes = curl_memory_take(sizes[i]);
        memset(bytes, 0xa5, sizes[i]);
        unsigned char *larger = curl_memory_resize(bytes, sizes[i] * 2 + 1);
        for (size_t k = 0; k < sizes[i]; k++)
            cr_assert_eq(larger[k], 0xa5);
        memset(larger, 0xa5, sizes[i] * 2 + 1);
        curl_memory_free(larger);
        unsigned char *fresh = curl_memory_zeroed(2, sizes[i]);
        for (size_t k = 0; k < 2 * sizes[i]; k++)
            cr_assert_eq(fresh[k], 0);
        curl_memory_free(fresh);
    }
    cr_assert_null(curl_memory_zeroed(SIZE_MAX / 2, 3));
    cr_assert_null(curl_memory_take(SIZE_MAX));
    curl_memory_free(NULL);
}

static void *use_memory(void *argument)
{
    (void)argument;
    char *texts[100];
    for (int round = 0; round < 100; round++) {
        for (int i = 0; i < 100; i++) {
            texts[i] = curl_memory_text("a text of some length");
            cr_assert_str_eq(texts[i], "a text of some length");
        }
        for (int i = 0; i < 100; i++)
            curl_memory_free(texts[i]);
    }
    return curl_memory_text("left to another thread");
}

Test(curl_memory, a_block_may_be_given_back_by_another_thread_than_took_it)
{
    curl_memory_begin();
    pthread_t threads[8];
    for (int i = 0; i < 8; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, use_memory, NULL), 0);
    for (int i = 0; i < 8; i++) {
        void *left;
        pthread_join(threads[i], &left);
        cr_assert_str_eq(left, "left to another thread");
        curl_memory_free(left);
    }
}
