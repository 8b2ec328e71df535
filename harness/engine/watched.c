#include "engine/watched.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/arena.h"
#include "base/check.h"

#define COUNT_AT_FIRST 256

void watch_table_open(watch_table *t, int epoll)
{
    *t = (watch_table){.epoll = epoll,
                       .all = memory_zeroed(COUNT_AT_FIRST, sizeof *t->all),
                       .count = COUNT_AT_FIRST};
}

void watch_table_close(watch_table *t)
{
    free(t->all);
}

watched *watch_table_at(watch_table *t, int fd)
{
    CHECK(fd >= 0);
    if ((size_t)fd >= t->count) {
        size_t count = t->count;
        while ((size_t)fd >= count)
            count *= 2;
        t->all = memory_resize(t->all, count * sizeof *t->all);
        memset(t->all + t->count, 0, (count - t->count) * sizeof *t->all);
        t->count = count;
    }
    return &t->all[fd];
}

static void tell_epoll(watch_table *t, int fd, watched *w, uint32_t events)
{
    if (w->registered == events)
        return;
    struct epoll_event event = {.events = events, .data.fd = fd};
    int action = w->registered == 0 ? EPOLL_CTL_ADD : events == 0 ? EPOLL_CTL_DEL : EPOLL_CTL_MOD;
    int result = epoll_ctl(t->epoll, action, fd, &event);
    /* One that libcurl closed without a word is gone already, and its number may be a file's now.
     */
    CHECK(result == 0 || events == 0);
    w->registered = events;
}

void watch_table_want(watch_table *t, int fd, uint32_t shard, uint32_t wanted)
{
    watched *w = watch_table_at(t, fd);
    /* Told late, of a number that is another shard's socket by now. */
    if (wanted == 0 && w->shard != shard)
        return;
    w->shard = shard;
    w->wanted = wanted;
    if (wanted != 0)
        tell_epoll(t, fd, w, wanted);
}

void watch_table_rest(watch_table *t, int fd)
{
    tell_epoll(t, fd, watch_table_at(t, fd), 0);
}

void watch_table_forget(watch_table *t, int fd)
{
    *watch_table_at(t, fd) = (watched){0};
}
