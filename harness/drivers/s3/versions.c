/* ListObjectVersions, GetObject of a version, CopyObject of a version onto the name.
 *
 * S3 names versions by ids without order. Here a version's number is its place from the oldest on,
 * delete markers included, which stays as long as nobody deletes versions. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/check.h"
#include "base/percent.h"
#include "client/operation.h"
#include "drivers/s3/s3.h"

#define ID_SIZE 256

typedef struct {
    const char *name; /* whose versions */
    operation *rows;  /* takes PART_VERSION; NULL: nobody wants them */
    const char *wrong;
    buffer ids; /* of the name's versions, newest first, each with a NUL */
    uint64_t count;
    /* of the element that is open */
    bool open;
    bool marker;
    uint64_t size;
    char key[RESOURCE_SIZE * 2];
    char id[ID_SIZE];
    /* of the page */
    bool truncated;
    char next_key[RESOURCE_SIZE * 2];
    char next_id[ID_SIZE];
} version_list;

static void on_begin(void *owner, const char *name)
{
    version_list *l = owner;
    bool marker = strcmp(name, "DeleteMarker") == 0;
    if (!marker && strcmp(name, "Version") != 0)
        return;
    l->open = true;
    l->marker = marker;
    l->size = 0;
}

/* Rows carry their place from the newest on until all of them are known. */
static void take_row(version_list *l)
{
    l->open = false;
    if (strcmp(l->key, l->name) != 0)
        return;
    l->count++;
    buffer_append(&l->ids, l->id, strlen(l->id) + 1);
    if (l->rows == NULL || l->marker)
        return;
    if (!operation_part(l->rows, (history_record){.type = PART_VERSION,
                                                  .key = l->rows->record.key,
                                                  .version = (uint32_t)l->count,
                                                  .size = l->size}))
        l->wrong = "the name has more versions than one record can hold";
}

static void on_end(void *owner, const char *name, const char *text)
{
    version_list *l = owner;
    if (strcmp(name, "Version") == 0 || strcmp(name, "DeleteMarker") == 0)
        take_row(l);
    else if (l->open && strcmp(name, "Key") == 0)
        snprintf(l->key, sizeof l->key, "%s", text);
    else if (l->open && strcmp(name, "VersionId") == 0)
        snprintf(l->id, sizeof l->id, "%s", text);
    else if (l->open && strcmp(name, "Size") == 0)
        l->size = strtoull(text, NULL, 10);
    else if (strcmp(name, "IsTruncated") == 0)
        l->truncated = strcmp(text, "true") == 0;
    else if (strcmp(name, "NextKeyMarker") == 0)
        snprintf(l->next_key, sizeof l->next_key, "%s", text);
    else if (strcmp(name, "NextVersionIdMarker") == 0)
        snprintf(l->next_id, sizeof l->next_id, "%s", text);
}

static bool ask_page(operation *o, version_list *l)
{
    char url[ADDRESS_SIZE];
    xml_reader reader = {.begin = on_begin, .end = on_end, .owner = l};
    s3_address(o, NULL, "", url);
    if (l->next_key[0] != '\0') {
        strncat(url, "key-marker=", ADDRESS_SIZE - strlen(url) - 1);
        address_add_value(url, l->next_key);
        strncat(url, "&", ADDRESS_SIZE - strlen(url) - 1);
    }
    strncat(url, "prefix=", ADDRESS_SIZE - strlen(url) - 1);
    address_add_value(url, l->name);
    if (l->next_key[0] != '\0') {
        strncat(url, "&version-id-marker=", ADDRESS_SIZE - strlen(url) - 1);
        address_add_value(url, l->next_id);
    }
    strncat(url, "&versions=", ADDRESS_SIZE - strlen(url) - 1);
    l->truncated = false;
    exchange_request request = http_request("GET", url);
    return s3_ask(o, &request, NULL, &reader);
}

/* The name sorts before all others that begin with it, so that its versions come first. */
static bool ask_all(operation *o, version_list *l)
{
    do {
        if (!ask_page(o, l))
            return false;
    } while (l->truncated && strcmp(l->next_key, l->name) == 0);
    if (l->wrong != NULL)
        operation_malformed(o, l->wrong);
    return l->wrong == NULL;
}

