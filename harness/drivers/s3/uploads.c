/* Multipart uploads: CreateMultipartUpload, UploadPart, ListParts, CompleteMultipartUpload,
 * AbortMultipartUpload.
 *
 * An upload's offset is what its parts, from the first on without a gap, come to. Its address here
 * is "PARTS ID": how many they are, and the upload's id. Servers may want all parts but the last to
 * have 5 MiB. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "client/operation.h"
#include "drivers/contents.h"
#include "drivers/s3/s3.h"

#define ID_SIZE     (RESOURCE_SIZE - 24)
#define MARKER_SIZE 24

/* --- addresses --- */

static void write_place(resource *upload, uint64_t parts, const char *id)
{
    char copy[ID_SIZE];
    snprintf(copy, sizeof copy, "%s", id);
    snprintf(upload->address, sizeof upload->address, "%" PRIu64 " %s", parts, copy);
}

static uint64_t read_place(const resource *upload, const char **id)
{
    char *rest;
    uint64_t parts = strtoull(upload->address, &rest, 10);
    *id = rest + (*rest == ' ');
    return parts;
}

/* "BASE/NAME?FIRST&uploadId=ID", `first` "" or with its "&". */
static void upload_address(const operation *o, const resource *upload, const char *first,
                           char url[ADDRESS_SIZE])
{
    char query[64];
    const char *id;
    read_place(upload, &id);
    snprintf(query, sizeof query, "%suploadId=", first);
    s3_address(o, upload->name, query, url);
    address_add_value(url, id);
}

/* --- create --- */

static void on_id(void *owner, const char *name, const char *text)
{
    if (strcmp(name, "UploadId") == 0)
        snprintf(owner, ID_SIZE, "%s", text);
}

void s3_upload_create(operation *o, const char *name, resource *upload)
{
    char url[ADDRESS_SIZE];
    char id[ID_SIZE] = "";
    xml_reader reader = {.end = on_id, .owner = id};
    CHECK(strlen(name) < sizeof upload->name);
    snprintf(upload->name, sizeof upload->name, "%s", name);
    s3_address(o, name, "uploads=", url);
    exchange_request request = http_request("POST", url);
    bool fine = s3_ask(o, &request, NULL, &reader);
    if (o->answer.failure == FAILURE_NONE && o->answer.status == 404) {
        uint64_t invoke = o->record.invoke;
        s3_make_bucket(o);
        request = http_request("POST", url);
        fine = s3_ask(o, &request, NULL, &reader);
        o->record.invoke = invoke;
    }
    if (!fine)
        return;
    if (id[0] == '\0')
        operation_malformed(o, "the answer does not say the upload's id");
    write_place(upload, 0, id);
}

/* --- the parts that are there --- */

typedef struct {
    uint64_t count; /* without a gap, from the first on */
    uint64_t bytes;
    buffer complete; /* the content that a request to complete has; NULL bytes: not wanted */
    bool wanted;
    /* of the element that is open */
    uint64_t number;
    uint64_t size;
    char tag[S3_TAG_SIZE];
    /* of the page */
    bool truncated;
    char marker[MARKER_SIZE];
} parts_seen;

static void take_part(parts_seen *p)
{
    if (p->number != p->count + 1)
        return;
    p->count++;
    p->bytes += p->size;
    if (!p->wanted)
        return;
    buffer_printf(&p->complete, "<Part><PartNumber>%" PRIu64 "</PartNumber><ETag>", p->number);
    xml_append_text(&p->complete, p->tag);
    buffer_text_append(&p->complete, "</ETag></Part>");
}

static void on_part(void *owner, const char *name, const char *text)
{
    parts_seen *p = owner;
    if (strcmp(name, "PartNumber") == 0)
        p->number = strtoull(text, NULL, 10);
    else if (strcmp(name, "Size") == 0)
        p->size = strtoull(text, NULL, 10);
    else if (strcmp(name, "ETag") == 0)
        snprintf(p->tag, sizeof p->tag, "%s", text);
    else if (strcmp(name, "Part") == 0)
        take_part(p);
    else if (strcmp(name, "IsTruncated") == 0)
        p->truncated = strcmp(text, "true") == 0;
    else if (strcmp(name, "NextPartNumberMarker") == 0)
        snprintf(p->marker, sizeof p->marker, "%s", text);
}

