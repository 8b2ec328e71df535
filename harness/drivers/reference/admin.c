/* /readyz */
#include "client/operation.h"
#include "drivers/reference/reference.h"

void reference_ready(operation *o)
{
    char url[ADDRESS_SIZE];
    address_make(o, "/readyz", "", url);
    exchange_request request = reference_request("GET", url);
    operation_exchange(o, &request);
    operation_conclude(o);
    o->record.size = o->record.outcome == OUTCOME_OK;
    if (o->answer.failure == FAILURE_NONE && o->answer.status == 503) {
        o->record.outcome = OUTCOME_OK;
        o->record.failure = FAILURE_NONE;
    }
}
