#include "rival.h"

#include <string.h>
#include <strings.h>

#include "faults.h"
#include "fuzz.h"

const char *rival_method(const char *method)
{
    static const char *const known[] = {"PATCH", "DELETE", "HEAD", "POST"};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(method, known[i]) == 0)
            return known[i];
    return NULL;
}

unsigned rival_ask(service_kind kind, const char *method, const char *target)
{
    bool begins = strcmp(method, "POST") == 0;
    wire_request asked = {.method = method,
                          .target = begins ? "/v1/uploads" : target,
                          .fields = {{"Tus-Resumable", "1.0.0"},
                                     {"Upload-Offset", "0"},
                                     {"Upload-Length", "5"},
                                     {"Upload-Metadata", "filename cml2YWw="},
                                     {"Content-Type", "application/offset+octet-stream"}},
                          .field_count = begins ? 4 : 5,
                          .port = service_port(kind),
                          .goes_at = UINT64_MAX,
                          .address = 0x7f000001};
    if (asked.target[0] == '\0')
        return 0;
    wire_answer answer;
    talk_ask(&asked, faults_armed(), &answer);
    unsigned status = answer.status;
    wire_release(&answer);
    return status;
}

static bool has_field(const wire_request *asked, const char *name)
{
    for (size_t i = 0; i < asked->field_count; i++)
        if (strcasecmp(asked->fields[i].name, name) == 0)
            return true;
    return false;
}

void rival_judge(const char *method, unsigned rival, const char *target, const wire_request *asked,
                 unsigned status)
{
    bool taken = status == 204 && strcmp(asked->method, "PATCH") == 0 &&
                 strcmp(asked->target, target) == 0 && asked->port == service_port(SERVICE_OPEN) &&
                 !has_field(asked, "X-HTTP-Method-Override");
    bool changes = strcmp(method, "PATCH") == 0 || strcmp(method, "DELETE") == 0;
    ORACLE(!taken || !changes || faults_armed() || rival == 409);
}
