#include "chaos/process/memory_group.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/files.h"
#include "base/timing.h"

#define V1_ROOT "/sys/fs/cgroup/memory"
#define V2_ROOT "/sys/fs/cgroup"

/* What the two versions call the same things. */
typedef struct {
    const char *limit;
    const char *no_limit;
    const char *used_file;
    const char *used_row;
    const char *reached_file;
    const char *reached_row; /* NULL: the file is the number */
    const char *kills_file;
    const char *no_swap_file;
} version;

static const version versions[] = {
    {"memory.limit_in_bytes", "-1", "memory.stat", "total_rss ", "memory.failcnt", NULL,
     "memory.oom_control", "memory.swappiness"},
    {"memory.max", "max", "memory.stat", "anon ", "memory.events", "max ", "memory.events",
     "memory.swap.max"},
};

struct memory_group {
    const version *version;
    char path[PATH_MAX];
    int members; /* cgroup.procs, open for those who join */
};

static bool put(const char *folder, const char *name, const char *text)
{
    char path[PATH_MAX];
    error ignored = {0};
    if (!files_join(path, sizeof path, folder, name, &ignored))
        return false;
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool fine = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    int number = errno;
    if (fd >= 0)
        close(fd);
    errno = number;
    return fine;
}

/* The number behind `row` at the beginning of a line, or the first of the file; 0 for none. */
static uint64_t number_in(const memory_group *g, const char *name, const char *row)
{
    char path[PATH_MAX];
    char line[256];
    uint64_t value = 0;
    bool found = false;
    error ignored = {0};
    if (!files_join(path, sizeof path, g->path, name, &ignored))
        return 0;
    FILE *file = fopen(path, "re");
    size_t length = row != NULL ? strlen(row) : 0;
    while (file != NULL && !found && fgets(line, sizeof line, file) != NULL) {
        found = row == NULL || strncmp(line, row, length) == 0;
        value = found ? strtoull(line + length, NULL, 10) : 0;
    }
    if (file != NULL)
        fclose(file);
    return value;
}

/* Our own cgroup's path below its root: the line without a controller (v2) or with "memory". */
static void own_path(bool second, char *out, size_t size)
{
    char line[PATH_MAX];
    out[0] = '\0';
    FILE *file = fopen("/proc/self/cgroup", "re");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        char *path = strstr(line, second ? "::/" : ":memory:/");
        if (path != NULL)
            snprintf(out, size, "%s", strchr(path, '/') + 1);
    }
    if (file != NULL)
        fclose(file);
}

static bool make_in(memory_group *g, const char *parent)
{
    static atomic_uint made;
    char path[PATH_MAX];
    error ignored = {0};
    int length = snprintf(g->path, sizeof g->path, "%s/ordeal-%d-%u", parent, (int)getpid(),
                          atomic_fetch_add(&made, 1));
    if (length < 0 || (size_t)length >= sizeof g->path || mkdir(g->path, 0755) != 0)
        return false;
    /* Version 2 gives a controller to children only when the parent says so. */
    if (files_join(path, sizeof path, g->path, g->version->limit, &ignored) &&
        access(path, W_OK) != 0)
        put(parent, "cgroup.subtree_control", "+memory");
    if (access(path, W_OK) == 0 && files_join(path, sizeof path, g->path, "cgroup.procs", &ignored))
        g->members = open(path, O_WRONLY | O_CLOEXEC);
    if (g->members >= 0)
        return true;
    rmdir(g->path);
    return false;
}

/* Below our own cgroup, else beside it (version 2 wants processes in leaves only), else at the
 * root.
 */
static bool make_somewhere(memory_group *g)
{
    for (size_t i = 0; i < 2; i++) {
        char own[PATH_MAX];
        char parent[PATH_MAX + 32];
        const char *root = i == 0 ? V1_ROOT : V2_ROOT;
        g->version = &versions[i];
        own_path(i == 1, own, sizeof own);
        for (bool more = true; more;) {
            snprintf(parent, sizeof parent, "%s/%s", root, own);
            if (make_in(g, parent))
                return true;
            char *slash = strrchr(own, '/');
            more = own[0] != '\0';
            *(slash != NULL ? slash : own) = '\0';
        }
    }
    return false;
}

memory_group *memory_group_create(error *e)
{
    memory_group *g = memory_zeroed(1, sizeof *g);
    g->members = -1;
    if (make_somewhere(g)) {
        /* Else a limit would only fill the swap. Without swap there is no such file. */
        put(g->path, g->version->no_swap_file, "0");
        return g;
    }
    free(g);
    error_set(e, ERROR_UNABLE, "memory cgroup",
              "cannot be made; be root, or delegate a cgroup with the memory controller");
    return NULL;
}

/* The kernel may still be busy with what ended in it. */
void memory_group_destroy(memory_group *g)
{
    if (g == NULL)
        return;
    close(g->members);
    uint64_t until = timing_now() + 2 * NANOSECONDS_PER_SECOND;
    while (rmdir(g->path) != 0 && errno == EBUSY && timing_now() < until)
        timing_sleep(5 * NANOSECONDS_PER_MILLISECOND);
    free(g);
}

const char *memory_group_path(const memory_group *g)
{
    return g->path;
}

void memory_group_join(void *group)
{
    const memory_group *g = group;
    if (g != NULL)
        (void)!write(g->members, "0", 1);
}

uint64_t memory_group_used(const memory_group *g)
{
    return number_in(g, g->version->used_file, g->version->used_row);
}

/* Version 1 sets no limit below what cannot be dropped from memory; then it is what is used at this
 * moment, so that the next page is too many. */
bool memory_group_limit(memory_group *g, uint64_t bytes, error *e)
{
    char text[32];
    for (int tries = 0; tries < 50; tries++) {
        snprintf(text, sizeof text, "%" PRIu64, bytes);
        if (put(g->path, g->version->limit, text))
            return true;
        if (errno != EBUSY)
            break;
        uint64_t charged = number_in(g, "memory.usage_in_bytes", NULL);
        bytes = charged > bytes ? charged : bytes;
        timing_sleep(2 * NANOSECONDS_PER_MILLISECOND);
    }
    return error_errno(e, g->path, "cannot limit the memory to %" PRIu64 " bytes", bytes);
}

bool memory_group_unlimit(memory_group *g, error *e)
{
    return put(g->path, g->version->limit, g->version->no_limit) ||
           error_errno(e, g->path, "cannot take the limit away");
}

uint64_t memory_group_reached(const memory_group *g)
{
    return number_in(g, g->version->reached_file, g->version->reached_row);
}

uint64_t memory_group_kills(const memory_group *g)
{
    return number_in(g, g->version->kills_file, "oom_kill ");
}
