/* Plans: what an account may store. */
#ifndef REFERENCE_PLANS_H
#define REFERENCE_PLANS_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
    const char *name;
    uint64_t file_size_most;
    uint64_t quota;
} plan;

const plan *plan_named(const char *name); /* NULL: there is none */
/* "File size (15 MB) exceeds the limit of plan Free (10 MB)" */
void plan_refusal(const plan *p, uint64_t size, char *out, size_t length);

#endif
