#include "chaos/network/probe.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/timing.h"

static int listen_somewhere(uint16_t *port)
{
    struct sockaddr_in where = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof where;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && bind(fd, (struct sockaddr *)&where, size) == 0 && listen(fd, 4) == 0 &&
        getsockname(fd, (struct sockaddr *)&where, &size) == 0)
        *port = ntohs(where.sin_port);
    return fd;
}

static bool readable(int fd, int milliseconds)
{
    struct pollfd wanted = {.fd = fd, .events = POLLIN};
    return poll(&wanted, 1, milliseconds) == 1;
}

/* Whether all of a small request and the client's close arrive within the time given. */
static bool arrives(uint16_t proxy, int listener, int milliseconds)
{
    static const char request[] =
        "PUT /ordeal-probe HTTP/1.1\r\n\r\n0123456789abcdefghijklmnopqrstu";
    struct sockaddr_in where = {
        .sin_family = AF_INET, .sin_port = htons(proxy), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    char got[sizeof request];
    size_t count = 0;
    bool closed = false;
    uint64_t until = timing_now() + (uint64_t)milliseconds * NANOSECONDS_PER_MILLISECOND;
    int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int server = -1;
    if (client >= 0 && connect(client, (struct sockaddr *)&where, sizeof where) == 0 &&
        send(client, request, sizeof request, MSG_NOSIGNAL) == (ssize_t)sizeof request &&
        shutdown(client, SHUT_WR) == 0 && readable(listener, 2000))
        server = accept(listener, NULL, NULL);
    while (server >= 0 && !closed && timing_now() < until) {
        if (!readable(server, 5))
            continue;
        ssize_t now = recv(server, got, sizeof got, 0);
        if (now < 0)
            break;
        count += (size_t)now;
        closed = now == 0;
    }
    if (client >= 0)
        close(client);
    if (server >= 0)
        close(server);
    return closed && count == sizeof request;
}

/* A connection that the proxy reset before we took it still waits to be taken. */
static void forget_waiting(int listener)
{
    while (readable(listener, 0)) {
        int stale = accept(listener, NULL, NULL);
        if (stale >= 0)
            close(stale);
    }
}

static bool show_effect(const char *name, const proxy_rule *rule, network_proxy *p, int listener,
                        error *e)
{
    int slot = proxy_arm(p, rule, e);
    if (slot < 0)
        return false;
    bool passed = arrives(proxy_port(p), listener, 40);
    /* On a busy machine the piece may still be on its way. */
    uint64_t until = timing_now() + 5 * NANOSECONDS_PER_SECOND;
    while (proxy_hits(p, slot) == 0 && timing_now() < until)
        timing_sleep(NANOSECONDS_PER_MILLISECOND);
    uint64_t hits = proxy_hits(p, slot);
    proxy_disarm(p, slot);
    if (passed || hits == 0)
        return error_set(e, ERROR_INTERNAL, name, "a request passed as if nothing were");
    forget_waiting(listener);
    return arrives(proxy_port(p), listener, 5000) ||
           error_set(e, ERROR_INTERNAL, name, "still felt after its end");
}

bool network_probe(const char *name, const proxy_rule *rule, error *e)
{
    uint16_t port = 0;
    int listener = listen_somewhere(&port);
    if (listener < 0 || port == 0) {
        if (listener >= 0)
            close(listener);
        return error_set(e, ERROR_UNABLE, name, "cannot listen on 127.0.0.1");
    }
    network_proxy *p = proxy_start(port, e);
    bool fine = p != NULL && show_effect(name, rule, p, listener, e);
    if (p != NULL)
        proxy_stop(p);
    close(listener);
    return fine;
}
