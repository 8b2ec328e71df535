/* blobs: contents */
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "client/operation.h"
#include "drivers/contents.h"
#include "drivers/oci/oci.h"

#define PIECE 4096 /* on a coroutine's stack */

oci_blob oci_blob_of(const content *c)
{
    oci_blob blob = {.size = c->size};
    unsigned char piece[PIECE];
    unsigned char digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    for (uint64_t at = 0; at < c->size; at += PIECE) {
        size_t length = c->size - at < PIECE ? (size_t)(c->size - at) : PIECE;
        content_make(c, at, piece, length);
        crypto_hash_sha256_update(&state, piece, length);
    }
    crypto_hash_sha256_final(&state, digest);
    int used = snprintf(blob.digest, sizeof blob.digest, "sha256:");
    sodium_bin2hex(blob.digest + used, sizeof blob.digest - (size_t)used, digest, sizeof digest);
    return blob;
}

bool oci_begin(operation *o, char *place, size_t size)
{
    char url[ADDRESS_SIZE];
    address_make(o, "/blobs/uploads/", "", url);
    exchange_request request = http_request("POST", url);
    operation_exchange(o, &request);
    operation_conclude(o);
    if (o->record.outcome != OUTCOME_OK)
        return false;
    if (address_resolve(url, o->answer.location, place, size))
        return true;
    operation_malformed(o, "the answer does not say where the upload is");
    return false;
}

bool oci_end(operation *o, const char *place, const oci_blob *blob, exchange_request *request)
{
    char url[ADDRESS_SIZE];
    snprintf(url, sizeof url, "%s%cdigest=", place, strchr(place, '?') != NULL ? '&' : '?');
    address_add_value(url, blob->digest);
    request->method = "PUT";
    request->url = url;
    request->headers[request->header_count++] =
        (exchange_header){"Content-Type", "application/octet-stream"};
    operation_exchange(o, request);
    operation_conclude(o);
    return o->record.outcome == OUTCOME_OK;
}

void oci_put(operation *o, const put_request *in, read_result *result)
{
    char place[ADDRESS_SIZE];
    content c = {
        .seed = operation_seed(o), .value = o->record.value, .key = in->key_hash, .size = in->size};
    oci_blob blob = oci_blob_of(&c);
    uint64_t invoke = operation_now(o);
    result->tag[0] = '\0';
    exchange_request request = http_request("", "");
    request.body_length = in->size;
    request.send = contents_send;
    request.owner = &c;
    if (in->manners != NULL)
        request.manners = *in->manners;
    if (oci_begin(o, place, sizeof place) && oci_end(o, place, &blob, &request))
        oci_tag(o, in->name, &blob, o->record.value);
    else
        o->record.outcome = OUTCOME_FAILED; /* a blob without a tag is nobody's file */
    o->record.invoke = invoke;
}

static bool find(operation *o, const char *name, oci_blob *blob, char url[ADDRESS_SIZE])
{
    if (!oci_find(o, name, blob))
        return false;
    address_make(o, "/blobs/", "", url);
    strncat(url, blob->digest, ADDRESS_SIZE - strlen(url) - 1);
    return true;
}

/* After the second of two requests. */
static void conclude(operation *o, uint64_t invoke)
{
    o->record.invoke = invoke;
    if (o->record.flags & FLAG_ABSENT)
        o->record.detail = operation_name(o, "the manifest is there, but its blob is not");
}

void oci_get(operation *o, const char *name, const exchange_manners *manners, read_result *result)
{
    oci_blob blob;
    char url[ADDRESS_SIZE];
    if (!find(o, name, &blob, url))
        return;
    uint64_t invoke = o->record.invoke;
    http_get_at(o, url, manners, result);
    conclude(o, invoke);
}

void oci_get_range(operation *o, const char *name, uint64_t offset, uint64_t length)
{
    oci_blob blob;
    char url[ADDRESS_SIZE];
    if (!find(o, name, &blob, url))
        return;
    uint64_t invoke = o->record.invoke;
    http_get_range_at(o, url, offset, length);
    conclude(o, invoke);
}

void oci_head(operation *o, const char *name, read_result *result)
{
    oci_blob blob;
    char url[ADDRESS_SIZE];
    if (!find(o, name, &blob, url))
        return;
    uint64_t invoke = o->record.invoke;
    http_head_at(o, url, result);
    conclude(o, invoke);
}
