/* A record in words, as people read evidence: when, who did what, and what came of it. One form for
 * the terminal, the post-mortem, JUnit, summary.json and the page. */
#ifndef ORDEAL_HISTORY_TELLING_H
#define ORDEAL_HISTORY_TELLING_H

#include "base/buffer.h"
#include "history/reader.h"

/* Appends one line without its end; control characters of names are shown as '?'. */
void history_tell(const history *h, size_t index, buffer *out);

#endif
