/* The inodes that the kernel knows of, each pinned by an O_PATH descriptor on the backing
 * directory, so that a backing number is never used again while we hold it.
 *
 * Bounded by the kernel's own cache (it says forget) and by the limit on descriptors, which the
 * program raises to the hard limit at start. Safe from any thread. */
#ifndef ORDEAL_CHAOS_STORAGE_INODES_H
#define ORDEAL_CHAOS_STORAGE_INODES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

typedef struct inode {
    struct inode *next; /* in its bucket */
    int fd;
    dev_t device;
    ino_t number;
    uint64_t id;      /* in the operation log */
    uint64_t lookups; /* that the kernel holds */
} inode;

typedef struct inode_table inode_table;

/* Takes over `root_fd`. */
inode_table *inodes_create(int root_fd, const struct stat *root);
void inodes_destroy(inode_table *table);
inode *inodes_root(inode_table *table);
/* One more lookup of what `status` describes; takes over `fd` (O_PATH) or closes it when the inode
 * was known. *fresh says that it was not. */
inode *inodes_take(inode_table *table, int fd, const struct stat *status, bool *fresh);
void inodes_forget(inode_table *table, inode *one, uint64_t lookups);
/* "/a/b" as it is on the backing directory now; "" once it has no name any more. */
void inodes_path(inode_table *table, const inode *one, char *path, size_t size);

/* For the dropping of caches: calls back for every inode with its parent (NULL for the root and
 * for what has no name) and name. Holds no lock during the call. */
typedef void inode_visitor(void *owner, const inode *one, const inode *parent, const char *name);
void inodes_visit(inode_table *table, inode_visitor *visitor, void *owner);

#endif
