/* many_clients PORT COUNT: as many clients as asked for, each with an address of its own in
 * 127.0.0.0/8. Each asks twice and goes away without a word. Prints how many of the second answers
 * were 429. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"

static unsigned ask(int fd)
{
    static const char head[] = "GET /v1/files/none HTTP/1.1\r\nHost: x\r\n\r\n";
    char answer[4096];
    size_t used = 0;
    unsigned status = 0;
    CHECK(send(fd, head, sizeof head - 1, MSG_NOSIGNAL) == (ssize_t)sizeof head - 1);
    do {
        ssize_t length = recv(fd, answer + used, sizeof answer - 1 - used, 0);
        CHECK(length > 0);
        used += (size_t)length;
        answer[used] = '\0';
    } while (strstr(answer, "\r\n\r\n") == NULL || answer[used - 1] != '}');
    CHECK(sscanf(answer, "HTTP/1.1 %u", &status) == 1);
    return status;
}

static bool visit(uint32_t number, uint16_t port)
{
    struct linger at_once = {.l_onoff = 1};
    struct sockaddr_in from = {.sin_family = AF_INET,
                               .sin_addr.s_addr = htonl(0x7f010001u + number)};
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once) == 0);
    CHECK(bind(fd, (struct sockaddr *)&from, sizeof from) == 0);
    CHECK(connect(fd, (struct sockaddr *)&to, sizeof to) == 0);
    ask(fd);
    bool limited = ask(fd) == 429;
    close(fd);
    return limited;
}

int main(int argc, char **argv)
{
    CHECK(argc == 3);
    uint16_t port = (uint16_t)strtoul(argv[1], NULL, 10);
    uint32_t count = (uint32_t)strtoul(argv[2], NULL, 10);
    uint32_t limited = 0;
    for (uint32_t i = 0; i < count; i++)
        limited += visit(i, port) ? 1 : 0;
    printf("%u\n", limited);
    return 0;
}
