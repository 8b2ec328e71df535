#include "client/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"

void *client_memory(client *c)
{
    return c->memory;
}

const parameter_value *client_value(const client *c, size_t index)
{
    CHECK(index < PARAMETERS_MOST);
    return &c->values[index];
}

random_stream *client_random(client *c)
{
    return &c->random;
}

bool client_over(const client *c)
{
    return atomic_load_explicit(&c->stage->load_over, memory_order_relaxed) ||
           loop_stopping(lane_loop(c->lane));
}

void client_pause(client *c, uint64_t nanoseconds)
{
    if (!client_over(c))
        lane_sleep(c->lane, nanoseconds);
}

size_t client_pick_key(client *c)
{
    return keyspace_pick(c->stage->keys, c->number, &c->random);
}

size_t client_pick_own_key(client *c)
{
    uint64_t count = keyspace_own_count(c->stage->keys);
    return count > 0 ? keyspace_own(c->stage->keys, c->number, random_below(&c->random, count))
                     : client_pick_key(c);
}

uint64_t client_pick_size(client *c)
{
    return sizes_draw(c->stage->sizes, &c->random);
}

static operation begin(client *c, operation_type type, const key *k)
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
    c->late = 0;
    return o;
}

static key key_at(client *c, size_t index)
{
    key k;
    keyspace_key(c->stage->keys, index, c->stage->history, &k);
    return k;
}

static uint64_t own_value(const operation *o)
{
    return value_of(o->record.client, o->record.sequence);
}

static seen finish(operation *o, const char *tag)
{
    history_record *r = &o->record;
    stage *s = o->client->stage;
    history_append_group(s->history, o->client->slot, o->parts, o->part_count, r);
    free(o->parts);
    o->client->refused = r->failure == FAILURE_CONNECT;
    counters_record(&s->counters, r);
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

static seen put(client *c, size_t key_index, uint64_t size, const seen *expected, bool if_absent)
{
    key k = key_at(c, key_index);
    keyspace_touch(c->stage->keys, key_index);
    operation o = begin(c, OPERATION_PUT, &k);
    read_result result = {.tag = ""};
    o.record.value = own_value(&o);
    o.record.size = size;
    if (if_absent)
        o.record.flags |= FLAG_IF_ABSENT;
    if (expected != NULL) {
        o.record.flags |= FLAG_IF_MATCH;
        o.record.expected = expected->value;
    }
    put_request request = {
        .name = k.name,
        .key_hash = k.hash,
        .size = size,
        .if_match = expected != NULL ? expected->tag : NULL,
        .if_absent = if_absent,
    };
    c->stage->driver->put(&o, &request, &result);
    return finish(&o, result.tag);
}

seen client_put(client *c, size_t key_index, uint64_t size)
{
    return put(c, key_index, size, NULL, false);
}

seen client_put_if(client *c, size_t key_index, uint64_t size, const seen *expected)
{
    CHECK(expected == NULL || expected->tag[0] != '\0');
    return put(c, key_index, size, expected, expected == NULL);
}

seen client_get(client *c, size_t key_index)
{
    key k = key_at(c, key_index);
    operation o = begin(c, OPERATION_GET, &k);
    read_result result = {.tag = ""};
    c->stage->driver->get(&o, k.name, NULL, &result);
    return finish(&o, result.tag);
}

seen client_get_range(client *c, size_t key_index, uint64_t offset, uint64_t length)
{
    key k = key_at(c, key_index);
    operation o = begin(c, OPERATION_GET_RANGE, &k);
    o.record.expected = offset;
    c->stage->driver->get_range(&o, k.name, offset, length);
    return finish(&o, NULL);
}

seen client_head(client *c, size_t key_index)
{
    key k = key_at(c, key_index);
    operation o = begin(c, OPERATION_HEAD, &k);
    read_result result = {.tag = ""};
    c->stage->driver->head(&o, k.name, &result);
    return finish(&o, result.tag);
}

seen client_delete(client *c, size_t key_index)
{
    key k = key_at(c, key_index);
    keyspace_touch(c->stage->keys, key_index);
    operation o = begin(c, OPERATION_DELETE, &k);
    o.record.value = own_value(&o);
    c->stage->driver->remove(&o, k.name);
    return finish(&o, NULL);
}

seen client_list(client *c, const char *prefix)
{
    operation o = begin(c, OPERATION_LIST, NULL);
    o.record.key = history_name(c->stage->history, prefix, strlen(prefix));
    c->stage->driver->list(&o, prefix);
    return finish(&o, NULL);
}

seen client_ready(client *c)
{
    operation o = begin(c, OPERATION_READY, NULL);
    c->stage->driver->ready(&o);
    return finish(&o, NULL);
}