void s3_versions(operation *o, const char *name)
{
    version_list l = {.name = name, .rows = o};
    size_t before = o->part_count;
    bool fine = ask_all(o, &l);
    buffer_free(&l.ids);
    for (size_t i = before; i < o->part_count; i++)
        o->parts[i].version = (uint32_t)(l.count + 1 - o->parts[i].version);
    if (!fine)
        return;
    o->record.size = o->part_count - before;
    if (o->record.size == 0)
        o->record.flags |= FLAG_ABSENT;
}

void s3_number_version(operation *o, const char *name, const char *id)
{
    version_list l = {.name = name};
    if (id[0] == '\0' || strcmp(id, "null") == 0)
        return;
    history_record kept = o->record;
    bool fine = ask_all(o, &l);
    o->record = kept;
    uint64_t number = fine ? l.count : 0;
    for (const char *at = buffer_text(&l.ids); number > 0; number--, at += strlen(at) + 1)
        if (strcmp(at, id) == 0)
            break;
    o->record.version = (uint32_t)number;
    buffer_free(&l.ids);
}

/* The id of a version by its number. False: there is none, or it could not be asked for; the
 * operation is decided. */
static bool find_id(operation *o, const char *name, uint64_t version, char id[ID_SIZE])
{
    version_list l = {.name = name};
    bool fine = ask_all(o, &l);
    bool there = fine && version >= 1 && version <= l.count;
    const char *at = buffer_text(&l.ids);
    for (uint64_t number = l.count; there && number > version; number--)
        at += strlen(at) + 1;
    snprintf(id, ID_SIZE, "%s", there ? at : "");
    buffer_free(&l.ids);
    if (fine && !there)
        o->record.flags |= FLAG_ABSENT;
    return there;
}

void s3_get_version(operation *o, const char *name, uint64_t version)
{
    char url[ADDRESS_SIZE];
    char id[ID_SIZE];
    read_result ignored;
    if (!find_id(o, name, version, id))
        return;
    uint64_t invoke = o->record.invoke;
    s3_address(o, name, "versionId=", url);
    address_add_value(url, id);
    http_get_at(o, url, NULL, &ignored);
    o->record.invoke = invoke;
    o->record.version = (uint32_t)version;
}

/* "/BUCKET/NAME?versionId=ID", of an address with the bucket in its path or before its host. */
static void copy_source(const operation *o, const char *name, const char *id,
                        char source[ADDRESS_SIZE])
{
    const char *host = strstr(operation_base_url(o), "://");
    CHECK(host != NULL);
    host += strlen("://");
    const char *path = strchr(host, '/');
    if (path != NULL)
        snprintf(source, ADDRESS_SIZE, "%s/", path);
    else
        snprintf(source, ADDRESS_SIZE, "/%.*s/", (int)strcspn(host, ".:"), host);
    percent_append(source, ADDRESS_SIZE, name, "-_.~/");
    strncat(source, "?versionId=", ADDRESS_SIZE - strlen(source) - 1);
    address_add_value(source, id);
}

void s3_restore(operation *o, const char *name, uint64_t version)
{
    char url[ADDRESS_SIZE];
    char source[ADDRESS_SIZE];
    char id[ID_SIZE];
    exchange_field made = {.name = "x-amz-version-id"};
    xml_reader nothing = {.end = NULL};
    if (!find_id(o, name, version, id)) {
        o->record.outcome = OUTCOME_FAILED; /* nothing was sent that could write */
        return;
    }
    uint64_t invoke = o->record.invoke;
    copy_source(o, name, id, source);
    address_make(o, S3_PLACE, name, url);
    exchange_request request = http_request("PUT", url);
    request.headers[request.header_count++] = (exchange_header){"x-amz-copy-source", source};
    operation_want(o, &made, 1);
    if (s3_ask(o, &request, NULL, &nothing))
        s3_number_version(o, name, made.value);
    operation_want(o, NULL, 0);
    o->record.invoke = invoke;
}
