/* Channels: the last samples of each, one JSON document a channel under data/channels.
 *
 * A document is never changed: an append makes the next one and puts it in its place by the way of
 * all content (see blob.h), so a reader needs no lock. One append works on a channel at a time; the
 * others wait a bounded time. The store knows which channels have a document, so that one that
 * vanished is not taken for one that never was. A document carries a hash of itself: one that is
 * cut or changed is neither served nor built upon. */
#ifndef REFERENCE_CHANNEL_STORE_H
#define REFERENCE_CHANNEL_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "blob.h"
#include "problem.h"
#include "samples.h"
#include "store.h"

typedef struct channel_store channel_store;

typedef struct {
    uint64_t total;   /* samples that the channel was ever given */
    uint64_t dropped; /* how many of them are gone: it holds `total` - `dropped` */
} channel_figures;

channel_store *channels_open(const char *data, blob_store *blobs, store *known, error *e);
void channels_close(channel_store *c);

/* PROBLEM_NONE when it is durable. PROBLEM_LOCK_TIMEOUT and PROBLEM_DISK_FULL: nothing was done. */
problem_code channels_append(channel_store *c, const char *channel, const samples *what,
                             channel_figures *out);
/* Samples from number `*from` on (the first ever is 0), at most `most`, as members of a JSON array.
 * `*from` becomes the number of the first that is given. PROBLEM_NOT_FOUND: nothing was ever
 * appended. */
problem_code channels_read(channel_store *c, const char *channel, uint64_t *from, uint64_t most,
                           buffer *rows, channel_figures *out);

#endif
