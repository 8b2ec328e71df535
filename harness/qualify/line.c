#include "qualify/line.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/timing.h"

#define SCHEME    "http://"
#define PATIENCE  10000 /* milliseconds */
#define HEAD_MOST ((size_t)16384)

/* "127.0.0.1:8080" of the target's address, and the path behind it. */
static const char *host_of(const probe_target *target, char *host, size_t size)
{
    const char *at = target->base + sizeof SCHEME - 1;
    size_t length = strcspn(at, "/");
    snprintf(host, size, "%.*s", (int)length, at);
    return at + length;
}

bool line_open(line *l, const probe_target *target)
{
    char host[256];
    struct addrinfo wanted = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    l->fd = -1;
    errno = EPROTONOSUPPORT;
    if (strncmp(target->base, SCHEME, sizeof SCHEME - 1) != 0)
        return false;
    host_of(target, host, sizeof host);
    char *port = strrchr(host, ':');
    if (port != NULL)
        *port++ = '\0';
    if (getaddrinfo(host, port != NULL ? port : "80", &wanted, &found) != 0)
        return false;
    l->fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (l->fd >= 0 && connect(l->fd, found->ai_addr, found->ai_addrlen) != 0)
        line_close(l);
    freeaddrinfo(found);
    return l->fd >= 0;
}

void line_close(line *l)
{
    int number = errno;
    if (l->fd >= 0)
        close(l->fd);
    l->fd = -1;
    errno = number;
}

bool line_send_bytes(line *l, const void *bytes, size_t length)
{
    const char *at = bytes;
    while (length > 0) {
        ssize_t count = send(l->fd, at, length, MSG_NOSIGNAL);
        if (count < 0 && errno != EINTR)
            return false;
        at += count > 0 ? count : 0;
        length -= count > 0 ? (size_t)count : 0;
    }
    return true;
}

bool line_send(line *l, const char *text)
{
    return line_send_bytes(l, text, strlen(text));
}

bool line_ask(line *l, const probe_target *target, const char *what, const char *fields,
              const char *content)
{
    char host[256];
    const char *below = host_of(target, host, sizeof host);
    const char *path = strchr(what, ' ');
    buffer text = {0};
    buffer_printf(&text, "%.*s %s%s HTTP/1.1\r\nHost: %s\r\n%s", (int)(path - what), what, below,
                  path + 1, host, fields != NULL ? fields : "");
    if (target->bearer != NULL)
        buffer_printf(&text, "Authorization: Bearer %s\r\n", target->bearer);
    if (content != NULL)
        buffer_printf(&text, "Content-Length: %zu\r\n", strlen(content));
    buffer_printf(&text, "\r\n%s", content != NULL ? content : "");
    bool fine = line_send_bytes(l, buffer_text(&text), text.length);
    buffer_free(&text);
    return fine;
}

/* As recv; -1 also when nothing comes until then. */
static ssize_t receive(const line *l, char *bytes, size_t most, uint64_t until)
{
    for (;;) {
        struct pollfd wait = {.fd = l->fd, .events = POLLIN};
        uint64_t now = timing_now();
        errno = ETIMEDOUT;
        if (now >= until)
            return -1;
        int ready = poll(&wait, 1, (int)((until - now) / NANOSECONDS_PER_MILLISECOND) + 1);
        if (ready > 0)
            return recv(l->fd, bytes, most, 0);
        if (ready < 0 && errno != EINTR)
            return -1;
    }
}

static size_t announced(const char *head)
{
    static const char name[] = "\r\ncontent-length:";
    for (const char *at = strstr(head, "\r\n"); at != NULL; at = strstr(at + 2, "\r\n"))
        if (strncasecmp(at, name, sizeof name - 1) == 0)
            return strtoull(at + sizeof name - 1, NULL, 10);
    return 0;
}

/* One byte at a time, so that nothing of the next answer is taken. */
static bool read_head(const line *l, char head[HEAD_MOST], uint64_t until)
{
    for (size_t used = 0; used + 1 < HEAD_MOST; used++) {
        if (receive(l, head + used, 1, until) != 1)
            return false;
        head[used + 1] = '\0';
        if (used >= 3 && strcmp(head + used - 3, "\r\n\r\n") == 0)
            return true;
    }
    return false;
}

unsigned line_answer(line *l, bool without_content)
{
    char head[HEAD_MOST];
    char bytes[4096];
    uint64_t until = timing_now() + PATIENCE * NANOSECONDS_PER_MILLISECOND;
    if (!read_head(l, head, until))
        return 0;
    for (size_t left = without_content ? 0 : announced(head); left > 0;) {
        ssize_t count = receive(l, bytes, left < sizeof bytes ? left : sizeof bytes, until);
        if (count <= 0)
            return 0;
        left -= (size_t)count;
    }
    const char *status = strchr(head, ' ');
    return status != NULL ? (unsigned)strtoul(status, NULL, 10) : 0;
}

bool line_says(line *l, const char *text, unsigned milliseconds)
{
    char byte;
    size_t length = strlen(text);
    buffer seen = {0};
    uint64_t until = timing_now() + milliseconds * NANOSECONDS_PER_MILLISECOND;
    bool found = false;
    while (!found && receive(l, &byte, 1, until) == 1 && buffer_append(&seen, &byte, 1))
        found =
            seen.length >= length && memcmp(seen.bytes + seen.length - length, text, length) == 0;
    buffer_free(&seen);
    return found;
}

bool line_ends(line *l, unsigned milliseconds)
{
    char bytes[4096];
    uint64_t until = timing_now() + milliseconds * NANOSECONDS_PER_MILLISECOND;
    ssize_t count;
    do
        count = receive(l, bytes, sizeof bytes, until);
    while (count > 0);
    return count == 0 || errno == ECONNRESET;
}
