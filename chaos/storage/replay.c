#include "chaos/storage/replay.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/falloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/files.h"
#include "chaos/storage/replay_state.h"

#ifndef RENAME_EXCHANGE
#define RENAME_EXCHANGE (1 << 1)
#endif

#define LEAVE_BYTES ((size_t)8 << 20)
/* What the kernel maps around a page that is looked at. */
#define AROUND_BYTES ((size_t)64 << 10)

static const char *const model_names[REPLAY_MODELS] = {"none", "journal", "posix", "all"};

const char *replay_model_name(replay_model model)
{
    CHECK(model < REPLAY_MODELS);
    return model_names[model];
}

replay_model replay_model_named(const char *name)
{
    replay_model model = 0;
    while (model < REPLAY_MODELS && strcmp(model_names[model], name) != 0)
        model++;
    return model;
}

static bool load_snapshot(replay *r, node *directory, const char *path, error *e);

static bool load_entry(replay *r, node *directory, const char *path, const char *name, error *e)
{
    char whole[PATH_MAX];
    char target[PATH_MAX];
    struct stat status;
    if (!files_join(whole, sizeof whole, path, name, e))
        return false;
    if (lstat(whole, &status) != 0)
        return error_errno(e, whole, "cannot look at the snapshot");
    node *n = node_create(r, status.st_mode);
    for (int v = 0; v < VIEWS; v++)
        entries_set(&directory->names[v], name, n);
    if (S_ISDIR(status.st_mode)) {
        n->parent = directory;
        return load_snapshot(r, n, whole, e);
    }
    if (S_ISLNK(status.st_mode)) {
        ssize_t length = readlink(whole, target, sizeof target - 1);
        if (length < 0)
            return error_errno(e, whole, "cannot read the link");
        target[length] = '\0';
        n->target = memory_text(target);
    } else if (S_ISREG(status.st_mode)) {
        n->base = memory_text(whole);
        n->base_valid = n->size = (uint64_t)status.st_size;
    }
    return true;
}

static bool load_snapshot(replay *r, node *directory, const char *path, error *e)
{
    DIR *listing = opendir(path);
    if (listing == NULL)
        return error_errno(e, path, "cannot list the snapshot");
    bool done = true;
    const struct dirent *found;
    while (done && (found = readdir(listing)) != NULL)
        if (strcmp(found->d_name, ".") != 0 && strcmp(found->d_name, "..") != 0)
            done = load_entry(r, directory, path, found->d_name, e);
    closedir(listing);
    return done;
}

size_t record_length(const log_record *record)
{
    return LOG_PADDED(sizeof *record + (size_t)record->name_length + record->second_length +
                      record->data_length);
}

/* The record at `at`, or NULL at the end. A tail that is only half there is an end: the daemon may
 * have been killed; anything else that does not fit is damage. */
static const log_record *record_at(const replay *r, size_t at, error *e)
{
    const log_record *record = (const log_record *)(const void *)(r->log + at);
    if (at + sizeof *record > r->log_bytes)
        return NULL;
    if (record->magic != LOG_MAGIC || record->kind >= LOG_KINDS) {
        error_set(e, ERROR_CORRUPT, "operation log", "holds no record at byte %zu", at);
        return NULL;
    }
    size_t length = record_length(record);
    if (at + length > r->log_bytes)
        return NULL;
    XXH3_state_t *state = XXH3_createState();
    CHECK(state != NULL);
    log_record head = *record;
    head.checksum = 0;
    XXH3_64bits_reset(state);
    XXH3_64bits_update(state, &head, sizeof head);
    XXH3_64bits_update(state, record + 1, length - sizeof head);
    uint64_t sum = XXH3_64bits_digest(state);
    XXH3_freeState(state);
    if (sum == record->checksum)
        return record;
    error_set(e, ERROR_CORRUPT, "operation log", "the record at byte %zu is damaged", at);
    return NULL;
}

