/* The byte budget behind disk-full and quota: what a file grows by is taken from it, what it
 * shrinks by comes back. */
#include <errno.h>
#include <sys/stat.h>

#include "chaos/storage/filesystem.h"

static bool armed(const filesystem *fs)
{
    uint32_t armed = atomic_load(&fs->control->armed);
    return (armed & STORAGE_ARMED_BUDGET) != 0 && (armed & STORAGE_ARMED_REPLACING) == 0;
}

static int refuse(filesystem *fs)
{
    atomic_fetch_add(&fs->control->budget_refused, 1);
    return atomic_load(&fs->control->budget_error);
}

/* As much of `wanted` as there is. */
static int64_t take(filesystem *fs, int64_t wanted)
{
    int64_t left = atomic_load(&fs->control->budget);
    int64_t taken;
    do {
        taken = left <= 0 ? 0 : left < wanted ? left : wanted;
    } while (!atomic_compare_exchange_weak(&fs->control->budget, &left, left - taken));
    return taken;
}

int64_t budget_take(filesystem *fs, int fd, off_t offset, size_t wanted)
{
    struct stat status;
    if (!armed(fs))
        return (int64_t)wanted;
    if (fstat(fd, &status) != 0)
        return -errno;
    int64_t growth = offset + (int64_t)wanted - status.st_size;
    if (growth <= 0)
        return (int64_t)wanted;
    /* A hole that the write leaves before itself costs nothing. */
    if (growth > (int64_t)wanted)
        growth = (int64_t)wanted;
    int64_t missing = growth - take(fs, growth);
    if (missing == 0)
        return (int64_t)wanted;
    int refused = refuse(fs);
    return missing == (int64_t)wanted ? -refused : (int64_t)wanted - missing;
}

int budget_name(filesystem *fs)
{
    if (!armed(fs) || atomic_load(&fs->control->budget) > 0)
        return 0;
    return refuse(fs);
}

int budget_resize(filesystem *fs, off_t before, off_t after)
{
    if (!armed(fs))
        return 0;
    if (after <= before) {
        atomic_fetch_add(&fs->control->budget, before - after);
        return 0;
    }
    int64_t taken = take(fs, after - before);
    if (taken == after - before)
        return 0;
    atomic_fetch_add(&fs->control->budget, taken);
    return refuse(fs);
}
