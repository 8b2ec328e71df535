#include "reserve.h"

#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"

#define RESERVE ((off_t)256 * 1024)
/* Only when so many times as much is free: it must not make a disk full. */
#define TIMES_FREE 2

struct reserve {
    char path[PATH_MAX];
    pthread_mutex_t lock;
};

reserve *reserve_open(const char *data)
{
    reserve *r = memory_zeroed(1, sizeof *r);
    snprintf(r->path, sizeof r->path, "%s/reserve", data);
    pthread_mutex_init(&r->lock, NULL);
    reserve_fill(r);
    return r;
}

void reserve_close(reserve *r)
{
    if (r == NULL)
        return;
    pthread_mutex_destroy(&r->lock);
    free(r);
}

bool reserve_give(reserve *r)
{
    pthread_mutex_lock(&r->lock);
    bool given = unlink(r->path) == 0;
    pthread_mutex_unlock(&r->lock);
    if (given)
        log_line(LOG_WARNING, "the disk is full: the reserve is given up for what makes room");
    return given;
}

static bool has_room(const char *data_file)
{
    struct statvfs disk;
    return statvfs(data_file, &disk) == 0 &&
           (off_t)(disk.f_bavail * disk.f_frsize) >= TIMES_FREE * RESERVE;
}

void reserve_fill(reserve *r)
{
    struct stat file;
    pthread_mutex_lock(&r->lock);
    bool there = stat(r->path, &file) == 0 && file.st_size == RESERVE;
    int fd = there ? -1 : open(r->path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    if (fd >= 0) {
        /* A failed one may have taken what there was. */
        if (!has_room(r->path) || posix_fallocate(fd, 0, RESERVE) != 0)
            unlink(r->path);
        close(fd);
    }
    pthread_mutex_unlock(&r->lock);
}
