/* Small file helpers whose every failure is an error with the path in it. */
#ifndef ORDEAL_BASE_FILES_H
#define ORDEAL_BASE_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/buffer.h"
#include "base/error.h"

/* The whole of `fd` gets all of `bytes`, short writes continued. False leaves errno as the system
 * set it. */
bool files_write_all(int fd, const void *bytes, size_t length);
/* Reads a regular file of at most `limit` bytes to the end of `out`. */
bool files_read(const char *path, size_t limit, buffer *out, error *e);
/* Unique temporary name in the same directory, fsync, rename, fsync of the directory. */
bool files_replace(const char *path, const void *bytes, size_t length, error *e);
/* Like mkdir -p. */
bool files_make_directories(const char *path, mode_t mode, error *e);
/* Like rm -rf; never crosses into another file system, so a forgotten mount keeps its content. */
bool files_remove_tree(const char *path, error *e);
/* Empties a directory and leaves it in place. */
bool files_remove_content(const char *path, error *e);
/* Copies what `from` holds into the existing directory `to`: directories, regular files and
 * symbolic links. */
bool files_copy_tree(const char *from, const char *to, error *e);
bool files_sync_directory(const char *path, error *e);
/* One of our own programs: what the environment variable `override` says, else `name` in the folder
 * of the running program. */
bool files_beside_program(char *out, size_t size, const char *name, const char *override, error *e);
/* "a/b"; the result must fit in `size` or the place is reported. */
bool files_join(char *out, size_t size, const char *directory, const char *name, error *e);

#endif
