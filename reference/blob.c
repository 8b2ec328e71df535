#include "blob.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/files.h"
#include "base/log.h"
#include "base/timing.h"

#define SHARDS       256
#define RETRIES_MOST 5
#define RETRY_PAUSE  (2 * NANOSECONDS_PER_MILLISECOND)

struct blob_store {
    char root[512];
    atomic_uint_fast64_t temporary;
    atomic_bool made[SHARDS]; /* the shard is there, and the power may go */
};

static void shard_path(const blob_store *b, const char *name, char out[PATH_MAX])
{
    snprintf(out, PATH_MAX, "%s/blobs/%.2s", b->root, name);
}

static unsigned shard_number(const char *name)
{
    char digits[3] = {name[0], name[1], '\0'};
    return (unsigned)strtoul(digits, NULL, 16) % SHARDS;
}

static void blob_path(const blob_store *b, const char *name, char out[PATH_MAX])
{
    snprintf(out, PATH_MAX, "%s/blobs/%.2s/%s", b->root, name, name);
}

static void temporary_path(const blob_store *b, const char *name, char out[PATH_MAX])
{
    snprintf(out, PATH_MAX, "%s/tmp/%s.part", b->root, name);
}

static problem_code problem_of_errno(int number)
{
    if (number == EEXIST)
        return PROBLEM_CONFLICT;
    return number == ENOSPC || number == EDQUOT ? PROBLEM_DISK_FULL : PROBLEM_STORAGE;
}

static bool fail(blob_writer *w, const char *what)
{
    int number = errno;
    if (w->failed == PROBLEM_NONE) {
        w->failed = problem_of_errno(number);
        log_event event;
        log_event_begin(&event, LOG_ERROR, "blob_failed");
        writer_put_text(&event.fields, "step", what);
        writer_put_text(&event.fields, "error", strerror(number));
        writer_put_text(&event.fields, "blob", w->name);
        log_event_end(&event);
    }
    return false;
}

/* --- opening --- */

static bool make_tree(const blob_store *b, error *e)
{
    char temporary[PATH_MAX];
    char blobs[PATH_MAX];
    snprintf(temporary, sizeof temporary, "%s/tmp", b->root);
    snprintf(blobs, sizeof blobs, "%s/blobs", b->root);
    return files_make_directories(temporary, 0755, e) && files_make_directories(blobs, 0755, e) &&
           files_sync_directory(blobs, e) && files_sync_directory(b->root, e);
}

blob_store *blob_open(const char *data, error *e)
{
    char path[PATH_MAX];
    blob_store *b = memory_zeroed(1, sizeof *b);
    int length = snprintf(b->root, sizeof b->root, "%s", data);
    snprintf(path, sizeof path, "%s/tmp", data);
    bool fine = length > 0 && (size_t)length < sizeof b->root;
    if (!fine)
        error_set(e, ERROR_USAGE, data, "the path of the data directory is too long");
    if (!fine || !make_tree(b, e) || !files_remove_content(path, e)) {
        free(b);
        return NULL;
    }
    return b;
}

void blob_close(blob_store *b)
{
    free(b);
}

/* --- writing --- */

static void new_name(char name[BLOB_NAME_SIZE])
{
    unsigned char bytes[16];
    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2hex(name, BLOB_NAME_SIZE, bytes, sizeof bytes);
}

/* Somebody removed a directory under us: make it again, durably, before trying once more. */
static void mend_directory(const blob_store *b, const char *path)
{
    error problem = {0};
    char parent[PATH_MAX];
    snprintf(parent, sizeof parent, "%.*s", (int)(strrchr(path, '/') - path), path);
    if (!files_make_directories(path, 0755, &problem) || !files_sync_directory(parent, &problem) ||
        !files_sync_directory(b->root, &problem))
        log_error(&problem);
}

bool blob_begin(blob_store *b, blob_writer *w)
{
    char path[PATH_MAX];
    char folder[PATH_MAX];
    *w = (blob_writer){.fd = -1};
    new_name(w->name);
    temporary_path(b, w->name, path);
    snprintf(folder, sizeof folder, "%s/tmp", b->root);
    for (int tries = 0; w->fd < 0 && tries < RETRIES_MOST; tries++) {
        w->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
        if (w->fd >= 0 || errno != ENOENT)
            break;
        mend_directory(b, folder);
        timing_sleep(RETRY_PAUSE << tries);
        errno = ENOENT;
    }
    if (w->fd < 0)
        return fail(w, "open");
    atomic_fetch_add(&b->temporary, 1);
    return true;
}

void blob_write(blob_writer *w, const void *bytes, size_t length)
{
    if (w->failed != PROBLEM_NONE || w->fd < 0)
        return;
    if (files_write_all(w->fd, bytes, length))
        w->size += length;
    else
        fail(w, "write");
}

static bool close_writer(blob_writer *w)
{
    int fd = w->fd;
    w->fd = -1;
    return close(fd) == 0 || fail(w, "close");
}

/* A shard is made, durably, when its first blob comes; one found at the start counts as made. */
static bool shard_ready(blob_store *b, const char *name)
{
    char path[PATH_MAX];
    char parent[PATH_MAX];
    error problem = {0};
    atomic_bool *made = &b->made[shard_number(name)];
    if (atomic_load(made))
        return true;
    shard_path(b, name, path);
    if (mkdir(path, 0755) != 0 && errno != EEXIST)
        return errno == ENOENT; /* all of blobs/ vanished: the rename mends that */
    snprintf(parent, sizeof parent, "%s/blobs", b->root);
    if (!files_sync_directory(parent, &problem)) {
        int number = errno;
        rmdir(path); /* a later sync that works would say nothing about this one */
        errno = number;
        return false;
    }
    atomic_store(made, true);
    return true;
}

