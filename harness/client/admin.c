#include "client/admin.h"

#include <stdlib.h>
#include <string.h>

#include "client/perform.h"

seen client_ready(client *c)
{
    operation o = perform_begin(c, OPERATION_READY, NULL);
    c->stage->driver->ready(&o);
    return perform_end(&o, NULL);
}

seen client_cleanup(client *c)
{
    operation o = perform_begin(c, OPERATION_CLEANUP, NULL);
    o.record.value = perform_value(&o);
    c->stage->driver->cleanup(&o);
    return perform_end(&o, NULL);
}

static void record_count(void *owner, const counted *one)
{
    client *c = owner;
    history_writer *w = c->stage->history;
    uint64_t now = history_now(w);
    history_record record = {
        .kind = RECORD_EVENT,
        .type = EVENT_COUNTED,
        .invoke = now,
        .finish = now,
        .value = one->answers,
        .status = (uint16_t)one->status,
        .expected = one->operations,
        .detail = history_name(w, one->route, strlen(one->route)),
    };
    history_append(w, c->slot, &record);
}

bool client_take_counts(client *c)
{
    const driver *d = c->stage->driver;
    operation o = perform_begin(c, OPERATION_NONE, NULL);
    bool taken = d->counts == NULL || d->counts(&o, record_count, c);
    free(o.parts);
    return taken;
}
