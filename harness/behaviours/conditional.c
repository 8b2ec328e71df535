/* conditional: reads a shared file and replaces it only if it is still what was read; creates it if
 * it is free. */
#include "client/files.h"
#include "history/record.h"

static void turn(client *c)
{
    size_t index = client_pick_key(c);
    seen now = client_get(c, index);
    if (now.outcome != OUTCOME_OK || client_over(c))
        return;
    if (now.absent)
        client_put_if(c, index, client_pick_size(c), NULL);
    else if (now.value != 0 && now.tag[0] != '\0')
        client_put_if(c, index, client_pick_size(c), &now);
}

const behaviour behaviour_conditional = {
    .name = "conditional",
    .description =
        "replaces shared files only if they are still what it read (If-Match, If-None-Match)",
    .capabilities = CAPABILITY_FILES | CAPABILITY_CONDITIONS,
    .operations = 1u << OPERATION_PUT | 1u << OPERATION_GET,
    .turn = turn,
};
