/* ordeal-clock where the vDSO cannot be patched: only the small program of the probes, for
 * libfaketime. */
#include <stdio.h>
#include <string.h>

#include "chaos/clock/tell.h"

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--tell") == 0)
        return clock_tell();
    fputs("ordeal-clock: on this processor only --tell works\n", stderr);
    return 2;
}
