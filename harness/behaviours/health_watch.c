/* health-watch: asks whether the target is ready, as a load balancer does. */
#include "client/admin.h"
#include "history/record.h"

static void turn(client *c)
{
    client_ready(c);
}

const behaviour behaviour_health_watch = {
    .name = "health-watch",
    .description = "asks whether the target says that it is ready",
    .capabilities = CAPABILITY_FILES,
    .operations = 1u << OPERATION_READY,
    .turn = turn,
};
