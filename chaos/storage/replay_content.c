/* Content in the replay: durable extents, pending changes, and what a model makes of both. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/random.h"
#include "chaos/storage/replay_state.h"

node *node_create(replay *r, mode_t mode)
{
    node *n = memory_zeroed(1, sizeof *n);
    n->mode = mode;
    n->next = r->nodes;
    r->nodes = n;
    return n;
}

void node_release_all(replay *r)
{
    while (r->nodes != NULL) {
        node *n = r->nodes;
        r->nodes = n->next;
        for (int v = 0; v < VIEWS; v++)
            entries_release(&n->names[v]);
        free(n->target);
        free(n->base);
        free(n->extents);
        free(n->changes);
        free(n);
    }
}

static void extent_insert(node *n, size_t at, extent one)
{
    if (n->extent_count == n->extent_capacity) {
        n->extent_capacity = n->extent_capacity == 0 ? 4 : n->extent_capacity * 2;
        n->extents = memory_resize(n->extents, n->extent_capacity * sizeof(extent));
    }
    memmove(n->extents + at + 1, n->extents + at, (n->extent_count - at) * sizeof(extent));
    n->extents[at] = one;
    n->extent_count++;
}

static extent extent_part(extent whole, uint64_t from, uint64_t to)
{
    extent part = {.offset = from, .length = to - from, .sequence = whole.sequence};
    part.bytes = whole.bytes == NULL ? NULL : whole.bytes + (from - whole.offset);
    return part;
}

/* Takes [from, to) out of the extents; returns where an extent at `from` belongs. */
static size_t extents_cut(node *n, uint64_t from, uint64_t to)
{
    size_t at = 0;
    while (at < n->extent_count && n->extents[at].offset + n->extents[at].length <= from)
        at++;
    while (at < n->extent_count && n->extents[at].offset < to) {
        extent old = n->extents[at];
        uint64_t end = old.offset + old.length;
        bool left = old.offset < from;
        if (left)
            n->extents[at++] = extent_part(old, old.offset, from);
        if (end > to && left) {
            extent_insert(n, at, extent_part(old, to, end));
            break;
        }
        if (end > to) {
            n->extents[at] = extent_part(old, to, end);
            break;
        }
        if (!left) {
            n->extent_count--;
            memmove(n->extents + at, n->extents + at + 1, (n->extent_count - at) * sizeof(extent));
        }
    }
    return at;
}

/* What a later truncate took away does not come back, in memory neither. */
static void shorten_dead(node *n, const change *by)
{
    for (size_t i = 0; i < n->change_count; i++) {
        change *one = &n->changes[i];
        if (!one->dead || one->sequence > by->sequence || one->offset + one->length <= by->offset)
            continue;
        one->offset = one->offset < by->offset ? one->offset : by->offset;
        one->length = by->offset - one->offset;
    }
}

static void make_durable(node *n, const change *one)
{
    n->hashed = false;
    if (one->kind == LOG_TRUNCATE) {
        extents_cut(n, one->offset, UINT64_MAX);
        if (n->base_valid > one->offset)
            n->base_valid = one->offset;
        shorten_dead(n, one);
        n->size = one->offset;
        return;
    }
    size_t at = extents_cut(n, one->offset, one->offset + one->length);
    extent_insert(n, at,
                  (extent){.offset = one->offset,
                           .length = one->length,
                           .bytes = one->bytes,
                           .sequence = one->sequence});
    if (n->size < one->offset + one->length)
        n->size = one->offset + one->length;
}

void changes_add(node *n, change one)
{
    if (n->change_count == n->change_capacity) {
        n->change_capacity = n->change_capacity == 0 ? 4 : n->change_capacity * 2;
        n->changes = memory_resize(n->changes, n->change_capacity * sizeof(change));
    }
    n->changes[n->change_count++] = one;
}

/* What a failed sync left in memory alone stays there, for programs to read, until it is written
 * again; a crash never shows it. */
void changes_pin(node *n, uint64_t covered)
{
    size_t kept = 0;
    for (size_t i = 0; i < n->change_count; i++) {
        change one = n->changes[i];
        if (one.sequence > covered || one.dead)
            n->changes[kept++] = one;
        else
            make_durable(n, &one);
    }
    n->change_count = kept;
}

void changes_kill(node *n, uint64_t covered)
{
    for (size_t i = 0; i < n->change_count; i++)
        if (n->changes[i].sequence <= covered && n->changes[i].kind == LOG_WRITE)
            n->changes[i].dead = true;
}

/* Grows with zeros; shrinking keeps the capacity. */
static bool set_size(buffer *out, uint64_t size, error *e)
{
    static const char zeros[65536];
    if (size > REPLAY_FILE_MOST)
        return error_set(e, ERROR_LIMIT, "replay",
                         "a file of %llu bytes is over the limit of 1 GiB",
                         (unsigned long long)size);
    while (out->length < size) {
        uint64_t missing = size - out->length;
        buffer_append(out, zeros, missing < sizeof zeros ? missing : sizeof zeros);
    }
    out->length = size;
    return true;
}

