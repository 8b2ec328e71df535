/* upload-abandon: leaves an upload after a few pieces, or ends it early, and uses the name at once
 * for something else. */
#include "client/files.h"
#include "client/uploads.h"
#include "history/record.h"

static const parameter parameters[] = {
    {"pieces", PARAMETER_WHOLE, "7", "sent at most, of one more that the upload would have", NULL},
    {"cancelled", PARAMETER_FRACTION, "30%", "of them are ended early, the others just left", NULL},
};
enum { PIECES, CANCELLED };

static void turn(client *c)
{
    notice upload;
    size_t index = client_pick_key(c);
    uint64_t pieces = client_value(c, PIECES)->number + 1;
    uint64_t piece = 1 + client_pick_size(c) / pieces;
    if (client_upload_create(c, index, piece * pieces, &upload).outcome != OUTCOME_OK)
        return;
    uint64_t sent = random_below(client_random(c), pieces);
    for (uint64_t i = 0; i < sent && !client_over(c); i++)
        client_upload_piece(c, &upload, piece);
    if (client_over(c))
        return;
    if (random_unit(client_random(c)) < client_value(c, CANCELLED)->real) {
        client_upload_cancel(c, &upload);
        client_upload_offset(c, &upload);
    }
    if (!client_over(c))
        client_put(c, index, client_pick_size(c));
    if (!client_over(c))
        client_get(c, index);
}

const behaviour behaviour_upload_abandon = {
    .name = "upload-abandon",
    .description = "leaves uploads unfinished or ends them early, and uses their names at once",
    .parameters = parameters,
    .parameter_count = sizeof parameters / sizeof parameters[0],
    .capabilities = CAPABILITY_FILES | CAPABILITY_UPLOADS,
    .operations = 1u << OPERATION_UPLOAD_CREATE | 1u << OPERATION_UPLOAD_PATCH |
                  1u << OPERATION_UPLOAD_CANCEL | 1u << OPERATION_PUT | 1u << OPERATION_GET,
    .turn = turn,
};
