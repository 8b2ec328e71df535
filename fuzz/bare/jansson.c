/* The yardstick of the target `document`: nothing but jansson's parse of the same input. */
#include <jansson.h>

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    fuzz_input in = {bytes, length};
    fuzz_byte(&in);
    json_decref(json_loadb((const char *)in.at, in.left, JSON_REJECT_DUPLICATES, NULL));
    return 0;
}
