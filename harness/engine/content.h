/* File contents that say what they are: generated from their place, never stored, verified byte by
 * byte.
 *
 * A value is cut into blocks of CONTENT_BLOCK bytes. Each block begins with a header { mark, key,
 * value, size, offset, check } and goes on with bytes generated from (seed, value, offset). So any
 * byte range can be made or verified alone, and a wrong byte says whose byte it is. A value shorter
 * than a header carries as much of it as fits: under CONTENT_IDENTITY bytes it cannot say which
 * write it is. */
#ifndef ORDEAL_ENGINE_CONTENT_H
#define ORDEAL_ENGINE_CONTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONTENT_BLOCK    512
#define CONTENT_IDENTITY 16 /* mark and value come first, so this many bytes name the write */

typedef struct {
    uint64_t seed;
    uint64_t value; /* value_of the operation that writes it */
    uint64_t key;   /* hash of the key's name */
    uint64_t size;  /* of the whole value */
} content;

/* Fills `bytes` with what stands at [offset, offset + length) of c. */
void content_make(const content *c, uint64_t offset, void *bytes, size_t length);

typedef enum {
    CONTENT_GOOD,
    CONTENT_WRONG,        /* see `wrong_at` and `sentence` */
    CONTENT_UNIDENTIFIED, /* too short to say which write it is, and nothing contradicts */
} content_answer;

/* Verifies a range while it streams in, in pieces of any size, in constant memory. */
typedef struct {
    uint64_t seed;
    uint64_t offset;      /* of the range within the value */
    uint64_t at;          /* how far within the value it has come */
    uint64_t value;       /* found so far; 0: not yet */
    uint64_t wanted;      /* the only write that may be seen; 0: any */
    uint64_t key;         /* found so far */
    uint64_t size;        /* of the whole value, as the headers say; 0: not seen */
    uint64_t wrong_at;    /* offset within the value of the first wrong byte */
    uint64_t wrong_value; /* whose byte it is; 0: nobody's */
    bool wrong;
    char sentence[160]; /* "bytes of write 7/12 at 4096", "zeroes from 8192 on", "ends at 532480 of
                           1048576" */
    unsigned char
        pending[CONTENT_BLOCK + 48]; /* a range's head, up to the end of its first block header */
    size_t pending_length;
    unsigned char expected_bytes[8]; /* of the first mismatch, for evidence, with what was seen */
    unsigned char seen_bytes[8];
} content_check;

/* `expected_value`: 0 when any write may be seen; else a value that must be the one found. */
void content_check_begin(content_check *check, uint64_t seed, uint64_t offset,
                         uint64_t expected_value);
void content_check_feed(content_check *check, const void *bytes, size_t length);
/* `whole`: the range was meant to be all of the value from its offset to its end. */
content_answer content_check_end(content_check *check, bool whole);

uint64_t content_key_hash(const char *name, size_t length);

#endif
