/* proxy-tool PORT: an idle fault proxy before 127.0.0.1:PORT. Prints its own port and runs until
 * its standard input ends. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "chaos/network/proxy.h"

int main(int argc, char **argv)
{
    error e = {0};
    char byte;
    network_proxy *p = argc == 2 ? proxy_start((uint16_t)strtoul(argv[1], NULL, 10), &e) : NULL;
    if (p == NULL)
        return 2;
    printf("%u\n", (unsigned)proxy_port(p));
    fflush(stdout);
    while (read(0, &byte, 1) > 0)
        ;
    proxy_stop(p);
    return 0;
}
