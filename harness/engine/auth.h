/* Who a request says that it comes from: nobody, a name and password (basic), a token (bearer), or
 * a signature with a secret key (AWS Signature Version 4, made by libcurl).
 *
 * The texts are the caller's and live as long as the handles that they were applied to are used. */
#ifndef ORDEAL_ENGINE_AUTH_H
#define ORDEAL_ENGINE_AUTH_H

#include <stdbool.h>

#include "base/buffer.h"

typedef enum { AUTH_NONE, AUTH_BASIC, AUTH_BEARER, AUTH_SIGV4 } auth_kind;

typedef struct {
    auth_kind kind;
    const char *user;   /* basic: the name; sigv4: the access key */
    const char *secret; /* the password, the token, the secret key */
    const char *signs;  /* sigv4: "aws:amz:us-east-1:s3" */
} auth;

/* To a CURL handle. NULL stands for AUTH_NONE. */
void auth_apply(void *easy, const auth *a);
/* A header that requests with this authentication need besides, "Name: value"; NULL: none. */
const char *auth_header(const auth *a);
/* A signed request must be sent as it was signed. libcurl before 8.3 signs a field that says
 * nothing
 * ("Expect:", which keeps it from sending its own) although it does not send it; and libcurl makes
 * the percent-encoding of an address's path small letters where it is set as a part, while servers
 * sign capital ones. */
bool auth_signs(const auth *a);
/* Adds to a `curl` command what says the same. `secret` is how the command is to name it. */
void auth_add_flags(const auth *a, const char *secret, buffer *line);

#endif
