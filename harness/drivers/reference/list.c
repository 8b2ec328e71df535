/* GET /v1/files?prefix=&cursor= */
#include <stdio.h>
#include <string.h>

#include "client/operation.h"
#include "drivers/document.h"
#include "drivers/reference/reference.h"
#include "engine/content.h"

#define CURSOR_SIZE 2200

uint64_t reference_tag_hash(const char *etag)
{
    return content_key_hash(etag, strlen(etag));
}

static const char *take_entry(operation *o, const json_t *entry)
{
    uint64_t version;
    uint64_t size;
    const char *path = document_text(entry, "path");
    const char *etag = document_text(entry, "etag");
    if (path == NULL || etag == NULL || !document_whole(entry, "version", &version) ||
        !document_whole(entry, "size", &size))
        return "an entry of the listing lacks path, version, size or etag";
    bool fits = operation_part(o, (history_record){.type = PART_ENTRY,
                                                   .key = operation_name(o, path),
                                                   .version = (uint32_t)version,
                                                   .size = size,
                                                   .value = reference_tag_hash(etag)});
    return fits ? NULL : "the listing has more entries than one record can hold";
}

/* One page; false ends the listing, with `cursor` empty when it is complete. */
static bool take_page(operation *o, const char *url, char cursor[CURSOR_SIZE])
{
    exchange_request request = http_request("GET", url);
    json_t *page = document_ask(o, &request, NULL);
    if (page == NULL)
        return false;
    const char *wrong = NULL;
    const json_t *files = json_object_get(page, "files");
    const char *next = document_text(page, "cursor");
    if (!json_is_array(files))
        wrong = "the listing has no array 'files'";
    for (size_t i = 0; i < json_array_size(files) && wrong == NULL; i++)
        wrong = take_entry(o, json_array_get(files, i));
    /* Else a server whose cursor stands still would never be done. */
    if (wrong == NULL && next != NULL && next[0] != '\0' && json_array_size(files) == 0)
        wrong = "a page of the listing has a cursor but no entry";
    snprintf(cursor, CURSOR_SIZE, "%s", next != NULL ? next : "");
    json_decref(page);
    if (wrong != NULL)
        operation_malformed(o, wrong);
    return wrong == NULL && cursor[0] != '\0';
}

void reference_list(operation *o, const char *prefix)
{
    char url[ADDRESS_SIZE + CURSOR_SIZE];
    char cursor[CURSOR_SIZE] = "";
    uint64_t invoke = 0;
    uint64_t pages = 0;
    bool more;
    do {
        address_make(o, "/v1/files?prefix=", "", url);
        address_add_value(url, prefix);
        if (cursor[0] != '\0') {
            size_t used = strlen(url);
            snprintf(url + used, sizeof url - used, "&cursor=%s", cursor);
        }
        more = take_page(o, url, cursor);
        if (pages++ == 0)
            invoke = o->record.invoke;
    } while (more);
    o->record.invoke = invoke;
    o->record.expected = pages;
    o->record.size = o->part_count;
    if (pages == 1)
        o->record.flags |= FLAG_ATOMIC;
}