static void put(buffer *out, uint64_t offset, uint64_t length, const char *bytes)
{
    if (bytes == NULL)
        memset(out->bytes + offset, 0, length);
    else
        memcpy(out->bytes + offset, bytes, length);
}

static bool read_base(const node *n, buffer *out, error *e)
{
    int fd = open(n->base, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return error_errno(e, n->base, "cannot open the snapshot's file");
    uint64_t done = 0;
    while (done < n->base_valid) {
        ssize_t length = pread(fd, out->bytes + done, n->base_valid - done, (off_t)done);
        if (length <= 0 && !(length < 0 && errno == EINTR)) {
            close(fd);
            return error_set(e, ERROR_CORRUPT, n->base, "is shorter than when the replay began");
        }
        if (length > 0)
            done += (uint64_t)length;
    }
    close(fd);
    return true;
}

static bool render_durable(const node *n, buffer *out, error *e)
{
    buffer_clear(out);
    if (!set_size(out, n->size, e) || (n->base_valid > 0 && !read_base(n, out, e)))
        return false;
    for (size_t i = 0; i < n->extent_count; i++)
        put(out, n->extents[i].offset, n->extents[i].length, n->extents[i].bytes);
    return true;
}

static uint64_t draw(uint64_t seed, uint64_t sequence, uint64_t what)
{
    return random_mix(random_mix(seed ^ random_mix(sequence)) + what);
}

bool disk_spares(const replay_disk *disk, uint64_t sequence)
{
    size_t low = 0;
    size_t high = disk->lost_count;
    while (disk->only && low < high) {
        size_t middle = (low + high) / 2;
        if (disk->lost[middle] == sequence)
            return false;
        if (disk->lost[middle] < sequence)
            low = middle + 1;
        else
            high = middle;
    }
    return disk->only;
}

typedef enum { WAY_WHOLE, WAY_GONE, WAY_SECTORS } change_way;

/* Of four writes, one gets there whole, one not at all, two by sectors: coins alone would hardly
 * ever show the extremes of a long write. */
static change_way way_of(const change *one, const replay_disk *disk, uint64_t forced)
{
    if (disk->model == REPLAY_ALL)
        return WAY_WHOLE;
    if (one->dead)
        return WAY_GONE;
    if (disk_spares(disk, one->sequence))
        return WAY_WHOLE;
    if (disk->model == REPLAY_NONE)
        return WAY_GONE;
    uint64_t number = draw(disk->seed, one->sequence, 0);
    if (one->kind == LOG_WRITE)
        return number % 4 == 0 ? WAY_WHOLE : number % 4 == 1 ? WAY_GONE : WAY_SECTORS;
    bool kept = disk->model == REPLAY_JOURNAL ? one->sequence <= forced : (number & 1) != 0;
    return kept ? WAY_WHOLE : WAY_GONE;
}

bool change_lost(const change *one, const replay_disk *disk, uint64_t forced)
{
    return way_of(one, disk, forced) != WAY_WHOLE;
}

static bool write_sectors(buffer *out, const change *one, const replay_disk *disk, error *e)
{
    uint64_t sector = disk->sector;
    uint64_t end = one->offset + one->length;
    if (end > out->length && (draw(disk->seed, one->sequence, 1) & 1) && !set_size(out, end, e))
        return false;
    for (uint64_t at = one->offset; at < end && at < out->length;) {
        uint64_t next = (at / sector + 1) * sector;
        next = next < end ? next : end;
        next = next < out->length ? next : out->length;
        if (draw(disk->seed, one->sequence, 2 + at / sector) & 1)
            put(out, at, next - at, one->bytes == NULL ? NULL : one->bytes + (at - one->offset));
        at = next;
    }
    return true;
}

static bool apply_whole(buffer *out, const change *one, error *e)
{
    uint64_t end = one->kind == LOG_TRUNCATE ? one->offset : one->offset + one->length;
    if ((one->kind == LOG_TRUNCATE || end > out->length) && !set_size(out, end, e))
        return false;
    if (one->kind == LOG_WRITE)
        put(out, one->offset, one->length, one->bytes);
    return true;
}

/* A write that a failed sync left in memory alone lies below what was written and synced later. */
static void put_later(const node *n, uint64_t sequence, buffer *out)
{
    for (size_t i = 0; i < n->extent_count; i++) {
        const extent *one = &n->extents[i];
        if (one->sequence <= sequence || one->offset >= out->length)
            continue;
        uint64_t room = out->length - one->offset;
        put(out, one->offset, one->length < room ? one->length : room, one->bytes);
    }
}

bool render_file(const node *n, const replay_disk *disk, uint64_t forced, buffer *out, error *e)
{
    if (!render_durable(n, out, e))
        return false;
    for (size_t i = 0; i < n->change_count; i++) {
        const change *one = &n->changes[i];
        change_way way = way_of(one, disk, forced);
        if (way == WAY_WHOLE && !apply_whole(out, one, e))
            return false;
        if (way == WAY_WHOLE && one->dead)
            put_later(n, one->sequence, out);
        if (way == WAY_SECTORS && !write_sectors(out, one, disk, e))
            return false;
    }
    return true;
}
