#include "client/changes.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "client/perform.h"

void watch_begin(client *c, watch *w)
{
    char name[64];
    uint32_t begun = w->begun + 1;
    int length = snprintf(name, sizeof name, "watcher/%" PRIu32 "/%" PRIu32, c->number, begun);
    *w = (watch){.begun = begun, .name = history_name(c->stage->history, name, (size_t)length)};
}

seen client_watch(client *c, watch *w, uint64_t wait, uint64_t patience)
{
    CHECK(w->name != 0);
    exchange_manners manners = EXCHANGE_POLITE;
    manners.patience = client_real(c, patience);
    operation o = perform_begin(c, OPERATION_CHANGES, NULL);
    o.record.key = w->name;
    o.record.expected = w->number;
    c->stage->driver->changes(&o, w->cursor, wait, &manners);
    if (o.record.outcome == OUTCOME_OK)
        w->number = o.record.value;
    return perform_end(&o, NULL);
}
