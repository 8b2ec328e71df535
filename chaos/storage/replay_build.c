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

choice choose_names(const replay *r, const replay_disk *disk)
{
    choice c = {.r = r, .disk = disk};
    c.base = disk->model == REPLAY_JOURNAL ? VIEW_JOURNAL : VIEW_STRICT;
    const namings *pending = &r->pending[c.base];
    c.chosen = memory_zeroed(pending->count + 1, sizeof(bool));
    random_stream stream = random_named(disk->seed, "names");
    uint64_t prefix = random_below(&stream, pending->count + 1);
    for (size_t i = 0; i < pending->count; i++) {
        if (disk->model == REPLAY_ALL)
            c.chosen[i] = true;
        else if (disk->model == REPLAY_JOURNAL)
            c.chosen[i] = i < prefix;
        else if (disk->model == REPLAY_POSIX)
            c.chosen[i] = random_chance(&stream, 0.5);
        if (c.chosen[i])
            c.forced = pending->all[i].sequence;
        c.chosen[i] = c.chosen[i] || disk_spares(disk, pending->all[i].sequence);
    }
    /* No name is pending after the prefix: sizes go with it to the end or not at all. */
    if (disk->model == REPLAY_JOURNAL && prefix == pending->count && random_chance(&stream, 0.5))
        c.forced = UINT64_MAX;
    return c;
}

void choice_release(choice *c)
{
    free(c->chosen);
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
    replay *replay;
    bool (*visit)(tree_visitor *self, const char *path, node *n, error *e);
    choice choice;
    buffer content; /* of one file at a time */
    XXH3_state_t *hash;
    const char *directory;
};

static bool walk(tree_visitor *visitor, const node *directory, const char *path, int depth,
                 error *e);

static bool walk_entry(tree_visitor *visitor, const entry *one, const char *path, int depth,
                       error *e)
{
    char whole[PATH_MAX];
    if ((size_t)snprintf(whole, sizeof whole, "%s/%s", path, one->name) >= sizeof whole)
        return error_set(e, ERROR_LIMIT, path, "the path becomes too long");
    if (!visitor->visit(visitor, whole, one->of, e))
        return false;
    return !S_ISDIR(one->of->mode) || walk(visitor, one->of, whole, depth + 1, e);
}

static bool walk(tree_visitor *visitor, const node *directory, const char *path, int depth,
                 error *e)
{
    if (depth > DEPTH_MOST)
        return error_set(e, ERROR_LIMIT, path, "directories nest deeper than %d", DEPTH_MOST);
    entries names = names_of(&visitor->choice, directory);
    bool done = true;
    for (size_t i = 0; i < names.count && done; i++)
        done = walk_entry(visitor, &names.all[i], path, depth, e);
    entries_release(&names);
    return done;
}

static bool walk_disk(const replay *r, const replay_disk *disk, tree_visitor *visitor, error *e)
{
    CHECK(disk->model < REPLAY_MODELS && (disk->sector == 512 || disk->sector == 4096));
    visitor->choice = choose_names(r, disk);
    bool done = walk(visitor, r->root, "", 0, e);
    buffer_free(&visitor->content);
    choice_release(&visitor->choice);
    return done;
}

static bool render(tree_visitor *self, const node *n, error *e)
{
    bool done = render_file(n, self->choice.disk, self->choice.forced, &self->content, e);
    log_looked_at(self->replay, self->content.length);
    return done;
}

/* A file of which nothing is pending keeps its hash from cut to cut. */
static bool hash_content(tree_visitor *self, node *n, uint64_t *hash, error *e)
{
    *hash = n->hash;
    if (n->hashed && n->change_count == 0)
        return true;
    if (!render(self, n, e))
        return false;
    *hash = XXH3_64bits_withSeed(buffer_text(&self->content), self->content.length,
                                 self->content.length);
    n->hashed = n->change_count == 0;
    n->hash = *hash;
    return true;
}

static bool hash_one(tree_visitor *self, const char *path, node *n, error *e)
{
    uint64_t content = 0;
    if (S_ISREG(n->mode) && !hash_content(self, n, &content, e))
        return false;
    XXH3_64bits_update(self->hash, path, strlen(path) + 1);
    XXH3_64bits_update(self->hash, &n->mode, sizeof n->mode);
    XXH3_64bits_update(self->hash, &content, sizeof content);
    if (n->target != NULL)
        XXH3_64bits_update(self->hash, n->target, strlen(n->target) + 1);
    return true;
}

bool replay_hash(replay *r, const replay_disk *disk, uint64_t *hash, error *e)
{
    tree_visitor visitor = {.replay = r, .visit = hash_one, .hash = XXH3_createState()};
    CHECK(visitor.hash != NULL);
    XXH3_64bits_reset(visitor.hash);
    bool done = walk_disk(r, disk, &visitor, e);
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

static bool build_one(tree_visitor *self, const char *path, node *n, error *e)
{
    char whole[PATH_MAX];
    if ((size_t)snprintf(whole, sizeof whole, "%s%s", self->directory, path) >= sizeof whole)
        return error_set(e, ERROR_LIMIT, path, "the path becomes too long");
    if (S_ISREG(n->mode))
        return render(self, n, e) && write_file(whole, n->mode, &self->content, e);
    int failed = 0;
    if (S_ISDIR(n->mode))
        failed = mkdir(whole, n->mode & 07777);
    else if (S_ISLNK(n->mode))
        failed = symlink(n->target, whole);
    else
        failed = mknod(whole, n->mode, 0);
    return failed == 0 || error_errno(e, whole, "cannot create");
}

bool replay_build(replay *r, const replay_disk *disk, const char *directory, error *e)
{
    tree_visitor visitor = {.replay = r, .visit = build_one, .directory = directory};
    return walk_disk(r, disk, &visitor, e);
}
