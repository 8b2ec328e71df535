#include "reports/impact.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/arena.h"

enum { CLIENT_SEEN = 1, CLIENT_HIT = 2 };

/* 412 and 416 answer a question; nobody is hit by them. */
static bool answered(const history_record *r)
{
    return r->failure == FAILURE_STATUS && (r->status == 412 || r->status == 416);
}

impact impact_begin(void)
{
    return (impact){.marks = memory_zeroed((size_t)HISTORY_CLIENTS_MOST + 1, 1)};
}

void impact_take(impact *i, const history_record *operation)
{
    unsigned char *mark = &i->marks[operation->client];
    i->all_clients += *mark == 0;
    *mark |= CLIENT_SEEN;
    if (operation->outcome == OUTCOME_OK || answered(operation))
        return;
    i->clients += !(*mark & CLIENT_HIT);
    *mark |= CLIENT_HIT;
    i->operations++;
    i->bytes += operation->size;
    i->unknown += operation->outcome == OUTCOME_UNKNOWN;
}

void impact_end(impact *i)
{
    free(i->marks);
    i->marks = NULL;
}
