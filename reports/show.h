/* Small texts that several reports share. */
#ifndef ORDEAL_REPORTS_SHOW_H
#define ORDEAL_REPORTS_SHOW_H

#include "base/buffer.h"
#include "base/json_writer.h"
#include "verdict/verdict.h"

/* The measured value in the threshold's own unit. Returns `text`. */
char *show_threshold_value(const verdict_threshold *t, char text[32]);
/* `text` with & < > " ' replaced, for XML and HTML; what XML forbids becomes '?' or U+FFFD. */
void show_escaped(const char *text, buffer *out);
double show_seconds(uint64_t nanoseconds);
/* Ok operations a second of load. */
double show_rate(const verdict *v, const operation_figures *f);
/* A list of a verdict's lines as JSON, under `name`. */
void show_lines(json_writer *w, const char *name, const char lines[][VERDICT_REASON_SIZE],
                size_t count);

#endif
