/* Makes one call of the server's fail: the linker sends its calls of the system, of SQLite and of
 * libsodium that can fail through here (see failing_calls in CMakeLists.txt). What these libraries
 * call themselves stays true, and so do calls on what is no regular file. */
#ifndef REFERENCE_TESTS_FAILING_H
#define REFERENCE_TESTS_FAILING_H

#include <stdbool.h>

typedef struct {
    int number;      /* errno */
    int sqlite_code; /* what SQLite says instead */
} failure;

/* The `nth` call from now on fails, or is the first of all that do. */
void failing_arm(unsigned nth, const failure *how, bool for_ever);
/* False: there were not so many calls. */
bool failing_disarm(void);
/* Calls of this thread never fail. */
void failing_exempt(void);

#endif
