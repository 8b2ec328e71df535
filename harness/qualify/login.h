/* A target with accounts is asked as somebody who has one. */
#ifndef ORDEAL_QUALIFY_LOGIN_H
#define ORDEAL_QUALIFY_LOGIN_H

#include "qualify/conformance.h"

#define LOGIN_TOKEN_SIZE 256

/* Registers an account named after the run and logs in. NULL: the target has no accounts, or does
 * not let anybody in, which its cases will tell. */
const char *login(const probe_target *target, const driver *d, const char *run,
                  char token[LOGIN_TOKEN_SIZE]);

#endif
