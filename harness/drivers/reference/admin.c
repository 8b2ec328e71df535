/* /readyz, /v1/admin/cleanup */
#include "client/operation.h"
#include "drivers/document.h"
#include "drivers/reference/reference.h"

void reference_ready(operation *o)
{
    char url[ADDRESS_SIZE];
    address_make(o, "/readyz", "", url);
    exchange_request request = http_request("GET", url);
    operation_exchange(o, &request);
    operation_conclude(o);
    o->record.size = o->record.outcome == OUTCOME_OK;
    if (o->answer.failure == FAILURE_NONE && o->answer.status == 503) {
        o->record.outcome = OUTCOME_OK;
        o->record.failure = FAILURE_NONE;
    }
}

void reference_cleanup(operation *o)
{
    char url[ADDRESS_SIZE];
    address_make(o, "/v1/admin/cleanup", "", url);
    exchange_request request = http_request("POST", url);
    json_t *answer = document_ask(o, &request, NULL);
    uint64_t purged;
    if (answer != NULL && document_whole(answer, "purged", &purged))
        o->record.size = purged;
    else if (answer != NULL)
        operation_malformed(o, "the answer does not say how many versions were purged");
    json_decref(answer);
}
