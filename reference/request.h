/* One HTTP request in work, from its head to its answer. Owned by server.c; handlers fill and read
 * it.
 *
 * A handler lives in three steps: `begin` sees the head (and may answer at once), `body` gets the
 * body piece by piece, `finish` answers (or puts the connection to sleep, and is run again).
 * `abandon` is called instead of finish when the client goes away; whichever comes, the handler
 * releases what it put into `state`. */
#ifndef REFERENCE_REQUEST_H
#define REFERENCE_REQUEST_H

#include <microhttpd.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "blob.h"
#include "cache.h"
#include "problem.h"
#include "store.h"

#define TRACE_SIZE 33
#define NO_LENGTH  UINT64_MAX

typedef struct {
    uint64_t file_size_most;
    uint64_t in_work_most;
} limits;

typedef struct {
    store *store;
    blob_store *blobs;
    limits limits;
    struct metrics *metrics;
    struct rate_limit *rate; /* NULL: clients may ask as often as they like */
    struct deadline *deadline;
    struct uploads *uploads;
    struct channel_store *channels;
    struct watchers *watchers;
    cache *cache;
    bool accounts;           /* off with --no-auth */
    uint64_t token_life;     /* nanoseconds */
    const char *admin_token; /* NULL: nobody administers */
    uint64_t wall_offset;    /* what makes monotonic time wall time, as it was at the start */
} service;

typedef struct request request;

/* Whom a route is for. Without accounts (--no-auth) all are for guests. */
typedef enum {
    FOR_ALL,      /* those who watch the server: without log-in, as often as they like */
    FOR_GUESTS,   /* without log-in, but asking takes a token of the client's bucket */
    FOR_ACCOUNTS, /* log-in needed */
    FOR_ADMINS,   /* --admin-token needed */
} route_access;

typedef struct {
    const char *method;
    const char *template; /* "/v1/files/{path}": the part from the brace on is `tail` */
    const char *operation;
    void (*begin)(request *r);
    void (*body)(request *r, const void *bytes,
                 size_t length); /* NULL: a body is read and dropped */
    void (*finish)(request *r);
    void (*abandon)(request *r); /* NULL: nothing to release */
    route_access access;
} route;

struct request {
    service *service;
    const route *route;
    struct MHD_Connection *connection;
    struct watched *watched; /* the connection's entry in deadline.h */
    const char *method;
    char tail[PATH_LONGEST + 1];  /* decoded and checked */
    char path[STORED_PATH_SIZE];  /* what the store calls the same name: `scope` before `tail` */
    char scope[ACCOUNT_SIZE + 1]; /* begins whatever this account has; "" without accounts */
    account account;              /* who asks, where there are accounts */
    uint64_t body_length; /* Content-Length; 0 without a body; NO_LENGTH when it is chunked */
    uint64_t body_received;
    char trace[TRACE_SIZE];
    uint64_t began;
    uint64_t waited;            /* nanoseconds of sleep until there was something to answer */
    uint64_t retry_after;       /* seconds, told with 429 and 503; 0 stands for 1 */
    const char *const *headers; /* name, value, ..., NULL: go with whatever the answer is */
    void *state;
    bool begun;
    bool answered;
    bool head_only;
    bool closes; /* the connection ends with this answer: its framing is not to be trusted, or its
                    body is not read */
    unsigned status;
    problem_code problem; /* PROBLEM_NONE unless the answer is one */
};

const char *request_header(const request *r, const char *name);
const char *request_query(const request *r,
                          const char *name); /* NULL: not given; "" : without value */

/* Answers; the first one counts, a second is a broken assumption. */
void answer_problem(request *r, problem_code code, const char *detail);
/* `headers`: name, value, ..., NULL. The text is copied. */
void answer_text(request *r, unsigned status, const char *type, const char *text, size_t length,
                 const char *const *headers);
/* Where a content comes from: memory, or when that is NULL, a file. */
typedef struct {
    cached *cached;
    int fd;
} source;
void source_close(const source *from);
/* Sends [offset, offset + length) of the content; takes the source. */
void answer_file(request *r, unsigned status, const source *from, uint64_t offset, uint64_t length,
                 const char *const *headers);
/* Sends what `read` brings until it ends; see libmicrohttpd. `owner` lives until the request ends.
 */
void answer_stream(request *r, unsigned status, MHD_ContentReaderCallback read, void *owner,
                   const char *const *headers);
void answer_empty(request *r, unsigned status, const char *const *headers);

#endif
