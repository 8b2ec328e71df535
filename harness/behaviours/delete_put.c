/* delete-put: deletes a file, looks that it is gone, writes it again, reads it. */
#include "client/files.h"
#include "history/record.h"

static void turn(client *c)
{
    size_t index = client_pick_key(c);
    client_delete(c, index);
    if (!client_over(c))
        client_get(c, index);
    if (!client_over(c))
        client_put(c, index, client_pick_size(c));
    if (!client_over(c))
        client_get(c, index);
}

const behaviour behaviour_delete_put = {
    .name = "delete-put",
    .description = "deletes shared files, looks that they are gone, writes them again",
    .capabilities = CAPABILITY_FILES,
    .operations = 1u << OPERATION_DELETE | 1u << OPERATION_PUT | 1u << OPERATION_GET,
    .turn = turn,
};
