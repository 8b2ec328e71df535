/* /v1/files/{path}: PUT, GET, HEAD, DELETE, and GET with Range */
#include "drivers/http_files.h"
#include "drivers/reference/reference.h"

#define PLACE "/v1/files/"

void reference_put(operation *o, const put_request *in, read_result *result)
{
    http_put(o, PLACE, in, result);
}

void reference_get(operation *o, const char *name, const exchange_manners *manners,
                   read_result *result)
{
    http_get(o, PLACE, name, manners, result);
}

void reference_head(operation *o, const char *name, read_result *result)
{
    http_head(o, PLACE, name, result);
}

void reference_remove(operation *o, const char *name)
{
    http_remove(o, PLACE, name);
}

void reference_get_range(operation *o, const char *name, uint64_t offset, uint64_t length)
{
    http_get_range(o, PLACE, name, offset, length);
}
