#include "reports/impact.h"

#include <stdlib.h>

#include "base/arena.h"

enum { CLIENT_SEEN = 1, CLIENT_HIT = 2 };

/* 412 and 416 answer a question; nobody is hit by them. */
static bool answered(const history_record *r)
{
    return r->failure == FAILURE_STATUS && (r->status == 412 || r->status == 416);
}

static void count_operation(impact *i, unsigned char *clients, const history_record *r)
{
    unsigned char *mark = &clients[r->client];
    i->all_clients += *mark == 0;
    *mark |= CLIENT_SEEN;
    if (r->outcome == OUTCOME_OK || answered(r))
        return;
    i->clients += !(*mark & CLIENT_HIT);
    *mark |= CLIENT_HIT;
    i->operations++;
    i->bytes += r->size;
    i->unknown += r->outcome == OUTCOME_UNKNOWN;
}

impact impact_count(const verdict *v)
{
    impact i = {0};
    unsigned char *clients = memory_zeroed((size_t)HISTORY_CLIENTS_MOST + 1, 1);
    for (size_t n = 0; n < history_count(v->history); n++) {
        history_record r = history_get(v->history, n);
        if (r.kind == RECORD_OPERATION)
            count_operation(&i, clients, &r);
    }
    for (size_t n = 0; n < v->invariant_count; n++)
        i.violations += v->invariants[n].finding.violations;
    free(clients);
    return i;
}
