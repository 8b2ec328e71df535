/* Drops the kernel's caches, from a thread of its own because doing it inside a request can
 * deadlock: all of them when the harness raises `epoch`, one inode's pages after a write that was
 * not what it seemed. The same thread watches the lifeline to the harness. */
#ifndef ORDEAL_CHAOS_STORAGE_INVALIDATOR_H
#define ORDEAL_CHAOS_STORAGE_INVALIDATOR_H

#include "chaos/storage/filesystem.h"

/* `lifeline`: the reading end of a pipe whose end-of-file says that the harness is gone; -1: none.
 * The process then gets SIGTERM. */
invalidator *invalidator_start(filesystem *fs, int lifeline);
void invalidator_touch(invalidator *self, fuse_ino_t number);
void invalidator_stop(invalidator *self);

#endif