static bool rename_durably(blob_store *b, blob_writer *w, const char *folder, const char *to,
                           unsigned how)
{
    char from[PATH_MAX];
    error problem = {0};
    temporary_path(b, w->name, from);
    int result = renameat2(AT_FDCWD, from, AT_FDCWD, to, how);
    for (int tries = 0;
         result != 0 && errno == ENOENT && access(from, F_OK) == 0 && tries < RETRIES_MOST;
         tries++) {
        mend_directory(b, folder);
        timing_sleep(RETRY_PAUSE << tries);
        result = renameat2(AT_FDCWD, from, AT_FDCWD, to, how);
    }
    if (result != 0)
        return fail(w, "rename");
    atomic_fetch_sub(&b->temporary, 1);
    return files_sync_directory(folder, &problem) || fail(w, "fsync of the directory");
}

static bool finish_content(blob_writer *w)
{
    bool fine = w->failed == PROBLEM_NONE && w->fd >= 0;
    if (fine && fsync(w->fd) != 0)
        fine = fail(w, "fsync");
    if (w->fd >= 0 && !close_writer(w))
        fine = false;
    return fine;
}

bool blob_commit(blob_store *b, blob_writer *w)
{
    char to[PATH_MAX];
    char folder[PATH_MAX];
    blob_path(b, w->name, to);
    shard_path(b, w->name, folder);
    if (finish_content(w)) {
        if (!shard_ready(b, w->name))
            fail(w, "making of the shard");
        else if (rename_durably(b, w, folder, to, 0))
            return true;
        else
            unlink(to);
    }
    blob_abandon(b, w);
    return false;
}

bool blob_commit_as(blob_store *b, blob_writer *w, const char *folder, const char *file, bool fresh)
{
    char to[PATH_MAX];
    char place[PATH_MAX];
    int length = snprintf(place, sizeof place, "%s/%s", b->root, folder);
    CHECK(length > 0 && (size_t)length < sizeof place - 1 - strlen(file));
    snprintf(to, sizeof to, "%.*s/%s", length, place, file);
    if (finish_content(w) && rename_durably(b, w, place, to, fresh ? RENAME_NOREPLACE : 0))
        return true;
    blob_abandon(b, w);
    return false;
}

void blob_abandon(blob_store *b, blob_writer *w)
{
    char path[PATH_MAX];
    if (w->fd >= 0)
        close_writer(w);
    if (w->name[0] == '\0')
        return;
    temporary_path(b, w->name, path);
    if (unlink(path) == 0)
        atomic_fetch_sub(&b->temporary, 1);
    w->name[0] = '\0';
}

/* --- the rest --- */

bool blob_adopt(blob_store *b, const char *path, const char *name)
{
    char to[PATH_MAX];
    char folder[PATH_MAX];
    error problem = {0};
    blob_path(b, name, to);
    shard_path(b, name, folder);
    if (!shard_ready(b, name))
        return false;
    int result = link(path, to);
    for (int tries = 0; result != 0 && errno == ENOENT && tries < RETRIES_MOST; tries++) {
        mend_directory(b, folder);
        timing_sleep(RETRY_PAUSE << tries);
        result = link(path, to);
    }
    /* It is there when an earlier try ended between here and the store; it is the same file. */
    if (result != 0 && errno != EEXIST)
        return false;
    if (files_sync_directory(folder, &problem))
        return true;
    int number = errno;
    unlink(to);
    errno = number;
    return false;
}

int blob_read(const blob_store *b, const char *name)
{
    char path[PATH_MAX];
    blob_path(b, name, path);
    return open(path, O_RDONLY | O_CLOEXEC);
}

void blob_remove(const blob_store *b, const char *name)
{
    char path[PATH_MAX];
    blob_path(b, name, path);
    if (unlink(path) != 0 && errno != ENOENT)
        log_line(LOG_WARNING, "cannot remove blob %s: %s", name, strerror(errno));
}

static bool sweep_shard(blob_store *b, const char *path,
                        bool (*known)(void *owner, const char *name), void *owner, error *e)
{
    DIR *directory = opendir(path);
    if (directory == NULL)
        return error_errno(e, path, "cannot open the directory");
    errno = 0;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL; errno = 0)
        if (strlen(entry->d_name) == BLOB_NAME_SIZE - 1 && !known(owner, entry->d_name))
            blob_remove(b, entry->d_name);
    bool whole = errno == 0 || error_errno(e, path, "cannot read the directory");
    closedir(directory);
    return whole;
}

static bool is_shard(const char *name)
{
    return strlen(name) == 2 && strspn(name, "0123456789abcdef") == 2;
}

bool blob_sweep(blob_store *b, bool (*known)(void *owner, const char *name), void *owner, error *e)
{
    char root[PATH_MAX];
    char path[PATH_MAX];
    snprintf(root, sizeof root, "%s/blobs", b->root);
    DIR *directory = opendir(root);
    if (directory == NULL)
        return error_errno(e, root, "cannot open the directory");
    bool fine = true;
    errno = 0;
    for (struct dirent *entry; fine && (entry = readdir(directory)) != NULL; errno = 0) {
        if (!is_shard(entry->d_name))
            continue;
        shard_path(b, entry->d_name, path);
        fine = sweep_shard(b, path, known, owner, e);
        atomic_store(&b->made[shard_number(entry->d_name)], true);
    }
    if (fine && errno != 0)
        fine = error_errno(e, root, "cannot read the directory");
    closedir(directory);
    return fine;
}

uint64_t blob_temporary_count(const blob_store *b)
{
    return atomic_load(&b->temporary);
}
