/* clock-waits MILLISECONDS: waits once by every means that a program has and prints how long each
 * took by its own clock: "name milliseconds". */
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <mqueue.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ipc.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

static long length; /* milliseconds */

static struct timespec relative(void)
{
    return (struct timespec){length / 1000, length % 1000 * 1000000};
}

static struct timespec absolute(clockid_t id)
{
    struct timespec at;
    clock_gettime(id, &at);
    at.tv_nsec += length % 1000 * 1000000;
    at.tv_sec += length / 1000 + at.tv_nsec / 1000000000;
    at.tv_nsec %= 1000000000;
    return at;
}

static struct timeval relative_microseconds(void)
{
    return (struct timeval){length / 1000, length % 1000 * 1000};
}

static void by_nanosleep(void)
{
    struct timespec t = relative();
    nanosleep(&t, NULL);
}
static void by_usleep(void)
{
    usleep((useconds_t)length * 1000);
}
static void by_clock_nanosleep(void)
{
    struct timespec t = relative();
    clock_nanosleep(CLOCK_REALTIME, 0, &t, NULL);
}
static void by_clock_nanosleep_wall(void)
{
    struct timespec t = absolute(CLOCK_REALTIME);
    clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &t, NULL);
}
static void by_clock_nanosleep_until(void)
{
    struct timespec t = absolute(CLOCK_MONOTONIC);
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}
static void by_poll(void)
{
    poll(NULL, 0, (int)length);
}
static void by_ppoll(void)
{
    struct timespec t = relative();
    ppoll(NULL, 0, &t, NULL);
}
static void by_select(void)
{
    struct timeval t = relative_microseconds();
    select(0, NULL, NULL, NULL, &t);
}
static void by_raw_select(void)
{
    struct timeval t = relative_microseconds();
    syscall(SYS_select, 0, NULL, NULL, NULL, &t);
}
static void by_pselect(void)
{
    struct timespec t = relative();
    pselect(0, NULL, NULL, NULL, &t, NULL);
}
static void by_epoll_wait(void)
{
    struct epoll_event one;
    int fd = epoll_create1(0);
    epoll_wait(fd, &one, 1, (int)length);
    close(fd);
}
static void by_epoll_pwait(void)
{
    struct epoll_event one;
    sigset_t none;
    sigemptyset(&none);
    int fd = epoll_create1(0);
    epoll_pwait(fd, &one, 1, (int)length, &none);
    close(fd);
}
static void by_epoll_pwait2(void)
{
    struct epoll_event one;
    struct timespec t = relative();
    int fd = epoll_create1(0);
    epoll_pwait2(fd, &one, 1, &t, NULL);
    close(fd);
}
static void by_condition(void)
{
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t never = PTHREAD_COND_INITIALIZER;
    struct timespec t = absolute(CLOCK_REALTIME);
    pthread_mutex_lock(&lock);
    while (pthread_cond_timedwait(&never, &lock, &t) == 0)
        ;
    pthread_mutex_unlock(&lock);
}
static void by_condition_monotonic(void)
{
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t never = PTHREAD_COND_INITIALIZER;
    struct timespec t = absolute(CLOCK_MONOTONIC);
    pthread_mutex_lock(&lock);
    while (pthread_cond_clockwait(&never, &lock, CLOCK_MONOTONIC, &t) == 0)
        ;
    pthread_mutex_unlock(&lock);
}
static void by_semaphore(void)
{
    sem_t never;
    struct timespec t = absolute(CLOCK_REALTIME);
    sem_init(&never, 0, 0);
    sem_timedwait(&never, &t);
}
static void by_semaphore_monotonic(void)
{
    sem_t never;
    struct timespec t = absolute(CLOCK_MONOTONIC);
    sem_init(&never, 0, 0);
    sem_clockwait(&never, CLOCK_MONOTONIC, &t);
}
static void by_futex(void)
{
    int word = 0;
    struct timespec t = relative();
    syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, &t, NULL, 0);
}
static void by_lock(void)
{
    pthread_mutex_t lock;
    pthread_mutexattr_t kind;
    struct timespec t = absolute(CLOCK_REALTIME);
    pthread_mutexattr_init(&kind);
    pthread_mutex_init(&lock, &kind);
    pthread_mutex_lock(&lock);
    pthread_mutex_timedlock(&lock, &t);
}
static void by_signal_wait(void)
{
    sigset_t one;
    struct timespec t = relative();
    sigemptyset(&one);
    sigaddset(&one, SIGUSR2);
    sigtimedwait(&one, NULL, &t);
}
static void by_semop(void)
{
    struct timespec t = relative();
    struct sembuf down = {0, -1, 0};
    int id = semget(IPC_PRIVATE, 1, 0600);
    semtimedop(id, &down, 1, &t);
    semctl(id, 0, IPC_RMID);
}
static void by_queue(void)
{
    char name[64];
    char text[16];
    struct mq_attr shape = {.mq_maxmsg = 1, .mq_msgsize = 16};
    struct timespec t = absolute(CLOCK_REALTIME);
    snprintf(name, sizeof name, "/clock-waits-%d", (int)getpid());
    mqd_t queue = mq_open(name, O_RDWR | O_CREAT, 0600, &shape);
    mq_unlink(name);
    mq_timedreceive(queue, text, sizeof text, NULL, &t);
    mq_close(queue);
}
static void wait_for_timer(clockid_t id, int flags, struct timespec value)
{
    uint64_t count;
    int fd = timerfd_create(id, 0);
    struct itimerspec when = {.it_value = value};
    timerfd_settime(fd, flags, &when, NULL);
    (void)!read(fd, &count, sizeof count);
    close(fd);
}
static void by_timerfd(void)
{
    wait_for_timer(CLOCK_MONOTONIC, 0, relative());
}
static void by_timerfd_wall(void)
{
    wait_for_timer(CLOCK_REALTIME, TFD_TIMER_ABSTIME, absolute(CLOCK_REALTIME));
}
static void by_timerfd_until(void)
{
    wait_for_timer(CLOCK_MONOTONIC, TFD_TIMER_ABSTIME, absolute(CLOCK_MONOTONIC));
}
static void wait_for_alarm(void)
{
    sigset_t one;
    int number;
    sigemptyset(&one);
    sigaddset(&one, SIGALRM);
    sigwait(&one, &number);
}
static void by_timer(void)
{
    timer_t timer;
    struct itimerspec when = {.it_value = relative()};
    timer_create(CLOCK_MONOTONIC, NULL, &timer);
    timer_settime(timer, 0, &when, NULL);
    wait_for_alarm();
    timer_delete(timer);
}
static void by_setitimer(void)
{
    struct itimerval when = {.it_value = relative_microseconds()};
    setitimer(ITIMER_REAL, &when, NULL);
    wait_for_alarm();
}
static void by_alarm(void)
{
    alarm((unsigned)((length + 999) / 1000));
    wait_for_alarm();
}
static void by_receive_timeout(void)
{
    int ends[2];
    char byte;
    struct timeval t = relative_microseconds();
    socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t);
    (void)!recv(ends[0], &byte, 1, 0);
    close(ends[0]);
    close(ends[1]);
}

