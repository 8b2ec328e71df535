/* How a conformance case speaks to a target: one request at a time, whole bodies in memory, and
 * what was asked kept as a `curl` line so that a person can see the answer too.
 *
 * A probe belongs to one case: it knows where the case may work (names of its own) and takes its
 * verdict. Replies live as long as their probe. */
#ifndef ORDEAL_QUALIFY_PROBE_H
#define ORDEAL_QUALIFY_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buffer.h"
#include "engine/auth.h"

#define PROBE_HEADERS_MOST 12
#define PROBE_TEXT_SIZE    1024
#define PROBE_REPLIES_MOST 64

typedef struct {
    unsigned status;      /* 0: no answer */
    unsigned connections; /* made for it; 0: one that was there was used again */
    uint64_t paused;      /* nanoseconds that lay between the words of probe_say */
    buffer head;          /* fields as they came */
    buffer body;
    char failure[160]; /* why there is no complete answer; "" */
} reply;

typedef enum {
    CASE_OK,
    CASE_FAILED,         /* a MUST that does not hold */
    CASE_NON_STRICT,     /* a SHOULD that does not hold */
    CASE_INFORMATIONAL,  /* a MAY: what the target does is told, not judged */
    CASE_NOT_APPLICABLE, /* the target does not offer what it is about */
} case_verdict;

typedef struct probe probe;

/* `base`: the target's address; `files` and `uploads`: where files and tus uploads live, an address
 * or a path below `base`; NULL: the target has none. `unique` tells the names of this case from all
 * others. */
typedef struct {
    const char *base;
    const char *files;
    const char *uploads;
    bool upload_names;      /* uploads need `filename` in their metadata */
    bool uploads_are_files; /* GET of a complete upload's address brings it */
    const auth *auth;       /* NULL: none */
    const char *secret;     /* how `curl` lines name its secret */
    const char *protocol;   /* the driver's name: a text may be overruled by the protocol's own */
    unsigned capabilities;
    const char *bearer; /* token that goes along unless a case names its own; NULL: none */
    pid_t pid;          /* of the server; 0: it is not ours to see */
    const char *data;   /* its data directory; NULL likewise */
} probe_target;

probe *probe_open(const probe_target *target, const char *unique);
void probe_close(probe *p);
const probe_target *probe_where(const probe *p);
/* The requests from now on; `a` lives as long as they are made. */
void probe_sign_with(probe *p, const auth *a);
/* As a value of a query; lives as long as the probe. */
const char *probe_escape(probe *p, const char *text);
/* Tells the names of this case from all others. */
const char *probe_unique(const probe *p);

/* The address of a file of this case; lives as long as the probe. */
const char *probe_file(probe *p, const char *name);
/* `headers`: name, value, ..., NULL; NULL: none. A value of "" removes what curl itself would send.
 * An address that begins with "/" is below the base. */
const reply *probe_ask(probe *p, const char *method, const char *address,
                       const char *const *headers, const void *body, size_t length);
/* Likewise, but the connection is dropped when `cut` bytes of the content have been sent. */
const reply *probe_ask_cut(probe *p, const char *method, const char *address,
                           const char *const *headers, const void *body, size_t length, size_t cut);
/* Likewise, the content in chunks with `trailer` ("Name: value") behind them. */
const reply *probe_ask_trailer(probe *p, const char *method, const char *address,
                               const char *const *headers, const void *body, size_t length,
                               const char *trailer);
/* Words as they are, on a connection of their own: `first`, and after a pause of so many
 * milliseconds `later` (NULL: nothing), whatever was answered meanwhile. The answer is what comes
 * until the target closes. */
const reply *probe_say(probe *p, const char *first, unsigned pause, const char *later);
/* The target's host and port, as a Host field has them. */
const char *probe_host(probe *p);
/* The replies so far are not looked at any more; a probe keeps PROBE_REPLIES_MOST. */
void probe_forget(probe *p);
/* The next requests are given up after so many milliseconds; 0: after the usual time. */
void probe_leave_after(probe *p, unsigned milliseconds);
/* "" when the reply has no such field. `out` is returned. */
const char *reply_field(const reply *r, const char *name, char *out, size_t size);
bool reply_is(const reply *r, const void *bytes, size_t length);

/* The verdict: the first expectation that does not hold counts. Returns `holds`. */
bool probe_expect(probe *p, bool holds, const char *actual, ...)
    __attribute__((format(printf, 3, 4)));
/* One of up to four statuses (0: none further). */
bool probe_expect_status(probe *p, const reply *r, unsigned a, unsigned b, unsigned c, unsigned d);
void probe_not_applicable(probe *p, const char *why);
/* Not applicable when the target's protocol is that one, whose own text says otherwise; returns
 * whether it is. */
bool probe_overruled(probe *p, const char *protocol, const char *why);
void probe_tell(probe *p, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The last request had no answer. */
bool probe_unanswered(const probe *p);
bool probe_failed(const probe *p);
bool probe_is_not_applicable(const probe *p);
const char *probe_actual(const probe *p);
/* The request whose answer did not hold, or the last one. */
const char *probe_curl(const probe *p);

#endif
