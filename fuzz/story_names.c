#include "story_names.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

static void put_base64(buffer *out, const char *text, size_t length)
{
    size_t size = sodium_base64_encoded_len(length, sodium_base64_VARIANT_ORIGINAL);
    char *code = memory_take(size);
    sodium_bin2base64(code, size, (const unsigned char *)text, length,
                      sodium_base64_VARIANT_ORIGINAL);
    buffer_text_append(out, code);
    free(code);
}

/* Appends what stands in the brace at `at`; how much of the text that was, 0: nothing known. */
static size_t put_named(const story_names *names, buffer *out, const char *at, size_t left)
{
    const struct {
        const char *name;
        const char *value;
    } known[] = {{"{etag}", names->etag},
                 {"{upload}", names->upload},
                 {"{share}", names->share},
                 {"{token}", names->token},
                 {"{cursor}", names->cursor}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        size_t length = strlen(known[i].name);
        if (length <= left && memcmp(at, known[i].name, length) == 0) {
            buffer_text_append(out, known[i].value);
            return length;
        }
    }
    const char *end = memchr(at, '}', left);
    if (end == NULL || left < 5 || memcmp(at, "{b64:", 5) != 0)
        return 0;
    buffer inner = {0};
    for (const char *c = at + 5; c < end; c++)
        if (*c == '~')
            buffer_text_append(&inner, names->number);
        else
            buffer_append(&inner, c, 1);
    put_base64(out, buffer_text(&inner), inner.length);
    buffer_free(&inner);
    return (size_t)(end - at) + 1;
}

void story_names_expand(const story_names *names, const char *text, size_t length, buffer *out)
{
    for (size_t i = 0; i < length; i++) {
        size_t known = text[i] == '{' ? put_named(names, out, text + i, length - i) : 0;
        if (known > 0)
            i += known - 1;
        else if (text[i] == '~')
            buffer_text_append(out, names->number);
        else
            buffer_append(out, text + i, 1);
    }
}

/* The text named `name` in an answer of JSON. */
static void remember_text(const wire_answer *answer, const char *name, char value[STORY_VALUE_SIZE])
{
    char wanted[40];
    int length = snprintf(wanted, sizeof wanted, "\"%s\":\"", name);
    const char *at = strstr(buffer_text(&answer->body), wanted);
    if (at != NULL)
        snprintf(value, STORY_VALUE_SIZE, "%.*s", (int)strcspn(at + length, "\""), at + length);
}

void story_names_remember(story_names *names, const wire_answer *answer)
{
    char place[STORY_VALUE_SIZE];
    talk_field(answer, "ETag", names->etag, sizeof names->etag);
    if (talk_field(answer, "Location", place, sizeof place))
        snprintf(names->upload, sizeof names->upload, "%s", place);
    remember_text(answer, "token", answer->status == 201 ? names->share : names->token);
    if (answer->status == 200)
        remember_text(answer, "cursor", names->cursor);
}