/* What lies behind us is looked at again only where a disk needs it: the log may be larger than the
 * memory that we may take. */
static void leave_behind(replay *r, size_t at)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t end = at / page * page;
    if (end < r->left_behind + LEAVE_BYTES)
        return;
    madvise((void *)(uintptr_t)(r->log + r->left_behind), end - r->left_behind, MADV_DONTNEED);
    r->left_behind = end;
}

void log_looked_at(replay *r, size_t bytes)
{
    r->looked_at += bytes + AROUND_BYTES;
    if (r->looked_at < LEAVE_BYTES || r->log == NULL)
        return;
    madvise((void *)(uintptr_t)r->log, r->log_bytes, MADV_DONTNEED);
    r->looked_at = 0;
}

static bool check_log(replay *r, error *e)
{
    const log_record *record;
    size_t at = 0;
    error found = {0};
    while ((record = record_at(r, at, &found)) != NULL) {
        if (record->sequence != r->last + 1)
            return error_set(e, ERROR_CORRUPT, "operation log", "operation %llu follows %llu",
                             (unsigned long long)record->sequence, (unsigned long long)r->last);
        r->last = record->sequence;
        at += record_length(record);
        leave_behind(r, at);
    }
    r->left_behind = 0;
    r->log_bytes = at;
    if (found.kind == ERROR_NONE)
        return true;
    *e = found;
    return false;
}

static bool map_log(replay *r, const char *path, error *e)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &status) != 0) {
        error_errno(e, path, "cannot open the operation log");
        if (fd >= 0)
            close(fd);
        return false;
    }
    r->log_bytes = (size_t)status.st_size;
    void *bytes =
        r->log_bytes == 0 ? NULL : mmap(NULL, r->log_bytes, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (bytes == MAP_FAILED) {
        r->log_bytes = 0;
        return error_errno(e, path, "cannot map the operation log");
    }
    r->log = bytes;
    return true;
}

static void know(replay *r, uint64_t id, node *n)
{
    while (id >= r->id_capacity) {
        size_t capacity = r->id_capacity == 0 ? 64 : r->id_capacity * 2;
        r->by_id = memory_resize(r->by_id, capacity * sizeof(node *));
        memset(r->by_id + r->id_capacity, 0, (capacity - r->id_capacity) * sizeof(node *));
        r->id_capacity = capacity;
    }
    r->by_id[id] = n;
}

replay *replay_open(const char *snapshot, const char *log, error *e)
{
    replay *r = memory_zeroed(1, sizeof *r);
    r->root = node_create(r, S_IFDIR | 0755);
    know(r, LOG_ROOT, r->root);
    if (map_log(r, log, e)) {
        size_t mapped = r->log_bytes;
        bool good = check_log(r, e) && (snapshot == NULL || load_snapshot(r, r->root, snapshot, e));
        size_t useful = r->log_bytes;
        r->log_bytes = mapped;
        if (good) {
            r->log_end = useful;
            return r;
        }
    }
    replay_close(r);
    return NULL;
}

void replay_close(replay *r)
{
    for (int v = 0; v < VIEWS; v++)
        namings_release(&r->pending[v]);
    node_release_all(r);
    if (r->log != NULL)
        munmap((void *)(uintptr_t)r->log, r->log_bytes);
    free(r->by_id);
    free(r);
}

uint64_t replay_last(const replay *r)
{
    return r->last;
}

bool replay_replacing(const replay *r)
{
    return r->replacing;
}

node *node_of(const replay *r, uint64_t id)
{
    return id < r->id_capacity ? r->by_id[id] : NULL;
}

static bool unknown(const log_record *record, error *e)
{
    return error_set(e, ERROR_CORRUPT, "operation log",
                     "operation %llu is about something that was never met; does the snapshot "
                     "belong to this log?",
                     (unsigned long long)record->sequence);
}

