/* The page that `ordeal run --web` serves: the charts of the report, fed while the run goes on. */
#ifndef ORDEAL_REPORTS_LIVE_PAGE_H
#define ORDEAL_REPORTS_LIVE_PAGE_H

#include "base/buffer.h"
#include "plan/scenario.h"

void live_page_write(const scenario *s, buffer *out);

#endif
