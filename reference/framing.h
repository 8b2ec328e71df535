/* What libmicrohttpd lets through and HTTP forbids: refused with one well-formed answer and a
 * closed connection. */
#ifndef REFERENCE_FRAMING_H
#define REFERENCE_FRAMING_H

#include "request.h"

/* Looks at the request's head; fills body_length. Returns PROBLEM_NONE or what is wrong, with the
 * sentence. */
problem_code framing_check(request *r, const char *version, const char **detail);

#endif
