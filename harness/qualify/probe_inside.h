/* What the parts of the probe share: probe.c, probe_request.c (by libcurl), probe_words.c (byte by
 * byte). Nobody else includes it. */
#ifndef ORDEAL_QUALIFY_PROBE_INSIDE_H
#define ORDEAL_QUALIFY_PROBE_INSIDE_H

#include <curl/curl.h>

#include "base/arena.h"
#include "qualify/probe.h"

#define PROBE_BODY_MOST ((size_t)64 << 20)
#define PROBE_TIMEOUT   20000L /* milliseconds */
#define CURL_LINE_SIZE  2048
#define PROBE_URL_SIZE  2048

struct probe {
    probe_target target;
    const char *unique;
    const auth *signs;
    arena *memory;
    CURL *easy;
    reply replies[PROBE_REPLIES_MOST];
    size_t reply_count;
    bool failed;
    long patience; /* milliseconds; 0: the usual */
    bool not_applicable;
    char actual[PROBE_TEXT_SIZE];
    char line[CURL_LINE_SIZE];        /* of the last request */
    char failed_line[CURL_LINE_SIZE]; /* of the one that did not hold */
};

/* The place of the next reply, which lasts until probe_forget. */
reply *probe_next_reply(probe *p);
/* `address` with the target's base before it, if it begins with a slash. */
void probe_url(const probe *p, const char *address, char url[PROBE_URL_SIZE]);
/* Keeps, as the line of the last request, what a person types to see the same answer; long contents
 * are only as long. */
void probe_write_line(probe *p, const char *method, const char *url, const char *const *headers,
                      const void *body, size_t length);

#endif
