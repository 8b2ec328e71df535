#include "drivers/s3/s3.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "drivers/body.h"

void s3_address(const operation *o, const char *name, const char *query, char url[ADDRESS_SIZE])
{
    address_make(o, name != NULL ? S3_PLACE : "", name != NULL ? name : "", url);
    size_t used = strlen(url);
    int length = snprintf(url + used, ADDRESS_SIZE - used, "?%s", query);
    CHECK(length > 0 && (size_t)length < ADDRESS_SIZE - used);
}

/* A request that takes long is answered with 200 before it is known whether it works out. */
typedef struct {
    const xml_reader *reader;
    unsigned depth;
    bool is_error;
} checked;

static void on_begin(void *owner, const char *name)
{
    checked *c = owner;
    c->is_error = c->is_error || (c->depth == 0 && strcmp(name, "Error") == 0);
    c->depth++;
    if (c->reader->begin != NULL)
        c->reader->begin(c->reader->owner, name);
}

static void on_end(void *owner, const char *name, const char *text)
{
    const checked *c = owner;
    if (c->reader->end != NULL)
        c->reader->end(c->reader->owner, name, text);
}

bool s3_ask(operation *o, exchange_request *request, const char *body, const xml_reader *reader)
{
    buffer answer;
    checked c = {.reader = reader};
    xml_reader all = {.begin = on_begin, .end = on_end, .owner = &c};
    bool fine = body_ask(o, request, "application/xml", body, &answer);
    if (fine && !xml_read(&answer, &all)) {
        operation_malformed(o, "the answer is no well-formed XML");
        fine = false;
    } else if (fine && c.is_error) {
        operation_malformed(o, "the answer is 2xx, but its content is an error");
        fine = false;
    }
    buffer_free(&answer);
    return fine;
}

static void ask_ready(operation *o)
{
    exchange_request request = http_request("HEAD", operation_base_url(o));
    operation_exchange(o, &request);
    operation_conclude(o);
    /* The first write makes the bucket. */
    bool serves = o->record.outcome == OUTCOME_OK || operation_absent(o);
    o->record.flags &= (uint8_t)~FLAG_ABSENT;
    o->record.size = serves;
}

const driver driver_s3 = {
    .name = "s3",
    .description = "the S3 API (ListObjectsV2, multipart uploads, versioning, Signature V4)",
    .capabilities = CAPABILITY_FILES | CAPABILITY_CONDITIONS | CAPABILITY_RANGES | CAPABILITY_LIST |
                    CAPABILITY_VERSIONS | CAPABILITY_UPLOADS,
    .put = s3_put,
    .get = s3_get,
    .head = s3_head,
    .remove = s3_remove,
    .get_range = s3_get_range,
    .list = s3_list,
    .get_version = s3_get_version,
    .versions = s3_versions,
    .restore = s3_restore,
    .upload_create = s3_upload_create,
    .upload_patch = s3_upload_patch,
    .upload_head = s3_upload_head,
    .upload_cancel = s3_upload_cancel,
    .ready = ask_ready,
};
