#include "drivers/tus_uploads.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "client/operation.h"
#include "drivers/address.h"
#include "drivers/contents.h"
#include "drivers/http_files.h"

#define METADATA_SIZE 1500

static void add_header(exchange_request *request, const char *name, const char *value)
{
    CHECK(request->header_count < EXCHANGE_HEADERS_MOST);
    request->headers[request->header_count++] = (exchange_header){name, value};
}

exchange_request tus_request(const char *method, const char *url)
{
    exchange_request request = http_request(method, url);
    add_header(&request, "Tus-Resumable", "1.0.0");
    return request;
}

void tus_upload_create(operation *o, const char *url, const char *name, resource *upload)
{
    char length[24];
    char metadata[METADATA_SIZE] = "filename ";
    snprintf(length, sizeof length, "%" PRIu64, upload->size);
    size_t used = strlen(metadata);
    sodium_bin2base64(metadata + used, sizeof metadata - used, (const unsigned char *)name,
                      strlen(name), sodium_base64_VARIANT_ORIGINAL);
    exchange_request request = tus_request("POST", url);
    add_header(&request, "Upload-Length", length);
    add_header(&request, "Upload-Metadata", metadata);
    operation_exchange(o, &request);
    operation_conclude(o);
    if (o->record.outcome == OUTCOME_OK &&
        !address_resolve(url, o->answer.location, upload->address, sizeof upload->address))
        operation_malformed(o, "the answer does not say where the upload is");
}

/* What came of a piece: COMPLETES when its bytes reached the end, and the offset told. */
static void conclude_piece(operation *o, resource *upload)
{
    history_record *r = &o->record;
    r->size = o->answer.sent;
    if (r->expected + r->size == upload->size && r->size > 0)
        r->flags |= FLAG_COMPLETES;
    if (r->outcome != OUTCOME_OK)
        return;
    if (o->answer.offset == EXCHANGE_LENGTH_NONE) {
        operation_malformed(o, "the answer has no Upload-Offset");
        return;
    }
    upload->offset = o->answer.offset;
    CHECK(operation_part(o, (history_record){.type = PART_ACCEPTED, .size = upload->offset}));
}

void tus_upload_patch(operation *o, resource *upload, uint64_t length,
                      const exchange_manners *manners)
{
    char offset[24];
    contents_piece p = contents_piece_of(o, upload);
    snprintf(offset, sizeof offset, "%" PRIu64, upload->offset);
    exchange_request request = tus_request("PATCH", upload->address);
    add_header(&request, "Content-Type", "application/offset+octet-stream");
    add_header(&request, "Upload-Offset", offset);
    request.body_length = length;
    request.send = contents_send_piece;
    request.owner = &p;
    if (manners != NULL)
        request.manners = *manners;
    o->record.expected = upload->offset;
    operation_exchange(o, &request);
    operation_conclude(o);
    conclude_piece(o, upload);
}

void tus_upload_head(operation *o, resource *upload)
{
    exchange_request request = tus_request("HEAD", upload->address);
    operation_exchange(o, &request);
    operation_conclude(o);
    if (operation_absent(o) || o->record.outcome != OUTCOME_OK)
        return;
    if (o->answer.offset == EXCHANGE_LENGTH_NONE || o->answer.offset > upload->size) {
        operation_malformed(o, "the answer has no Upload-Offset, or one beyond the end");
        return;
    }
    upload->offset = o->answer.offset;
    o->record.expected = upload->offset;
}

void tus_upload_cancel(operation *o, resource *upload)
{
    exchange_request request = tus_request("DELETE", upload->address);
    operation_exchange(o, &request);
    operation_conclude(o);
}
