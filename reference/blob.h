/* File contents: one blob file each, written once under a name of its own and never changed.
 *
 * A blob becomes visible by: unique temporary file on the same file system, write, fsync, close,
 * rename, fsync of the directory. A blob that nothing in the store names is garbage, and is removed
 * at the next start. A failed fsync means that the content is lost: the blob is dropped, never
 * retried as if it had worked. Blobs lie in one of 256 directories, made when its first one comes.
 * A directory that vanished is made again, a bounded number of times. */
#ifndef REFERENCE_BLOB_H
#define REFERENCE_BLOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "problem.h"

#define BLOB_NAME_SIZE 33 /* 32 hexadecimal digits */

typedef struct blob_store blob_store;

typedef struct {
    int fd; /* -1: none */
    uint64_t size;
    char name[BLOB_NAME_SIZE];
    problem_code failed; /* the first failure sticks; later pieces are dropped */
} blob_writer;

/* Makes what is missing under `data`, and removes temporary files of earlier lives. */
blob_store *blob_open(const char *data, error *e);
void blob_close(blob_store *b);

bool blob_begin(blob_store *b, blob_writer *w);
void blob_write(blob_writer *w, const void *bytes, size_t length);
/* Makes it durable under w->name. False: see w->failed; nothing is left behind. */
bool blob_commit(blob_store *b, blob_writer *w);
/* The same way to data/FOLDER/FILE instead, over what is there; `fresh`: only when nothing is
 * there, else PROBLEM_CONFLICT. When only the last step fails (the fsync of the directory) the new
 * content stands, and nobody knows for how long. */
bool blob_commit_as(blob_store *b, blob_writer *w, const char *folder, const char *file,
                    bool fresh);
void blob_abandon(blob_store *b, blob_writer *w);

/* Makes the finished and synced file at `path` the blob `name` too; false leaves errno. */
bool blob_adopt(blob_store *b, const char *path, const char *name);
int blob_read(const blob_store *b, const char *name); /* -1 with errno */
void blob_remove(const blob_store *b, const char *name);
/* Calls `known` for every blob and removes those for which it is false. */
bool blob_sweep(blob_store *b, bool (*known)(void *owner, const char *name), void *owner, error *e);
uint64_t blob_temporary_count(const blob_store *b);

#endif
