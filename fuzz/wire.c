#include "wire.h"

#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/units.h"

#define PIECE 65536

struct MHD_Daemon {
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
    bool asleep; /* with the lock */
};

/* One server a process, as in production. */
static struct MHD_Daemon the_daemon;

/* The server looks after its connections' sockets: one true connection stands for all, [0] the
 * server's end. It is made again when a client has gone away. */
static int sockets[2] = {-1, -1};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t resumed = PTHREAD_COND_INITIALIZER;

static void connect_sockets(void)
{
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof here;
    int listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(listening >= 0 && bind(listening, (struct sockaddr *)&here, sizeof here) == 0);
    CHECK(listen(listening, 1) == 0);
    CHECK(getsockname(listening, (struct sockaddr *)&here, &size) == 0);
    sockets[1] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(sockets[1] >= 0 && connect(sockets[1], (struct sockaddr *)&here, sizeof here) == 0);
    sockets[0] = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
    CHECK(sockets[0] >= 0);
    close(listening);
}

static void disconnect_sockets(void)
{
    if (sockets[1] >= 0)
        close(sockets[1]);
    sockets[1] = -1;
}

/* --- what libmicrohttpd declares --- */

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
    the_daemon = (struct MHD_Daemon){.handle = handle, .handle_owner = handle_owner};
    va_start(list, handle_owner);
    take_options(&the_daemon, list);
    va_end(list);
    return &the_daemon;
}

const union MHD_DaemonInfo *MHD_get_daemon_info(struct MHD_Daemon *d, enum MHD_DaemonInfoType type,
                                                ...)
{
    static const union MHD_DaemonInfo info = {.port = 1};
    (void)d;
    CHECK(type == MHD_DAEMON_INFO_BIND_PORT);
    return &info;
}

void MHD_stop_daemon(struct MHD_Daemon *d)
{
    (void)d;
}

