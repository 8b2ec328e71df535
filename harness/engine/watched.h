/* What epoll was told of each of a loop's descriptors, and what libcurl wants of it now.
 *
 * Lazy: a connection that idles in libcurl's cache stays registered, because it is mostly used
 * again at once. */
#ifndef ORDEAL_ENGINE_WATCHED_H
#define ORDEAL_ENGINE_WATCHED_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint32_t registered; /* what epoll was told */
    uint32_t wanted;     /* 0: the connection idles */
    uint32_t shard;      /* whose it is */
} watched;

typedef struct {
    int epoll;
    watched *all; /* by descriptor */
    size_t count;
} watch_table;

/* Does not own `epoll`. */
void watch_table_open(watch_table *t, int epoll);
void watch_table_close(watch_table *t);
watched *watch_table_at(watch_table *t, int fd);
/* `wanted`: EPOLLIN and EPOLLOUT; 0: nothing for now. */
void watch_table_want(watch_table *t, int fd, uint32_t shard, uint32_t wanted);
/* Of one that something came from though nothing is wanted of it. */
void watch_table_rest(watch_table *t, int fd);
/* Its number stands for another one from now on, or for none. */
void watch_table_forget(watch_table *t, int fd);

#endif
