/* Lets Criterion run in a program built with the thread sanitizer.
 *
 * Criterion (Snaipe/Criterion issue 274) maps its arena at an address that it draws with rand_r,
 * and gives up after three draws that the sanitizer refuses: nearly all. This rand_r, which only
 * tests of a thread-sanitized build link, draws where the sanitizer allows maps and no program
 * stands: arena = 0x200000000000 + draw * 2^24, between 0x550000000000 and 0x555000000000. */
#include <stdlib.h>

#define DRAW_LEAST 0x350000
#define DRAW_MOST  0x354fff

int rand_r(unsigned *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (int)(DRAW_LEAST + (*seed >> 8) % (DRAW_MOST - DRAW_LEAST + 1));
}
