/* Reads history.bin again, by memory map: constant memory but for the names, whatever the length.
 *
 * A file cut short at any byte reads as the prefix of its whole blocks with `complete` false. A
 * block whose checksum is wrong ends the prefix too and says so in `damage`. Times and order are as
 * record.h says; records stand in the order in which their operations ended (parts right before
 * their operation's own record). */
#ifndef ORDEAL_HISTORY_READER_H
#define ORDEAL_HISTORY_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "history/record.h"

typedef struct history history;

history *history_open(const char *path, error *e);
void history_free(history *h);

size_t history_count(const history *h);
history_record history_get(const history *h, size_t index);
/* Gives back the memory of the pages read so far; they come again from the file when needed. */
void history_release(const history *h);
#define HISTORY_HELD ((size_t)1 << 17) /* records, 8 MiB: after so many it is worth while */
/* history_get for who goes through all records in order, however many there are. */
history_record history_next(const history *h, size_t index);
/* Text of a name number; "" for 0. Valid until history_free. */
const char *history_text(const history *h, uint32_t name);
size_t history_text_length(const history *h, uint32_t name);
uint32_t history_name_count(const history *h); /* numbers run from 1 to this */
bool history_complete(const history *h);
/* NULL, or a sentence that says at which byte the file stops making sense. */
const char *history_damage(const history *h);

#endif
