/* Two qualifications by the same plans, and where they differ: what the targets offer, each case of
 * conformance, and of each tier its verdict, its invariants and how each kind of operation was
 * answered. Says what is seen; which of the two is right is for the reader. */
#ifndef ORDEAL_QUALIFY_DIFFERENTIAL_H
#define ORDEAL_QUALIFY_DIFFERENTIAL_H

#include <stdio.h>

#include "base/error.h"
#include "qualify/result.h"

/* `a` is the one to compare with. Reads the tiers' runs. */
bool differential_print(const qualification *a, const qualification *b, FILE *out, error *e);

#endif
