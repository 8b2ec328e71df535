/* disk-full-real: the data lies on a small tmpfs, and at the begin a ballast file takes what is
 * left of it. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/files.h"
#include "chaos/storage/real_disk.h"
#include "chaos/storage/storage_fault.h"

#define PIECE 4096

typedef struct {
    uint64_t before; /* refusals until the begin */
} full_state;

static const parameter rows[] = {
    {.name = "free",
     .type = PARAMETER_SIZE,
     .fallback = "0",
     .description = "bytes that may still be added after the begin"},
    {.name = REAL_DISK_PARAMETER,
     .type = PARAMETER_SIZE,
     .fallback = "256MiB",
     .description = "how large the disk is, from before the target starts"},
};

/* Writes until the disk is full, at most `most` bytes; 0 or errno. */
static int write_until_full(const char *path, size_t most)
{
    char bytes[PIECE] = {1};
    int failed = 0;
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return errno;
    for (size_t done = 0; done < most && failed == 0; done += PIECE)
        if (write(fd, bytes, PIECE) < 0)
            failed = errno;
    close(fd);
    return failed;
}

static bool probe_full(fault *f, const fault_site *site, error *e)
{
    char path[4096];
    uint64_t left = storage_value(f, "free")->number;
    if (site->real_disk == NULL || site->storage == NULL)
        return error_set(e, ERROR_UNABLE, "fault disk-full-real",
                         "needs a tmpfs and chaosfs under the data directory: a target that ordeal "
                         "starts, /dev/fuse and root");
    if (!files_join(path, sizeof path, storage_mount_point(site->storage), ".ordeal-probe-full",
                    e) ||
        !real_disk_fill(site->real_disk, left, e))
        return false;
    int during = write_until_full(path, left + (size_t)2 * PIECE);
    bool relieved = real_disk_relieve(site->real_disk, e);
    int after = write_until_full(path, PIECE);
    if (unlink(path) != 0)
        return error_errno(e, path, "cannot be removed");
    return relieved && ((during == ENOSPC && after == 0) ||
                        error_set(e, ERROR_INTERNAL, "fault disk-full-real",
                                  "the probe saw '%s' on the full disk and '%s' after",
                                  strerror(during), strerror(after)));
}

static bool begin_full(fault *f, const fault_site *site, error *e)
{
    full_state *state = memory_zeroed(1, sizeof *state);
    state->before = storage_mount_full(site->storage);
    f->state = state;
    if (real_disk_fill(site->real_disk, storage_value(f, "free")->number, e))
        return true;
    free(state);
    f->state = NULL;
    return false;
}

static bool end_full(fault *f, const fault_site *site, error *e)
{
    free(f->state);
    f->state = NULL;
    return real_disk_relieve(site->real_disk, e);
}

static uint64_t full_hits(const fault *f, const fault_site *site)
{
    const full_state *state = f->state;
    return state == NULL ? 0 : storage_mount_full(site->storage) - state->before;
}

const fault_kind fault_disk_full_real = {
    .name = "disk-full-real",
    .family = "storage",
    .description = "the small real disk below the data (tmpfs) is full; ENOSPC by the kernel",
    .parameters = rows,
    .parameter_count = sizeof rows / sizeof rows[0],
    .needs = FAULT_NEEDS_STORAGE | FAULT_NEEDS_TMPFS,
    .probe = probe_full,
    .begin = begin_full,
    .end = end_full,
    .hits = full_hits,
};
