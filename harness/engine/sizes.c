#include "engine/sizes.h"

#include <math.h>
#include <string.h>

#include "base/units.h"

#define KIB ((uint64_t)1024)
#define MIB (1024 * KIB)

static const uint64_t boundaries[] = {512,       4 * KIB, 16 * KIB, 64 * KIB,
                                      128 * KIB, MIB,     5 * MIB,  64 * MIB};
#define BOUNDARIES (sizeof boundaries / sizeof boundaries[0])

/* Rising sizes with blanks between, at least two. */
static bool parse_quantiles(const char *text, size_mixture *m)
{
    m->form = SIZES_QUANTILES;
    for (text += strspn(text, " "); *text != '\0'; text += strspn(text, " ")) {
        char one[32];
        size_t length = strcspn(text, " ");
        if (length >= sizeof one || m->quantile_count == QUANTILES_MOST)
            return false;
        memcpy(one, text, length);
        one[length] = '\0';
        if (!units_size(one, &m->quantiles[m->quantile_count]))
            return false;
        if (m->quantile_count > 0 &&
            m->quantiles[m->quantile_count] < m->quantiles[m->quantile_count - 1])
            return false;
        m->most = m->quantiles[m->quantile_count++];
        text += length;
    }
    return m->quantile_count >= 2;
}

bool sizes_parse(const char *text, size_mixture *out)
{
    size_mixture m = {.form = SIZES_UNIFORM, .most = 64 * MIB + 1};
    const char *dots = strstr(text, "..");
    if (strcmp(text, "ladder") == 0) {
        m.form = SIZES_LADDER;
    } else if (strcmp(text, "production") == 0) {
        m.form = SIZES_PRODUCTION;
    } else if (strncmp(text, "quantiles ", 10) == 0) {
        if (!parse_quantiles(text + 10, &m))
            return false;
    } else if (dots != NULL) {
        char least[32];
        size_t length = (size_t)(dots - text);
        if (length >= sizeof least)
            return false;
        memcpy(least, text, length);
        least[length] = '\0';
        if (!units_size(least, &m.least) || !units_size(dots + 2, &m.most) || m.least > m.most)
            return false;
    } else {
        if (!units_size(text, &m.least))
            return false;
        m.most = m.least;
    }
    *out = m;
    return m.most <= SIZES_MOST;
}

static uint64_t draw_ladder(random_stream *r)
{
    uint64_t step = random_below(r, 2 + 3 * BOUNDARIES);
    if (step < 2)
        return step;
    return boundaries[(step - 2) / 3] - 1 + (step - 2) % 3;
}

static uint64_t draw_production(random_stream *r)
{
    double kind = random_unit(r);
    if (kind < 0.05)
        return draw_ladder(r);
    if (kind < 0.97)
        return (uint64_t)exp(log(32.0 * 1024) + 1.5 * random_normal(r));
    return (uint64_t)(1048576.0 / pow(1 - random_unit(r), 1 / 1.2));
}

static uint64_t draw_quantile(const size_mixture *m, random_stream *r)
{
    uint64_t step = random_below(r, m->quantile_count - 1);
    return random_between(r, m->quantiles[step], m->quantiles[step + 1]);
}

uint64_t sizes_draw(const size_mixture *m, random_stream *r)
{
    uint64_t size = m->form == SIZES_UNIFORM     ? random_between(r, m->least, m->most)
                    : m->form == SIZES_LADDER    ? draw_ladder(r)
                    : m->form == SIZES_QUANTILES ? draw_quantile(m, r)
                                                 : draw_production(r);
    return size < m->most ? size : m->most;
}
