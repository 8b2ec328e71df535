#include "service.h"

#include <stdlib.h>

#include "accounts.h"
#include "base/arena.h"
#include "base/files.h"
#include "base/timing.h"
#include "cache.h"
#include "channel_store.h"
#include "metrics.h"
#include "rate.h"
#include "uploads.h"
#include "watchers.h"

/* A clock that was set back while the server was down does not go back for it. */
static uint64_t start_time(const store *s)
{
    uint64_t wall = timing_wall();
    return wall > store_clock(s) ? wall : store_clock(s);
}

bool service_open(service *s, const service_options *options, error *e)
{
    *s = (service){.limits = options->limits,
                   .accounts = options->accounts,
                   .token_life = options->token_life,
                   .admin_token = options->admin_token,
                   .metrics = memory_zeroed(1, sizeof(metrics)),
                   .cache = cache_open(options->cache),
                   .rate = options->rate > 0 ? rate_open(options->rate, options->burst) : NULL};
    if (options->accounts && !accounts_open(e))
        return false;
    if (!files_make_directories(options->data, 0755, e))
        return false;
    s->blobs = blob_open(options->data, e);
    if (s->blobs == NULL)
        return false;
    s->store =
        store_open(options->data, options->readers, options->changes_kept, options->query_most, e);
    if (s->store == NULL)
        return false;
    s->wall_offset = start_time(s->store) - timing_now();
    if (!blob_sweep(s->blobs, store_knows_blob, s->store, e))
        return false;
    s->watchers = watchers_open(options->watchers_most, store_newest_change(s->store), e);
    if (s->watchers == NULL)
        return false;
    store_tell(s->store, watchers_tell, s->watchers);
    s->uploads = uploads_open(options->data, s->store, options->upload_life, s->wall_offset, e);
    if (s->uploads == NULL)
        return false;
    s->channels = channels_open(options->data, s->blobs, s->store, e);
    return s->channels != NULL;
}

void service_close(service *s)
{
    channels_close(s->channels);
    uploads_close(s->uploads);
    store_close(s->store);
    watchers_close(s->watchers);
    blob_close(s->blobs);
    rate_close(s->rate);
    cache_close(s->cache);
    free(s->metrics);
}
