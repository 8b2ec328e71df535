/* Who asks, and what that account may store. With --no-auth everybody may everything. */
#ifndef REFERENCE_ACCOUNTS_H
#define REFERENCE_ACCOUNTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "plans.h"
#include "request.h"

/* Once, before the first request. */
bool accounts_open(error *e);
/* Fills r->account and r->scope. False: the answer is given. */
bool accounts_admit(request *r);

/* The largest file that this request may bring, and the answer to a larger one. */
uint64_t accounts_file_size_most(const request *r);
void accounts_answer_too_large(request *r, uint64_t size);
/* False: `size` bytes at `path` would go over the quota, and the answer is given. */
bool accounts_fits(request *r, const char *path, uint64_t size);

#endif
