#include "chaos/storage/watch.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/files.h"
#include "chaos/storage/watch_calls.h"

/* Each holds one call that is being delayed or stalled. */
#define WORKERS     24
#define DOOR_SIZE   16
#define JOIN_PAUSE  10000000L
#define NUDGE       SIGRTMIN
#define STACK_BYTES ((size_t)256 << 10)

/* One who entered, with all that it started. */
typedef struct listener {
    struct listener *next;
    call_watch *watch;
    int fd;
    pthread_mutex_t turn; /* to wait for a call and take it */
    pthread_t workers[WORKERS];
    atomic_uint working;
} listener;

struct call_watch {
    storage_control *control;
    char root[PATH_MAX];
    char program[PATH_MAX];
    char door[DOOR_SIZE];
    const char *prefix[3];
    int entrance;
    int bell; /* readable from the stop on */
    pthread_t doorman;
    listener *listeners; /* the doorman's */
};

bool watch_possible(error *e)
{
    struct seccomp_notif_sizes sizes;
    if (syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes) == 0 &&
        sizes.seccomp_notif <= sizeof(struct seccomp_notif) &&
        sizes.seccomp_notif_resp <= sizeof(struct seccomp_notif_resp))
        return true;
    return error_set(e, ERROR_UNABLE, "seccomp",
                     "user notification is not there (Linux 5.0, and a container that allows it)");
}

/* --- one call --- */

static void write_path(const void *subject, char *path, unsigned long size)
{
    snprintf(path, size, "%s", (const char *)subject);
}

/* The errno it ends with, or 0: it is made. */
static int judge(storage_control *control, const call_subject *about, storage_operation operation)
{
    if (atomic_load(&control->armed) & STORAGE_ARMED_CRASHED)
        return EIO;
    atomic_fetch_add(&control->done_by[operation], 1);
    storage_verdict verdict = storage_decide(control, operation, write_path, about->paths[0],
                                             about->two ? about->paths[1] : NULL);
    if (atomic_load(&control->armed) & STORAGE_ARMED_CRASHED)
        return EIO;
    if (!verdict.fired)
        return 0;
    if (verdict.action == STORAGE_ERROR)
        return verdict.error_number;
    CHECK(verdict.action == STORAGE_KILL_BEFORE);
    atomic_fetch_or(&control->armed, STORAGE_ARMED_CRASHED);
    if (verdict.pid > 0)
        kill(verdict.pid, SIGKILL);
    return EIO;
}

static void answer(const listener *l, const struct seccomp_notif *asked)
{
    const call_watch *w = l->watch;
    struct seccomp_notif_resp reply = {.id = asked->id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};
    call_subject about;
    int refused = 0;
    if (atomic_load(&w->control->armed) != 0 && watch_describe(asked, w->root, &about)) {
        if (about.by_name && about.operation != STORAGE_LOOKUP)
            refused = judge(w->control, &about, STORAGE_LOOKUP);
        if (refused == 0)
            refused = judge(w->control, &about, about.operation);
    }
    if (refused != 0) {
        reply.flags = 0;
        reply.error = -refused;
    }
    /* Fails when the asker has been killed meanwhile, and then nobody waits. */
    ioctl(l->fd, SECCOMP_IOCTL_NOTIF_SEND, &reply);
}

/* False when nobody will ask any more. */
static bool take_call(listener *l, struct seccomp_notif *asked, bool *taken)
{
    struct pollfd watched[2] = {{.fd = l->watch->bell, .events = POLLIN},
                                {.fd = l->fd, .events = POLLIN}};
    *taken = false;
    pthread_mutex_lock(&l->turn);
    int count = poll(watched, 2, -1);
    bool goes_on = count < 0 || (watched[0].revents == 0 &&
                                 (watched[1].revents & (POLLHUP | POLLERR | POLLNVAL)) == 0);
    if (goes_on && count > 0) {
        memset(asked, 0, sizeof *asked);
        *taken = ioctl(l->fd, SECCOMP_IOCTL_NOTIF_RECV, asked) == 0;
    }
    pthread_mutex_unlock(&l->turn);
    return goes_on;
}

static void *work(void *argument)
{
    listener *l = argument;
    struct seccomp_notif asked;
    bool taken;
    while (take_call(l, &asked, &taken))
        if (taken)
            answer(l, &asked);
    atomic_fetch_sub(&l->working, 1);
    return NULL;
}

/* --- who enters and leaves --- */

static void ignore_nudge(int number)
{
    (void)number;
}

/* Before Linux 6.11 one may wait for a call of somebody who died while it was about to be taken. */
static void join_worker(pthread_t worker)
{
    struct timespec until;
    do {
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += JOIN_PAUSE;
        if (until.tv_nsec >= 1000000000L) {
            until.tv_nsec -= 1000000000L;
            until.tv_sec++;
        }
        pthread_kill(worker, NUDGE);
    } while (pthread_timedjoin_np(worker, NULL, &until) != 0);
}

static void end_listener(listener *l)
{
    for (size_t i = 0; i < WORKERS; i++)
        join_worker(l->workers[i]);
    pthread_mutex_destroy(&l->turn);
    close(l->fd);
    free(l);
}

