/* /v1/register, /v1/login, /v1/usage */
#include <stdio.h>

#include "base/buffer.h"
#include "base/json_writer.h"
#include "client/operation.h"
#include "drivers/document.h"
#include "drivers/reference/reference.h"

static json_t *send_credentials(operation *o, const char *place, const char *account,
                                const char *plan)
{
    char url[ADDRESS_SIZE];
    char password[RESOURCE_SIZE];
    buffer body = {0};
    json_writer w = writer_begin(&body);
    address_make(o, place, "", url);
    exchange_request request = http_request("POST", url);
    snprintf(password, sizeof password, "the password of %.100s", account);
    writer_object(&w);
    writer_put_text(&w, "account", account);
    writer_put_text(&w, "password", password);
    if (plan != NULL)
        writer_put_text(&w, "plan", plan);
    writer_object_end(&w);
    json_t *answer = document_ask(o, &request, buffer_text(&body));
    buffer_free(&body);
    return answer;
}

void reference_sign_up(operation *o, const char *account, const char *plan)
{
    json_decref(send_credentials(o, "/v1/register", account, plan));
}

void reference_sign_in(operation *o, const char *account, char token[RESOURCE_SIZE])
{
    json_t *answer = send_credentials(o, "/v1/login", account, NULL);
    const char *given = document_text(answer, "token");
    if (answer != NULL && given == NULL)
        operation_malformed(o, "the answer to a log-in has no token");
    if (given != NULL)
        snprintf(token, RESOURCE_SIZE, "%s", given);
    json_decref(answer);
}

void reference_usage(operation *o)
{
    char url[ADDRESS_SIZE];
    address_make(o, "/v1/usage", "", url);
    exchange_request request = http_request("GET", url);
    json_t *answer = document_ask(o, &request, NULL);
    if (answer != NULL && (!document_whole(answer, "used", &o->record.size) ||
                           !document_whole(answer, "quota", &o->record.expected)))
        operation_malformed(o, "the answer lacks used or quota");
    json_decref(answer);
}
