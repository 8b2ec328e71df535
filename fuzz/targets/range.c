/* The Range header against a second reading of RFC 9110 that was written from its grammar, with
 * numbers that cannot overflow.
 *
 * Allowed difference: positions beyond ALIKE are all the same to the server, also when the second
 * is smaller, for no file is so long. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "fuzz.h"
#include "ranges.h"

typedef unsigned __int128 wide;

#define ALIKE ((wide)9999999999999999999u)

/* Digits as a number that stays behind ALIKE when it grows beyond. */
static bool digits(const char *at, size_t length, wide *out)
{
    *out = 0;
    for (size_t i = 0; i < length; i++) {
        if (at[i] < '0' || at[i] > '9')
            return false;
        *out = *out * 10u + (unsigned)(at[i] - '0');
        if (*out > ALIKE)
            *out = ALIKE + 1;
    }
    return length > 0;
}

static range_answer expected(const char *header, wide size, wide *first, wide *last)
{
    if (strncasecmp(header, "bytes=", 6) != 0) /* names of units are the same in capitals */
        return RANGE_WHOLE;
    const char *at = header + 6;
    size_t before = strcspn(at, "-");
    if (at[before] != '-')
        return RANGE_WHOLE;
    const char *behind = at + before + 1;
    bool from = digits(at, before, first);
    bool to = digits(behind, strlen(behind), last);
    if (before == 0 && to) {
        if (*last == 0 || size == 0)
            return RANGE_OUTSIDE;
        *first = *last > size ? 0 : size - *last;
        *last = size - 1;
        return RANGE_PART;
    }
    if (!from || (behind[0] != '\0' && (!to || *last < *first)))
        return RANGE_WHOLE;
    if (*first >= size)
        return RANGE_OUTSIDE;
    if (behind[0] == '\0' || *last >= size)
        *last = size - 1;
    return RANGE_PART;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    fuzz_input in = {bytes, length};
    uint64_t size = fuzz_number(&in, fuzz_byte(&in) % 9) & INT64_MAX; /* as files' sizes are */
    char *header = fuzz_text(&in, 8192);
    uint64_t first = 0;
    uint64_t count = 0;
    wide wanted_first = 0;
    wide wanted_last = 0;
    range_answer answer = range_parse(header, size, &first, &count);
    ORACLE(answer == expected(header, size, &wanted_first, &wanted_last));
    if (answer == RANGE_PART) {
        ORACLE(count > 0 && first < size && count <= size - first);
        ORACLE(first == wanted_first && (wide)first + count - 1 == wanted_last);
    }
    free(header);
    ORACLE(range_parse(NULL, size, &first, &count) == RANGE_WHOLE);
    return 0;
}
