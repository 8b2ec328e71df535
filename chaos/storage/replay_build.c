/* Makes a disk out of the state at the cut: choose the names, then walk the tree, hashing it or
 * writing it out. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/files.h"
#include "base/random.h"
#include "chaos/storage/replay_state.h"

/* A deeper tree can only come from a damaged log: a lost rename cannot make a cycle deeper. */
#define DEPTH_MOST 256

typedef struct {
    replay_model model;
    uint64_t seed;
    uint32_t sector;
    uint64_t forced; /* journal: names and sizes up to here are on the disk */
    const replay *r;
    view base;
    bool *chosen; /* of pending[base] */
} choice;

static void choose_names(choice *c)
{
    const namings *pending = &c->r->pending[c->base];
    c->chosen = memory_zeroed(pending->count + 1, sizeof(bool));
    random_stream stream = random_named(c->seed, "names");
    uint64_t prefix = random_below(&stream, pending->count + 1);
    for (size_t i = 0; i < pending->count; i++) {
        if (c->model == REPLAY_ALL)
            c->chosen[i] = true;
        else if (c->model == REPLAY_JOURNAL)
            c->chosen[i] = i < prefix;
        else if (c->model == REPLAY_POSIX)
            c->chosen[i] = random_chance(&stream, 0.5);
        if (c->chosen[i])
            c->forced = pending->all[i].sequence;
    }
    /* No name is pending after the prefix: sizes go with it to the end or not at all. */
    if (c->model == REPLAY_JOURNAL && prefix == pending->count && random_chance(&stream, 0.5))
        c->forced = UINT64_MAX;
}

/* The names of one directory under the choice; the caller releases them. */
static entries names_of(const choice *c, const node *directory)
{
    entries names = {0};
    const entries *base = &directory->names[c->base];
    const namings *pending = &c->r->pending[c->base];
    for (size_t i = 0; i < base->count; i++)
        entries_set(&names, base->all[i].name, base->all[i].of);
    for (size_t i = 0; i < pending->count; i++)
        for (size_t j = 0; c->chosen[i] && j < pending->all[i].count; j++) {
            const edit *one = &pending->all[i].edits[j];
            if (one->directory == directory)
                entries_set(&names, one->name, one->of);
        }
    return names;
}

typedef struct tree_visitor tree_visitor;
struct tree_visitor {
    bool (*visit)(tree_visitor *self, const char *path, node *n, const buffer *content, error *e);
    XXH3_state_t *hash;
    const char *directory;
};

static bool walk(const choice *c, tree_visitor *visitor, const node *directory, const char *path,
                 int depth, buffer *content, error *e);

static bool walk_entry(const choice *c, tree_visitor *visitor, const entry *one, const char *path,
                       int depth, buffer *content, error *e)
{
    char whole[PATH_MAX];
    if ((size_t)snprintf(whole, sizeof whole, "%s/%s", path, one->name) >= sizeof whole)
        return error_set(e, ERROR_LIMIT, path, "the path becomes too long");
    if (S_ISREG(one->of->mode) &&
        !render_file(one->of, c->model, c->seed, c->sector, c->forced, content, e))
        return false;
    if (!visitor->visit(visitor, whole, one->of, content, e))
        return false;
    return !S_ISDIR(one->of->mode) || walk(c, visitor, one->of, whole, depth + 1, content, e);
}

static bool walk(const choice *c, tree_visitor *visitor, const node *directory, const char *path,
                 int depth, buffer *content, error *e)
{
    if (depth > DEPTH_MOST)
        return error_set(e, ERROR_LIMIT, path, "directories nest deeper than %d", DEPTH_MOST);
    entries names = names_of(c, directory);
    bool done = true;
    for (size_t i = 0; i < names.count && done; i++)
        done = walk_entry(c, visitor, &names.all[i], path, depth, content, e);
    entries_release(&names);
    return done;
}

static bool walk_state(const replay *r, replay_model model, uint64_t seed, uint32_t sector,
                       tree_visitor *visitor, error *e)
{
    CHECK(model < REPLAY_MODELS && (sector == 512 || sector == 4096));
    choice c = {.model = model, .seed = seed, .sector = sector, .r = r};
    c.base = model == REPLAY_JOURNAL ? VIEW_JOURNAL : VIEW_STRICT;
    buffer content = {0};
    choose_names(&c);
    bool done = walk(&c, visitor, r->root, "", 0, &content, e);
    buffer_free(&content);
    free(c.chosen);
    return done;
}

