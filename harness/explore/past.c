#include "explore/past.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/timing.h"
#include "history/operations.h"

typedef struct {
    uint32_t record;
    uint32_t first_part;
    uint64_t before; /* the log's position when it began */
    uint64_t after;  /* and when its answer was complete */
} stamped;

struct past {
    const history *history;
    stamped *operations;
    size_t count;
    uint32_t clients;
    uint64_t *acknowledged; /* `after` of every acknowledged write, ascending */
    size_t acknowledged_count;
    uint32_t *renamed; /* name number there -> here, for the writer of the moment */
    unsigned char *told;
};

static int by_number(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void take_operation(past *p, uint32_t at, uint32_t first_part, const history_record *stamp)
{
    history_record r = history_get(p->history, at);
    p->operations[p->count++] = (stamped){at, first_part, stamp->expected, stamp->value};
    if (r.client > p->clients)
        p->clients = r.client;
    if (operation_row_of(r.type)->writes && r.outcome == OUTCOME_OK)
        p->acknowledged[p->acknowledged_count++] = stamp->value;
}

static void take_all(past *p)
{
    uint32_t first_part = 0;
    history_record stamp = {0};
    size_t count = history_count(p->history);
    for (uint32_t i = 0; i < count; i++) {
        history_record r = history_get(p->history, i);
        if (r.kind == RECORD_PART) {
            if (r.type == PART_LOGGED)
                stamp = r;
            continue;
        }
        if (r.kind == RECORD_OPERATION && stamp.kind == RECORD_PART)
            take_operation(p, i, first_part, &stamp);
        first_part = i + 1;
        stamp = (history_record){0};
    }
    qsort(p->acknowledged, p->acknowledged_count, sizeof *p->acknowledged, by_number);
}

past *past_load(const history *h, error *e)
{
    past *p = memory_zeroed(1, sizeof *p);
    size_t count = history_count(h);
    p->history = h;
    p->operations = memory_zeroed(count + 1, sizeof *p->operations);
    p->acknowledged = memory_zeroed(count + 1, sizeof *p->acknowledged);
    p->renamed = memory_zeroed((size_t)history_name_count(h) + 1, sizeof *p->renamed);
    p->told = memory_zeroed((size_t)history_name_count(h) + 1, 1);
    take_all(p);
    if (p->count > 0)
        return p;
    past_free(p);
    error_set(e, ERROR_USAGE, "history.bin",
              "holds no operation that is stamped with the log's position; record the run with "
              "`record: storage` in its scenario, or --record-storage");
    return NULL;
}

void past_free(past *p)
{
    if (p == NULL)
        return;
    free(p->operations);
    free(p->acknowledged);
    free(p->renamed);
    free(p->told);
    free(p);
}

size_t past_acknowledged(const past *p, uint64_t cut)
{
    size_t low = 0;
    size_t high = p->acknowledged_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (p->acknowledged[middle] <= cut)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint32_t past_free_client(const past *p)
{
    return p->clients + 1;
}

static uint32_t rename_text(past *p, history_writer *w, uint32_t number)
{
    if (number != 0 && p->renamed[number] == 0)
        p->renamed[number] = history_name(w, history_text(p->history, number),
                                          history_text_length(p->history, number));
    return p->renamed[number];
}

/* What of an operation under way can be known when the power goes. */
static bool leave_open(history_record *r)
{
    if (!operation_row_of(r->type)->writes || r->outcome == OUTCOME_FAILED)
        return false;
    r->outcome = OUTCOME_UNKNOWN;
    r->failure = FAILURE_RESET;
    r->finish = HISTORY_NEVER;
    r->version = 0;
    r->status = 0;
    r->detail = 0;
    return true;
}

static size_t copy_parts(past *p, const stamped *one, bool open, history_writer *w,
                         history_record *parts)
{
    size_t count = 0;
    for (uint32_t i = one->first_part; i < one->record; i++) {
        history_record part = history_get(p->history, i);
        if (part.type == PART_LOGGED || (open && part.type != PART_MOVE))
            continue;
        if (open)
            part.version = 0;
        part.key = rename_text(p, w, part.key);
        part.detail = rename_text(p, w, part.detail);
        parts[count++] = part;
    }
    return count;
}

static void later(uint64_t *end, uint64_t at)
{
    if (at != HISTORY_NEVER && at > *end)
        *end = at;
}

static uint64_t write_operations(past *p, uint64_t cut, history_writer *w)
{
    uint64_t end = 0;
    history_record *parts = memory_zeroed(HISTORY_GROUP_MOST, sizeof *parts);
    for (size_t i = 0; i < p->count; i++) {
        const stamped *one = &p->operations[i];
        history_record r = history_get(p->history, one->record);
        bool open = one->after > cut;
        if (one->before > cut || (r.flags & FLAG_FINAL) || (open && !leave_open(&r)))
            continue;
        size_t count = copy_parts(p, one, open, w, parts);
        r.key = rename_text(p, w, r.key);
        r.detail = rename_text(p, w, r.detail);
        history_append_group(w, 0, parts, count, &r);
        later(&end, r.invoke);
        later(&end, r.finish);
    }
    free(parts);
    return end;
}

static void write_event(history_writer *w, event_type type, uint64_t at, uint64_t value)
{
    history_record r = {.kind = RECORD_EVENT,
                        .type = (uint8_t)type,
                        .invoke = at,
                        .finish = at,
                        .value = value,
                        .status = 1};
    history_append(w, 0, &r);
}

/* The restarts that the run itself had seen by then. */
static void write_restarts(past *p, uint64_t end, history_writer *w)
{
    size_t count = history_count(p->history);
    for (size_t i = 0; i < count; i++) {
        history_record r = history_get(p->history, i);
        bool restart =
            r.kind == RECORD_EVENT && (r.type == EVENT_TARGET_EXIT ||
                                       r.type == EVENT_TARGET_START || r.type == EVENT_POWER_CUT);
        if (!restart || r.invoke > end)
            continue;
        r.detail = rename_text(p, w, r.detail);
        history_append(w, 0, &r);
    }
}

void past_write(past *p, uint64_t cut, history_writer *w)
{
    memset(p->renamed, 0, ((size_t)history_name_count(p->history) + 1) * sizeof *p->renamed);
    uint64_t end = write_operations(p, cut, w);
    write_restarts(p, end, w);
    write_event(w, EVENT_TARGET_EXIT, end + 1, SIGKILL);
    write_event(w, EVENT_POWER_CUT, end + 1, cut);
    write_event(w, EVENT_TARGET_START, end + 2, 0);
    history_backdate(w, end + NANOSECONDS_PER_MILLISECOND);
}

typedef struct {
    past *past;
    size_t left;
    past_name_visitor *visit;
    void *owner;
} telling;

static void tell(telling *t, uint32_t name)
{
    if (name == 0 || t->left == 0 || t->past->told[name])
        return;
    t->past->told[name] = 1;
    t->left--;
    t->visit(t->owner, history_text(t->past->history, name));
}

static bool names_a_file(unsigned type)
{
    return type == OPERATION_PUT || type == OPERATION_DELETE || type == OPERATION_RESTORE ||
           type == OPERATION_UPLOAD_CREATE || type == OPERATION_UPLOAD_PATCH;
}

void past_visit_names(past *p, uint64_t cut, size_t most, past_name_visitor *visit, void *owner)
{
    telling t = {p, most, visit, owner};
    memset(p->told, 0, (size_t)history_name_count(p->history) + 1);
    for (size_t i = p->count; i-- > 0 && t.left > 0;) {
        const stamped *one = &p->operations[i];
        history_record r = history_get(p->history, one->record);
        if (one->before > cut)
            continue;
        if (names_a_file(r.type))
            tell(&t, r.key);
        for (uint32_t at = one->first_part; r.type == OPERATION_MOVE && at < one->record; at++) {
            history_record part = history_get(p->history, at);
            tell(&t, part.key);
            tell(&t, part.detail);
        }
    }
}

static bool ends_an_upload(const history_record *r)
{
    return r->type == OPERATION_UPLOAD_CANCEL ||
           (r->type == OPERATION_UPLOAD_PATCH && (r->flags & FLAG_COMPLETES) != 0);
}

static bool is_open(const past *p, uint64_t cut, uint64_t upload)
{
    bool ended = false;
    for (size_t i = 0; i < p->count && !ended; i++) {
        history_record r = history_get(p->history, p->operations[i].record);
        ended = p->operations[i].before <= cut && r.value == upload && ends_an_upload(&r);
    }
    return !ended;
}

void past_visit_uploads(const past *p, uint64_t cut, past_upload_visitor *visit, void *owner)
{
    for (size_t i = 0; i < p->count; i++) {
        history_record r = history_get(p->history, p->operations[i].record);
        if (r.type == OPERATION_UPLOAD_CREATE && r.outcome == OUTCOME_OK && r.detail != 0 &&
            p->operations[i].after <= cut && is_open(p, cut, r.value))
            visit(owner, history_text(p->history, r.key), history_text(p->history, r.detail), &r);
    }
}
