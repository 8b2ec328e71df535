/* What a qualification found: told on the terminal, kept as qualify.json, and read again for the
 * matrix. */
#ifndef ORDEAL_QUALIFY_RESULT_H
#define ORDEAL_QUALIFY_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/error.h"
#include "qualify/conformance.h"
#include "qualify/tiers.h"

#define RESULT_CASES_MOST 512
#define RESULT_TIERS_MOST 16

typedef struct {
    const char *target;
    const char *driver;
    unsigned capabilities;
    bool strict;
    case_result cases[RESULT_CASES_MOST];
    size_t case_count;
    tier_result tiers[RESULT_TIERS_MOST];
    size_t tier_count;
    size_t surprises; /* cases of the known-failing file that passed */
} qualification;

void result_print(const qualification *q, FILE *out);
bool result_write(const qualification *q, const char *folder, error *e);
/* 0: all that applies holds; 1: a MUST, a SHOULD when strict, a known failing case that passes, or
 * a tier does not; 3: a tier proved nothing. */
int result_exit_code(const qualification *q);

#endif
