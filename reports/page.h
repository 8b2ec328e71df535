/* One HTML file that needs nothing else: template, style, scripts and data in one. */
#ifndef ORDEAL_REPORTS_PAGE_H
#define ORDEAL_REPORTS_PAGE_H

#include "base/buffer.h"

typedef enum { PAGE_REPORT, PAGE_LIVE, PAGE_TREND } page_kind;

/* `text` is what a browser without scripts shows; `data` is JSON. */
void page_write(page_kind kind, const char *title, const char *text, const char *data, buffer *out);

#endif
