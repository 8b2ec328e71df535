#include "client/perform.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"

operation perform_begin(client *c, operation_type type, const key *k)
{
    operation o = {.client = c};
    o.record = (history_record){
        .kind = RECORD_OPERATION,
        .type = (uint8_t)type,
        .flags = c->flags,
        .client = c->number,
        .sequence = ++c->sequence,
        .key = k != NULL ? k->number : 0,
        .late = c->late,
    };
    if (c->stage->log_position != NULL) {
        uint64_t now = atomic_load(c->stage->log_position);
        CHECK(operation_part(&o,
                             (history_record){.type = PART_LOGGED, .expected = now, .value = now}));
    }
    return o;
}

key perform_key(client *c, size_t index)
{
    key k;
    keyspace_key(c->stage->keys, index, c->stage->history, &k);
    return k;
}

uint64_t perform_value(const operation *o)
{
    return value_of(o->record.client, o->record.sequence);
}

/* A server may claim any size; a record has room for less. */
static void bound_sizes(operation *o)
{
    bool beyond = o->record.size > HISTORY_SIZE_MOST;
    for (size_t i = 0; i < o->part_count; i++) {
        beyond = beyond || o->parts[i].size > HISTORY_SIZE_MOST;
        if (o->parts[i].size > HISTORY_SIZE_MOST)
            o->parts[i].size = HISTORY_SIZE_MOST;
    }
    if (!beyond)
        return;
    if (o->record.size > HISTORY_SIZE_MOST)
        o->record.size = HISTORY_SIZE_MOST;
    operation_malformed(o, "the answer tells a size beyond all bounds");
}

seen perform_end(operation *o, const char *tag)
{
    history_record *r = &o->record;
    stage *s = o->client->stage;
    bound_sizes(o);
    if (s->log_position != NULL)
        o->parts[0].invoke = o->parts[0].finish = r->invoke;
    history_append_group(s->history, o->client->slot, o->parts, o->part_count, r);
    free(o->parts);
    o->client->refused = r->failure == FAILURE_CONNECT;
    counters_record(&s->counters, r);
    if (s->watch != NULL)
        s->watch(s->watcher, r);
    seen result = {
        .outcome = (outcome)r->outcome,
        .absent = (r->flags & FLAG_ABSENT) != 0,
        .value = r->value,
        .size = r->size,
        .version = r->version,
        .status = r->status,
    };
    if (tag != NULL)
        snprintf(result.tag, sizeof result.tag, "%s", tag);
    return result;
}
