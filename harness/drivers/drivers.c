#include "drivers/driver.h"

#include <string.h>

const capability_row capability_rows[] = {
    {"files", CAPABILITY_FILES},
    {"conditions", CAPABILITY_CONDITIONS},
    {"ranges", CAPABILITY_RANGES},
    {"list", CAPABILITY_LIST},
    {"versions", CAPABILITY_VERSIONS},
    {"moves", CAPABILITY_MOVES},
    {"uploads", CAPABILITY_UPLOADS},
    {"shares", CAPABILITY_SHARES},
    {"channels", CAPABILITY_CHANNELS},
    {"changes", CAPABILITY_CHANGES},
    {"accounts", CAPABILITY_ACCOUNTS},
    {"admin", CAPABILITY_ADMIN},
    {"collections", CAPABILITY_COLLECTIONS},
    {NULL, 0},
};

/* One row a driver. */
extern const driver driver_oci;
extern const driver driver_reference;
extern const driver driver_s3;
extern const driver driver_tus;
extern const driver driver_webdav;

const driver *const drivers[] = {
    &driver_oci, &driver_reference, &driver_s3, &driver_tus, &driver_webdav,
};
const size_t driver_count = sizeof drivers / sizeof drivers[0];

const driver *driver_named(const char *name)
{
    for (size_t i = 0; i < driver_count; i++)
        if (strcmp(drivers[i]->name, name) == 0)
            return drivers[i];
    return NULL;
}
