/* Is a target's program here, and bringing it when it is not. */
#ifndef ORDEAL_TARGET_INSTALL_H
#define ORDEAL_TARGET_INSTALL_H

#include <stdbool.h>

#include "base/error.h"

/* `needs`: a program of the PATH (or of the folders of system programs), or, with a slash in it, a
 * file. NULL is always here. */
bool install_is_here(const char *needs);
/* Runs `command`, which ends in NULL, with its output in `log`, and looks again. False: it failed,
 * or `needs` is still not here. */
bool install_run(const char *needs, const char *const *command, const char *log, error *e);
/* For a run, which installs nothing: false, with what would bring it, when it is not here.
 * `command` may be NULL. */
bool install_check(const char *needs, const char *const *command, const char *target, error *e);

#endif
