/* How to see a violation again. */
#ifndef ORDEAL_REPORTS_REPRODUCTION_H
#define ORDEAL_REPORTS_REPRODUCTION_H

#include "reports/facts.h"

/* One curl line that asks what the finding's last read asked, for a target that still holds the
 * run's data. False: no single request shows it, or its protocol needs more than curl. */
bool reproduction_curl(const facts *f, const judge_finding *finding, buffer *out);
/* `text` as one word for a shell. */
void reproduction_quote(const char *text, buffer *out);

#endif
