/* linger: announces contents that are refused before they come, and stays without a word. */
#include "client/garbage.h"
#include "history/record.h"

static const parameter parameters[] = {
    {"stay", PARAMETER_DURATION, "1s", "how long it holds each connection", NULL},
};

static void turn(client *c)
{
    client_linger(c, client_value(c, 0)->number);
}

const behaviour behaviour_linger = {
    .name = "linger",
    .description = "announces contents that are refused, and holds the connections in silence",
    .parameters = parameters,
    .parameter_count = sizeof parameters / sizeof parameters[0],
    .turn = turn,
};
