#include "client/versions.h"

#include "client/perform.h"

static uint32_t draw_version(client *c, const operation *o)
{
    return o->part_count > 0 ? o->parts[random_below(&c->random, o->part_count)].version : 0;
}

seen client_versions(client *c, size_t key_index)
{
    key k = perform_key(c, key_index);
    operation o = perform_begin(c, OPERATION_VERSIONS, &k);
    c->stage->driver->versions(&o, k.name);
    uint32_t drawn = draw_version(c, &o);
    seen result = perform_end(&o, NULL);
    result.version = drawn;
    return result;
}

seen client_get_version(client *c, size_t key_index, uint32_t version)
{
    key k = perform_key(c, key_index);
    operation o = perform_begin(c, OPERATION_GET_VERSION, &k);
    o.record.expected = version;
    c->stage->driver->get_version(&o, k.name, version);
    return perform_end(&o, NULL);
}

seen client_restore(client *c, size_t key_index, uint32_t version)
{
    key k = perform_key(c, key_index);
    keyspace_touch(c->stage->keys, key_index);
    operation o = perform_begin(c, OPERATION_RESTORE, &k);
    o.record.value = perform_value(&o);
    o.record.expected = version;
    c->stage->driver->restore(&o, k.name, version);
    return perform_end(&o, NULL);
}
