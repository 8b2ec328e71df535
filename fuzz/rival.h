/* Somebody else who asks for an upload while the body of a story's request comes in: while a
 * piece comes in that is taken, nobody may change the upload. */
#ifndef FUZZ_RIVAL_H
#define FUZZ_RIVAL_H

#include "talk.h"

/* The method as rivals know it, for as long as the program lives; NULL: none of theirs. */
const char *rival_method(const char *method);

/* Begins another upload for POST, else asks for `target`; what was answered, 0: `target` is empty
 * and nothing was asked. */
unsigned rival_ask(service_kind kind, const char *method, const char *target);

/* Judges what the rival was answered by what the request was, in whose body it came. */
void rival_judge(const char *method, unsigned rival, const char *target, const wire_request *asked,
                 unsigned status);

#endif
