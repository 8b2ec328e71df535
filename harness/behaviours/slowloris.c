/* slowloris: holds a connection with a head that never ends, a byte now and then. */
#include "client/garbage.h"
#include "history/record.h"

static const parameter parameters[] = {
    {"pause", PARAMETER_DURATION, "500ms", "between two bytes", NULL},
    {"patience", PARAMETER_DURATION, "5m", "the target must have closed the connection within it",
     NULL},
};
enum { PAUSE, PATIENCE };

static void turn(client *c)
{
    client_drip(c, client_value(c, PAUSE)->number, client_value(c, PATIENCE)->number);
}

const behaviour behaviour_slowloris = {
    .name = "slowloris",
    .description = "holds connections with heads that never end, a byte now and then",
    .parameters = parameters,
    .parameter_count = sizeof parameters / sizeof parameters[0],
    .turn = turn,
};
