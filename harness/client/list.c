#include "client/list.h"

#include <string.h>

#include "client/perform.h"

seen client_list(client *c, const char *prefix)
{
    operation o = perform_begin(c, OPERATION_LIST, NULL);
    o.record.key = history_name(c->stage->history, prefix, strlen(prefix));
    c->stage->driver->list(&o, prefix);
    return perform_end(&o, NULL);
}
