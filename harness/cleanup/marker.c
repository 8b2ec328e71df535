#include "cleanup/marker.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/check.h"
#include "base/files.h"

struct marker {
    int fd;
    char path[512];
};

/* --- the folder --- */

/* Ours alone: whoever may write there could have us remove things. */
static bool is_private(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0 && S_ISDIR(status.st_mode) && status.st_uid == geteuid() &&
           (status.st_mode & 077) == 0;
}

static bool choose_root(char *out, size_t size, error *e)
{
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    if (runtime != NULL && runtime[0] == '/' && is_private(runtime))
        snprintf(out, size, "%s/ordeal", runtime);
    else
        snprintf(out, size, "/tmp/ordeal-%u", (unsigned)geteuid());
    if (mkdir(out, 0700) != 0 && errno != EEXIST)
        return error_errno(e, out, "cannot make the folder of run markers");
    return is_private(out) ||
           error_set(e, ERROR_USAGE, out, "must be a directory of yours that nobody else can use");
}

/* Process numbers mean something only within one boot and one namespace. */
static bool name_world(char *out, size_t size, error *e)
{
    buffer boot = {0};
    struct stat space;
    bool fine =
        stat("/proc/self/ns/pid", &space) == 0 || error_errno(e, "/proc/self/ns/pid", "stat");
    fine = fine && files_read("/proc/sys/kernel/random/boot_id", 128, &boot, e);
    if (fine)
        snprintf(out, size, "%.36s-%llu", buffer_text(&boot), (unsigned long long)space.st_ino);
    buffer_free(&boot);
    return fine;
}

bool marker_folder(char *out, size_t size, error *e)
{
    char root[256], world[96];
    if (!choose_root(root, sizeof root, e) || !name_world(world, sizeof world, e) ||
        !files_join(out, size, root, world, e))
        return false;
    return mkdir(out, 0700) == 0 || errno == EEXIST ||
           error_errno(e, out, "cannot make the folder of run markers");
}

/* --- one marker --- */

marker *marker_create(error *e)
{
    char folder[400], name[64];
    unsigned long long start = 0;
    marker *m = memory_zeroed(1, sizeof *m);
    CHECK(process_started(getpid(), &start));
    snprintf(name, sizeof name, "%d-%llu", (int)getpid(), start);
    m->fd = -1;
    if (marker_folder(folder, sizeof folder, e) &&
        files_join(m->path, sizeof m->path, folder, name, e)) {
        m->fd = open(m->path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
        if (m->fd < 0)
            error_errno(e, m->path, "cannot make the run marker");
    }
    if (m->fd < 0) {
        free(m);
        return NULL;
    }
    CHECK(setenv(MARKER_VARIABLE, m->path, 1) == 0);
    return m;
}

static bool write_line(marker *m, char sign, resource_kind kind, const char *text, error *e)
{
    char identity[IDENTITY_SIZE], path[PATH_MAX];
    buffer line = {0};
    if (kind != RESOURCE_PROCESS) {
        if (realpath(text, path) == NULL)
            return error_errno(e, text, "cannot be marked as ours");
        text = path;
    }
    if (strchr(text, '\n') != NULL)
        return error_set(e, ERROR_USAGE, text, "has a line break in its name");
    if (!resource_identity(kind, text, identity))
        return error_set(e, ERROR_INTERNAL, text, "is no %s", resource_kind_name(kind));
    /* One write, so that a killed process leaves whole lines. */
    buffer_printf(&line, "%c %s %s %s\n", sign, resource_kind_name(kind), identity, text);
    bool fine = files_write_all(m->fd, line.bytes, line.length) ||
                error_errno(e, m->path, "cannot write the run marker");
    buffer_free(&line);
    return fine;
}

bool marker_add(marker *m, resource_kind kind, const char *text, error *e)
{
    return write_line(m, '+', kind, text, e);
}

bool marker_remove(marker *m, resource_kind kind, const char *text, error *e)
{
    return write_line(m, '-', kind, text, e);
}

void marker_close(marker *m)
{
    if (m == NULL)
        return;
    unsetenv(MARKER_VARIABLE);
    unlink(m->path);
    close(m->fd);
    free(m);
}