/* Of a target that was restarted; `all`: of everybody. */
static void end_listeners(call_watch *w, bool all)
{
    for (listener **at = &w->listeners; *at != NULL;) {
        listener *l = *at;
        if (!all && atomic_load(&l->working) > 0) {
            at = &l->next;
            continue;
        }
        *at = l->next;
        end_listener(l);
    }
}

static void begin_listener(call_watch *w, int fd)
{
    listener *l = memory_zeroed(1, sizeof *l);
    pthread_attr_t small;
    *l = (listener){.next = w->listeners, .watch = w, .fd = fd};
    atomic_store(&l->working, WORKERS);
    pthread_mutex_init(&l->turn, NULL);
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, STACK_BYTES);
    for (size_t i = 0; i < WORKERS; i++) {
        int failed = pthread_create(&l->workers[i], &small, work, l);
        CHECK(failed == 0);
    }
    pthread_attr_destroy(&small);
    w->listeners = l;
}

/* -1: the guest brought none. */
static int receive_listener(int guest)
{
    char byte;
    int fd = -1;
    struct iovec body = {.iov_base = &byte, .iov_len = 1};
    union {
        struct cmsghdr head;
        char bytes[CMSG_SPACE(sizeof(int))];
    } extra;
    struct msghdr message = {.msg_iov = &body,
                             .msg_iovlen = 1,
                             .msg_control = &extra,
                             .msg_controllen = sizeof extra.bytes};
    if (recvmsg(guest, &message, MSG_CMSG_CLOEXEC) != 1)
        return -1;
    const struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    if (head != NULL && head->cmsg_type == SCM_RIGHTS && head->cmsg_len == CMSG_LEN(sizeof fd))
        memcpy(&fd, CMSG_DATA(head), sizeof fd);
    return fd;
}

static void let_in(call_watch *w)
{
    struct ucred who;
    socklen_t size = sizeof who;
    int guest = accept4(w->entrance, NULL, NULL, SOCK_CLOEXEC);
    if (guest < 0)
        return;
    bool ours =
        getsockopt(guest, SOL_SOCKET, SO_PEERCRED, &who, &size) == 0 && who.uid == geteuid();
    int fd = ours ? receive_listener(guest) : -1;
    if (fd >= 0) {
        begin_listener(w, fd);
        send(guest, "w", 1, MSG_NOSIGNAL);
    }
    close(guest);
}

static void *mind_the_door(void *argument)
{
    call_watch *w = argument;
    struct pollfd watched[2] = {{.fd = w->bell, .events = POLLIN},
                                {.fd = w->entrance, .events = POLLIN}};
    while (watched[0].revents == 0) {
        if (poll(watched, 2, -1) < 0)
            continue;
        end_listeners(w, false);
        if (watched[1].revents != 0)
            let_in(w);
    }
    end_listeners(w, true);
    return NULL;
}

/* --- the whole --- */

/* The kernel chooses a free name that is in no directory. */
static bool open_door(call_watch *w, error *e)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    socklen_t size = sizeof address;
    w->entrance = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (w->entrance < 0 ||
        bind(w->entrance, (struct sockaddr *)&address, sizeof address.sun_family) != 0 ||
        listen(w->entrance, 8) != 0 ||
        getsockname(w->entrance, (struct sockaddr *)&address, &size) != 0)
        return error_errno(e, "watch", "cannot open a socket for who is to be watched");
    size_t length = size - offsetof(struct sockaddr_un, sun_path) - 1;
    CHECK(length < sizeof w->door);
    memcpy(w->door, address.sun_path + 1, length);
    return true;
}

static void release(call_watch *w)
{
    if (w->entrance >= 0)
        close(w->entrance);
    if (w->bell >= 0)
        close(w->bell);
    free(w);
}

call_watch *watch_start(storage_control *control, const char *directory, error *e)
{
    struct sigaction nudged = {.sa_handler = ignore_nudge};
    if (!watch_possible(e))
        return NULL;
    call_watch *w = memory_zeroed(1, sizeof *w);
    *w = (call_watch){.control = control, .entrance = -1};
    w->bell = eventfd(0, EFD_CLOEXEC);
    CHECK(w->bell >= 0);
    bool done =
        files_beside_program(w->program, sizeof w->program, "ordeal-watch", "ORDEAL_WATCH", e) &&
        open_door(w, e);
    if (done && realpath(directory, w->root) == NULL)
        done = error_errno(e, directory, "cannot be resolved");
    if (!done) {
        release(w);
        return NULL;
    }
    w->prefix[0] = w->program;
    w->prefix[1] = w->door;
    sigaction(NUDGE, &nudged, NULL);
    int failed = pthread_create(&w->doorman, NULL, mind_the_door, w);
    CHECK(failed == 0);
    return w;
}

void watch_stop(call_watch *w)
{
    uint64_t one = 1;
    CHECK(write(w->bell, &one, sizeof one) == sizeof one);
    pthread_join(w->doorman, NULL);
    release(w);
}

const char *const *watch_prefix(const call_watch *w)
{
    return w->prefix;
}

const char *watch_door(const call_watch *w)
{
    return w->door;
}
