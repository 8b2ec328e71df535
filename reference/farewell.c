#include "farewell.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/timing.h"

#define PATIENCE (2 * NANOSECONDS_PER_SECOND)

typedef struct {
    int fd;
    uint64_t deadline;
} guest;

struct farewell {
    pthread_t thread;
    pthread_mutex_t lock;
    int wake;
    bool closing;
    guest guests[FAREWELL_MOST];
    size_t count;
};

static void poke(farewell *l)
{
    uint64_t one = 1;
    CHECK(write(l->wake, &one, sizeof one) == sizeof one);
}

/* False when the client is done, or will not be in time. */
static bool read_dry(const guest *g, uint64_t now)
{
    char bytes[16384];
    ssize_t n;
    do
        n = recv(g->fd, bytes, sizeof bytes, MSG_DONTWAIT);
    while (n > 0);
    return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) &&
           now < g->deadline;
}

/* Called with the lock. */
static void look_after(farewell *l)
{
    uint64_t now = timing_now();
    for (size_t i = 0; i < l->count;) {
        if (!l->closing && read_dry(&l->guests[i], now)) {
            i++;
            continue;
        }
        close(l->guests[i].fd);
        l->guests[i] = l->guests[--l->count];
    }
}

static size_t fill_watched(farewell *l, struct pollfd watched[FAREWELL_MOST + 1])
{
    watched[0] = (struct pollfd){.fd = l->wake, .events = POLLIN};
    for (size_t i = 0; i < l->count; i++)
        watched[i + 1] = (struct pollfd){.fd = l->guests[i].fd, .events = POLLIN};
    return l->count + 1;
}

static void *keep(void *argument)
{
    farewell *l = argument;
    struct pollfd watched[FAREWELL_MOST + 1];
    pthread_mutex_lock(&l->lock);
    while (!l->closing) {
        size_t count = fill_watched(l, watched);
        pthread_mutex_unlock(&l->lock);
        int ready = poll(watched, count, count > 1 ? 100 : -1);
        CHECK(ready >= 0 || errno == EINTR);
        uint64_t ignored;
        if (watched[0].revents != 0)
            CHECK(read(l->wake, &ignored, sizeof ignored) == sizeof ignored);
        pthread_mutex_lock(&l->lock);
        look_after(l);
    }
    pthread_mutex_unlock(&l->lock);
    return NULL;
}

farewell *farewell_open(void)
{
    farewell *l = memory_zeroed(1, sizeof *l);
    l->wake = eventfd(0, EFD_CLOEXEC);
    CHECK(l->wake >= 0);
    pthread_mutex_init(&l->lock, NULL);
    CHECK(pthread_create(&l->thread, NULL, keep, l) == 0);
    return l;
}

void farewell_take(farewell *l, int fd)
{
    pthread_mutex_lock(&l->lock);
    int copy = l->count < FAREWELL_MOST ? fcntl(fd, F_DUPFD_CLOEXEC, 0) : -1;
    if (copy >= 0)
        l->guests[l->count++] = (guest){copy, timing_now() + PATIENCE};
    pthread_mutex_unlock(&l->lock);
    poke(l);
}

void farewell_close(farewell *l)
{
    pthread_mutex_lock(&l->lock);
    l->closing = true;
    look_after(l);
    pthread_mutex_unlock(&l->lock);
    poke(l);
    CHECK(pthread_join(l->thread, NULL) == 0);
    pthread_mutex_destroy(&l->lock);
    close(l->wake);
    free(l);
}
