/* The faults and events of a run in time order: bands and marks of charts, rows of time lines.
 * At most MOMENTS_MOST of each are kept; `left_out` says how many were not. Texts belong to the
 * history. */
#ifndef ORDEAL_REPORTS_MOMENTS_H
#define ORDEAL_REPORTS_MOMENTS_H

#include "base/json_writer.h"
#include "verdict/verdict.h"

#define MOMENTS_MOST 800

typedef struct {
    uint32_t index;  /* in scenario.faults */
    uint32_t moment; /* which of its times */
    const char *name;
    const char *detail;
    uint64_t begin;
    uint64_t end; /* HISTORY_NEVER: not healed */
    uint64_t hits;
} fault_band;

typedef struct {
    uint8_t type; /* event_type */
    uint16_t status;
    uint64_t at;
    uint64_t value;
    const char *detail;
} moment;

typedef struct {
    fault_band bands[MOMENTS_MOST];
    size_t band_count;
    moment events[MOMENTS_MOST];
    size_t event_count;
    size_t left_out;
} moments;

void moments_take(moments *m, const history *h, const history_record *r);
/* After the last record: puts them in order. */
void moments_sort(moments *m);
void moments_write(const moments *m, json_writer *w);
/* "the target exited (signal 9, planned)". Returns `text`. */
const char *moment_sentence(const moment *m, char *text, size_t size);

#endif