static bool hash_one(tree_visitor *self, const char *path, node *n, const buffer *content, error *e)
{
    (void)e;
    XXH3_64bits_update(self->hash, path, strlen(path) + 1);
    XXH3_64bits_update(self->hash, &n->mode, sizeof n->mode);
    if (n->target != NULL)
        XXH3_64bits_update(self->hash, n->target, strlen(n->target) + 1);
    if (S_ISREG(n->mode)) {
        XXH3_64bits_update(self->hash, &content->length, sizeof content->length);
        XXH3_64bits_update(self->hash, buffer_text(content), content->length);
    }
    return true;
}

bool replay_hash(replay *r, replay_model model, uint64_t seed, uint32_t sector, uint64_t *hash,
                 error *e)
{
    tree_visitor visitor = {.visit = hash_one, .hash = XXH3_createState()};
    CHECK(visitor.hash != NULL);
    XXH3_64bits_reset(visitor.hash);
    bool done = walk_state(r, model, seed, sector, &visitor, e);
    *hash = XXH3_64bits_digest(visitor.hash);
    XXH3_freeState(visitor.hash);
    return done;
}

static bool write_file(const char *path, mode_t mode, const buffer *content, error *e)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return error_errno(e, path, "cannot create");
    bool done =
        files_write_all(fd, buffer_text(content), content->length) && fchmod(fd, mode & 07777) == 0;
    if (!done)
        error_errno(e, path, "cannot write");
    close(fd);
    return done;
}

static bool build_one(tree_visitor *self, const char *path, node *n, const buffer *content,
                      error *e)
{
    char whole[PATH_MAX];
    if ((size_t)snprintf(whole, sizeof whole, "%s%s", self->directory, path) >= sizeof whole)
        return error_set(e, ERROR_LIMIT, path, "the path becomes too long");
    if (S_ISREG(n->mode))
        return write_file(whole, n->mode, content, e);
    int failed = 0;
    if (S_ISDIR(n->mode))
        failed = mkdir(whole, n->mode & 07777);
    else if (S_ISLNK(n->mode))
        failed = symlink(n->target, whole);
    else
        failed = mknod(whole, n->mode, 0);
    return failed == 0 || error_errno(e, whole, "cannot create");
}

bool replay_build(replay *r, replay_model model, uint64_t seed, uint32_t sector,
                  const char *directory, error *e)
{
    tree_visitor visitor = {.visit = build_one, .directory = directory};
    return walk_state(r, model, seed, sector, &visitor, e);
}

static bool blame_name(const replay *r, const node *directory, const char *name, const char *above,
                       char *sentence, size_t size)
{
    static const char *const words[LOG_KINDS] = {
        [LOG_CREATE] = "create", [LOG_MKDIR] = "mkdir",   [LOG_SYMLINK] = "symlink",
        [LOG_MKNOD] = "mknod",   [LOG_LINK] = "link",     [LOG_UNLINK] = "unlink",
        [LOG_RMDIR] = "rmdir",   [LOG_RENAME] = "rename",
    };
    const namings *pending = &r->pending[VIEW_STRICT];
    for (size_t i = pending->count; i-- > 0;)
        for (size_t j = 0; j < pending->all[i].count; j++) {
            const edit *one = &pending->all[i].edits[j];
            if (one->directory != directory || strcmp(one->name, name) != 0)
                continue;
            snprintf(sentence, size,
                     "%s of %s/%s (operation %llu) was not followed by an fsync of directory %s",
                     words[pending->all[i].kind], above, name,
                     (unsigned long long)pending->all[i].sequence, above[0] ? above : "/");
            return true;
        }
    return false;
}

static bool blame_content(const node *n, const char *path, char *sentence, size_t size)
{
    if (n->change_count == 0)
        return false;
    const change *one = &n->changes[0];
    snprintf(sentence, size, "%s %llu of %s (operation %llu) %s",
             one->kind == LOG_WRITE ? "write at" : "truncate to", (unsigned long long)one->offset,
             path, (unsigned long long)one->sequence,
             one->dead ? "had its fsync fail and was not written again"
                       : "was not followed by an fsync of the file");
    return true;
}

bool replay_blame(const replay *r, const char *path, char *sentence, size_t size)
{
    char above[PATH_MAX] = "";
    char name[NAME_MAX + 1];
    const node *at = r->root;
    while (at != NULL && *path == '/') {
        size_t length = strcspn(++path, "/");
        if (length == 0 || length > NAME_MAX)
            break;
        memcpy(name, path, length);
        name[length] = '\0';
        path += length;
        if (blame_name(r, at, name, above, sentence, size))
            return true;
        at = entries_find(&at->names[VIEW_LIVE], name);
        size_t used = strlen(above);
        snprintf(above + used, sizeof above - used, "/%s", name);
    }
    return at != NULL && blame_content(at, above, sentence, size);
}