/* A program sees it at once; the disk may not. */
static void rename_live(replay *r, const naming *one)
{
    naming_apply(one, VIEW_LIVE);
    for (size_t i = 0; i < one->count; i++)
        if (one->edits[i].of != NULL && S_ISDIR(one->edits[i].of->mode))
            one->edits[i].of->parent = one->edits[i].directory;
    namings_add(&r->pending[VIEW_STRICT], one);
    namings_add(&r->pending[VIEW_JOURNAL], one);
}

static bool play_naming(replay *r, const log_record *record, char *name, char *second, error *e)
{
    static const mode_t types[LOG_KINDS] = {
        [LOG_CREATE] = S_IFREG, [LOG_MKDIR] = S_IFDIR, [LOG_SYMLINK] = S_IFLNK};
    node *parent = node_of(r, record->parent);
    if (parent == NULL)
        return unknown(record, e);
    naming one = {.sequence = record->sequence, .kind = record->kind, .count = 1};
    one.edits[0] = (edit){.directory = parent, .name = name};
    if (record->kind == LOG_UNLINK || record->kind == LOG_RMDIR) {
        one.edits[0].of = NULL;
    } else if (record->kind == LOG_LINK) {
        one.edits[0].of = node_of(r, record->inode);
        if (one.edits[0].of == NULL)
            return unknown(record, e);
    } else if (record->kind == LOG_RENAME) {
        node *other = node_of(r, record->other);
        node *moved = entries_find(&parent->names[VIEW_LIVE], name);
        if (other == NULL || moved == NULL)
            return unknown(record, e);
        if (record->mode & RENAME_EXCHANGE)
            one.edits[0].of = entries_find(&other->names[VIEW_LIVE], second);
        one.edits[1] = (edit){.directory = other, .name = second, .of = moved};
        one.count = 2;
    } else {
        mode_t type = record->kind == LOG_MKNOD ? record->mode & S_IFMT : types[record->kind];
        node *n = node_create(r, type | (record->mode & 07777));
        n->target = record->kind == LOG_SYMLINK ? memory_text(second) : NULL;
        know(r, record->inode, n);
        one.edits[0].of = n;
    }
    rename_live(r, &one);
    return true;
}

static uint64_t live_size(const node *n)
{
    uint64_t size = n->size;
    for (size_t i = 0; i < n->change_count; i++) {
        const change *one = &n->changes[i];
        uint64_t end = one->offset + one->length;
        if (one->kind == LOG_TRUNCATE || end > size)
            size = end;
    }
    return size;
}

static bool play_allocate(node *n, const log_record *record, change one, error *e)
{
    uint64_t end = record->offset + record->size;
    uint64_t size = live_size(n);
    if (record->mode & (FALLOC_FL_COLLAPSE_RANGE | FALLOC_FL_INSERT_RANGE))
        return error_set(e, ERROR_UNABLE, "operation log",
                         "operation %llu shifts a range by fallocate, which is not replayed",
                         (unsigned long long)record->sequence);
    if (record->mode & (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE)) {
        one.kind = LOG_WRITE;
        one.length = end <= size || !(record->mode & FALLOC_FL_KEEP_SIZE) ? record->size
                     : record->offset < size                              ? size - record->offset
                                                                          : 0;
        if (one.length > 0)
            changes_add(n, one);
    } else if (!(record->mode & FALLOC_FL_KEEP_SIZE) && end > size) {
        one.kind = LOG_TRUNCATE;
        one.offset = end;
        changes_add(n, one);
    }
    return true;
}

static bool play_content(node *n, const log_record *record, const char *data, error *e)
{
    change one = {.sequence = record->sequence, .kind = record->kind, .offset = record->offset};
    if (record->kind == LOG_ALLOCATE)
        return play_allocate(n, record, one, e);
    if (record->kind == LOG_TRUNCATE) {
        one.offset = record->size;
    } else {
        one.length = record->data_length;
        one.bytes = data;
    }
    changes_add(n, one);
    return true;
}