static const struct {
    const char *name;
    void (*wait)(void);
} waits[] = {
    {"nanosleep", by_nanosleep},
    {"usleep", by_usleep},
    {"clock_nanosleep", by_clock_nanosleep},
    {"clock_nanosleep-wall", by_clock_nanosleep_wall},
    {"clock_nanosleep-until", by_clock_nanosleep_until},
    {"poll", by_poll},
    {"ppoll", by_ppoll},
    {"select", by_select},
    {"raw-select", by_raw_select},
    {"pselect", by_pselect},
    {"epoll_wait", by_epoll_wait},
    {"epoll_pwait", by_epoll_pwait},
    {"epoll_pwait2", by_epoll_pwait2},
    {"pthread_cond_timedwait", by_condition},
    {"pthread_cond_clockwait", by_condition_monotonic},
    {"sem_timedwait", by_semaphore},
    {"sem_clockwait", by_semaphore_monotonic},
    {"futex", by_futex},
    {"pthread_mutex_timedlock", by_lock},
    {"sigtimedwait", by_signal_wait},
    {"semtimedop", by_semop},
    {"mq_timedreceive", by_queue},
    {"timerfd", by_timerfd},
    {"timerfd-wall", by_timerfd_wall},
    {"timerfd-until", by_timerfd_until},
    {"timer_settime", by_timer},
    {"setitimer", by_setitimer},
    {"alarm", by_alarm},
    {"SO_RCVTIMEO", by_receive_timeout},
};

static double milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

int main(int argc, char **argv)
{
    sigset_t held;
    sigemptyset(&held);
    sigaddset(&held, SIGALRM);
    sigaddset(&held, SIGUSR2);
    sigprocmask(SIG_BLOCK, &held, NULL);
    length = argc > 1 ? strtol(argv[1], NULL, 10) : 1000;
    for (size_t i = 0; i < sizeof waits / sizeof waits[0]; i++) {
        double began = milliseconds();
        waits[i].wait();
        printf("%s %.0f\n", waits[i].name, milliseconds() - began);
        fflush(stdout);
    }
    return 0;
}
