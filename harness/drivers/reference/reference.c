#include "drivers/reference/reference.h"

exchange_request reference_request(const char *method, const char *url)
{
    return (exchange_request){.method = method,
                              .url = url,
                              .body_length = EXCHANGE_LENGTH_NONE,
                              .manners = EXCHANGE_POLITE};
}

const driver driver_reference = {
    .name = "reference",
    .description = "the storage API of the reference server (reference/CONTRACT.md)",
    .capabilities = CAPABILITY_FILES | CAPABILITY_CONDITIONS | CAPABILITY_RANGES,
    /* files */
    .put = reference_put,
    .get = reference_get,
    .head = reference_head,
    .remove = reference_remove,
    /* ranges */
    .get_range = reference_get_range,
    /* admin */
    .ready = reference_ready,
};
