#include <criterion/criterion.h>

#include "base/random.h"
#include "reports/statistics.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

Test(statistics, a_median_of_an_even_count_is_the_middle_of_two)
{
    const double odd[] = {3, 1, 2};
    const double even[] = {4, 1, 3, 2};
    cr_assert_float_eq(statistics_median(odd, 3), 2, 1e-12);
    cr_assert_float_eq(statistics_median(even, 4), 2.5, 1e-12);
}

/* The exact distribution for 4 and 4: one order of 70 on each side is this far out. */
Test(rank_test, four_against_four_apart_is_two_in_seventy)
{
    const double a[] = {1, 2, 3, 4};
    const double b[] = {5, 6, 7, 8};
    rank_test t = statistics_rank_test(a, 4, b, 4);
    cr_assert_float_eq(t.p, 2.0 / 70, 1e-9);
    cr_assert_float_eq(t.effect, 1, 1e-12);
    t = statistics_rank_test(b, 4, a, 4);
    cr_assert_float_eq(t.p, 2.0 / 70, 1e-9);
    cr_assert_float_eq(t.effect, -1, 1e-12);
}

Test(rank_test, interleaved_values_are_no_difference)
{
    const double a[] = {1, 3, 5};
    const double b[] = {2, 4, 6};
    rank_test t = statistics_rank_test(a, 3, b, 3);
    cr_assert_float_eq(t.p, 0.7, 1e-9);
    cr_assert_float_eq(t.effect, 1.0 / 3, 1e-9);
}

Test(rank_test, equal_values_are_no_difference)
{
    const double a[] = {5, 5, 5, 5, 5};
    rank_test t = statistics_rank_test(a, 5, a, 5);
    cr_assert_float_eq(t.p, 1, 1e-9);
    cr_assert_float_eq(t.effect, 0, 1e-12);
}

/* Against the textbook's normal form with ties: U = 12.5 of 100, sigma^2 = 174.74. */
Test(rank_test, many_values_with_ties_use_the_normal_form)
{
    const double a[] = {1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 5};
    const double b[] = {5, 6, 6, 7, 7, 8, 8, 9, 9, 9, 9};
    rank_test t = statistics_rank_test(a, COUNT(a), b, COUNT(b));
    cr_assert_lt(t.p, 0.0005);
    cr_assert_gt(t.p, 1e-6);
    cr_assert_gt(t.effect, 0.95);
}

/* Same distribution twice: p <= 0.05 in about one of twenty. */
Test(rank_test, alarms_falsely_as_often_as_it_says)
{
    random_stream r = random_named(7, "ranks");
    int alarms = 0;
    for (int i = 0; i < 1000; i++) {
        double a[8];
        double b[8];
        for (int n = 0; n < 8; n++) {
            a[n] = random_normal(&r);
            b[n] = random_normal(&r);
        }
        alarms += statistics_rank_test(a, 8, b, 8).p <= 0.05;
    }
    cr_assert_lt(alarms, 75);
    cr_assert_gt(alarms, 25);
}

static size_t changes_of(double jump, size_t *first, uint64_t seed)
{
    double values[60];
    size_t points[CHANGE_POINTS_MOST];
    random_stream r = random_named(seed, "series");
    for (size_t i = 0; i < 60; i++)
        values[i] = 100 + random_normal(&r) + (i >= 35 ? jump : 0);
    size_t count = statistics_change_points(values, 60, 4, points);
    *first = count > 0 ? points[0] : 0;
    return count;
}

Test(change_points, a_step_is_found_where_it_is)
{
    size_t at;
    cr_assert_eq(changes_of(8, &at, 1), 1);
    cr_assert_eq(at, 35);
    cr_assert_eq(changes_of(-8, &at, 2), 1);
    cr_assert_eq(at, 35);
}

Test(change_points, noise_has_none_in_nineteen_of_twenty)
{
    size_t at;
    size_t found = 0;
    for (uint64_t seed = 0; seed < 60; seed++)
        found += changes_of(0, &at, 100 + seed) > 0;
    cr_assert_leq(found, 8);
}

Test(change_points, two_steps_are_found)
{
    double values[45];
    size_t points[CHANGE_POINTS_MOST];
    for (size_t i = 0; i < 45; i++)
        values[i] = (i < 15 ? 10 : i < 30 ? 20 : 5) + (double)(i % 3) * 0.1;
    cr_assert_eq(statistics_change_points(values, 45, 4, points), 2);
    cr_assert_eq(points[0], 15);
    cr_assert_eq(points[1], 30);
}

Test(change_points, too_few_values_have_none)
{
    const double values[] = {1, 1, 1, 100, 100, 100, 100};
    size_t points[CHANGE_POINTS_MOST];
    cr_assert_eq(statistics_change_points(values, COUNT(values), 4, points), 0);
    cr_assert_eq(statistics_change_points(values, 0, 4, points), 0);
}
