#include "explore/state.h"

#include <stdio.h>

#include "base/files.h"

#define FILE_MOST ((size_t)4 << 20)

void state_write_numbers(json_writer *w, const void *from, const state_number *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        writer_put_whole(w, rows[i].name,
                         *(const uint64_t *)(const void *)((const char *)from + rows[i].at));
}

void state_read_numbers(const json_t *in, void *to, const state_number *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        *(uint64_t *)(void *)((char *)to + rows[i].at) = state_whole(in, rows[i].name);
}

uint64_t state_whole(const json_t *in, const char *name)
{
    return (uint64_t)json_integer_value(json_object_get(in, name));
}

void state_text(const json_t *in, const char *name, char *out, size_t size)
{
    const char *text = json_string_value(json_object_get(in, name));
    snprintf(out, size, "%s", text != NULL ? text : "");
}

bool state_save(const char *path, buffer *text, error *e)
{
    buffer_append(text, "\n", 1);
    bool done = files_replace(path, buffer_text(text), text->length, e);
    buffer_free(text);
    return done;
}

json_t *state_load(const char *path)
{
    buffer text = {0};
    error none = {0};
    json_t *root = NULL;
    if (files_read(path, FILE_MOST, &text, &none))
        root = json_loadb(buffer_text(&text), text.length, JSON_REJECT_DUPLICATES, NULL);
    buffer_free(&text);
    return root;
}
