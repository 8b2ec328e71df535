#include "reports/statistics.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/random.h"

#define EXACT_MOST   20  /* values in all: up to 184756 orders of them */
#define PERMUTATIONS 199 /* least p 0.005 */
#define CHANCE_MOST  0.05

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static double *sorted_copy(const double *values, size_t count)
{
    double *copy = memory_take(count * sizeof *copy);
    memcpy(copy, values, count * sizeof *copy);
    qsort(copy, count, sizeof *copy, by_value);
    return copy;
}

double statistics_median(const double *values, size_t count)
{
    CHECK(count > 0);
    double *sorted = sorted_copy(values, count);
    double median =
        count % 2 == 1 ? sorted[count / 2] : (sorted[count / 2 - 1] + sorted[count / 2]) / 2;
    free(sorted);
    return median;
}

/* --- Mann-Whitney --- */

/* How many orders of n and m values have each U, by the recurrence that takes the largest value
 * away: it is a b (above all n a's) or an a. Then how likely a U is as far out as this one. */
static double exact_p(size_t n, size_t m, double u)
{
    size_t most = n * m;
    size_t row = most + 1;
    double *ways = memory_zeroed((n + 1) * (m + 1) * row, sizeof *ways);
    for (size_t i = 0; i <= n; i++) {
        for (size_t j = 0; j <= m; j++) {
            double *here = &ways[(i * (m + 1) + j) * row];
            if (i == 0 || j == 0) {
                here[0] = 1;
                continue;
            }
            const double *less_a = &ways[((i - 1) * (m + 1) + j) * row];
            const double *less_b = &ways[(i * (m + 1) + j - 1) * row];
            for (size_t k = 0; k <= i * j; k++)
                here[k] = less_a[k] + (k >= i ? less_b[k - i] : 0);
        }
    }
    const double *counts = &ways[(n * (m + 1) + m) * row];
    double far = fabs(u - (double)most / 2);
    double all = 0;
    double outside = 0;
    for (size_t k = 0; k <= most; k++) {
        all += counts[k];
        outside += fabs((double)k - (double)most / 2) >= far - 1e-9 ? counts[k] : 0;
    }
    free(ways);
    return outside / all;
}

/* Sum of t^3 - t over groups of equal values. */
static double tie_term(const double *a, size_t n, const double *b, size_t m)
{
    double *all = memory_take((n + m) * sizeof *all);
    memcpy(all, a, n * sizeof *all);
    memcpy(all + n, b, m * sizeof *all);
    qsort(all, n + m, sizeof *all, by_value);
    double sum = 0;
    for (size_t i = 0; i < n + m;) {
        size_t same = i;
        while (same < n + m && all[same] <= all[i])
            same++;
        double t = (double)(same - i);
        sum += t * t * t - t;
        i = same;
    }
    free(all);
    return sum;
}

static double normal_p(double n, double m, double u, double ties)
{
    double all = n + m;
    double variance = n * m / 12 * (all + 1 - ties / (all * (all - 1)));
    double off = fabs(u - n * m / 2) - 0.5; /* continuity */
    if (variance <= 0 || off <= 0)
        return 1;
    return erfc(off / sqrt(variance) / sqrt(2));
}

rank_test statistics_rank_test(const double *a, size_t a_count, const double *b, size_t b_count)
{
    CHECK(a_count > 0 && b_count > 0);
    double u = 0;
    for (size_t i = 0; i < a_count; i++)
        for (size_t j = 0; j < b_count; j++)
            u += b[j] > a[i] ? 1 : b[j] < a[i] ? 0 : 0.5;
    double ties = tie_term(a, a_count, b, b_count);
    double pairs = (double)a_count * (double)b_count;
    bool exact = a_count + b_count <= EXACT_MOST && ties <= 0;
    return (rank_test){
        .p = exact ? exact_p(a_count, b_count, u)
                   : normal_p((double)a_count, (double)b_count, u, ties),
        .effect = 2 * u / pairs - 1,
    };
}

/* --- E-divisive --- */

/* Mean distance between the halves against the means within them, for each place to cut; the best.
 * Distances are summed anew as the cut moves by one: O(n^2) in all. */
static double best_cut(const double *x, size_t n, size_t least, size_t *cut)
{
    double best = -1;
    double left = 0;
    double right = 0;
    double across = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = i + 1; j < n; j++)
            right += fabs(x[i] - x[j]);
    for (size_t at = 1; at < n; at++) {
        double to_left = 0;
        double to_right = 0;
        for (size_t i = 0; i < at - 1; i++)
            to_left += fabs(x[i] - x[at - 1]);
        for (size_t j = at; j < n; j++)
            to_right += fabs(x[j] - x[at - 1]);
        left += to_left;
        right -= to_right;
        across += to_right - to_left;
        if (at < least || n - at < least)
            continue;
        double l = (double)at;
        double r = (double)(n - at);
        double energy = 2 / (l * r) * across - 2 / (l * (l - 1)) * left - 2 / (r * (r - 1)) * right;
        double q = l * r / (l + r) * energy;
        if (q > best) {
            best = q;
            *cut = at;
        }
    }
    return best;
}

static void shuffle(double *x, size_t n, random_stream *r)
{
    for (size_t i = n; i > 1; i--) {
        size_t other = (size_t)random_below(r, i);
        double kept = x[i - 1];
        x[i - 1] = x[other];
        x[other] = kept;
    }
}

static bool significant(const double *x, size_t n, size_t least, double seen, random_stream *r)
{
    double *mixed = memory_take(n * sizeof *mixed);
    size_t as_far = 1;
    size_t cut = 0;
    memcpy(mixed, x, n * sizeof *mixed);
    for (size_t i = 0; i < PERMUTATIONS; i++) {
        shuffle(mixed, n, r);
        as_far += best_cut(mixed, n, least, &cut) >= seen;
    }
    free(mixed);
    return (double)as_far / (PERMUTATIONS + 1) <= CHANCE_MOST;
}

typedef struct {
    const double *values;
    size_t least;
    size_t *points;
    size_t count;
    random_stream random;
} divider;

/* Each part is cut again; parts get smaller by `least` at least, so this ends. */
static void divide(divider *d, size_t begin, size_t end)
{
    size_t parts[2 * CHANGE_POINTS_MOST + 2][2] = {{begin, end}};
    size_t waiting = 1;
    while (waiting > 0 && d->count < CHANGE_POINTS_MOST) {
        waiting--;
        size_t from = parts[waiting][0];
        size_t to = parts[waiting][1];
        size_t cut = 0;
        if (to - from < 2 * d->least)
            continue;
        double seen = best_cut(d->values + from, to - from, d->least, &cut);
        if (seen <= 0 || !significant(d->values + from, to - from, d->least, seen, &d->random))
            continue;
        d->points[d->count++] = from + cut;
        parts[waiting][0] = from;
        parts[waiting++][1] = from + cut;
        parts[waiting][0] = from + cut;
        parts[waiting++][1] = to;
    }
}

static int by_place(const void *a, const void *b)
{
    size_t x = *(const size_t *)a;
    size_t y = *(const size_t *)b;
    return (x > y) - (x < y);
}

size_t statistics_change_points(const double *values, size_t count, size_t least,
                                size_t points[CHANGE_POINTS_MOST])
{
    CHECK(least >= 2);
    divider d = {.values = values,
                 .least = least,
                 .points = points,
                 .random = random_named(1, "change points")};
    divide(&d, 0, count);
    qsort(points, d.count, sizeof *points, by_place);
    return d.count;
}
