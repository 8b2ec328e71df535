/* Writes history.bin while a run goes on. Any thread may record; the writer keeps one block per
 * thread slot and appends a block when it is full or a quarter of a second old, so memory is
 * bounded by slots x block size and a killed run loses at most that quarter second.
 *
 * The file is a header, then blocks { length, kind, count, XXH3 of the payload }:
 *   names    text that records refer to by number, before the first block that uses it
 *   records  history_record packed to 64 bytes
 *   end      totals; a file without it was cut short: readable, but incomplete
 * The first write that fails is kept and told by history_close, and history_failed from then on. */
#ifndef ORDEAL_HISTORY_WRITER_H
#define ORDEAL_HISTORY_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "history/record.h"

typedef struct history_writer history_writer;

/* `slots`: how many threads record, each by its own slot number from 0; a slot is never used by two
 * at once. */
history_writer *history_create(const char *path, unsigned slots, error *e);
#define HISTORY_GROUP_MOST 4096 /* records of one operation with its parts */
/* Records r; its name numbers come from history_name. */
void history_append(history_writer *w, unsigned slot, const history_record *r);
/* Records an operation and its parts, which stay next to each other, parts first. */
void history_append_group(history_writer *w, unsigned slot, const history_record *parts,
                          size_t count, const history_record *r);
/* The number of `text` (up to 65535 bytes; more is cut), written once per distinct text. Never 0
 * but for "". */
uint32_t history_name(history_writer *w, const char *text, size_t length);
/* The clock that all records use: nanoseconds since history_create, and timing_now at that time. */
uint64_t history_now(const history_writer *w);
uint64_t history_began(const history_writer *w);
/* Lets the clock stand at `elapsed` now: for a history that goes on where another stopped. */
void history_backdate(history_writer *w, uint64_t elapsed);
/* Appends every block older than a quarter second; called a few times a second by one housekeeping
 * thread. */
void history_flush(history_writer *w, bool all);
bool history_failed(history_writer *w, error *e);
/* Writes the end block and frees w. False when any write of the run had failed. */
bool history_close(history_writer *w, error *e);

#endif
