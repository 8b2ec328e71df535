/* The data that report.html and health.html carry, as one JSON object. reports/page/ draws it. */
#ifndef ORDEAL_REPORTS_DATA_H
#define ORDEAL_REPORTS_DATA_H

#include "reports/facts.h"

void data_write(const facts *f, const char *page, buffer *out);

#endif
