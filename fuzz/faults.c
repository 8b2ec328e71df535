#include "faults.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/check.h"
#include "base/timing.h"

/* What waits for a time waits by the true clock, and so for ever: a server that swept by itself
 * could be at work while a story moves the clock, and would seem late. */
#define AHEAD_AT_FIRST (10ULL * 365 * 86400 * NANOSECONDS_PER_SECOND)

typedef struct {
    atomic_uint left; /* calls until the one that fails; 0: none */
    int number;
    bool for_ever;
} armed_fault;

/* A server's thread may count a call while a story disarms. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static armed_fault faults[CALL_COUNT];
static atomic_bool was_armed;
static atomic_ullong monotonic_ahead = AHEAD_AT_FIRST;
static atomic_llong wall_ahead;

void faults_arm(faulty_call call, uint32_t nth, int number, bool for_ever)
{
    CHECK(call < CALL_COUNT && nth > 0);
    pthread_mutex_lock(&lock);
    faults[call].number = number;
    /* The store tries again and again to heal itself, which takes its time. */
    faults[call].for_ever = for_ever && call != CALL_STEP;
    atomic_store(&faults[call].left, nth);
    atomic_store(&was_armed, true);
    pthread_mutex_unlock(&lock);
}

void faults_disarm(void)
{
    pthread_mutex_lock(&lock);
    for (faulty_call i = 0; i < CALL_COUNT; i++)
        atomic_store(&faults[i].left, 0);
    atomic_store(&was_armed, false);
    pthread_mutex_unlock(&lock);
}

bool faults_armed(void)
{
    return atomic_load(&was_armed);
}

void faults_step(int64_t seconds, bool both)
{
    int64_t by = seconds * (int64_t)NANOSECONDS_PER_SECOND;
    const int64_t most = FAULTS_STEPS_MOST * (int64_t)NANOSECONDS_PER_SECOND;
    int64_t ahead = atomic_fetch_add(&wall_ahead, by) + by;
    CHECK(-most <= ahead && ahead <= most);
    if (both && by > 0)
        atomic_fetch_add(&monotonic_ahead, (uint64_t)by);
}

void faults_clocks_begin(void)
{
    atomic_store(&monotonic_ahead, AHEAD_AT_FIRST);
    atomic_store(&wall_ahead, 0);
}

/* `again`: the next call of that kind fails too. */
static bool fails_and(faulty_call call, bool again)
{
    armed_fault *f = &faults[call];
    if (atomic_load(&f->left) == 0)
        return false;
    pthread_mutex_lock(&lock);
    unsigned left = atomic_load(&f->left);
    bool now = left == 1;
    if (left > 1)
        atomic_store(&f->left, left - 1);
    else if (now && !f->for_ever && !again)
        atomic_store(&f->left, 0);
    int number = f->number;
    pthread_mutex_unlock(&lock);
    if (now)
        errno = number;
    return now;
}

static bool fails(faulty_call call)
{
    return fails_and(call, false);
}

uint64_t __real_timing_now(void);
uint64_t __wrap_timing_now(void);
void __real_timing_sleep(uint64_t nanoseconds);
void __wrap_timing_sleep(uint64_t nanoseconds);
uint64_t __real_timing_wall(void);
uint64_t __wrap_timing_wall(void);
ssize_t __real_write(int fd, const void *bytes, size_t length);
ssize_t __wrap_write(int fd, const void *bytes, size_t length);
int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);
int __real_renameat(int from_folder, const char *from, int to_folder, const char *to);
int __wrap_renameat(int from_folder, const char *from, int to_folder, const char *to);
int __real_linkat(int from_folder, const char *from, int to_folder, const char *to, int flags);
int __wrap_linkat(int from_folder, const char *from, int to_folder, const char *to, int flags);
int __real_link(const char *from, const char *to);
int __wrap_link(const char *from, const char *to);
int __real_openat(int folder, const char *path, int flags, ...);
int __wrap_openat(int folder, const char *path, int flags, ...);
int __real_sqlite3_step(sqlite3_stmt *statement);
int __wrap_sqlite3_step(sqlite3_stmt *statement);
int __real_sqlite3_errcode(sqlite3 *db);
int __wrap_sqlite3_errcode(sqlite3 *db);
int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
DIR *__real_opendir(const char *path);
DIR *__wrap_opendir(const char *path);
int __real_mkdir(const char *path, mode_t mode);
int __wrap_mkdir(const char *path, mode_t mode);
int __real_ftruncate(int fd, off_t length);
int __wrap_ftruncate(int fd, off_t length);
int __real_unlink(const char *path);
int __wrap_unlink(const char *path);

