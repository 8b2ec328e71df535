#include "plans.h"

#include <stdio.h>
#include <string.h>

#define KB ((uint64_t)1000)
#define MB (1000 * KB)
#define GB (1000 * MB)

/* Trial is so small that a test can fill it. */
static const plan plans[] = {
    {"Trial", 100 * KB, MB},
    {"Free", 10 * MB, 100 * MB},
    {"Plus", 100 * MB, 10 * GB},
    {"Pro", 5 * GB, 1000 * GB},
};

const plan *plan_named(const char *name)
{
    for (size_t i = 0; i < sizeof plans / sizeof plans[0]; i++)
        if (strcmp(plans[i].name, name) == 0)
            return &plans[i];
    return NULL;
}

/* Rounded up to the thousandth, so that 10.001 MB never reads as 10 MB. */
static void show(uint64_t size, char *out, size_t length)
{
    uint64_t thousandths = (size + KB - 1) / KB;
    snprintf(out, length, "%.10g MB", (double)thousandths / 1000);
}

void plan_refusal(const plan *p, uint64_t size, char *out, size_t length)
{
    char is[40];
    char most[40];
    show(size, is, sizeof is);
    show(p->file_size_most, most, sizeof most);
    snprintf(out, length, "File size (%s) exceeds the limit of plan %s (%s)", is, p->name, most);
}
