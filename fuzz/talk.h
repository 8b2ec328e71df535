/* One request to the server in this process, and what must hold of every answer whatever was asked.
 */
#ifndef FUZZ_TALK_H
#define FUZZ_TALK_H

#include "service_here.h"
#include "wire.h"

/* Asks and checks: a known status; no 5xx unless `faults`; errors are problem documents of the
 * closed list with a trace; JSON is JSON; lengths agree. The caller releases the answer. */
void talk_ask(const wire_request *asked, bool faults, wire_answer *answer);
/* The value of a field of the answer; false when it has none. */
bool talk_field(const wire_answer *answer, const char *name, char *value, size_t size);
/* Ends all faults; the store then answers again within a second. */
void talk_heal(service_kind kind);
/* Nothing is left of requests that have ended: no request in work, no connection of the pool in
 * use, no temporary file. */
void talk_settled(service_kind kind);
/* The life of every session passes: then none is left, and no file of one. */
void talk_no_session(service_kind kind);
/* Does a second JSON parser, written by others, accept it? */
bool talk_is_json(const void *bytes, size_t length);

#endif
