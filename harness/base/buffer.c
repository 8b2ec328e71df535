#include "base/buffer.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"

static bool make_room(buffer *b, size_t more)
{
    CHECK(more < SIZE_MAX / 4);
    if (b->limit > 0 && (more > b->limit || b->length > b->limit - more)) {
        b->overflowed = true;
        return false;
    }
    if (b->length + more + 1 <= b->capacity)
        return true;
    size_t capacity = b->capacity > 0 ? b->capacity : 64;
    while (capacity < b->length + more + 1)
        capacity *= 2;
    b->bytes = memory_resize(b->bytes, capacity);
    b->capacity = capacity;
    return true;
}

bool buffer_append(buffer *b, const void *bytes, size_t length)
{
    bool fits = b->limit == 0 && length < b->capacity - b->length;
    if (!fits && !make_room(b, length))
        return false;
    if (length > 0)
        memcpy(b->bytes + b->length, bytes, length);
    b->length += length;
    b->bytes[b->length] = '\0';
    return true;
}

bool buffer_text_append(buffer *b, const char *text)
{
    return buffer_append(b, text, strlen(text));
}

bool buffer_printf(buffer *b, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    va_list again;
    va_copy(again, values);
    int length = vsnprintf(NULL, 0, format, values);
    va_end(values);
    CHECK(length >= 0);
    bool fits = make_room(b, (size_t)length);
    if (fits) {
        vsnprintf(b->bytes + b->length, (size_t)length + 1, format, again);
        b->length += (size_t)length;
    }
    va_end(again);
    return fits;
}

const char *buffer_text(const buffer *b)
{
    return b->bytes != NULL ? b->bytes : "";
}

void buffer_clear(buffer *b)
{
    b->length = 0;
    b->overflowed = false;
    if (b->bytes != NULL)
        b->bytes[0] = '\0';
}

void buffer_free(buffer *b)
{
    free(b->bytes);
    *b = (buffer){.limit = b->limit};
}
