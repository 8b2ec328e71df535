/* A finding's evidence as JSON: each operation with its trace id, what the server logged of it, and
 * the bytes expected and seen. Shared by report.html and failures/. */
#ifndef ORDEAL_REPORTS_EVIDENCE_WRITE_H
#define ORDEAL_REPORTS_EVIDENCE_WRITE_H

#include "base/json_writer.h"
#include "reports/facts.h"

/* "steps" of an object that is open. */
void evidence_write(const facts *f, const judge_finding *finding, json_writer *w);
/* The wrong bytes that an operation saw, if it saw any. */
bool evidence_mismatch(const history *h, size_t at, history_record *part);
/* The hex bytes in the sentence of a mismatch; "" when it has none. */
void evidence_bytes(const char *sentence, char *expected, char *seen, size_t size);

#endif
