#include "engine/raw.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/timing.h"

#define LOOK_EVERY (3 * NANOSECONDS_PER_MILLISECOND)

static bool parse(const char *url, struct sockaddr_in *address)
{
    static const char scheme[] = "http://";
    char host[64];
    if (strncmp(url, scheme, sizeof scheme - 1) != 0)
        return false;
    url += sizeof scheme - 1;
    size_t length = strcspn(url, ":/");
    if (length >= sizeof host)
        return false;
    memcpy(host, url, length);
    host[length] = '\0';
    unsigned long port = url[length] == ':' ? strtoul(url + length + 1, NULL, 10) : 80;
    *address = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    const char *number = strcmp(host, "localhost") == 0 ? "127.0.0.1" : host;
    return port > 0 && port <= UINT16_MAX && inet_pton(AF_INET, number, &address->sin_addr) == 1;
}

/* False: the time is over, or the run. */
static bool wait_a_little(raw *r)
{
    if (timing_now() >= r->deadline || loop_stopping(lane_loop(r->lane)))
        return false;
    lane_sleep(r->lane, LOOK_EVERY);
    return true;
}

bool raw_open(raw *r, loop_lane *lane, const char *base_url, uint64_t timeout)
{
    struct sockaddr_in address;
    *r = (raw){.lane = lane, .fd = -1, .deadline = timing_now() + timeout};
    if (!parse(base_url, &address))
        return false;
    r->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (r->fd < 0)
        return false;
    while (connect(r->fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        if (errno == EISCONN)
            break;
        bool comes = errno == EINPROGRESS || errno == EALREADY;
        if (!comes || !wait_a_little(r)) {
            raw_close(r);
            return false;
        }
    }
    return true;
}

bool raw_send(raw *r, const void *bytes, size_t length, size_t *sent)
{
    const char *at = bytes;
    *sent = 0;
    while (*sent < length) {
        ssize_t count = send(r->fd, at + *sent, length - *sent, MSG_NOSIGNAL);
        if (count > 0)
            *sent += (size_t)count;
        else if ((errno != EAGAIN && errno != EINTR) || !wait_a_little(r))
            return false;
    }
    return true;
}

void raw_end(raw *r)
{
    shutdown(r->fd, SHUT_WR);
}

bool raw_receive(raw *r, void *bytes, size_t length, size_t *received)
{
    char *at = bytes;
    *received = 0;
    while (*received < length) {
        ssize_t count = recv(r->fd, at + *received, length - *received, 0);
        if (count > 0)
            *received += (size_t)count;
        else if (count == 0 || (errno != EAGAIN && errno != EINTR))
            return true;
        else if (!wait_a_little(r))
            return false;
    }
    return true;
}

bool raw_noticed(raw *r)
{
    char byte;
    ssize_t count = recv(r->fd, &byte, 1, MSG_PEEK);
    return count >= 0 || (errno != EAGAIN && errno != EINTR);
}

void raw_close(raw *r)
{
    if (r->fd >= 0)
        close(r->fd);
    r->fd = -1;
}
