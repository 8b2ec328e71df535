#include "client/channels.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "client/perform.h"

static operation begin(client *c, operation_type type, uint64_t channel, char name[KEY_NAME_SIZE])
{
    operation o = perform_begin(c, type, NULL);
    char plain[40];
    snprintf(plain, sizeof plain, "channel-%" PRIu64, channel);
    keyspace_run_name(c->stage->keys, plain, name);
    o.record.key = history_name(c->stage->history, name, strlen(name));
    return o;
}

seen client_channel_append(client *c, uint64_t channel, uint64_t samples, uint64_t bytes,
                           sample_fault invalid)
{
    char name[KEY_NAME_SIZE];
    operation o = begin(c, OPERATION_CHANNEL_APPEND, channel, name);
    o.record.value = perform_value(&o);
    o.record.size = samples;
    o.record.expected = invalid;
    c->stage->driver->channel_append(&o, name, samples, bytes);
    return perform_end(&o, NULL);
}

seen client_channel_read(client *c, uint64_t channel)
{
    char name[KEY_NAME_SIZE];
    operation o = begin(c, OPERATION_CHANNEL_READ, channel, name);
    c->stage->driver->channel_read(&o, name);
    return perform_end(&o, NULL);
}
