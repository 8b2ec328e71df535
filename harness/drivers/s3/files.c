/* PutObject, GetObject with and without Range, HeadObject, DeleteObject.
 *
 * A put that is answered with 404 makes the bucket and is sent once more, within the same
 * operation, since it is certain to have had no effect. */
#include "client/operation.h"
#include "drivers/s3/s3.h"

void s3_make_bucket(operation *o)
{
    exchange_request request = http_request("PUT", operation_base_url(o));
    operation_exchange(o, &request);
}

void s3_put(operation *o, const put_request *in, read_result *result)
{
    exchange_field version = {.name = "x-amz-version-id"};
    operation_want(o, &version, 1);
    http_put(o, S3_PLACE, in, result);
    if (o->answer.failure == FAILURE_NONE && o->answer.status == 404) {
        uint64_t invoke = o->record.invoke;
        s3_make_bucket(o);
        http_put(o, S3_PLACE, in, result);
        o->record.invoke = invoke;
    }
    operation_want(o, NULL, 0);
    if (o->record.outcome == OUTCOME_OK)
        s3_number_version(o, in->name, version.value);
}

void s3_get(operation *o, const char *name, const exchange_manners *manners, read_result *result)
{
    http_get(o, S3_PLACE, name, manners, result);
}

void s3_head(operation *o, const char *name, read_result *result)
{
    http_head(o, S3_PLACE, name, result);
}

void s3_remove(operation *o, const char *name)
{
    http_remove(o, S3_PLACE, name);
}

void s3_get_range(operation *o, const char *name, uint64_t offset, uint64_t length)
{
    http_get_range(o, S3_PLACE, name, offset, length);
}
