/* The functions of libmicrohttpd that reference/ calls; see wire.h. */
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/check.h"
#include "wire_inside.h"

static struct MHD_Daemon daemons[WIRE_SERVERS_MOST];

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t resumed = PTHREAD_COND_INITIALIZER;

static void take_options(struct MHD_Daemon *d, va_list list)
{
    for (;;) {
        enum MHD_OPTION option = va_arg(list, enum MHD_OPTION);
        switch (option) {
        case MHD_OPTION_END:
            return;
        case MHD_OPTION_NOTIFY_COMPLETED:
            d->completed = va_arg(list, MHD_RequestCompletedCallback);
            d->completed_owner = va_arg(list, void *);
            break;
        case MHD_OPTION_NOTIFY_CONNECTION:
            d->changed = va_arg(list, MHD_NotifyConnectionCallback);
            d->changed_owner = va_arg(list, void *);
            break;
        case MHD_OPTION_UNESCAPE_CALLBACK: /* a function and its owner */
            (void)va_arg(list, void *);
            (void)va_arg(list, void *);
            break;
        case MHD_OPTION_SOCK_ADDR:
        case MHD_OPTION_CONNECTION_MEMORY_LIMIT: /* a size_t is as wide as a pointer */
            CHECK(va_arg(list, void *) != NULL);
            break;
        default: /* the others that server.c gives are numbers */
            (void)va_arg(list, unsigned);
            break;
        }
    }
}

struct MHD_Daemon *MHD_start_daemon(unsigned flags, uint16_t port, MHD_AcceptPolicyCallback accept,
                                    void *accept_owner, MHD_AccessHandlerCallback handle,
                                    void *handle_owner, ...)
{
    (void)flags;
    (void)port;
    (void)accept;
    (void)accept_owner;
    va_list list;
    uint16_t free_place = 0;
    while (free_place < WIRE_SERVERS_MOST && daemons[free_place].port != 0)
        free_place++;
    CHECK(free_place < WIRE_SERVERS_MOST);
    struct MHD_Daemon *d = &daemons[free_place];
    *d =
        (struct MHD_Daemon){.port = free_place + 1, .handle = handle, .handle_owner = handle_owner};
    va_start(list, handle_owner);
    take_options(d, list);
    va_end(list);
    return d;
}

const union MHD_DaemonInfo *MHD_get_daemon_info(struct MHD_Daemon *d, enum MHD_DaemonInfoType type,
                                                ...)
{
    static union MHD_DaemonInfo info;
    CHECK(type == MHD_DAEMON_INFO_BIND_PORT);
    info.port = d->port;
    return &info;
}

void MHD_stop_daemon(struct MHD_Daemon *d)
{
    *d = (struct MHD_Daemon){0};
}

const struct MHD_Daemon *wire_daemon(uint16_t port)
{
    CHECK(port > 0 && port <= WIRE_SERVERS_MOST && daemons[port - 1].port == port);
    return &daemons[port - 1];
}

const union MHD_ConnectionInfo *MHD_get_connection_info(struct MHD_Connection *c,
                                                        enum MHD_ConnectionInfoType type, ...)
{
    switch (type) {
    case MHD_CONNECTION_INFO_SOCKET_CONTEXT:
        c->info.socket_context = c->socket_context;
        return &c->info;
    case MHD_CONNECTION_INFO_CONNECTION_FD:
        c->info.connect_fd = c->socket;
        return &c->info;
    case MHD_CONNECTION_INFO_CLIENT_ADDRESS:
        c->info.client_addr = (struct sockaddr *)&c->address;
        return &c->info;
    default:
        return NULL;
    }
}

int MHD_get_connection_values_n(struct MHD_Connection *c, enum MHD_ValueKind kind,
                                MHD_KeyValueIteratorN visit, void *owner)
{
    CHECK(kind == MHD_HEADER_KIND);
    size_t i = 0;
    for (; i < c->field_count; i++)
        if (visit(owner, kind, c->fields[i].name, strlen(c->fields[i].name), c->fields[i].value,
                  strlen(c->fields[i].value)) != MHD_YES)
            break;
    return (int)i;
}

const char *MHD_lookup_connection_value(struct MHD_Connection *c, enum MHD_ValueKind kind,
                                        const char *name)
{
    CHECK(kind == MHD_HEADER_KIND);
    for (size_t i = 0; i < c->field_count; i++)
        if (strcasecmp(c->fields[i].name, name) == 0)
            return c->fields[i].value;
    return NULL;
}

