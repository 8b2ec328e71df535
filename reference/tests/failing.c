#include "failing.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

static atomic_uint calls_left; /* until the one that fails; 0: none does */
static atomic_bool fired;
static atomic_bool goes_on;
static failure how_it_fails;
static _Thread_local bool exempt;
static _Thread_local int sqlite_says;

void failing_arm(unsigned nth, const failure *how, bool for_ever)
{
    how_it_fails = *how;
    atomic_store(&fired, false);
    atomic_store(&goes_on, for_ever);
    atomic_store(&calls_left, nth);
}

bool failing_disarm(void)
{
    atomic_store(&calls_left, 0);
    return atomic_load(&fired);
}

void failing_exempt(void)
{
    exempt = true;
}

static bool fails(void)
{
    unsigned left = atomic_load(&calls_left);
    if (exempt)
        return false;
    while (left > 0 && !(left == 1 && atomic_load(&goes_on)) &&
           !atomic_compare_exchange_weak(&calls_left, &left, left - 1))
        ;
    if (left != 1)
        return false;
    errno = how_it_fails.number;
    atomic_store(&fired, true);
    return true;
}

static bool sqlite_fails(void)
{
    bool failed = fails();
    sqlite_says = failed ? how_it_fails.sqlite_code : SQLITE_OK;
    return failed;
}

static bool on_disk(int fd)
{
    struct stat what;
    return fstatat(fd, "", &what, AT_EMPTY_PATH) == 0 && S_ISREG(what.st_mode);
}

/* FAILING(result, name, (parameters), (arguments), condition, what it brings then) */
#define FAILING(result, name, parameters, arguments, condition, otherwise)                         \
    result __real_##name parameters;                                                               \
    result __wrap_##name parameters;                                                               \
    result __wrap_##name parameters                                                                \
    {                                                                                              \
        return (condition) ? (otherwise) : __real_##name arguments;                                \
    }

FAILING(int, fsync, (int fd), (fd), fails(), -1)
FAILING(ssize_t, write, (int fd, const void *bytes, size_t length), (fd, bytes, length),
        on_disk(fd) && fails(), -1)
FAILING(ssize_t, read, (int fd, void *bytes, size_t length), (fd, bytes, length),
        on_disk(fd) && fails(), -1)
FAILING(ssize_t, pread, (int fd, void *bytes, size_t length, off_t at), (fd, bytes, length, at),
        fails(), -1)
FAILING(int, fstat, (int fd, struct stat *out), (fd, out), fails(), -1)
FAILING(int, ftruncate, (int fd, off_t length), (fd, length), fails(), -1)
FAILING(off_t, lseek, (int fd, off_t at, int whence), (fd, at, whence), fails(), -1)
FAILING(int, renameat2, (int a, const char *from, int b, const char *to, unsigned how),
        (a, from, b, to, how), fails(), -1)
FAILING(int, link, (const char *from, const char *to), (from, to), fails(), -1)
FAILING(int, unlink, (const char *path), (path), fails(), -1)
FAILING(int, mkdir, (const char *path, mode_t mode), (path, mode), fails(), -1)
FAILING(DIR *, opendir, (const char *path), (path), fails(), NULL)
FAILING(struct dirent *, readdir, (DIR * directory), (directory), fails(), NULL)
FAILING(int, epoll_ctl, (int poll, int what, int fd, struct epoll_event *event),
        (poll, what, fd, event), what == EPOLL_CTL_ADD && fails(), -1)
FAILING(int, crypto_pwhash_str_alg,
        (char *out, const char *text, unsigned long long length, unsigned long long passes,
         size_t memory, int which),
        (out, text, length, passes, memory, which), fails(), -1)
FAILING(int, sqlite3_step, (sqlite3_stmt * s), (s), sqlite_fails(), sqlite_says)
FAILING(int, sqlite3_exec,
        (sqlite3 * db, const char *sql, sqlite3_callback told, void *owner, char **wrong),
        (db, sql, told, owner, wrong), sqlite_fails(), sqlite_says)
FAILING(int, sqlite3_prepare_v3,
        (sqlite3 * db, const char *sql, int size, unsigned how, sqlite3_stmt **out,
         const char **rest),
        (db, sql, size, how, out, rest), sqlite_fails(), sqlite_says)
FAILING(int, sqlite3_errcode, (sqlite3 * db), (db), sqlite_says != SQLITE_OK, sqlite_says)

/* The file is closed all the same, as by Linux. */
int __real_close(int fd);
int __wrap_close(int fd);
int __wrap_close(int fd)
{
    bool failed = on_disk(fd) && fails();
    int number = errno;
    int result = __real_close(fd);
    errno = number;
    return failed ? -1 : result;
}

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...)
{
    va_list list;
    va_start(list, flags);
    mode_t mode = (flags & O_CREAT) != 0 ? va_arg(list, mode_t) : 0;
    va_end(list);
    return fails() ? -1 : __real_open(path, flags, mode);
}
