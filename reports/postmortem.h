/* The post-mortem of a failed run, and texts for a status page, from templates/. */
#ifndef ORDEAL_REPORTS_POSTMORTEM_H
#define ORDEAL_REPORTS_POSTMORTEM_H

#include "reports/facts.h"

void postmortem_write(const facts *f, buffer *out);
void postmortem_status(const facts *f, buffer *out);

#endif
