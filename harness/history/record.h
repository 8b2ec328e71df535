/* What a run leaves behind: one record per operation, fault mark, resource sample and event.
 *
 * This is the form in memory; on disk a record is 64 bytes (pack.h). All times are nanoseconds of
 * the harness's monotonic clock since the run began. Invoke is taken before the first byte is sent,
 * finish after the last is read; equal stamps count as overlapping. */
#ifndef ORDEAL_HISTORY_RECORD_H
#define ORDEAL_HISTORY_RECORD_H

#include <stdint.h>

#define HISTORY_NEVER         UINT64_MAX /* finish of an operation whose end was never seen */
#define HISTORY_SCHEMA        1
#define HISTORY_SIZE_MOST     (((uint64_t)1 << 40) - 1)
#define HISTORY_CLIENTS_MOST  ((uint32_t)100000)    /* client numbers run up to this */
#define HISTORY_SEQUENCE_MOST ((uint32_t)100000000) /* operations of one client */

typedef enum {
    RECORD_OPERATION = 1,
    RECORD_PART,   /* one element of the operation with the same client and sequence */
    RECORD_FAULT,  /* begin, end, hits of a declared fault */
    RECORD_SAMPLE, /* the target's resources */
    RECORD_EVENT,  /* phases, process starts and exits, notes */
} record_kind;

/* Every operation a client can make. The table in operations.c names each and says which are
 * writes. */
typedef enum {
    OPERATION_NONE,
    OPERATION_PUT,
    OPERATION_GET,
    OPERATION_HEAD,
    OPERATION_DELETE,
    OPERATION_LIST,
    OPERATION_GET_RANGE,
    OPERATION_GET_VERSION,
    OPERATION_VERSIONS,
    OPERATION_RESTORE,
    OPERATION_MOVE,
    OPERATION_UPLOAD_CREATE,
    OPERATION_UPLOAD_PATCH,
    OPERATION_UPLOAD_HEAD,
    OPERATION_UPLOAD_CANCEL,
    OPERATION_SHARE_CREATE,
    OPERATION_SHARE_GET,
    OPERATION_SHARE_DELETE,
    OPERATION_CHANNEL_APPEND,
    OPERATION_CHANNEL_READ,
    OPERATION_CHANGES,
    OPERATION_REGISTER,
    OPERATION_LOGIN,
    OPERATION_USAGE,
    OPERATION_CLEANUP,
    OPERATION_READY,
    OPERATION_GARBAGE,
    OPERATION_COUNT,
} operation_type;

typedef enum {
    OUTCOME_OK,      /* a complete 2xx whose length and checksum hold */
    OUTCOME_FAILED,  /* certainly no effect (writes); no usable answer (reads) */
    OUTCOME_UNKNOWN, /* a write that may take effect at any later time, or never */
} outcome;

/* Why an operation was not ok, for error break-downs; status is the HTTP status beside it (0: none
 * came). */
typedef enum {
    FAILURE_NONE,
    FAILURE_STATUS,    /* a complete answer with an error status */
    FAILURE_CONNECT,   /* no connection was made */
    FAILURE_RESET,     /* the connection broke after the first byte of the request */
    FAILURE_TIMEOUT,   /* no complete answer in time */
    FAILURE_TRUNCATED, /* the answer ended before its stated length */
    FAILURE_MALFORMED, /* the answer broke the protocol or the API's form */
    FAILURE_CONTENT, /* the bytes are not one attempted write: see RECORD_PART with PART_MISMATCH */
    FAILURE_ABANDONED,  /* the client walked away on purpose */
    FAILURE_INTERRUPTED /* the run ended first */
} failure;

enum {
    FLAG_IF_MATCH = 1 << 0,     /* conditional on `expected`: the ETag's write */
    FLAG_IF_ABSENT = 1 << 1,    /* conditional on the name being free */
    FLAG_ABSENT = 1 << 2,       /* a read that found nothing (404/410): outcome ok */
    FLAG_FINAL = 1 << 3,        /* made after the quiet period: the final reads */
    FLAG_UNIDENTIFIED = 1 << 4, /* content too short to say which write it is; `value` is 0 */
    FLAG_COMPLETES = 1 << 5,    /* this patch completes the upload */
    FLAG_ATOMIC = 1 << 6,       /* a batch that promised all or nothing */
    FLAG_RETRYABLE = 1 << 7,    /* 429 or 503 with Retry-After: certainly no effect */
};

