/* What every fuzz target has: the entry that AFL++, libFuzzer and standalone.c call alike, and the
 * way to say that something is wrong.
 *
 * Every input has a bound on the processor time that it may take (INPUT_SECONDS_MOST in bound.c),
 * which a busy machine cannot break; what waits for ever is found by the engine's own time-out. */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* An oracle: aborts with the sentence when it does not hold, which every engine takes for a crash.
 */
#define ORACLE(condition) CHECK(condition)

/* Takes the input apart from the front; gives zeroes when it has run out. */
typedef struct {
    const uint8_t *at;
    size_t left;
} fuzz_input;

uint8_t fuzz_byte(fuzz_input *in);
uint64_t fuzz_number(fuzz_input *in, unsigned bytes);
/* A directory of this process, below $ORDEAL_FUZZ_FOLDER or else in memory where there is such a
 * place; removed at its end. */
const char *fuzz_directory(void);
/* A NUL-terminated copy of up to `most` bytes up to the next NUL; the caller frees it. */
char *fuzz_text(fuzz_input *in, size_t most);

#endif
