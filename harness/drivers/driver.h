/* What a driver is: one protocol spoken to a target = one file that ends in one `const driver`, and
 * one row in drivers.c.
 *
 * A driver turns an operation into HTTP and its answer into the operation's record, as
 * history/RECORDING.md says; behaviours never see HTTP, drivers never see scenarios. Every function
 * runs on a client's coroutine and fills `o`; the caller has set type, client, sequence, key and
 * value, and records it afterwards. A function a protocol lacks is NULL, and its capability bit is
 * not set. */
#ifndef ORDEAL_DRIVERS_DRIVER_H
#define ORDEAL_DRIVERS_DRIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/exchange.h"
#include "history/record.h"

typedef enum {
    CAPABILITY_FILES = 1 << 0,
    CAPABILITY_CONDITIONS = 1 << 1,
    CAPABILITY_RANGES = 1 << 2,
    CAPABILITY_LIST = 1 << 3,
    CAPABILITY_VERSIONS = 1 << 4,
    CAPABILITY_MOVES = 1 << 5,
    CAPABILITY_UPLOADS = 1 << 6,
    CAPABILITY_SHARES = 1 << 7,
    CAPABILITY_CHANNELS = 1 << 8,
    CAPABILITY_CHANGES = 1 << 9,
    CAPABILITY_ACCOUNTS = 1 << 10,
    CAPABILITY_ADMIN = 1 << 11,
    CAPABILITY_COLLECTIONS = 1 << 12, /* folders of WebDAV: MKCOL */
} driver_capability;

typedef struct {
    const char *name; /* "files" */
    driver_capability bit;
} capability_row;
extern const capability_row capability_rows[]; /* ends in a NULL name */

typedef struct operation operation; /* client/operation.h */

#define TAG_SIZE      96
#define RESOURCE_SIZE 512

typedef struct {
    const char *name; /* the key, as people write it: not percent-encoded */
    uint64_t key_hash;
    uint64_t size;
    const char *if_match; /* ETag, or NULL */
    bool if_absent;
    const exchange_manners *manners; /* NULL: well-behaved */
} put_request;

typedef struct {
    char tag[TAG_SIZE];
} read_result;

typedef struct {
    const char *from;
    const char *to;
} move_pair;

/* How often the target gave one status on one of its routes; or how many of something live in it
 * now, which should be few when nobody uses it. */
typedef struct {
    const char *route; /* or what lives; for people */
    uint64_t
        operations; /* bits 1 << operation_type: those that use it, and no other; 0: it lives */
    unsigned status;
    uint64_t answers;
} counted;

/* A handle that an operation returned and later ones use: an upload's URL, a share's token. */
typedef struct {
    char address[RESOURCE_SIZE];
    char name[RESOURCE_SIZE / 2]; /* of the file that it will be; only where the address lacks it */
    uint64_t value;               /* of the operation that made it */
    uint64_t size;
    uint64_t offset;
    uint64_t key_hash;
} resource;

typedef struct {
    const char *name;
    const char *description;
    unsigned capabilities;
    /* files */
    void (*put)(operation *o, const put_request *request, read_result *result);
    void (*get)(operation *o, const char *name, const exchange_manners *manners,
                read_result *result);
    void (*get_range)(operation *o, const char *name, uint64_t offset, uint64_t length);
    void (*head)(operation *o, const char *name, read_result *result);
    void (*remove)(operation *o, const char *name);
    void (*list)(operation *o, const char *prefix);
    /* versions */
    void (*get_version)(operation *o, const char *name, uint64_t version);
    void (*versions)(operation *o, const char *name);
    void (*restore)(operation *o, const char *name, uint64_t version);
    /* moves */
    void (*move)(operation *o, const move_pair *pairs, size_t count, bool atomic);
    /* uploads */
    void (*upload_create)(operation *o, const char *name, resource *upload);
    void (*upload_patch)(operation *o, resource *upload, uint64_t length,
                         const exchange_manners *manners);
    void (*upload_head)(operation *o, resource *upload);
    void (*upload_cancel)(operation *o, resource *upload);
    /* shares */
    void (*share_create)(operation *o, const char *name, uint64_t most, uint64_t seconds,
                         resource *share);
    void (*share_get)(operation *o, const resource *share);
    void (*share_delete)(operation *o, const resource *share);
    /* channels */
    /* each sample with so many bytes besides */
    void (*channel_append)(operation *o, const char *channel, uint64_t samples, uint64_t bytes);
    void (*channel_read)(operation *o, const char *channel);
    /* changes: waits up to `wait` nanoseconds; *cursor holds the opaque cursor before and after */
    void (*changes)(operation *o, char cursor[RESOURCE_SIZE], uint64_t wait,
                    const exchange_manners *manners);
    /* accounts: *token becomes the client's bearer token */
    void (*sign_up)(operation *o, const char *account, const char *plan);
    void (*sign_in)(operation *o, const char *account, char token[RESOURCE_SIZE]);
    void (*usage)(operation *o);
    /* operations */
    void (*cleanup)(operation *o);
    void (*ready)(operation *o);
    /* The target's own counters of answers: `tell` each, with what judges/counts_agree.c and
     * judges/no_leaked_sessions.c need.
     * False: it is not at rest yet, or tells none. Nothing of it is recorded as an operation. */
    bool (*counts)(operation *o, void (*tell)(void *owner, const counted *one), void *owner);
} driver;

extern const driver *const drivers[];
extern const size_t driver_count;
const driver *driver_named(const char *name);

#endif
