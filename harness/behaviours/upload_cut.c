/* upload-cut: drops the connection in the middle of pieces, and resumes where the target says. */
#include "client/files.h"
#include "client/uploads.h"
#include "history/record.h"

static const parameter parameters[] = {
    {"piece", PARAMETER_SIZE, "8KiB", "bytes sent in one request; 0: all that is left", NULL},
    {"cuts", PARAMETER_WHOLE, "2", "connections dropped in the middle of each upload", NULL},
};
enum { PIECE, CUTS };

static void cut(client *c, notice *upload)
{
    uint64_t left = upload->what.size - upload->what.offset;
    uint64_t piece = client_value(c, PIECE)->number;
    uint64_t length = piece > 0 && piece < left ? piece : left;
    client_upload_cut_piece(c, upload, length, random_below(client_random(c), length));
    if (!client_over(c))
        client_upload_offset(c, upload);
}

static void turn(client *c)
{
    notice upload;
    size_t index = client_pick_key(c);
    uint64_t size = 1 + client_pick_size(c);
    if (client_upload_create(c, index, size, &upload).outcome != OUTCOME_OK)
        return;
    for (uint64_t i = 0; i < client_value(c, CUTS)->number; i++)
        if (!client_over(c) && upload.what.offset < size)
            cut(c, &upload);
    if (client_upload_rest(c, &upload, client_value(c, PIECE)->number) && !client_over(c))
        client_get(c, index);
}

const behaviour behaviour_upload_cut = {
    .name = "upload-cut",
    .description = "drops connections in the middle of uploads, and resumes where the target says",
    .parameters = parameters,
    .parameter_count = sizeof parameters / sizeof parameters[0],
    .capabilities = CAPABILITY_FILES | CAPABILITY_UPLOADS,
    .operations = 1u << OPERATION_UPLOAD_CREATE | 1u << OPERATION_UPLOAD_PATCH |
                  1u << OPERATION_UPLOAD_HEAD | 1u << OPERATION_GET,
    .turn = turn,
};
