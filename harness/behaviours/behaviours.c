#include "behaviours/behaviour.h"

#include <string.h>

/* One row a behaviour. */
extern const behaviour behaviour_put_get;
extern const behaviour behaviour_conditional;
extern const behaviour behaviour_ranges;
extern const behaviour behaviour_delete_put;
extern const behaviour behaviour_list;
extern const behaviour behaviour_versions;
extern const behaviour behaviour_move;
extern const behaviour behaviour_share;
extern const behaviour behaviour_download;
extern const behaviour behaviour_upload;
extern const behaviour behaviour_upload_cut;
extern const behaviour behaviour_upload_abandon;
extern const behaviour behaviour_upload_rivals;
extern const behaviour behaviour_slow;
extern const behaviour behaviour_drop;
extern const behaviour behaviour_garbage;
extern const behaviour behaviour_mutated;
extern const behaviour behaviour_slowloris;
extern const behaviour behaviour_linger;
extern const behaviour behaviour_cleaner;
extern const behaviour behaviour_retry_put;
extern const behaviour behaviour_health_watch;
extern const behaviour behaviour_watcher;
extern const behaviour behaviour_trash;
extern const behaviour behaviour_mixed;
extern const behaviour behaviour_channel_writer;
extern const behaviour behaviour_login;
extern const behaviour behaviour_quota_filler;

/* clang-format off */
const behaviour *const behaviours[] = {
    &behaviour_put_get,
    &behaviour_conditional,
    &behaviour_ranges,
    &behaviour_delete_put,
    &behaviour_list,
    &behaviour_versions,
    &behaviour_move,
    &behaviour_share,
    &behaviour_download,
    &behaviour_upload,
    &behaviour_upload_cut,
    &behaviour_upload_abandon,
    &behaviour_upload_rivals,
    &behaviour_slow,
    &behaviour_drop,
    &behaviour_garbage,
    &behaviour_mutated,
    &behaviour_slowloris,
    &behaviour_linger,
    &behaviour_cleaner,
    &behaviour_retry_put,
    &behaviour_health_watch,
    &behaviour_watcher,
    &behaviour_trash,
    &behaviour_mixed,
    &behaviour_channel_writer,
    &behaviour_login,
    &behaviour_quota_filler,
};
/* clang-format on */
const size_t behaviour_count = sizeof behaviours / sizeof behaviours[0];

const behaviour *behaviour_named(const char *name)
{
    for (size_t i = 0; i < behaviour_count; i++)
        if (strcmp(behaviours[i]->name, name) == 0)
            return behaviours[i];
    return NULL;
}
