#include "client/admin.h"

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