enum MHD_Result MHD_lookup_connection_value_n(struct MHD_Connection *c, enum MHD_ValueKind kind,
                                              const char *name, size_t name_length,
                                              const char **value, size_t *length)
{
    CHECK(kind == MHD_GET_ARGUMENT_KIND && strlen(name) == name_length);
    for (size_t i = 0; i < c->argument_count; i++) {
        const argument *a = &c->arguments[i];
        if (strcasecmp(a->name, name) != 0)
            continue;
        *value = a->value;
        *length = a->value != NULL ? strlen(a->value) : 0;
        return MHD_YES;
    }
    return MHD_NO;
}

void MHD_suspend_connection(struct MHD_Connection *c)
{
    pthread_mutex_lock(&lock);
    CHECK(!c->asleep);
    c->suspended = true;
    c->asleep = true;
    pthread_mutex_unlock(&lock);
}

void MHD_resume_connection(struct MHD_Connection *c)
{
    pthread_mutex_lock(&lock);
    CHECK(c->asleep);
    c->asleep = false;
    pthread_cond_broadcast(&resumed);
    pthread_mutex_unlock(&lock);
}

bool wire_asleep(struct MHD_Connection *c)
{
    pthread_mutex_lock(&lock);
    bool asleep = c->asleep;
    pthread_mutex_unlock(&lock);
    return asleep;
}

void wire_wait_awake(struct MHD_Connection *c)
{
    pthread_mutex_lock(&lock);
    while (c->asleep)
        pthread_cond_wait(&resumed, &lock);
    pthread_mutex_unlock(&lock);
}

static struct MHD_Response *new_response(uint64_t length)
{
    struct MHD_Response *r = memory_zeroed(1, sizeof *r);
    r->holders = 1;
    r->length = length;
    r->fd = -1;
    return r;
}

struct MHD_Response *MHD_create_response_from_buffer(size_t length, void *bytes,
                                                     enum MHD_ResponseMemoryMode mode)
{
    CHECK(mode != MHD_RESPMEM_MUST_FREE);
    struct MHD_Response *r = new_response(length);
    r->bytes = memory_take(length + 1);
    memcpy(r->bytes, bytes, length);
    return r;
}

struct MHD_Response *MHD_create_response_from_buffer_with_free_callback_cls(
    size_t length, void *bytes, MHD_ContentReaderFreeCallback free_owner, void *owner)
{
    struct MHD_Response *r = MHD_create_response_from_buffer(length, bytes, MHD_RESPMEM_MUST_COPY);
    r->free_owner = free_owner;
    r->owner = owner;
    return r;
}

struct MHD_Response *MHD_create_response_from_fd_at_offset64(uint64_t length, int fd,
                                                             uint64_t offset)
{
    struct MHD_Response *r = new_response(length);
    r->fd = fd;
    r->offset = offset;
    return r;
}

struct MHD_Response *MHD_create_response_from_callback(uint64_t length, size_t block,
                                                       MHD_ContentReaderCallback read, void *owner,
                                                       MHD_ContentReaderFreeCallback free_owner)
{
    (void)block;
    struct MHD_Response *r = new_response(length);
    r->read = read;
    r->owner = owner;
    r->free_owner = free_owner;
    return r;
}

enum MHD_Result MHD_add_response_header(struct MHD_Response *r, const char *name, const char *value)
{
    /* As libmicrohttpd has it: an empty name or value, or one that would end the field, is refused.
     */
    if (name[0] == '\0' || value[0] == '\0' || strpbrk(name, " \t\r\n") != NULL ||
        strpbrk(value, "\r\n") != NULL)
        return MHD_NO;
    return buffer_printf(&r->head, "%s: %s\r\n", name, value) ? MHD_YES : MHD_NO;
}

enum MHD_Result MHD_queue_response(struct MHD_Connection *c, unsigned status,
                                   struct MHD_Response *r)
{
    CHECK(c->response == NULL && status >= 200 && status <= 599);
    r->holders++;
    c->response = r;
    c->status = status;
    return MHD_YES;
}

void MHD_destroy_response(struct MHD_Response *r)
{
    CHECK(r->holders > 0);
    if (--r->holders > 0)
        return;
    if (r->fd >= 0)
        close(r->fd);
    if (r->free_owner != NULL)
        r->free_owner(r->owner);
    free(r->bytes);
    buffer_free(&r->head);
    free(r);
}
