/* share: makes share links that few may use for a short time, and takes some of them back; its
 * links stand on the board for `download`. */
#include "client/files.h"
#include "client/shares.h"
#include "history/record.h"

static const parameter parameters[] = {
    {"downloads", PARAMETER_WHOLE, "3", "that a link allows", NULL},
    {"seconds", PARAMETER_WHOLE, "3", "that a link lives", NULL},
    {"taken_back", PARAMETER_FRACTION, "20%", "of the links are deleted a moment later", NULL},
};
enum { DOWNLOADS, SECONDS, TAKEN_BACK };

static void turn(client *c)
{
    notice share;
    size_t index = client_pick_own_key(c);
    if (client_put(c, index, client_pick_size(c)).outcome != OUTCOME_OK || client_over(c))
        return;
    seen made = client_share_create(c, index, client_value(c, DOWNLOADS)->number,
                                    client_value(c, SECONDS)->number, &share);
    if (made.outcome != OUTCOME_OK)
        return;
    board_post(c->stage->board, BOARD_SHARES, &share);
    if (random_unit(client_random(c)) >= client_value(c, TAKEN_BACK)->real || client_over(c))
        return;
    client_share_get(c, &share);
    client_share_delete(c, &share);
    if (!client_over(c))
        client_share_get(c, &share);
}

const behaviour behaviour_share = {
    .name = "share",
    .description = "makes share links that few may use for a short time, and takes some back",
    .parameters = parameters,
    .parameter_count = sizeof parameters / sizeof parameters[0],
    .capabilities = CAPABILITY_FILES | CAPABILITY_SHARES,
    .operations = 1u << OPERATION_PUT | 1u << OPERATION_SHARE_CREATE | 1u << OPERATION_SHARE_DELETE,
    .turn = turn,
};
