/* /v1/shares, /s/{token} */
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/json_writer.h"
#include "client/operation.h"
#include "drivers/contents.h"
#include "drivers/document.h"
#include "drivers/reference/reference.h"

void reference_share_create(operation *o, const char *name, uint64_t most, uint64_t seconds,
                            resource *share)
{
    char url[ADDRESS_SIZE];
    buffer body = {0};
    json_writer w = writer_begin(&body);
    writer_object(&w);
    writer_put_text(&w, "path", name);
    if (seconds > 0)
        writer_put_whole(&w, "expires_in", seconds);
    if (most > 0)
        writer_put_whole(&w, "max_downloads", most);
    writer_object_end(&w);
    address_make(o, "/v1/shares", "", url);
    exchange_request request = http_request("POST", url);
    json_t *answer = document_ask(o, &request, buffer_text(&body));
    const char *token = document_text(answer, "token");
    if (answer != NULL && (token == NULL || strlen(token) >= sizeof share->address))
        operation_malformed(o, "the answer names no token");
    else if (answer != NULL)
        snprintf(share->address, sizeof share->address, "%s", token);
    json_decref(answer);
    buffer_free(&body);
}

void reference_share_get(operation *o, const resource *share)
{
    char url[ADDRESS_SIZE];
    content_check check;
    address_make(o, "/s/", share->address, url);
    content_check_begin(&check, operation_seed(o), 0, 0);
    exchange_request request = http_request("GET", url);
    request.receive = contents_receive;
    request.owner = &check;
    operation_exchange(o, &request);
    operation_conclude(o);
    contents_conclude(o, &check, true);
}

void reference_share_delete(operation *o, const resource *share)
{
    char url[ADDRESS_SIZE];
    address_make(o, "/v1/shares/", share->address, url);
    exchange_request request = http_request("DELETE", url);
    operation_exchange(o, &request);
    operation_conclude(o);
}
