/* download: uses share links of others, at the same time as others do, also when they are over. */
#include "base/timing.h"
#include "client/shares.h"
#include "history/record.h"

static void turn(client *c)
{
    notice share;
    if (board_pick(c->stage->board, BOARD_SHARES, client_random(c), &share))
        client_share_get(c, &share);
    else
        client_pause(c, 20 * NANOSECONDS_PER_MILLISECOND);
}

const behaviour behaviour_download = {
    .name = "download",
    .description = "uses the links that `share` makes, many clients the same ones, also late",
    .capabilities = CAPABILITY_SHARES,
    .operations = 1u << OPERATION_SHARE_GET,
    .turn = turn,
};
