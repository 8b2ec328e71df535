/* blobs/uploads: sessions that a blob comes in by pieces
 *
 * Where a session goes on is told by every answer and may change with each, so that a piece whose
 * answer was lost may leave a client with an address that is no good. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "client/operation.h"
#include "drivers/contents.h"
#include "drivers/oci/oci.h"

void oci_upload_create(operation *o, const char *name, resource *upload)
{
    CHECK(strlen(name) < sizeof upload->name);
    snprintf(upload->name, sizeof upload->name, "%s", name);
    if (!oci_begin(o, upload->address, sizeof upload->address))
        o->record.outcome = OUTCOME_FAILED; /* whatever became of it: no byte of it was sent */
}

/* "0-4" is 5 bytes. "0-0" is said of one byte and, having no other words for it, of none: then what
 * this client knows decides. */
static bool take_range(const char *range, const resource *upload, uint64_t *offset)
{
    char *rest;
    const char *at = strncmp(range, "bytes=", 6) == 0 ? range + 6 : range;
    if (strncmp(at, "0-", 2) != 0)
        return false;
    uint64_t last = strtoull(at + 2, &rest, 10);
    *offset = last > 0 || upload->offset == 1 ? last + 1 : 0;
    return rest != at + 2 && *rest == '\0' && *offset <= upload->size;
}

/* Where and how far the session is now. */
static bool take_state(operation *o, const char *range, resource *upload)
{
    uint64_t offset;
    char old[RESOURCE_SIZE];
    snprintf(old, sizeof old, "%s", upload->address);
    if (o->answer.location[0] != '\0' &&
        !address_resolve(old, o->answer.location, upload->address, sizeof upload->address)) {
        operation_malformed(o, "the answer does not say where the upload is");
        return false;
    }
    if (!take_range(range, upload, &offset)) {
        operation_malformed(o, "the answer's Range is not 0 to something within the blob");
        return false;
    }
    upload->offset = offset;
    return true;
}

/* After the last piece: the blob, then its name. What was sent stays, whatever becomes of them. */
static void finish(operation *o, const resource *upload, const contents_piece *p)
{
    oci_blob blob = oci_blob_of(&p->whole);
    exchange_request nothing = http_request("", "");
    nothing.body_length = 0;
    if (!oci_end(o, upload->address, &blob, &nothing) ||
        !oci_tag(o, upload->name, &blob, upload->value))
        o->record.outcome = OUTCOME_UNKNOWN;
}

static void conclude_piece(operation *o, const char *range, resource *upload,
                           const contents_piece *p)
{
    history_record *r = &o->record;
    uint64_t invoke = r->invoke;
    uint64_t sent = o->answer.sent;
    if (r->expected + sent == upload->size && sent > 0)
        r->flags |= FLAG_COMPLETES;
    bool fine = r->outcome == OUTCOME_OK;
    if (fine && sent == 1)
        upload->offset = r->expected + sent; /* for take_range */
    fine = fine && take_state(o, range, upload);
    if (fine && upload->offset == upload->size && (r->flags & FLAG_COMPLETES))
        finish(o, upload, p);
    r->invoke = invoke;
    r->size = sent;
    if (r->outcome == OUTCOME_OK)
        CHECK(operation_part(o, (history_record){.type = PART_ACCEPTED, .size = upload->offset}));
}

void oci_upload_patch(operation *o, resource *upload, uint64_t length,
                      const exchange_manners *manners)
{
    char place[64];
    exchange_field range = {.name = "Range"};
    contents_piece p = contents_piece_of(o, upload);
    snprintf(place, sizeof place, "%" PRIu64 "-%" PRIu64, upload->offset,
             upload->offset + length - 1);
    exchange_request request = http_request("PATCH", upload->address);
    request.headers[request.header_count++] = (exchange_header){"Content-Range", place};
    request.headers[request.header_count++] =
        (exchange_header){"Content-Type", "application/octet-stream"};
    request.body_length = length;
    request.send = contents_send_piece;
    request.owner = &p;
    if (manners != NULL)
        request.manners = *manners;
    o->record.expected = upload->offset;
    operation_want(o, &range, 1);
    operation_exchange(o, &request);
    operation_want(o, NULL, 0);
    operation_conclude(o);
    conclude_piece(o, range.value, upload, &p);
}

void oci_upload_head(operation *o, resource *upload)
{
    exchange_field range = {.name = "Range"};
    exchange_request request = http_request("GET", upload->address);
    operation_want(o, &range, 1);
    operation_exchange(o, &request);
    operation_want(o, NULL, 0);
    operation_conclude(o);
    if (operation_absent(o) || o->record.outcome != OUTCOME_OK)
        return;
    if (take_state(o, range.value, upload))
        o->record.expected = upload->offset;
}

void oci_upload_cancel(operation *o, resource *upload)
{
    exchange_request request = http_request("DELETE", upload->address);
    operation_exchange(o, &request);
    operation_conclude(o);
}
