/* All that the server keeps, opened in the order in which its parts rest on each other, and closed
 * the other way round. What a request works with is `service` in request.h. */
#ifndef REFERENCE_SERVICE_H
#define REFERENCE_SERVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "request.h"

typedef struct {
    const char *data;
    unsigned readers; /* connections of the store that read */
    limits limits;
    bool accounts;
    uint64_t token_life; /* nanoseconds */
    const char *admin_token;
    uint64_t query_most; /* nanoseconds that a query may take */
    uint64_t rate;       /* requests a second for each client; 0: no limit */
    uint64_t burst;
    uint64_t changes_kept;
    uint64_t watchers_most;
    uint64_t cache;       /* bytes that the read cache may hold */
    uint64_t upload_life; /* nanoseconds */
} service_options;

/* False: `s` is to be closed all the same. */
bool service_open(service *s, const service_options *options, error *e);
void service_close(service *s);

#endif
