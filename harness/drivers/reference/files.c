/* /v1/files/{path}: PUT, GET, HEAD, DELETE */
#include <stdio.h>

#include "client/operation.h"
#include "drivers/contents.h"
#include "drivers/reference/reference.h"

void reference_put(operation *o, const put_request *in, read_result *result)
{
    char url[ADDRESS_SIZE];
    address_make(o, "/v1/files/", in->name, url);
    content c = {
        .seed = operation_seed(o), .value = o->record.value, .key = in->key_hash, .size = in->size};
    exchange_request request = reference_request("PUT", url);
    request.body_length = in->size;
    request.send = contents_send;
    request.owner = &c;
    if (in->manners != NULL)
        request.manners = *in->manners;
    if (in->if_match != NULL)
        request.headers[request.header_count++] = (exchange_header){"If-Match", in->if_match};
    if (in->if_absent)
        request.headers[request.header_count++] = (exchange_header){"If-None-Match", "*"};
    operation_exchange(o, &request);
    operation_conclude(o);
    snprintf(result->tag, sizeof result->tag, "%s", o->answer.etag);
}

void reference_get(operation *o, const char *name, const exchange_manners *manners,
                   read_result *result)
{
    char url[ADDRESS_SIZE];
    content_check check;
    address_make(o, "/v1/files/", name, url);
    content_check_begin(&check, operation_seed(o), 0, 0);
    exchange_request request = reference_request("GET", url);
    request.receive = contents_receive;
    request.owner = &check;
    if (manners != NULL)
        request.manners = *manners;
    operation_exchange(o, &request);
    operation_conclude(o);
    if (operation_absent(o))
        return;
    contents_conclude(o, &check, true);
    snprintf(result->tag, sizeof result->tag, "%s", o->answer.etag);
}

void reference_head(operation *o, const char *name, read_result *result)
{
    char url[ADDRESS_SIZE];
    address_make(o, "/v1/files/", name, url);
    exchange_request request = reference_request("HEAD", url);
    operation_exchange(o, &request);
    operation_conclude(o);
    if (operation_absent(o) || o->record.outcome != OUTCOME_OK)
        return;
    o->record.flags |= FLAG_UNIDENTIFIED;
    o->record.size = o->answer.length != EXCHANGE_LENGTH_NONE ? o->answer.length : 0;
    snprintf(result->tag, sizeof result->tag, "%s", o->answer.etag);
}

void reference_remove(operation *o, const char *name)
{
    char url[ADDRESS_SIZE];
    address_make(o, "/v1/files/", name, url);
    exchange_request request = reference_request("DELETE", url);
    operation_exchange(o, &request);
    operation_conclude(o);
    operation_absent(o);
}
