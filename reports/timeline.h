/* Charts on one time axis with fault bands, as SVG: operations a second by outcome, target memory.
 * Bounded in size whatever the run's length: time is cut into TIMELINE_STEPS. */
#ifndef ORDEAL_REPORTS_TIMELINE_H
#define ORDEAL_REPORTS_TIMELINE_H

#include "base/buffer.h"
#include "verdict/verdict.h"

#define TIMELINE_STEPS 240

void timeline_write(const verdict *v, buffer *out);

#endif
