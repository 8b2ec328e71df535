/* Conversations of a case with the storage API: each step asks, and says what must be seen.
 *
 * In every text {u} stands for a name that only this case uses ({u64}: in base64; {long}: made as
 * long as a name may be), {x} for what an earlier step kept
 * under that name. Whatever answers 400 or more must be a problem document whose status is that of
 * the answer, and 429 and 503 must have Retry-After. The first expectation that does not hold
 * decides the case. */
#ifndef ORDEAL_QUALIFY_EXCHANGE_H
#define ORDEAL_QUALIFY_EXCHANGE_H

#include <time.h>

#include "qualify/conformance.h"

typedef struct {
    const char *ask; /* "GET /v1/files?prefix={u}" */
    unsigned status;
    /* Separated by " & ": "code=not_found" (JSON; "files.0.path=a", "files.#=2" counts, "!cursor"
     * is not there; "x=~" is anything; "x>5" is a larger number), "Allow: GET, PUT" (a field), "*a
     * part of the content",
     * "-what is no part",
     * "'the whole content" (to the end). */
    const char *shows;
    const char *body;      /* NULL: none */
    const char *fields;    /* "If-Match: *\nRange: bytes=0-1" */
    const char *keep;      /* "cursor" of the JSON, or "ETag:" of the fields */
    unsigned times;        /* so often the body is sent as one; 0: once */
    unsigned within;       /* seconds; asked again until it is so */
    unsigned leaves_after; /* milliseconds, from an answer that has no end; 0: there is one */
} exchange;

/* Ends at a step that asks nothing. */
void converse(probe *p, const exchange *steps);

#define CONVERSATION(function, ...)                                                                \
    static void function(probe *p)                                                                 \
    {                                                                                              \
        converse(p, (const exchange[]){__VA_ARGS__, {.ask = NULL}});                               \
    }

/* Of a line "NAME VALUE" of /metrics; -1: there is none. */
double figure_of(const reply *r, const char *name);
/* Of a field that is a date, in seconds; -1: it is none. */
time_t moment_of(const reply *r, const char *field);

/* For suites of the storage API: does the target speak it? */
bool speaks_storage_api(const probe_target *target, const driver *d);

#endif
