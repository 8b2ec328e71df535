#include "drivers/oci/oci.h"

#include "client/operation.h"

/* A repository that nothing was pushed to is not there yet. */
static void ask_ready(operation *o)
{
    char url[ADDRESS_SIZE];
    address_make(o, "/tags/list?n=1", "", url);
    exchange_request request = http_request("GET", url);
    operation_exchange(o, &request);
    operation_conclude(o);
    bool serves = o->record.outcome == OUTCOME_OK || operation_absent(o);
    o->record.flags &= (uint8_t)~FLAG_ABSENT;
    o->record.size = serves;
}

const driver driver_oci = {
    .name = "oci",
    .description = "registries (OCI distribution): blobs with tags as their names",
    .capabilities = CAPABILITY_FILES | CAPABILITY_RANGES | CAPABILITY_UPLOADS,
    .put = oci_put,
    .get = oci_get,
    .head = oci_head,
    .remove = oci_remove,
    .get_range = oci_get_range,
    .upload_create = oci_upload_create,
    .upload_patch = oci_upload_patch,
    .upload_head = oci_upload_head,
    .upload_cancel = oci_upload_cancel,
    .ready = ask_ready,
};
