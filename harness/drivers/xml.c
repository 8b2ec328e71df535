#include "drivers/xml.h"

#include <expat.h>
#include <limits.h>
#include <string.h>

#include "base/check.h"

typedef struct {
    const xml_reader *reader;
    buffer text;
} reading;

/* "http://namespace|name" is "name". */
static const char *local_name(const char *qualified)
{
    const char *bar = strrchr(qualified, '|');
    return bar != NULL ? bar + 1 : qualified;
}

static void XMLCALL on_begin(void *owner, const char *element, const char **attributes)
{
    reading *r = owner;
    (void)attributes;
    buffer_clear(&r->text);
    if (r->reader->begin != NULL)
        r->reader->begin(r->reader->owner, local_name(element));
}

static void XMLCALL on_text(void *owner, const char *text, int length)
{
    reading *r = owner;
    if (length > 0)
        buffer_append(&r->text, text, (size_t)length);
}

static void XMLCALL on_end(void *owner, const char *element)
{
    reading *r = owner;
    if (r->reader->end != NULL)
        r->reader->end(r->reader->owner, local_name(element), buffer_text(&r->text));
    buffer_clear(&r->text);
}

bool xml_read(const buffer *document, const xml_reader *reader)
{
    reading r = {.reader = reader};
    CHECK(document->length <= INT_MAX);
    XML_Parser parser = XML_ParserCreateNS(NULL, '|');
    CHECK(parser != NULL);
    XML_SetUserData(parser, &r);
    XML_SetElementHandler(parser, on_begin, on_end);
    XML_SetCharacterDataHandler(parser, on_text);
    bool fine = XML_Parse(parser, buffer_text(document), (int)document->length, 1) == XML_STATUS_OK;
    XML_ParserFree(parser);
    buffer_free(&r.text);
    return fine;
}

void xml_append_text(buffer *out, const char *text)
{
    for (; *text != '\0'; text++) {
        const char *entity = *text == '<'   ? "&lt;"
                             : *text == '>' ? "&gt;"
                             : *text == '&' ? "&amp;"
                             : *text == '"' ? "&quot;"
                                            : NULL;
        if (entity != NULL)
            buffer_text_append(out, entity);
        else
            buffer_append(out, text, 1);
    }
}
