/* What wire.c (the way of a request) and wire_library.c (libmicrohttpd's functions) share. */
#ifndef FUZZ_WIRE_INSIDE_H
#define FUZZ_WIRE_INSIDE_H

#include <microhttpd.h>
#include <netinet/in.h>

#include "wire.h"

struct MHD_Daemon {
    uint16_t port; /* 0: there is none */
    MHD_AccessHandlerCallback handle;
    void *handle_owner;
    MHD_RequestCompletedCallback completed;
    void *completed_owner;
    MHD_NotifyConnectionCallback changed;
    void *changed_owner;
};

struct MHD_Response {
    unsigned holders;
    uint64_t length;
    int fd; /* -1: none */
    uint64_t offset;
    char *bytes;
    MHD_ContentReaderCallback read;
    MHD_ContentReaderFreeCallback free_owner;
    void *owner;
    buffer head;
};

typedef struct {
    char *name;
    char *value; /* NULL: a query's name without "=" */
} argument;

struct MHD_Connection {
    const struct MHD_Daemon *daemon;
    const wire_request *request;
    wire_field fields[WIRE_FIELDS_MOST + 2];
    size_t field_count;
    char length_text[24];
    char *path;
    argument arguments[WIRE_FIELDS_MOST];
    size_t argument_count;
    void *socket_context;
    struct sockaddr_in address;
    union MHD_ConnectionInfo info;
    struct MHD_Response *response;
    unsigned status;
    int socket;
    bool told;      /* while_asleep was called */
    bool suspended; /* since sleep_through looked last, although it may be awake again */
    bool asleep;    /* with the lock of wire_library.c */
};

/* The server that listens at the port; it must be there. */
const struct MHD_Daemon *wire_daemon(uint16_t port);
bool wire_asleep(struct MHD_Connection *c);
/* Waits until the connection is woken. */
void wire_wait_awake(struct MHD_Connection *c);

#endif
