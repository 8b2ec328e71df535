/* Words about the log: what a disk lacks, and what an operation did to which path. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/check.h"
#include "chaos/storage/replay_state.h"

static int by_number(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

size_t replay_lost(const replay *r, const replay_disk *disk, uint64_t **lost)
{
    choice c = choose_names(r, disk);
    const namings *pending = &r->pending[c.base];
    size_t most = pending->count;
    for (const node *n = r->nodes; n != NULL; n = n->next)
        most += n->change_count;
    uint64_t *found = memory_zeroed(most + 1, sizeof *found);
    size_t count = 0;
    for (size_t i = 0; i < pending->count; i++)
        if (!c.chosen[i])
            found[count++] = pending->all[i].sequence;
    for (const node *n = r->nodes; n != NULL; n = n->next)
        for (size_t i = 0; i < n->change_count; i++)
            if (change_lost(&n->changes[i], disk, c.forced))
                found[count++] = n->changes[i].sequence;
    choice_release(&c);
    qsort(found, count, sizeof *found, by_number);
    *lost = found;
    return count;
}

/* Writes the live path of `wanted` behind `path`, which stands for `directory`. */
static bool search(const node *directory, const node *wanted, char path[PATH_MAX])
{
    size_t length = strlen(path);
    const entries *names = &directory->names[VIEW_LIVE];
    for (size_t i = 0; i < names->count; i++) {
        const node *of = names->all[i].of;
        if ((size_t)snprintf(path + length, PATH_MAX - length, "/%s", names->all[i].name) >=
            PATH_MAX - length)
            continue;
        if (of == wanted || (S_ISDIR(of->mode) && search(of, wanted, path)))
            return true;
        path[length] = '\0';
    }
    return false;
}

static const char *path_of(const replay *r, const node *n, char path[PATH_MAX])
{
    path[0] = '\0';
    if (n == r->root)
        return "/";
    if (n == NULL || !search(r->root, n, path))
        snprintf(path, PATH_MAX, "a file without a name");
    return path;
}

static const log_record *record_numbered(const replay *r, uint64_t sequence)
{
    for (size_t at = 0; at < r->log_end;) {
        const log_record *record = (const log_record *)(const void *)(r->log + at);
        if (record->sequence == sequence)
            return record;
        at += record_length(record);
    }
    return NULL;
}

static void describe_name(const replay *r, const log_record *record, char *text, size_t size)
{
    static const char *const words[LOG_KINDS] = {
        [LOG_CREATE] = "create", [LOG_MKDIR] = "mkdir",   [LOG_SYMLINK] = "symlink",
        [LOG_MKNOD] = "mknod",   [LOG_LINK] = "link",     [LOG_UNLINK] = "unlink",
        [LOG_RMDIR] = "rmdir",   [LOG_RENAME] = "rename", [LOG_MET] = "first look",
    };
    char above[PATH_MAX];
    const char *name = (const char *)(record + 1);
    const char *parent = path_of(r, node_of(r, record->parent), above);
    int used = snprintf(text, size, "%s of %s/%.*s", words[record->kind],
                        strcmp(parent, "/") == 0 ? "" : parent, (int)record->name_length, name);
    if (record->kind != LOG_RENAME || used < 0 || (size_t)used >= size)
        return;
    parent = path_of(r, node_of(r, record->other), above);
    snprintf(text + used, size - (size_t)used, " to %s/%.*s",
             strcmp(parent, "/") == 0 ? "" : parent, (int)record->second_length,
             name + record->name_length);
}

/* "write of 512 bytes at 0 of /a/b" */
static void describe_record(const replay *r, const log_record *record, char *text, size_t size)
{
    char path[PATH_MAX];
    const char *of = path_of(r, node_of(r, record->inode), path);
    switch ((log_kind)record->kind) {
    case LOG_WRITE:
        snprintf(text, size, "write of %u bytes at %llu of %s", record->data_length,
                 (unsigned long long)record->offset, of);
        break;
    case LOG_TRUNCATE:
        snprintf(text, size, "truncate to %llu of %s", (unsigned long long)record->size, of);
        break;
    case LOG_ALLOCATE:
        snprintf(text, size, "fallocate of %s", of);
        break;
    case LOG_MODE:
        snprintf(text, size, "chmod of %s", of);
        break;
    case LOG_FSYNC:
        snprintf(text, size, "fsync of %s", of);
        break;
    case LOG_FSYNCDIR:
        snprintf(text, size, "fsync of directory %s", of);
        break;
    case LOG_SYNC_FAILED:
        snprintf(text, size, "failed fsync of %s", of);
        break;
    case LOG_SETTLED:
    case LOG_REPLACING:
        snprintf(text, size, "power cut of the run itself");
        break;
    default:
        describe_name(r, record, text, size);
    }
}

static bool change_is_dead(const node *n, uint64_t sequence)
{
    for (size_t i = 0; i < n->change_count; i++)
        if (n->changes[i].sequence == sequence)
            return n->changes[i].dead;
    return false;
}

void replay_describe(const replay *r, uint64_t sequence, char *sentence, size_t size)
{
    char what[2 * PATH_MAX];
    char path[PATH_MAX];
    const log_record *record = record_numbered(r, sequence);
    CHECK(record != NULL);
    describe_record(r, record, what, sizeof what);
    bool of_name = record->kind <= LOG_RENAME;
    const node *about = node_of(r, record->kind == LOG_RENAME ? record->other
                                   : of_name                  ? record->parent
                                                              : record->inode);
    if (!of_name && about != NULL && change_is_dead(about, sequence))
        snprintf(sentence, size,
                 "%s (operation %llu): its fsync failed, and it was not written again", what,
                 (unsigned long long)sequence);
    else
        snprintf(sentence, size, "%s (operation %llu) was not followed by an fsync of %s%s", what,
                 (unsigned long long)sequence, of_name ? "directory " : "the file",
                 of_name ? path_of(r, about, path) : "");
}

void replay_describe_cut(const replay *r, char *sentence, size_t size)
{
    char before[2 * PATH_MAX] = "the beginning";
    char after[2 * PATH_MAX] = "the end";
    if (r->at > 0)
        describe_record(r, (const log_record *)(const void *)(r->log + r->last_at), before,
                        sizeof before);
    if (r->at < r->log_end)
        describe_record(r, (const log_record *)(const void *)(r->log + r->at), after, sizeof after);
    snprintf(sentence, size, "after %s (operation %llu) and before %s (operation %llu)", before,
             (unsigned long long)r->cut, after, (unsigned long long)r->cut + 1);
}
