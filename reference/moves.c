/* POST /v1/moves: {"moves": [{"from": name, "to": name}, ...], "atomic": true} */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/json_writer.h"
#include "document.h"
#include "handlers.h"
#include "paths.h"

#define MOVES_MOST 1000

typedef struct {
    const char *scope;
    arena *names; /* of the moves, as the store has them */
    move moves[MOVES_MOST];
    size_t count;
    bool atomic;
    char wrong[160];
} move_batch;

/* --- reading the document --- */

static const char *read_name(move_batch *b, const json_t *item, const char *key, const char **out)
{
    const char *name = json_string_value(json_object_get(item, key));
    const char *wrong =
        name == NULL ? "'from' and 'to' must be texts" : path_check(name, PATH_LONGEST + 1);
    if (wrong != NULL)
        return wrong;
    size_t size = strlen(b->scope) + strlen(name) + 1;
    char *stored = arena_take(b->names, size);
    CHECK(stored != NULL);
    snprintf(stored, size, "%s%s", b->scope, name);
    *out = stored;
    return NULL;
}

static const char *read_move(move_batch *b, const json_t *item, move *out)
{
    if (json_object_size(item) != 2)
        return "a move is an object of 'from' and 'to' and nothing else";
    const char *wrong = read_name(b, item, "from", &out->from);
    if (wrong == NULL)
        wrong = read_name(b, item, "to", &out->to);
    if (wrong == NULL && strcmp(out->from, out->to) == 0)
        wrong = "'from' and 'to' are the same name";
    return wrong;
}

static bool say(move_batch *b, const char *wrong)
{
    snprintf(b->wrong, sizeof b->wrong, "%s", wrong);
    return false;
}

static bool read_moves(const json_t *root, move_batch *b)
{
    const json_t *list = json_object_get(root, "moves");
    const json_t *atomic = json_object_get(root, "atomic");
    size_t keys = (size_t)(list != NULL) + (size_t)(atomic != NULL);
    if (json_object_size(root) != keys)
        return say(b, "only 'moves' and 'atomic' are known");
    if (atomic != NULL && !json_is_boolean(atomic))
        return say(b, "'atomic' must be true or false");
    b->atomic = !json_is_false(atomic);
    b->count = json_array_size(list);
    if (b->count == 0 || b->count > MOVES_MOST)
        return say(b, "'moves' must be an array of 1 to 1000 moves");
    for (size_t i = 0; i < b->count; i++) {
        const char *wrong = read_move(b, json_array_get(list, i), &b->moves[i]);
        if (wrong == NULL)
            continue;
        snprintf(b->wrong, sizeof b->wrong, "move %zu: %s", i, wrong);
        return false;
    }
    return true;
}

/* --- answers --- */

static void write_move(json_writer *w, const move *m)
{
    writer_object(w);
    writer_put_text(w, "from", path_unscoped(m->from));
    writer_put_text(w, "to", path_unscoped(m->to));
    if (m->answer == STORE_DONE) {
        writer_put_whole(w, "status", 200);
        writer_put_whole(w, "version", m->made.number);
        writer_put_text(w, "etag", m->made.etag);
    } else {
        const problem_row *row =
            problem_of(m->answer == STORE_ABSENT ? PROBLEM_NOT_FOUND : PROBLEM_CONFLICT);
        writer_put_whole(w, "status", row->status);
        writer_put_text(w, "code", row->code);
    }
    writer_object_end(w);
}

static void answer_moves(request *r, const move_batch *b)
{
    buffer text = {0};
    json_writer w = writer_begin(&text);
    size_t moved = 0;
    writer_object(&w);
    writer_key(&w, "results");
    writer_array(&w);
    for (size_t i = 0; i < b->count; i++) {
        write_move(&w, &b->moves[i]);
        moved += b->moves[i].answer == STORE_DONE;
    }
    writer_array_end(&w);
    writer_put_whole(&w, "moved", moved);
    writer_object_end(&w);
    answer_text(r, 200, "application/json", buffer_text(&text), text.length, NULL);
    buffer_free(&text);
}

static void carry_out(request *r, move_batch *b)
{
    size_t stopped = 0;
    store_answer answer = store_move(r->service->store, b->moves, b->count, b->atomic, &stopped);
    if (answer == STORE_DONE) {
        answer_moves(r, b);
    } else if (answer == STORE_ABSENT) {
        snprintf(b->wrong, sizeof b->wrong, "move %zu: there is no file 'from'; none was done",
                 stopped);
        answer_problem(r, PROBLEM_NOT_FOUND, b->wrong);
    } else if (answer == STORE_REFUSED) {
        snprintf(b->wrong, sizeof b->wrong, "move %zu: the name 'to' is taken; none was done",
                 stopped);
        answer_problem(r, PROBLEM_CONFLICT, b->wrong);
    } else {
        answer_store(r, answer);
    }
}

void finish_moves(request *r)
{
    json_t *root = document_read(r);
    if (root == NULL)
        return;
    move_batch *b = memory_zeroed(1, sizeof *b);
    b->scope = r->scope;
    b->names = arena_create("moves", (size_t)2 * MOVES_MOST * (STORED_PATH_SIZE + 16));
    if (read_moves(root, b))
        carry_out(r, b);
    else
        answer_problem(r, PROBLEM_VALIDATION, b->wrong);
    json_decref(root);
    arena_destroy(b->names);
    free(b);
}
