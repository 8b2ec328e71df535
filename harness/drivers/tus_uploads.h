/* Uploads as tus 1.0.0 has them: drivers of protocols that keep to it call these. Each makes one
 * request, concludes the operation and fills its record as history/RECORDING.md says. */
#ifndef ORDEAL_DRIVERS_TUS_UPLOADS_H
#define ORDEAL_DRIVERS_TUS_UPLOADS_H

#include "drivers/driver.h"

/* A well-behaved request without body that says its version. */
exchange_request tus_request(const char *method, const char *url);

/* At `url`, with `name` as the metadata "filename"; upload->size is its length. */
void tus_upload_create(operation *o, const char *url, const char *name, resource *upload);
/* `length` bytes from upload->offset on, of the content that upload->value names. */
void tus_upload_patch(operation *o, resource *upload, uint64_t length,
                      const exchange_manners *manners);
void tus_upload_head(operation *o, resource *upload);
void tus_upload_cancel(operation *o, resource *upload);

#endif
