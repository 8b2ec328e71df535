#include "drivers/reference/reference.h"

const driver driver_reference = {
    .name = "reference",
    .description = "the storage API of the reference server (reference/CONTRACT.md)",
    /* clang-format off */
    .capabilities = 0
        | CAPABILITY_FILES
        | CAPABILITY_CONDITIONS
        | CAPABILITY_RANGES
        | CAPABILITY_LIST
        | CAPABILITY_VERSIONS
        | CAPABILITY_MOVES
        | CAPABILITY_UPLOADS
        | CAPABILITY_SHARES
        | CAPABILITY_CHANNELS
        | CAPABILITY_ACCOUNTS
        | CAPABILITY_ADMIN
        | CAPABILITY_CHANGES
        ,
    /* clang-format on */
    /* files */
    .put = reference_put,
    .get = reference_get,
    .head = reference_head,
    .remove = reference_remove,
    /* ranges */
    .get_range = reference_get_range,
    /* list */
    .list = reference_list,
    /* versions */
    .get_version = reference_get_version,
    .versions = reference_versions,
    .restore = reference_restore,
    /* moves */
    .move = reference_move,
    /* uploads */
    .upload_create = reference_upload_create,
    .upload_patch = reference_upload_patch,
    .upload_head = reference_upload_head,
    .upload_cancel = reference_upload_cancel,
    /* shares */
    .share_create = reference_share_create,
    .share_get = reference_share_get,
    .share_delete = reference_share_delete,
    /* changes */
    .changes = reference_changes,
    /* channels */
    .channel_append = reference_channel_append,
    .channel_read = reference_channel_read,
    /* accounts */
    .sign_up = reference_sign_up,
    .sign_in = reference_sign_in,
    .usage = reference_usage,
    /* admin */
    .cleanup = reference_cleanup,
    .ready = reference_ready,
    .counts = reference_counts,
};