const union MHD_ConnectionInfo *MHD_get_connection_info(struct MHD_Connection *c,
                                                        enum MHD_ConnectionInfoType type, ...)
{
    switch (type) {
    case MHD_CONNECTION_INFO_SOCKET_CONTEXT:
        c->info.socket_context = c->socket_context;
        return &c->info;
    case MHD_CONNECTION_INFO_CONNECTION_FD:
        c->info.connect_fd = sockets[0];
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

/* Nobody but this one client is there who could end its wait, so it goes away. True: it slept. */
static bool sleep_through(struct MHD_Connection *c)
{
    pthread_mutex_lock(&lock);
    bool slept = c->asleep;
    if (slept)
        disconnect_sockets();
    while (c->asleep)
        pthread_cond_wait(&resumed, &lock);
    pthread_mutex_unlock(&lock);
    return slept;
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
    /* As libmicrohttpd has it: a field with a control character, or an empty one, is refused. */
    if (name[0] == '\0' || value[0] == '\0' || strpbrk(name, "\t\r\n") != NULL ||
        strpbrk(value, "\t\r\n") != NULL)
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

/* --- the way of one request --- */

static char *copy_of(const char *text, size_t length)
{
    char *out = memory_take(length + 1);
    memcpy(out, text, length);
    out[length] = '\0';
    for (char *at = out; *at != '\0'; at++)
        if (*at == '+')
            *at = ' ';
    return out;
}

static void take_target(struct MHD_Connection *c, const char *target)
{
    size_t path = strcspn(target, "?");
    c->path = memory_take(path + 1);
    memcpy(c->path, target, path);
    c->path[path] = '\0';
    const char *at = target[path] == '?' ? target + path + 1 : NULL;
    while (at != NULL && c->argument_count < WIRE_FIELDS_MOST) {
        size_t whole = strcspn(at, "&");
        const char *sign = memchr(at, '=', whole);
        size_t name = sign != NULL ? (size_t)(sign - at) : whole;
        c->arguments[c->argument_count++] = (argument){
            copy_of(at, name), sign != NULL ? copy_of(sign + 1, whole - name - 1) : NULL};
        at = at[whole] == '&' ? at + whole + 1 : NULL;
    }
}

static void take_fields(struct MHD_Connection *c)
{
    const wire_request *r = c->request;
    CHECK(r->field_count <= WIRE_FIELDS_MOST);
    memcpy(c->fields, r->fields, r->field_count * sizeof r->fields[0]);
    c->field_count = r->field_count;
    if (r->bare)
        return;
    c->fields[c->field_count++] = (wire_field){"Host", "localhost"};
    if (r->length == WIRE_NO_BODY)
        return;
    snprintf(c->length_text, sizeof c->length_text, "%llu", (unsigned long long)r->length);
    c->fields[c->field_count++] = (wire_field){"Content-Length", c->length_text};
}

/* Body bytes that reach the server, and whether the client is then still there: a stated length
 * that is longer than what comes makes the server wait until it goes. */
static uint64_t reaching(struct MHD_Connection *c, bool *stays)
{
    const wire_request *r = c->request;
    uint64_t there = r->length == WIRE_NO_BODY ? 0 : r->length;
    uint64_t stated = there;
    const char *text = MHD_lookup_connection_value(c, MHD_HEADER_KIND, "Content-Length");
    if (MHD_lookup_connection_value(c, MHD_HEADER_KIND, "Transfer-Encoding") == NULL &&
        (text == NULL || !units_whole(text, &stated)))
        stated = 0;
    if (there > r->goes_at)
        there = r->goes_at;
    *stays = stated <= there;
    return stated < there ? stated : there;
}

static bool hand_over(struct MHD_Connection *c, void **state)
{
    const wire_request *r = c->request;
    bool stays;
    uint64_t length = reaching(c, &stays);
    size_t piece = r->piece > 0 && r->piece < PIECE ? r->piece : PIECE;
    char *bytes = memory_take(piece);
    for (uint64_t at = 0; at < length;) {
        size_t some = length - at < piece ? (size_t)(length - at) : piece;
        size_t left = some;
        r->send(r->owner, at, bytes, some);
        CHECK(the_daemon.handle(the_daemon.handle_owner, c, c->path, r->method, "HTTP/1.1", bytes,
                                &left, state) == MHD_YES);
        CHECK(left == 0);
        at += some;
    }
    free(bytes);
    return stays;
}

static bool read_some(struct MHD_Response *r, uint64_t at, char *bytes, size_t most, size_t *got)
{
    ssize_t length = 0;
    if (r->bytes != NULL) {
        memcpy(bytes, r->bytes + at, most);
        length = (ssize_t)most;
    } else if (r->fd >= 0) {
        length = pread(r->fd, bytes, most, (off_t)(r->offset + at));
    } else {
        length = r->read(r->owner, at, bytes, most);
    }
    *got = length > 0 ? (size_t)length : 0;
    return length >= 0;
}

static void read_answer(struct MHD_Connection *c, wire_answer *answer)
{
    struct MHD_Response *r = c->response;
    char bytes[4096];
    answer->status = c->status;
    answer->length = r->length;
    buffer_append(&answer->head, buffer_text(&r->head), r->head.length);
    answer->body.limit = WIRE_ANSWER_MOST;
    if (strcmp(c->request->method, "HEAD") == 0 || c->status == 304 || c->status == 204)
        return;
    for (uint64_t at = 0; at < r->length;) {
        size_t got;
        size_t most = r->length - at < sizeof bytes ? (size_t)(r->length - at) : sizeof bytes;
        bool goes_on = read_some(r, at, bytes, most, &got);
        bool slept = sleep_through(c);
        answer->broken = r->length != UINT64_MAX && !slept && (!goes_on || got == 0);
        if (!goes_on || (got == 0 && !slept))
            return;
        buffer_append(&answer->body, bytes, got);
        at += got;
    }
}

static void close_connection(struct MHD_Connection *c, void **state, bool whole)
{
    if (the_daemon.completed != NULL)
        the_daemon.completed(the_daemon.completed_owner, c, state,
                             whole ? MHD_REQUEST_TERMINATED_COMPLETED_OK
                                   : MHD_REQUEST_TERMINATED_CLIENT_ABORT);
    if (c->response != NULL)
        MHD_destroy_response(c->response);
    if (the_daemon.changed != NULL)
        the_daemon.changed(the_daemon.changed_owner, c, &c->socket_context,
                           MHD_CONNECTION_NOTIFY_CLOSED);
    if (sockets[1] < 0)
        close(sockets[0]);
    for (size_t i = 0; i < c->argument_count; i++) {
        free(c->arguments[i].name);
        free(c->arguments[i].value);
    }
    free(c->path);
}

void wire_ask(const wire_request *request, wire_answer *answer)
{
    void *state = NULL;
    size_t nothing = 0;
    struct MHD_Connection c = {.request = request};
    CHECK(the_daemon.handle != NULL);
    if (sockets[1] < 0)
        connect_sockets();
    *answer = (wire_answer){0};
    c.address.sin_family = AF_INET;
    c.address.sin_addr.s_addr = htonl(request->address);
    take_target(&c, request->target);
    take_fields(&c);
    if (the_daemon.changed != NULL)
        the_daemon.changed(the_daemon.changed_owner, &c, &c.socket_context,
                           MHD_CONNECTION_NOTIFY_STARTED);
    CHECK(the_daemon.handle(the_daemon.handle_owner, &c, c.path, request->method, "HTTP/1.1", NULL,
                            &nothing, &state) == MHD_YES);
    bool stays = true;
    if (c.response == NULL)
        stays = hand_over(&c, &state);
    while (c.response == NULL && stays) {
        bool slept = sleep_through(&c);
        CHECK(the_daemon.handle(the_daemon.handle_owner, &c, c.path, request->method, "HTTP/1.1",
                                NULL, &nothing, &state) == MHD_YES);
        CHECK(slept || c.response != NULL || c.asleep);
    }
    if (c.response != NULL && stays)
        read_answer(&c, answer);
    close_connection(&c, &state, stays);
}

void wire_release(wire_answer *answer)
{
    buffer_free(&answer->head);
    buffer_free(&answer->body);
}
