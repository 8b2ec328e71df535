/* cleaner: has purged what was deleted, as a nightly job does. */
#include "client/admin.h"
#include "history/record.h"

static void turn(client *c)
{
    client_cleanup(c);
}

const behaviour behaviour_cleaner = {
    .name = "cleaner",
    .description = "has the versions of deleted files purged, again and again (give it a think)",
    .capabilities = CAPABILITY_ADMIN,
    .operations = 1u << OPERATION_CLEANUP,
    .turn = turn,
};
