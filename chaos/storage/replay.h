/* Power loss: which disks may be left when the power goes at a given point of the operation log.
 *
 * A replay starts from a snapshot of the data directory (taken before the mount) and walks the log
 * forward, keeping apart what is certainly on the disk and what is pending; each build or hash at
 * the current cut costs what that state holds, so exploring all cuts is one pass, never quadratic
 * in the log. Needs no mount and no root. One thread at a time; memory: names, extents and one file
 * of at most REPLAY_FILE_MOST bytes; written bytes stay in the mapped log.
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
/* Equal numbers: equal disks. `sector`: 512 or 4096. */
bool replay_hash(replay *r, replay_model model, uint64_t seed, uint32_t sector, uint64_t *hash,
                 error *e);
/* Fills the existing, empty directory. */
bool replay_build(replay *r, replay_model model, uint64_t seed, uint32_t sector,
                  const char *directory, error *e);
/* Why `path` ("/a/b") may be missing or wrong at this cut: the operation whose sync is missing, in
 * a sentence. False: all of it was synced. */
bool replay_blame(const replay *r, const char *path, char *sentence, size_t size);

#endif
