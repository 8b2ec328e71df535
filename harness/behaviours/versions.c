/* versions: reads old versions of a shared file and brings some of them back. */
#include "client/versions.h"
#include "client/files.h"
#include "history/record.h"

static const parameter parameters[] = {
    {"restores", PARAMETER_FRACTION, "30%", "of the visits bring the old version back", NULL},
};
enum { RESTORES };

static void turn(client *c)
{
    size_t index = client_pick_key(c);
    seen made = client_put(c, index, client_pick_size(c));
    if (made.outcome == OUTCOME_FAILED || client_over(c))
        return;
    seen rows = client_versions(c, index);
    if (rows.outcome != OUTCOME_OK || rows.version == 0 || client_over(c))
        return;
    client_get_version(c, index, rows.version);
    if (client_over(c) || random_unit(client_random(c)) >= client_value(c, RESTORES)->real)
        return;
    client_restore(c, index, rows.version);
    if (!client_over(c))
        client_get(c, index);
}

const behaviour behaviour_versions = {
    .name = "versions",
    .description = "writes shared files, reads old versions of them and brings some back",
    .parameters = parameters,
    .parameter_count = sizeof parameters / sizeof parameters[0],
    .capabilities = CAPABILITY_FILES | CAPABILITY_VERSIONS,
    .operations = 1u << OPERATION_PUT | 1u << OPERATION_VERSIONS | 1u << OPERATION_GET_VERSION |
                  1u << OPERATION_RESTORE,
    .turn = turn,
};
