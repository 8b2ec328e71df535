#include <criterion/criterion.h>
#include <math.h>

#include "base/random.h"

Test(random, a_stream_depends_on_seed_and_name_alone)
{
    random_stream a = random_named(7, "client/%d", 3);
    random_stream other = random_named(7, "client/%d", 4);
    for (int i = 0; i < 100; i++)
        random_bits(&other);
    random_stream again = random_named(7, "client/3");
    random_stream seed = random_named(8, "client/3");
    uint64_t first = random_bits(&a);
    cr_assert_eq(first, random_bits(&again));
    cr_assert_neq(first, random_bits(&seed));
    cr_assert_neq(first, random_bits(&other));
}

Test(random, draws_are_even_and_within_bounds)
{
    random_stream r = random_named(1, "even");
    unsigned counts[10] = {0};
    for (int i = 0; i < 100000; i++)
        counts[random_below(&r, 10)]++;
    double chi = 0;
    for (int i = 0; i < 10; i++)
        chi += pow(counts[i] - 10000.0, 2) / 10000.0;
    cr_assert_lt(chi, 27.9); /* 9 degrees of freedom, p = 0.001; the seed is fixed */
    for (int i = 0; i < 1000; i++) {
        uint64_t value = random_between(&r, 5, 7);
        cr_assert(value >= 5 && value <= 7);
        double unit = random_unit(&r);
        cr_assert(unit >= 0 && unit < 1);
    }
    cr_assert_eq(random_between(&r, 9, 9), 9);
}

Test(random, exponential_and_normal_have_their_means)
{
    random_stream r = random_named(1, "means");
    double sum = 0, square = 0, exponential = 0;
    for (int i = 0; i < 100000; i++) {
        double x = random_normal(&r);
        sum += x;
        square += x * x;
        exponential += random_exponential(&r, 5);
    }
    cr_assert_float_eq(sum / 100000, 0, 0.02);
    cr_assert_float_eq(square / 100000, 1, 0.03);
    cr_assert_float_eq(exponential / 100000, 5, 0.1);
}
