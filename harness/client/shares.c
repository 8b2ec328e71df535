#include "client/shares.h"

#include "base/timing.h"
#include "client/perform.h"

seen client_share_create(client *c, size_t key_index, uint64_t most, uint64_t seconds,
                         notice *share)
{
    key k = perform_key(c, key_index);
    operation o = perform_begin(c, OPERATION_SHARE_CREATE, &k);
    o.record.value = perform_value(&o);
    o.record.size = most;
    *share = (notice){.what = {.value = o.record.value}, .key_index = key_index};
    c->stage->driver->share_create(&o, k.name, most, seconds, &share->what);
    /* Its life began somewhere between invoke and finish. */
    if (seconds > 0)
        o.record.expected = o.record.finish + client_real(c, seconds * NANOSECONDS_PER_SECOND);
    return perform_end(&o, NULL);
}

static operation begin(client *c, operation_type type, const notice *share)
{
    key k = perform_key(c, share->key_index);
    operation o = perform_begin(c, type, &k);
    o.record.expected = share->what.value;
    return o;
}

seen client_share_get(client *c, const notice *share)
{
    operation o = begin(c, OPERATION_SHARE_GET, share);
    c->stage->driver->share_get(&o, &share->what);
    return perform_end(&o, NULL);
}

seen client_share_delete(client *c, const notice *share)
{
    operation o = begin(c, OPERATION_SHARE_DELETE, share);
    o.record.value = perform_value(&o);
    c->stage->driver->share_delete(&o, &share->what);
    return perform_end(&o, NULL);
}
