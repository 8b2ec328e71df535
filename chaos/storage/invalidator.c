#include "chaos/storage/invalidator.h"

#include <errno.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/check.h"

#define TOUCHED_MOST 1024
/* Between two looks at the lifeline. */
#define LOOK_NANOSECONDS 50000000L

struct invalidator {
    filesystem *fs;
    int lifeline;
    pthread_t thread;
    pthread_mutex_t lock;
    fuse_ino_t touched[TOUCHED_MOST];
    size_t touched_count; /* beyond the most: everything is dropped instead */
    atomic_bool stopping;
};

static void drop_one(void *owner, const inode *one, const inode *parent, const char *name)
{
    const filesystem *fs = owner;
    fuse_lowlevel_notify_inval_inode(fs->session, filesystem_number(fs, one), 0, 0);
    if (parent != NULL)
        fuse_lowlevel_notify_expire_entry(fs->session, filesystem_number(fs, parent), name,
                                          strlen(name), FUSE_LL_EXPIRE_ONLY);
}

static void drop_touched(invalidator *self)
{
    fuse_ino_t numbers[TOUCHED_MOST];
    pthread_mutex_lock(&self->lock);
    size_t count = self->touched_count;
    memcpy(numbers, self->touched,
           (count < TOUCHED_MOST ? count : TOUCHED_MOST) * sizeof numbers[0]);
    self->touched_count = 0;
    pthread_mutex_unlock(&self->lock);
    if (count > TOUCHED_MOST) {
        inodes_visit(self->fs->inodes, drop_one, self->fs);
        return;
    }
    for (size_t i = 0; i < count; i++)
        fuse_lowlevel_notify_inval_inode(self->fs->session, numbers[i], 0, 0);
}

static void wait_for_change(storage_control *control, uint32_t epoch)
{
    struct timespec look = {.tv_nsec = LOOK_NANOSECONDS};
    syscall(SYS_futex, &control->epoch, FUTEX_WAIT, epoch, &look, NULL, 0);
}

static bool harness_gone(const invalidator *self)
{
    struct pollfd end = {.fd = self->lifeline, .events = POLLIN};
    return self->lifeline >= 0 && poll(&end, 1, 0) > 0;
}

static void *run(void *argument)
{
    invalidator *self = argument;
    storage_control *control = self->fs->control;
    uint32_t done = atomic_load(&control->epoch_done);
    bool told = false;
    while (!atomic_load(&self->stopping)) {
        uint32_t epoch = atomic_load(&control->epoch);
        if (epoch != done) {
            uint32_t mark = atomic_exchange(&control->mark, 0);
            if (mark != 0)
                operation_log_append(self->fs->log, (log_record){.kind = mark}, NULL, NULL, NULL,
                                     0);
            inodes_visit(self->fs->inodes, drop_one, self->fs);
            done = epoch;
            atomic_store(&control->epoch_done, done);
            syscall(SYS_futex, &control->epoch_done, FUTEX_WAKE, INT32_MAX, NULL, NULL, 0);
        }
        drop_touched(self);
        if (!told && harness_gone(self)) {
            atomic_store(&control->armed, 0); /* nothing may stay stalled */
            kill(getpid(), SIGTERM);
            told = true;
        }
        wait_for_change(control, epoch);
    }
    return NULL;
}

invalidator *invalidator_start(filesystem *fs, int lifeline)
{
    invalidator *self = memory_zeroed(1, sizeof *self);
    self->fs = fs;
    self->lifeline = lifeline;
    pthread_mutex_init(&self->lock, NULL);
    int failed = pthread_create(&self->thread, NULL, run, self);
    CHECK(failed == 0);
    return self;
}

void invalidator_touch(invalidator *self, fuse_ino_t number)
{
    pthread_mutex_lock(&self->lock);
    if (self->touched_count < TOUCHED_MOST)
        self->touched[self->touched_count] = number;
    if (self->touched_count <= TOUCHED_MOST)
        self->touched_count++;
    pthread_mutex_unlock(&self->lock);
    syscall(SYS_futex, &self->fs->control->epoch, FUTEX_WAKE, 1, NULL, NULL, 0);
}

void invalidator_stop(invalidator *self)
{
    atomic_store(&self->stopping, true);
    syscall(SYS_futex, &self->fs->control->epoch, FUTEX_WAKE, 1, NULL, NULL, 0);
    pthread_join(self->thread, NULL);
    pthread_mutex_destroy(&self->lock);
    free(self);
}
