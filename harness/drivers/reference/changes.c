/* /v1/changes, as long polls */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/timing.h"
#include "drivers/document.h"
#include "drivers/reference/reference.h"

static bool take_change(operation *o, const json_t *change)
{
    const char *path = document_text(change, "path");
    const char *type = document_text(change, "type");
    uint64_t number;
    uint64_t version;
    if (path == NULL || type == NULL || !document_whole(change, "number", &number) ||
        !document_whole(change, "version", &version) || version > UINT32_MAX)
        return false;
    return operation_part(o, (history_record){.type = PART_CHANGE,
                                              .key = operation_name(o, path),
                                              .value = number,
                                              .version = (uint32_t)version,
                                              .detail = operation_name(o, type)});
}

static bool take_answer(operation *o, const json_t *root, char cursor[RESOURCE_SIZE])
{
    const json_t *changes = json_object_get(root, "changes");
    const char *next = document_text(root, "cursor");
    size_t index;
    const json_t *change;
    if (!json_is_array(changes) || next == NULL || strlen(next) >= RESOURCE_SIZE ||
        !document_whole(root, "number", &o->record.value))
        return false;
    json_array_foreach(changes, index, change)
    {
        if (!take_change(o, change))
            return false;
    }
    o->record.size = json_array_size(changes);
    snprintf(cursor, RESOURCE_SIZE, "%s", next);
    return true;
}

void reference_changes(operation *o, char cursor[RESOURCE_SIZE], uint64_t wait,
                       const exchange_manners *manners)
{
    char url[ADDRESS_SIZE];
    char query[64];
    snprintf(query, sizeof query, "/v1/changes?wait=%" PRIu64 "%s", wait / NANOSECONDS_PER_SECOND,
             cursor[0] != '\0' ? "&cursor=" : "");
    address_make(o, query, "", url);
    address_add_value(url, cursor);
    exchange_request request = http_request("GET", url);
    request.timeout = wait + operation_timeout(o);
    if (manners != NULL)
        request.manners = *manners;
    json_t *root = document_ask(o, &request, NULL);
    if (root != NULL && !take_answer(o, root, cursor))
        operation_malformed(o, "the answer is no list of changes with a cursor");
    json_decref(root);
}
