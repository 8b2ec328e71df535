/* /v1/uploads: tus 1.0.0 */
#include "drivers/reference/reference.h"
#include "drivers/tus_uploads.h"

void reference_upload_create(operation *o, const char *name, resource *upload)
{
    char url[ADDRESS_SIZE];
    address_make(o, "/v1/uploads", "", url);
    tus_upload_create(o, url, name, upload);
}

void reference_upload_patch(operation *o, resource *upload, uint64_t length,
                            const exchange_manners *manners)
{
    tus_upload_patch(o, upload, length, manners);
}

void reference_upload_head(operation *o, resource *upload)
{
    tus_upload_head(o, upload);
}

void reference_upload_cancel(operation *o, resource *upload)
{
    tus_upload_cancel(o, upload);
}
