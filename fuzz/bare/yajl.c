/* The yardstick of the target `samples`: nothing but yajl's parse of the same input. */
#include <yajl/yajl_parse.h>

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    fuzz_input in = {bytes, length};
    fuzz_byte(&in);
    yajl_handle parser = yajl_alloc(NULL, NULL, NULL);
    if (yajl_parse(parser, in.at, in.left) == yajl_status_ok)
        yajl_complete_parse(parser);
    yajl_free(parser);
    return 0;
}
