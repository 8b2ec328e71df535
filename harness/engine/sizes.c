#include "engine/sizes.h"

#include <math.h>
#include <string.h>

#include "base/units.h"

#define KIB ((uint64_t)1024)
#define MIB (1024 * KIB)

static const uint64_t boundaries[] = {512,       4 * KIB, 16 * KIB, 64 * KIB,
                                      128 * KIB, MIB,     5 * MIB,  64 * MIB};
#define BOUNDARIES (sizeof boundaries / sizeof boundaries[0])

bool sizes_parse(const char *text, size_mixture *out)
{
    size_mixture m = {.form = SIZES_UNIFORM, .most = 64 * MIB + 1};
    const char *dots = strstr(text, "..");
    if (strcmp(text, "ladder") == 0) {
        m.form = SIZES_LADDER;
    } else if (strcmp(text, "production") == 0) {
        m.form = SIZES_PRODUCTION;
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

uint64_t sizes_draw(const size_mixture *m, random_stream *r)
{
    uint64_t size = m->form == SIZES_UNIFORM  ? random_between(r, m->least, m->most)
                    : m->form == SIZES_LADDER ? draw_ladder(r)
                                              : draw_production(r);
    return size < m->most ? size : m->most;
}
