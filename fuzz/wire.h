/* libmicrohttpd without sockets, so that a whole server runs inside a fuzzer: wire_library.c
 * defines the functions of it that reference/ calls, and a program that links it needs no
 * libmicrohttpd.
 *
 * A request goes through the callbacks that server_start registered, on the caller's thread, as one
 * connection of its own. The answer belongs to the caller until wire_release. */
#ifndef FUZZ_WIRE_H
#define FUZZ_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

#define WIRE_FIELDS_MOST  80
#define WIRE_SERVERS_MOST 2
#define WIRE_NO_BODY      UINT64_MAX
#define WIRE_ANSWER_MOST  ((size_t)8 << 20) /* of an answer's body; more is a finding */

typedef struct {
    const char *name;
    const char *value;
} wire_field;

typedef struct {
    const char *method;
    const char *target; /* path, and "?" with a query, as on the request line */
    wire_field fields[WIRE_FIELDS_MOST];
    size_t field_count;
    bool bare;       /* add neither Host nor Content-Length */
    uint64_t length; /* of the body, or WIRE_NO_BODY */
    void (*send)(void *owner, uint64_t offset, void *bytes, size_t length);
    void *owner;
    size_t piece;     /* the body comes in pieces of this size; 0: 64 KiB */
    uint16_t port;    /* of the server, as server_port told it */
    uint64_t goes_at; /* the client goes away after so many bytes; UINT64_MAX: it stays */
    uint32_t address; /* of the client, in host order */
    /* Called once when the connection is put to sleep; true: it has done what will wake it. NULL or
     * false: the client goes away then, for nobody else could. */
    bool (*while_asleep)(void *owner);
} wire_request;

typedef struct {
    unsigned status; /* 0: the connection was closed without an answer */
    buffer head;     /* "Name: value\r\n" for each field */
    buffer body;
    uint64_t length; /* as the answer states it */
    bool broken;     /* the body ended before its stated length */
} wire_answer;

void wire_ask(const wire_request *request, wire_answer *answer);
void wire_release(wire_answer *answer);

#endif
