/* JSON documents as bodies: three steps of a route (see request.h) that collect one, bounded, and
 * the reading of it in `finish`. */
#ifndef REFERENCE_DOCUMENT_H
#define REFERENCE_DOCUMENT_H

#include <jansson.h>

#include "request.h"

void begin_document(request *r);
void body_document(request *r, const void *bytes, size_t length);
void abandon_document(request *r);
/* What was sent, to be given back with json_decref; NULL: the problem is answered. Either way the
 * collected bytes are released. */
json_t *document_read(request *r);

#endif
