/* Errors as clients see them: application/problem+json with a code of a closed list. */
#ifndef REFERENCE_PROBLEM_H
#define REFERENCE_PROBLEM_H

#include <stdbool.h>

#include "base/buffer.h"

typedef enum {
    PROBLEM_NONE,
    PROBLEM_VALIDATION,
    PROBLEM_UNAUTHORIZED,
    PROBLEM_TOKEN_EXPIRED,
    PROBLEM_FORBIDDEN,
    PROBLEM_NOT_FOUND,
    PROBLEM_METHOD,
    PROBLEM_CONFLICT,
    PROBLEM_SHARE_EXPIRED,
    PROBLEM_SHARE_EXHAUSTED,
    PROBLEM_SHARE_DELETED,
    PROBLEM_PRECONDITION,
    PROBLEM_PROTOCOL,
    PROBLEM_UPLOAD_EXPIRED,
    PROBLEM_STALE,
    PROBLEM_MEDIA_TYPE,
    PROBLEM_CHECKSUM,
    PROBLEM_LENGTH_REQUIRED,
    PROBLEM_DIGEST,
    PROBLEM_TOO_LARGE,
    PROBLEM_QUOTA,
    PROBLEM_RANGE,
    PROBLEM_RATE,
    PROBLEM_HEAD_TOO_LARGE,
    PROBLEM_NOT_IMPLEMENTED,
    PROBLEM_OVERLOADED,
    PROBLEM_LOCK_TIMEOUT,
    PROBLEM_DATABASE,
    PROBLEM_STORAGE,
    PROBLEM_DISK_FULL,
    PROBLEM_COUNT,
} problem_code;

typedef struct {
    const char *code;
    const char *title;
    unsigned status;
    bool retryable;
} problem_row;

const problem_row *problem_of(problem_code code);
void problem_write(problem_code code, const char *detail, const char *trace, buffer *out);

#endif
