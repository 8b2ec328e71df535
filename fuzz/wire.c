#include "wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/units.h"
#include "wire_inside.h"

#define PIECE 65536

/* The server looks after its connections' sockets: one true connection stands for all, [0] the
 * server's end. It is made again when a client has gone away. */
static int sockets[2] = {-1, -1};

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

/* True: it slept, if ever so shortly. */
static bool sleep_through(struct MHD_Connection *c)
{
    const wire_request *r = c->request;
    if (!c->suspended)
        return false;
    c->suspended = false;
    if (wire_asleep(c)) {
        bool wakes = !c->told && r->while_asleep != NULL && r->while_asleep(r->owner);
        c->told = true;
        if (!wakes)
            disconnect_sockets();
    }
    wire_wait_awake(c);
    return true;
}

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
        CHECK(c->daemon->handle(c->daemon->handle_owner, c, c->path, r->method, "HTTP/1.1", bytes,
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
    if (c->daemon->completed != NULL)
        c->daemon->completed(c->daemon->completed_owner, c, state,
                             whole ? MHD_REQUEST_TERMINATED_COMPLETED_OK
                                   : MHD_REQUEST_TERMINATED_CLIENT_ABORT);
    if (c->response != NULL)
        MHD_destroy_response(c->response);
    if (c->daemon->changed != NULL)
        c->daemon->changed(c->daemon->changed_owner, c, &c->socket_context,
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
    c.daemon = wire_daemon(request->port);
    if (sockets[1] < 0)
        connect_sockets();
    c.socket = sockets[0];
    *answer = (wire_answer){0};
    c.address.sin_family = AF_INET;
    c.address.sin_addr.s_addr = htonl(request->address);
    take_target(&c, request->target);
    take_fields(&c);
    if (c.daemon->changed != NULL)
        c.daemon->changed(c.daemon->changed_owner, &c, &c.socket_context,
                          MHD_CONNECTION_NOTIFY_STARTED);
    CHECK(c.daemon->handle(c.daemon->handle_owner, &c, c.path, request->method, "HTTP/1.1", NULL,
                           &nothing, &state) == MHD_YES);
    bool stays = true;
    if (c.response == NULL)
        stays = hand_over(&c, &state);
    while (c.response == NULL && stays) {
        bool slept = sleep_through(&c);
        CHECK(c.daemon->handle(c.daemon->handle_owner, &c, c.path, request->method, "HTTP/1.1",
                               NULL, &nothing, &state) == MHD_YES);
        CHECK(slept || c.response != NULL || c.suspended);
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
