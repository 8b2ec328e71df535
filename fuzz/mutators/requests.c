/* Mutates stories of requests (targets/requests.c) request by request: repeats, drops, swaps and
 * moves whole requests, changes a field, lets a client go away, a clock step or a fault happen. */
#include <stdlib.h>
#include <string.h>

#include "mutator.h"

#define REQUESTS_MOST 64
#define LINES_MOST    512

typedef struct {
    size_t begin;
    size_t end;
} span;

/* Requests with the "====" line that ends each. */
static size_t find_requests(const uint8_t *at, size_t length, span out[REQUESTS_MOST])
{
    size_t count = 0;
    for (size_t begin = 0; begin < length && count < REQUESTS_MOST;) {
        const uint8_t *end = memmem(at + begin, length - begin, "\n====\n", 6);
        size_t stop = end != NULL ? (size_t)(end - at) + 6 : length;
        out[count++] = (span){begin, stop};
        begin = stop;
    }
    return count;
}

static size_t find_lines(const uint8_t *at, size_t length, span out[LINES_MOST])
{
    size_t count = 0;
    for (size_t begin = 0; begin < length && count < LINES_MOST;) {
        const uint8_t *end = memchr(at + begin, '\n', length - begin);
        size_t stop = end != NULL ? (size_t)(end - at) + 1 : length;
        out[count++] = (span){begin, stop};
        begin = stop;
    }
    return count;
}

static const char *const lines[] = {
    "If-Match: {etag}\n",
    "If-Match: *\n",
    "If-None-Match: *\n",
    "If-None-Match: {etag}\n",
    "Range: bytes=0-0\n",
    "Range: bytes=-1\n",
    "Range: bytes=5-\n",
    "If-Range: {etag}\n",
    "Content-Range: bytes 0-4/5\n",
    "Tus-Resumable: 1.0.0\n",
    "Upload-Offset: 0\n",
    "Upload-Length: 5\n",
    "Content-Type: application/offset+octet-stream\n",
    "Upload-Metadata: filename {b64:~a}\n",
    "Upload-Checksum: sha1 qvTGHdzF6KLavt4PO0gs2a6pQ00=\n",
    "Repr-Digest: sha-256=:LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=:\n",
    "Transfer-Encoding: chunked\n",
    "Content-Length: 3\n",
    "Content-Length: 99999999999\n",
    "Accept: text/event-stream\n",
    "Last-Event-ID: {etag}\n",
    "Authorization: Bearer {token}\n",
    "Last-Event-ID: {cursor}\n",
    "Upload-Checksum: sha256 LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=\n",
    "Host: other\n",
    "traceparent: 00-0123456789abcdef0123456789abcdef-0123456789abcdef-01\n",
};
static const char *const directions[] = {
    "!clock 30\n",
    "!clock 61\n",
    "!clock 86400\n",
    "!wall -3600\n",
    "!wall 86400\n",
    "!goes 0\n",
    "!goes 1\n",
    "!goes 7\n",
    "!piece 1\n",
    "!piece 3\n",
    "!fault fsync 1 5\n",
    "!fault write 1 28\n",
    "!fault rename 1 5 ever\n",
    "!fault open 1 24\n",
    "!fault link 1 28\n",
    "!fault step 1 28\n",
    "!fault step 2 5\n",
    "!fault step 3 11\n",
    "!fault mkdir 1 5\n",
    "!fault truncate 1 5\n",
    "!fault unlink 1 5\n",
    "!sweep\n",
    "!restart\n",
    "!bare\n",
    "!news\n",
    "!meanwhile 100\n",
    "!rival PATCH\n",
    "!rival DELETE\n",
    "!rival POST\n",
    "!accounts\n",
};
#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static size_t change_request(uint8_t *at, size_t length, size_t most, mutator_random *r)
{
    span spans[REQUESTS_MOST];
    size_t count = find_requests(at, length, spans);
    span one = spans[mutator_below(r, count)];
    span other = spans[mutator_below(r, count)];
    const char *text = directions[mutator_below(r, COUNT(directions))];
    switch (mutator_below(r, 4)) {
    case 0: /* again, elsewhere */
        return mutator_copy(at, length, most, other.end, other.end, one.begin, one.end);
    case 1:
        return mutator_replace(at, length, most, one.begin, one.end, "", 0);
    case 2: /* in another's place */
        return mutator_copy(at, length, most, other.begin, other.end, one.begin, one.end);
    default:
        return mutator_replace(at, length, most, one.begin, one.begin, text, strlen(text));
    }
}

static size_t change_line(uint8_t *at, size_t length, size_t most, mutator_random *r)
{
    span spans[LINES_MOST];
    size_t count = find_lines(at, length, spans);
    span one = spans[mutator_below(r, count)];
    span other = spans[mutator_below(r, count)];
    const char *text = lines[mutator_below(r, COUNT(lines))];
    switch (mutator_below(r, 3)) {
    case 0:
        return mutator_copy(at, length, most, one.begin, one.end, other.begin, other.end);
    case 1:
        return mutator_replace(at, length, most, one.end, one.end, text, strlen(text));
    default:
        return mutator_replace(at, length, most, one.begin, one.end, "", 0);
    }
}

size_t mutate_structure(uint8_t *bytes, size_t length, size_t most, mutator_random *r)
{
    if (length < 2)
        return 0;
    return mutator_below(r, 2) == 0 ? change_request(bytes, length, most, r)
                                    : change_line(bytes, length, most, r);
}
