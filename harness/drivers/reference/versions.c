/* /v1/versions/{path}, /v1/files/{path}?version=n, /v1/restore/{path}?version=n */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "client/operation.h"
#include "drivers/contents.h"
#include "drivers/document.h"
#include "drivers/reference/reference.h"

static void versioned_url(const operation *o, const char *place, const char *name, uint64_t version,
                          char url[ADDRESS_SIZE])
{
    address_make(o, place, name, url);
    size_t used = strlen(url);
    int length = snprintf(url + used, ADDRESS_SIZE - used, "?version=%" PRIu64, version);
    CHECK(length > 0 && (size_t)length < ADDRESS_SIZE - used);
}

void reference_get_version(operation *o, const char *name, uint64_t version)
{
    char url[ADDRESS_SIZE];
    content_check check;
    versioned_url(o, "/v1/files/", name, version, url);
    content_check_begin(&check, operation_seed(o), 0, 0);
    exchange_request request = http_request("GET", url);
    request.receive = contents_receive;
    request.owner = &check;
    operation_exchange(o, &request);
    operation_conclude(o);
    if (operation_absent(o))
        return;
    if (o->record.outcome == OUTCOME_OK && o->record.version != version)
        operation_malformed(o, "X-Version is not the version asked for");
    else
        contents_conclude(o, &check, true);
}

static const char *take_row(operation *o, const json_t *row)
{
    uint64_t version;
    uint64_t size;
    const char *etag = document_text(row, "etag");
    if (etag == NULL || !document_whole(row, "version", &version) ||
        !document_whole(row, "size", &size))
        return "a row of the version list lacks version, size or etag";
    bool fits = operation_part(o, (history_record){.type = PART_VERSION,
                                                   .key = o->record.key,
                                                   .version = (uint32_t)version,
                                                   .size = size,
                                                   .value = reference_tag_hash(etag)});
    return fits ? NULL : "the file has more versions than one record can hold";
}

void reference_versions(operation *o, const char *name)
{
    char url[ADDRESS_SIZE];
    address_make(o, "/v1/versions/", name, url);
    exchange_request request = http_request("GET", url);
    json_t *answer = document_ask(o, &request, NULL);
    if (operation_absent(o) || answer == NULL)
        return;
    const char *wrong = NULL;
    const json_t *rows = json_object_get(answer, "versions");
    if (!json_is_array(rows))
        wrong = "the version list has no array 'versions'";
    for (size_t i = 0; i < json_array_size(rows) && wrong == NULL; i++)
        wrong = take_row(o, json_array_get(rows, i));
    o->record.size = o->part_count;
    json_decref(answer);
    if (wrong != NULL)
        operation_malformed(o, wrong);
}

void reference_restore(operation *o, const char *name, uint64_t version)
{
    char url[ADDRESS_SIZE];
    versioned_url(o, "/v1/restore/", name, version, url);
    exchange_request request = http_request("POST", url);
    json_decref(document_ask(o, &request, NULL));
}