uint64_t __wrap_timing_now(void)
{
    return __real_timing_now() + atomic_load(&monotonic_ahead);
}

uint64_t __wrap_timing_wall(void)
{
    return __real_timing_wall() + (uint64_t)atomic_load(&wall_ahead);
}

/* What waits before it tries again after a fault waits hardly at all. */
void __wrap_timing_sleep(uint64_t nanoseconds)
{
    __real_timing_sleep(nanoseconds < NANOSECONDS_PER_MILLISECOND ? nanoseconds
                                                                  : NANOSECONDS_PER_MILLISECOND);
}

static bool on_disk(int fd)
{
    struct stat what;
    return fd > STDERR_FILENO && fstat(fd, &what) == 0 && S_ISREG(what.st_mode);
}

/* Half of it goes through first, as on a disk that fills. */
ssize_t __wrap_write(int fd, const void *bytes, size_t length)
{
    bool half = length >= 2;
    if (atomic_load(&faults[CALL_WRITE].left) == 0 || !on_disk(fd) || !fails_and(CALL_WRITE, half))
        return __real_write(fd, bytes, length);
    return half ? __real_write(fd, bytes, length / 2) : -1;
}

int __wrap_fsync(int fd)
{
    return fails(CALL_FSYNC) ? -1 : __real_fsync(fd);
}

int __wrap_rename(const char *from, const char *to)
{
    return fails(CALL_RENAME) ? -1 : __real_rename(from, to);
}

int __wrap_renameat(int from_folder, const char *from, int to_folder, const char *to)
{
    return fails(CALL_RENAME) ? -1 : __real_renameat(from_folder, from, to_folder, to);
}

int __wrap_linkat(int from_folder, const char *from, int to_folder, const char *to, int flags)
{
    return fails(CALL_LINK) ? -1 : __real_linkat(from_folder, from, to_folder, to, flags);
}

int __wrap_link(const char *from, const char *to)
{
    return fails(CALL_LINK) ? -1 : __real_link(from, to);
}

static mode_t mode_of(int flags, va_list list)
{
    return (flags & O_CREAT) != 0 ? va_arg(list, mode_t) : 0;
}

int __wrap_openat(int folder, const char *path, int flags, ...)
{
    va_list list;
    va_start(list, flags);
    mode_t mode = mode_of(flags, list);
    va_end(list);
    return fails(CALL_OPEN) ? -1 : __real_openat(folder, path, flags, mode);
}

int __wrap_open(const char *path, int flags, ...)
{
    va_list list;
    va_start(list, flags);
    mode_t mode = mode_of(flags, list);
    va_end(list);
    return fails(CALL_OPEN) ? -1 : __real_open(path, flags, mode);
}

DIR *__wrap_opendir(const char *path)
{
    return fails(CALL_OPEN) ? NULL : __real_opendir(path);
}

int __wrap_mkdir(const char *path, mode_t mode)
{
    return fails(CALL_MKDIR) ? -1 : __real_mkdir(path, mode);
}

int __wrap_ftruncate(int fd, off_t length)
{
    return fails(CALL_TRUNCATE) ? -1 : __real_ftruncate(fd, length);
}

int __wrap_unlink(const char *path)
{
    return fails(CALL_UNLINK) ? -1 : __real_unlink(path);
}

static _Thread_local int step_failed; /* SQLITE_OK: the last step was a true one */

static int code_of(int number)
{
    switch (number) {
    case ENOSPC:
        return SQLITE_FULL;
    case EAGAIN:
        return SQLITE_BUSY;
    case EINTR:
        return SQLITE_INTERRUPT;
    default:
        return SQLITE_IOERR;
    }
}

int __wrap_sqlite3_step(sqlite3_stmt *statement)
{
    step_failed = fails(CALL_STEP) ? code_of(errno) : SQLITE_OK;
    return step_failed != SQLITE_OK ? step_failed : __real_sqlite3_step(statement);
}

int __wrap_sqlite3_errcode(sqlite3 *db)
{
    return step_failed != SQLITE_OK ? step_failed : __real_sqlite3_errcode(db);
}
