/* Answers in XML, element by element. */
#ifndef ORDEAL_DRIVERS_XML_H
#define ORDEAL_DRIVERS_XML_H

#include <stdbool.h>

#include "base/buffer.h"

/* Names come without their namespace. `text`: what stands between an element's begin and its end
 * when it has no elements in it; else what follows the last of them. */
typedef struct {
    /* NULL: of no interest */
    void (*begin)(void *owner, const char *name);
    void (*end)(void *owner, const char *name, const char *text);
    void *owner;
} xml_reader;

/* False: it is not well-formed. */
bool xml_read(const buffer *document, const xml_reader *reader);

/* Adds `text` as the content of an element. */
void xml_append_text(buffer *out, const char *text);

#endif
