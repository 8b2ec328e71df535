#include "client/files.h"

#include <string.h>

#include "base/check.h"
#include "client/perform.h"

static seen put(client *c, size_t key_index, uint64_t size, const seen *expected, bool if_absent,
                const exchange_manners *manners)
{
    key k = perform_key(c, key_index);
    keyspace_touch(c->stage->keys, key_index);
    operation o = perform_begin(c, OPERATION_PUT, &k);
    read_result result = {.tag = ""};
    o.record.value = perform_value(&o);
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
        .manners = manners,
    };
    c->stage->driver->put(&o, &request, &result);
    return perform_end(&o, result.tag);
}

seen client_put(client *c, size_t key_index, uint64_t size)
{
    return put(c, key_index, size, NULL, false, NULL);
}

seen client_put_if(client *c, size_t key_index, uint64_t size, const seen *expected)
{
    CHECK(expected == NULL || expected->tag[0] != '\0');
    return put(c, key_index, size, expected, expected == NULL, NULL);
}

seen client_put_rudely(client *c, size_t key_index, uint64_t size, const exchange_manners *manners)
{
    return put(c, key_index, size, NULL, false, manners);
}

seen client_get(client *c, size_t key_index)
{
    return client_get_rudely(c, key_index, NULL);
}

seen client_get_rudely(client *c, size_t key_index, const exchange_manners *manners)
{
    key k = perform_key(c, key_index);
    operation o = perform_begin(c, OPERATION_GET, &k);
    read_result result = {.tag = ""};
    c->stage->driver->get(&o, k.name, manners, &result);
    return perform_end(&o, result.tag);
}

seen client_get_named(client *c, const char *name)
{
    key k = {.number = history_name(c->stage->history, name, strlen(name))};
    operation o = perform_begin(c, OPERATION_GET, &k);
    read_result result = {.tag = ""};
    c->stage->driver->get(&o, name, NULL, &result);
    return perform_end(&o, result.tag);
}

seen client_get_range(client *c, size_t key_index, uint64_t offset, uint64_t length)
{
    key k = perform_key(c, key_index);
    operation o = perform_begin(c, OPERATION_GET_RANGE, &k);
    o.record.expected = offset;
    c->stage->driver->get_range(&o, k.name, offset, length);
    return perform_end(&o, NULL);
}

seen client_head(client *c, size_t key_index)
{
    key k = perform_key(c, key_index);
    operation o = perform_begin(c, OPERATION_HEAD, &k);
    read_result result = {.tag = ""};
    c->stage->driver->head(&o, k.name, &result);
    return perform_end(&o, result.tag);
}

seen client_delete(client *c, size_t key_index)
{
    key k = perform_key(c, key_index);
    keyspace_touch(c->stage->keys, key_index);
    operation o = perform_begin(c, OPERATION_DELETE, &k);
    o.record.value = perform_value(&o);
    c->stage->driver->remove(&o, k.name);
    return perform_end(&o, NULL);
}
