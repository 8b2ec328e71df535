/* What makes a run prove something; each missing piece becomes a reason in the verdict. Used by
 * verdict.c. */
#ifndef ORDEAL_VERDICT_VALIDITY_H
#define ORDEAL_VERDICT_VALIDITY_H

#include "judges/index.h"
#include "verdict/verdict.h"

void validity_check(verdict *v, const history_index *x);
void verdict_reason(verdict *v, const char *format, ...) __attribute__((format(printf, 2, 3)));
void verdict_note(verdict *v, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
