/* What an exploration keeps in a JSON file to go on from: numbers by name, texts of fixed size. */
#ifndef ORDEAL_EXPLORE_STATE_H
#define ORDEAL_EXPLORE_STATE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/json_writer.h"

/* A uint64_t of a struct, written and read under its own name. */
typedef struct {
    const char *name;
    size_t at;
} state_number;

#define STATE_NUMBER(type, field)                                                                  \
    {                                                                                              \
#field, offsetof(type, field)                                                              \
    }

void state_write_numbers(json_writer *w, const void *from, const state_number *rows, size_t count);
void state_read_numbers(const json_t *in, void *to, const state_number *rows, size_t count);
/* 0 and "" for what is missing. */
uint64_t state_whole(const json_t *in, const char *name);
void state_text(const json_t *in, const char *name, char *out, size_t size);

/* Takes the content, and replaces the file as a whole. */
bool state_save(const char *path, buffer *text, error *e);
/* NULL when there is none that can be read. */
json_t *state_load(const char *path);

#endif