/* A written value is named by the operation that wrote it: never 0. */
static inline uint64_t value_of(uint32_t who, uint32_t which)
{
    return (uint64_t)who << 32 | which;
}

typedef enum {
    PART_MOVE = 1, /* one pair of a batch: key = from, detail = to (a key name); status per item */
    PART_ENTRY,    /* one name of a listing: key, version, size, value = hash of its ETag */
    PART_VERSION,  /* one row of a version list: version, size, value = hash of its ETag */
    PART_SAMPLES,  /* a run of samples of one append: value = the append's, expected = index of the
                      first, size = how many */
    PART_CHANGE,   /* one event of a change feed: key, version, value = its cursor number, detail =
                      its type */
    PART_MISMATCH, /* wrong bytes: size = offset of the first, value = whose byte it is (0:
                      nobody's), detail = sentence */
    PART_ACCEPTED, /* bytes acknowledged by an upload: size = offset after */
    PART_LOGGED, /* the operation log's position: expected = before its first byte was sent, value =
                    after its answer was complete */
    PART_SENT,   /* a request byte by byte, spelled out: invoke and finish = its own, size = how
                    many bytes, detail = text */
} part_type;

typedef enum {
    FAULT_RECORD_PROBED = 1, /* its probe saw it bite */
    FAULT_RECORD_SKIPPED,    /* this machine cannot; detail says why */
    FAULT_RECORD_BEGIN,
    FAULT_RECORD_END, /* value = hits */
    FAULT_RECORD_FAILED,
} fault_record_type;

typedef enum {
    EVENT_STEADY = 1, /* steady state reached, before the first fault */
    EVENT_LOAD_END,   /* clients were told to stop */
    EVENT_QUIET,      /* steady again after the last fault; value = nanoseconds it took */
    EVENT_QUIET_FAILED,
    EVENT_FINAL_READS,
    EVENT_TARGET_START, /* value = pid */
    EVENT_TARGET_READY,
    EVENT_TARGET_EXIT, /* value = wait status, status = 1 when it was planned */
    EVENT_INTERRUPT,
    EVENT_NOTE,
    EVENT_POWER_CUT, /* value = log position of the cut; detail = model */
    EVENT_DROPPED,   /* arrivals not made: value = how many, detail = client group */
    EVENT_LOAD_BEGIN,
    EVENT_ABORTED,    /* a threshold ended the load: value = its place in the scenario, from 1;
                         detail = it and its figure */
    EVENT_OWN_MEMORY, /* of ordeal itself: value = resident bytes, size = what it may need */
    EVENT_COUNTED, /* the target counted `value` answers of `status` on a route: detail = its name,
                      expected = bits 1 << operation_type of those that use it; 0: so many of detail
                      live */
    EVENT_STOP_FAILED, /* asked to stop at the end of the run it did not, or badly; detail = how */
} event_type;

typedef struct {
    uint8_t kind; /* record_kind */
    uint8_t type; /* operation_type, part_type, fault_record_type or event_type by kind */
    uint8_t outcome;
    uint8_t flags;
    uint32_t client;
    uint32_t sequence; /* per client, from 1; with client it names the operation */
    uint32_t key;      /* name number; 0: none */
    uint64_t invoke;
    uint64_t finish;
    uint64_t value; /* write: its own value; read: the value seen; see the parts and events */
    uint64_t size;
    /* Conditional write: the value whose ETag was sent. Ranged read: its offset. Restore: the
     * version number asked for. Get of a version: likewise. Upload patch: its offset. Otherwise 0.
     */
    uint64_t expected;
    uint64_t
        late; /* nanoseconds between the intended start and invoke (open loop); kept to 64 us */
    uint32_t version; /* as the target numbered it; 0: not told */
    uint32_t detail;  /* name number of a text: error code, trace id, destination, sentence */
    uint16_t status;  /* HTTP */
    uint8_t failure;
} history_record;

/* RECORD_SAMPLE uses the same fields: invoke = when, value = resident bytes, size = processor
 * microseconds so far, expected = bytes in the data directory, version = threads, detail = open
 * descriptors, sequence = processes, client = temporary files in the data directory, late =
 * proportional set bytes in steps of 1 MiB (0: not taken). */

#endif
