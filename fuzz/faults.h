/* Clock steps and storage faults inside a fuzzer: the linker sends the server's own calls of
 * timing_now, timing_wall, timing_sleep, write, fsync, rename, renameat, open, openat, opendir,
 * link, linkat, mkdir, ftruncate and unlink through here (see `WRAP` in CMakeLists.txt). SQLite,
 * being a library of the system, keeps the true ones; so that the store fails too, a step of one of
 * its statements does, once, with what SQLite makes of the errno: ENOSPC is SQLITE_FULL, EAGAIN
 * SQLITE_BUSY, EINTR SQLITE_INTERRUPT, any other SQLITE_IOERR. */
#ifndef FUZZ_FAULTS_H
#define FUZZ_FAULTS_H

#include <stdbool.h>
#include <stdint.h>

typedef enum {
    CALL_WRITE,
    CALL_FSYNC,
    CALL_RENAME,
    CALL_OPEN,
    CALL_LINK,
    CALL_STEP,
    CALL_MKDIR,
    CALL_TRUNCATE,
    CALL_UNLINK,
    CALL_COUNT
} faulty_call;

/* The `nth` next call of that kind (1: the next) fails with `number`; `for_ever`: and all after. */
void faults_arm(faulty_call call, uint32_t nth, int number, bool for_ever);
void faults_disarm(void);
bool faults_armed(void); /* since the last faults_disarm */
/* Moves the wall clock, and with `both` the monotonic one too, which never goes back: by no more
 * than FAULTS_STEPS_MOST in all, for the store has no times before 1970 or after 2262. */
#define FAULTS_STEPS_MOST (50LL * 365 * 86400) /* seconds */
void faults_step(int64_t seconds, bool both);
/* Both clocks go as at first; no server may run meanwhile. */
void faults_clocks_begin(void);

#endif
