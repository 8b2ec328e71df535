/* tus: a server of resumable uploads (tus 1.0.0), whoever wrote it. The target's url is the one
 * that uploads are created at.
 *
 * The protocol knows uploads, not names: the server chooses an address for each. Here a name stands
 * for the upload that was completed under it last; clients share that knowledge (client/places.h),
 * and an operation lasts from before it looks there until after it has changed it. Reading by GET
 * is no part of the protocol: a target that refuses it has not the capability "files", and its
 * uploads are judged by what their offsets say. */
#include <stdio.h>
#include <string.h>

#include "client/operation.h"
#include "client/places.h"
#include "drivers/address.h"
#include "drivers/http_files.h"
#include "drivers/tus_uploads.h"

/* --- uploads --- */

static void publish(operation *o, const resource *upload)
{
    places_set(operation_places(o), upload->name, upload->address);
    o->record.finish = operation_now(o);
}

static void create_upload(operation *o, const char *name, resource *upload)
{
    tus_upload_create(o, operation_base_url(o), name, upload);
    snprintf(upload->name, sizeof upload->name, "%s", name);
    if (o->record.outcome != OUTCOME_OK)
        o->record.outcome = OUTCOME_FAILED; /* whatever became of it: no byte of it was sent */
}

static void patch_upload(operation *o, resource *upload, uint64_t length,
                         const exchange_manners *manners)
{
    tus_upload_patch(o, upload, length, manners);
    bool whole = o->record.outcome == OUTCOME_OK && upload->offset == upload->size;
    if (whole && (o->record.flags & FLAG_COMPLETES))
        publish(o, upload);
}

/* --- files --- */

/* One piece that is the whole; the record stays that of a put. */
static void send_whole(operation *o, resource *upload, const exchange_manners *manners)
{
    size_t parts = o->part_count;
    tus_upload_patch(o, upload, upload->size, manners);
    o->part_count = parts;
    o->record.flags &= (uint8_t)~FLAG_COMPLETES;
    o->record.expected = 0;
    o->record.size = upload->size;
    if (o->record.outcome == OUTCOME_OK && upload->offset != upload->size)
        operation_malformed(o, "the whole was sent, but Upload-Offset is another than its length");
}

static void put_file(operation *o, const put_request *in, read_result *result)
{
    resource upload = {.value = o->record.value, .size = in->size, .key_hash = in->key_hash};
    uint64_t invoke = operation_now(o);
    (void)result;
    create_upload(o, in->name, &upload);
    if (o->record.outcome == OUTCOME_OK && in->size > 0)
        send_whole(o, &upload, in->manners);
    if (o->record.outcome == OUTCOME_OK)
        publish(o, &upload);
    o->record.invoke = invoke;
}

/* The address of what the name stands for; one that never was when it stands for nothing. */
static void find(operation *o, const char *name, char url[ADDRESS_SIZE])
{
    char address[RESOURCE_SIZE] = "";
    bool known = places_find(operation_places(o), name, address, sizeof address);
    const char *base = operation_base_url(o);
    size_t length = strlen(base);
    if (known)
        snprintf(url, ADDRESS_SIZE, "%s", address);
    else
        snprintf(url, ADDRESS_SIZE, "%s%s%032x", base, base[length - 1] == '/' ? "" : "/", 0);
}

static void get_file(operation *o, const char *name, const exchange_manners *manners,
                     read_result *result)
{
    char url[ADDRESS_SIZE];
    uint64_t invoke = operation_now(o);
    find(o, name, url);
    http_get_at(o, url, manners, result);
    o->record.invoke = invoke;
}

static void get_range(operation *o, const char *name, uint64_t offset, uint64_t length)
{
    char url[ADDRESS_SIZE];
    uint64_t invoke = operation_now(o);
    find(o, name, url);
    http_get_range_at(o, url, offset, length);
    o->record.invoke = invoke;
}

/* Of a complete upload the offset is the length. */
static void head_file(operation *o, const char *name, read_result *result)
{
    char url[ADDRESS_SIZE];
    uint64_t invoke = operation_now(o);
    (void)result;
    find(o, name, url);
    exchange_request request = tus_request("HEAD", url);
    operation_exchange(o, &request);
    operation_conclude(o);
    o->record.invoke = invoke;
    if (operation_absent(o) || o->record.outcome != OUTCOME_OK)
        return;
    if (o->answer.offset == EXCHANGE_LENGTH_NONE) {
        operation_malformed(o, "the answer has no Upload-Offset");
        return;
    }
    o->record.flags |= FLAG_UNIDENTIFIED;
    o->record.size = o->answer.offset;
}

/* The name goes on standing for the upload that was ended, so that later reads see whether it is.
 */
static void remove_file(operation *o, const char *name)
{
    char url[ADDRESS_SIZE];
    uint64_t invoke = operation_now(o);
    find(o, name, url);
    exchange_request request = tus_request("DELETE", url);
    operation_exchange(o, &request);
    operation_conclude(o);
    o->record.invoke = invoke;
    operation_absent(o);
}

static void ask_ready(operation *o)
{
    exchange_request request = http_request("OPTIONS", operation_base_url(o));
    operation_exchange(o, &request);
    operation_conclude(o);
    o->record.size = o->record.outcome == OUTCOME_OK;
}

const driver driver_tus = {
    .name = "tus",
    .description = "resumable uploads (tus 1.0.0) of any server; complete ones are read by GET",
    .capabilities = CAPABILITY_FILES | CAPABILITY_RANGES | CAPABILITY_UPLOADS,
    .put = put_file,
    .get = get_file,
    .get_range = get_range,
    .head = head_file,
    .remove = remove_file,
    .upload_create = create_upload,
    .upload_patch = patch_upload,
    .upload_head = tus_upload_head,
    .upload_cancel = tus_upload_cancel,
    .ready = ask_ready,
};
