#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>

_Noreturn void check_failed(const char *file, int line, const char *sentence)
{
    fprintf(stderr, "%s:%d: broken assumption: %s\n", file, line, sentence);
    abort();
}
