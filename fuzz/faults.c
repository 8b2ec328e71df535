#include "faults.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/check.h"
#include "base/timing.h"

typedef struct {
    atomic_uint left; /* calls until the one that fails; 0: none */
    atomic_int number;
    atomic_bool for_ever;
} armed_fault;

static armed_fault faults[CALL_COUNT];
static atomic_bool was_armed;
static atomic_ullong monotonic_ahead;
static atomic_llong wall_ahead;

void faults_arm(faulty_call call, uint32_t nth, int number, bool for_ever)
{
    CHECK(call < CALL_COUNT && nth > 0);
    atomic_store(&faults[call].number, number);
    /* The store tries again and again to heal itself, which takes its time. */
    atomic_store(&faults[call].for_ever, for_ever && call != CALL_STEP);
    atomic_store(&faults[call].left, nth);
    atomic_store(&was_armed, true);
}

void faults_disarm(void)
{
    for (faulty_call i = 0; i < CALL_COUNT; i++)
        atomic_store(&faults[i].left, 0);
    atomic_store(&was_armed, false);
}

bool faults_armed(void)
{
    return atomic_load(&was_armed);
}

void faults_step(int64_t seconds, bool both)
{
    int64_t by = seconds * (int64_t)NANOSECONDS_PER_SECOND;
    atomic_fetch_add(&wall_ahead, by);
    if (both && by > 0)
        atomic_fetch_add(&monotonic_ahead, (uint64_t)by);
}

static bool fails(faulty_call call)
{
    armed_fault *f = &faults[call];
    unsigned left = atomic_load(&f->left);
    if (left == 0)
        return false;
    if (left > 1) {
        atomic_store(&f->left, left - 1);
        return false;
    }
    if (!atomic_load(&f->for_ever))
        atomic_store(&f->left, 0);
    errno = atomic_load(&f->number);
    return true;
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
    if (atomic_load(&faults[CALL_WRITE].left) == 0 || !on_disk(fd) || !fails(CALL_WRITE))
        return __real_write(fd, bytes, length);
    if (length < 2)
        return -1;
    atomic_store(&faults[CALL_WRITE].left, 1);
    return __real_write(fd, bytes, length / 2);
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
