/* What a recorded run had done by the time its operation log stood at a given number: the history
 * that a power cut right there would have left.
 *
 * Operations whose answer was complete at or before the cut are in it as they were; those under way
 * are in it as unknown; the rest never began. Needs the PART_LOGGED stamps of the recording. The
 * history read from must outlive it. */
#ifndef ORDEAL_EXPLORE_PAST_H
#define ORDEAL_EXPLORE_PAST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "history/reader.h"
#include "history/writer.h"

typedef struct past past;

/* ERROR_USAGE when the run was recorded without stamps. */
past *past_load(const history *h, error *e);
void past_free(past *p);

/* Writes acknowledged by `cut`. */
size_t past_acknowledged(const past *p, uint64_t cut);
/* A client number that the run did not use. */
uint32_t past_free_client(const past *p);

/* Records the past of the cut, the loss of power and the restart; the writer's clock then stands
 * right behind. */
void past_write(past *p, uint64_t cut, history_writer *w);

/* Hands out the names that the clients had tried to change by then, last changed first, each once,
 * at most `most`. */
typedef void past_name_visitor(void *owner, const char *name);
void past_visit_names(past *p, uint64_t cut, size_t most, past_name_visitor *visit, void *owner);

/* Hands out the uploads that had been made by then and that nobody had yet tried to complete or to
 * cancel: their name, where they are below the target's address, their size and value. */
typedef void past_upload_visitor(void *owner, const char *name, const char *place,
                                 const history_record *made);
void past_visit_uploads(const past *p, uint64_t cut, past_upload_visitor *visit, void *owner);

#endif
