/* upload-rivals: many clients send pieces to the same uploads at once; none may get mixed. */
#include "client/files.h"
#include "client/uploads.h"
#include "history/record.h"

static const parameter parameters[] = {
    {"piece", PARAMETER_SIZE, "2KiB", "bytes sent in one request; 0: all that is left", NULL},
    {"own", PARAMETER_FRACTION, "25%", "of the visits begin an upload, the others join one", NULL},
};
enum { PIECE, OWN };

static bool find_upload(client *c, notice *upload)
{
    bool own = random_unit(client_random(c)) < client_value(c, OWN)->real;
    if (!own && board_pick(c->stage->board, BOARD_UPLOADS, client_random(c), upload))
        return client_upload_offset(c, upload).outcome == OUTCOME_OK;
    uint64_t size = 1 + client_pick_size(c);
    if (client_upload_create(c, client_pick_key(c), size, upload).outcome != OUTCOME_OK)
        return false;
    board_post(c->stage->board, BOARD_UPLOADS, upload);
    return true;
}

static void turn(client *c)
{
    notice upload;
    if (!find_upload(c, &upload) || client_over(c))
        return;
    client_upload_rest(c, &upload, client_value(c, PIECE)->number);
    if (!client_over(c))
        client_get(c, upload.key_index);
}

const behaviour behaviour_upload_rivals = {
    .name = "upload-rivals",
    .description = "sends pieces to uploads that others send pieces to at the same time",
    .parameters = parameters,
    .parameter_count = sizeof parameters / sizeof parameters[0],
    .capabilities = CAPABILITY_FILES | CAPABILITY_UPLOADS,
    .operations = 1u << OPERATION_UPLOAD_CREATE | 1u << OPERATION_UPLOAD_PATCH |
                  1u << OPERATION_UPLOAD_HEAD | 1u << OPERATION_GET,
    .turn = turn,
};
