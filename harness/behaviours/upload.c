/* upload: uploads files in pieces, resumes when something went wrong, and reads them back. */
#include "client/files.h"
#include "client/uploads.h"
#include "history/record.h"

static const parameter parameters[] = {
    {"piece", PARAMETER_SIZE, "4KiB", "bytes sent in one request; 0: all that is left", NULL},
};
enum { PIECE };

static void turn(client *c)
{
    notice upload;
    size_t index = client_pick_key(c);
    uint64_t size = 1 + client_pick_size(c);
    if (client_upload_create(c, index, size, &upload).outcome != OUTCOME_OK)
        return;
    if (client_upload_rest(c, &upload, client_value(c, PIECE)->number) && !client_over(c))
        client_get(c, index);
}

const behaviour behaviour_upload = {
    .name = "upload",
    .description = "uploads shared files in pieces, resumes after failures, reads them back",
    .parameters = parameters,
    .parameter_count = sizeof parameters / sizeof parameters[0],
    .capabilities = CAPABILITY_FILES | CAPABILITY_UPLOADS,
    .operations =
        1u << OPERATION_UPLOAD_CREATE | 1u << OPERATION_UPLOAD_PATCH | 1u << OPERATION_GET,
    .turn = turn,
};
