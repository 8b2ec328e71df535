/* The one error type: a kind, the place, and a sentence for a person.
 *
 * A fallible function takes `error *e` last and returns false (or NULL) when it failed, having
 * filled *e:
 *
 *     if (!files_read(path, limit, &text, e))
 *         return false;
 *
 * The caller owns *e, which holds no pointers; it need not be released. The first error set wins
 * until error_clear, so a clean-up that also fails never hides the cause. */
#ifndef ORDEAL_BASE_ERROR_H
#define ORDEAL_BASE_ERROR_H

#include <stdarg.h>
#include <stdbool.h>

typedef enum {
    ERROR_NONE,
    ERROR_USAGE,     /* bad flag, scenario or target: the person can mend it */
    ERROR_TARGET,    /* the server under test could not be started or reached */
    ERROR_IO,        /* a file, socket or system call failed */
    ERROR_CORRUPT,   /* stored data is not what was written */
    ERROR_LIMIT,     /* a stated bound was reached */
    ERROR_UNABLE,    /* this machine lacks what is needed; the text says how to get it */
    ERROR_INTERRUPT, /* a person or the system asked to stop */
    ERROR_INTERNAL,
} error_kind;

typedef struct {
    error_kind kind;
    char place[160];
    char text[480];
} error;

/* Every one of these returns false, so that "return error_set(...)" reads as the failure that it
 * is. */
bool error_set(error *e, error_kind kind, const char *place, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
bool error_set_va(error *e, error_kind kind, const char *place, const char *format, va_list values)
    __attribute__((format(printf, 4, 0)));
/* The sentence with ": " and strerror(errno) behind it. */
bool error_errno(error *e, const char *place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

void error_clear(error *e);
const char *error_kind_name(error_kind kind);
/* "place: sentence", or just the sentence where no place was given. Returns `line`. */
const char *error_line(const error *e, char *line, unsigned long size);

#endif