static bool list_parts(operation *o, const resource *upload, parts_seen *p)
{
    xml_reader reader = {.end = on_part, .owner = p};
    do {
        char url[ADDRESS_SIZE];
        char first[64] = "";
        if (p->marker[0] != '\0')
            snprintf(first, sizeof first, "part-number-marker=%s&", p->marker);
        upload_address(o, upload, first, url);
        p->truncated = false;
        exchange_request request = http_request("GET", url);
        if (!s3_ask(o, &request, NULL, &reader))
            return false;
    } while (p->truncated);
    return true;
}

void s3_upload_head(operation *o, resource *upload)
{
    const char *id;
    parts_seen p = {.count = 0};
    if (!list_parts(o, upload, &p)) {
        operation_absent(o);
        return;
    }
    if (p.bytes > upload->size) {
        operation_malformed(o, "the parts are more than was sent");
        return;
    }
    read_place(upload, &id);
    write_place(upload, p.count, id);
    upload->offset = p.bytes;
    o->record.expected = p.bytes;
}

/* --- a part, and after the last one the whole --- */

static bool complete(operation *o, const resource *upload)
{
    char url[ADDRESS_SIZE];
    parts_seen p = {.wanted = true};
    exchange_field version = {.name = "x-amz-version-id"};
    xml_reader nothing = {.end = NULL};
    buffer_text_append(&p.complete, "<CompleteMultipartUpload>");
    bool fine = list_parts(o, upload, &p);
    if (fine && p.bytes != upload->size) {
        operation_malformed(o, "the parts that were acknowledged are not all there");
        fine = false;
    }
    if (fine) {
        buffer_text_append(&p.complete, "</CompleteMultipartUpload>");
        upload_address(o, upload, "", url);
        exchange_request request = http_request("POST", url);
        operation_want(o, &version, 1);
        fine = s3_ask(o, &request, buffer_text(&p.complete), &nothing);
        operation_want(o, NULL, 0);
    }
    if (fine)
        s3_number_version(o, upload->name, version.value);
    buffer_free(&p.complete);
    return fine;
}

static void conclude_part(operation *o, resource *upload)
{
    const char *id;
    history_record *r = &o->record;
    uint64_t invoke = r->invoke;
    uint64_t sent = o->answer.sent;
    if (r->expected + sent == upload->size && sent > 0)
        r->flags |= FLAG_COMPLETES;
    bool fine = r->outcome == OUTCOME_OK;
    if (fine && (r->flags & FLAG_COMPLETES) && !complete(o, upload)) {
        /* The part is there, whatever became of the whole. */
        r->outcome = OUTCOME_UNKNOWN;
        fine = false;
    }
    r->size = sent;
    r->invoke = invoke;
    if (!fine)
        return;
    uint64_t parts = read_place(upload, &id);
    write_place(upload, parts + 1, id);
    upload->offset += sent;
    CHECK(operation_part(o, (history_record){.type = PART_ACCEPTED, .size = upload->offset}));
}

void s3_upload_patch(operation *o, resource *upload, uint64_t length,
                     const exchange_manners *manners)
{
    char url[ADDRESS_SIZE];
    char first[64];
    const char *id;
    contents_piece p = contents_piece_of(o, upload);
    snprintf(first, sizeof first, "partNumber=%" PRIu64 "&", read_place(upload, &id) + 1);
    upload_address(o, upload, first, url);
    exchange_request request = http_request("PUT", url);
    request.body_length = length;
    request.send = contents_send_piece;
    request.owner = &p;
    if (manners != NULL)
        request.manners = *manners;
    o->record.expected = upload->offset;
    operation_exchange(o, &request);
    operation_conclude(o);
    conclude_part(o, upload);
}

void s3_upload_cancel(operation *o, resource *upload)
{
    char url[ADDRESS_SIZE];
    upload_address(o, upload, "", url);
    exchange_request request = http_request("DELETE", url);
    operation_exchange(o, &request);
    operation_conclude(o);
}
