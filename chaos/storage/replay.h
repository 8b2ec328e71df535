/* Power loss: which disks may be left when the power goes at a given point of the operation log.
 *
 * A replay starts from a snapshot of the data directory (taken before the mount) and walks the log
 * forward, keeping apart what is certainly on the disk and what is pending, so exploring all cuts
 * is one pass over the log: a build costs what that disk holds, a hash its names and what is
 * pending. Needs no mount and no root. One thread at a time; memory: names, extents and one file of
 * at most REPLAY_FILE_MOST bytes; written bytes stay in the mapped log.
 *
 * Owners, times and extended attributes are not rebuilt; hard links in the snapshot become copies.
 */
#ifndef ORDEAL_CHAOS_STORAGE_REPLAY_H
#define ORDEAL_CHAOS_STORAGE_REPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define REPLAY_FILE_MOST ((uint64_t)1 << 30)

typedef enum {
    REPLAY_NONE,    /* all that was not synced is gone */
    REPLAY_JOURNAL, /* ext4, XFS: names survive as an ordered prefix, any sync forces the earlier
                       ones; of unsynced data any sectors, the size grown or not */
    REPLAY_POSIX,   /* btrfs-like: any subset; only a directory's own sync pins its names */
    REPLAY_ALL,     /* nothing is lost: kill -9 without a power cut */
    REPLAY_MODELS,
} replay_model;

typedef struct replay replay;

const char *replay_model_name(replay_model model);
/* REPLAY_MODELS when there is none of that name. */
replay_model replay_model_named(const char *name);

/* `snapshot` must outlive the replay and stay as it is; NULL: it began empty. */
replay *replay_open(const char *snapshot, const char *log, error *e);
void replay_close(replay *r);
/* Sequence of the last whole record in the log. */
uint64_t replay_last(const replay *r);
/* The power goes right after operation `cut`; only forward. */
bool replay_advance(replay *r, uint64_t cut, error *e);
/* The harness itself was at work here, replacing the disk after a power cut: no cut to explore. */
bool replay_replacing(const replay *r);

/* One disk that the cut may leave. */
typedef struct {
    replay_model model;
    uint64_t seed;
    uint32_t sector; /* 512 or 4096 */
    /* Of what the model and the seed take, only these operations, ascending, really go; everything
     * else is there whole. For whoever looks for the one to blame. */
    bool only;
    const uint64_t *lost;
    size_t lost_count;
} replay_disk;

/* Equal numbers: equal disks. */
bool replay_hash(replay *r, const replay_disk *disk, uint64_t *hash, error *e);
/* Fills the existing, empty directory. */
bool replay_build(replay *r, const replay_disk *disk, const char *directory, error *e);

/* The operations, ascending, that the disk lacks wholly or in part. The caller frees *lost. */
size_t replay_lost(const replay *r, const replay_disk *disk, uint64_t **lost);
/* A sentence about a pending operation: what it did, to which path, and which sync it waits for. */
void replay_describe(const replay *r, uint64_t sequence, char *sentence, size_t size);
/* What came right before the cut, and what would have come next. */
void replay_describe_cut(const replay *r, char *sentence, size_t size);

#endif