typedef struct {
    const node *directory; /* NULL: any */
    uint64_t covered;
} sync_reach;

static bool reached(const naming *one, const void *with)
{
    const sync_reach *reach = with;
    if (one->sequence > reach->covered)
        return false;
    for (size_t i = 0; i < one->count; i++)
        if (reach->directory == NULL || one->edits[i].directory == reach->directory)
            return true;
    return false;
}

static void play_sync(replay *r, node *n, const log_record *record)
{
    sync_reach own = {.directory = n, .covered = record->size};
    sync_reach any = {.covered = record->size};
    changes_pin(n, record->size);
    if (record->kind == LOG_FSYNCDIR)
        namings_pin(r, VIEW_STRICT, reached, &own);
    namings_pin(r, VIEW_JOURNAL, reached, &any);
}

/* What was there at this moment is the disk: the harness put it there after a power cut. */
static void play_settled(replay *r)
{
    sync_reach any = {.covered = UINT64_MAX};
    for (node *n = r->nodes; n != NULL; n = n->next)
        changes_pin(n, UINT64_MAX);
    namings_pin(r, VIEW_STRICT, reached, &any);
    namings_pin(r, VIEW_JOURNAL, reached, &any);
}

static bool play_met(replay *r, const log_record *record, const char *name, error *e)
{
    node *parent = node_of(r, record->parent);
    if (parent == NULL)
        return unknown(record, e);
    node *n = entries_find(&parent->names[VIEW_LIVE], name);
    if (n == NULL)
        return error_set(e, ERROR_CORRUPT, "operation log",
                         "operation %llu met '%s', which is not in the snapshot",
                         (unsigned long long)record->sequence, name);
    know(r, record->inode, n);
    return true;
}

static bool play_on_node(replay *r, const log_record *record, const char *data, error *e)
{
    node *n = node_of(r, record->inode);
    if (n == NULL)
        return unknown(record, e);
    if (record->kind == LOG_MODE)
        n->mode = (n->mode & S_IFMT) | (record->mode & 07777);
    else if (record->kind == LOG_SYNC_FAILED)
        changes_kill(n, record->size);
    else if (record->kind == LOG_FSYNC || record->kind == LOG_FSYNCDIR)
        play_sync(r, n, record);
    else
        return play_content(n, record, data, e);
    return true;
}

static bool play(replay *r, const log_record *record, error *e)
{
    const char *at = (const char *)(record + 1);
    char name[PATH_MAX];
    char second[PATH_MAX];
    if (record->name_length >= sizeof name || record->second_length >= sizeof second)
        return error_set(e, ERROR_CORRUPT, "operation log", "a name is longer than a path may be");
    memcpy(name, at, record->name_length);
    name[record->name_length] = '\0';
    memcpy(second, at + record->name_length, record->second_length);
    second[record->second_length] = '\0';
    if (record->kind == LOG_MET)
        return play_met(r, record, name, e);
    if (record->kind == LOG_SETTLED || record->kind == LOG_REPLACING) {
        r->replacing = record->kind == LOG_REPLACING;
        if (!r->replacing)
            play_settled(r);
        return true;
    }
    if (record->kind <= LOG_RENAME)
        return play_naming(r, record, name, second, e);
    return play_on_node(r, record, at + record->name_length + record->second_length, e);
}

bool replay_advance(replay *r, uint64_t cut, error *e)
{
    CHECK(cut >= r->cut);
    while (r->cut < cut && r->at < r->log_end) {
        const log_record *record = (const log_record *)(const void *)(r->log + r->at);
        if (!play(r, record, e))
            return false;
        r->cut = record->sequence;
        r->last_at = r->at;
        r->at += record_length(record);
        leave_behind(r, r->at);
    }
    return r->cut >= cut ||
           error_set(e, ERROR_USAGE, "operation log", "has no operation %llu; the last is %llu",
                     (unsigned long long)cut, (unsigned long long)r->last);
}
