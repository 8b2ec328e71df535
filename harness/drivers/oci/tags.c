/* manifests/TAG: names */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/check.h"
#include "base/json_writer.h"
#include "client/operation.h"
#include "drivers/body.h"
#include "drivers/document.h"
#include "drivers/oci/oci.h"

#define MANIFEST_TYPE "application/vnd.oci.image.manifest.v1+json"
#define BLOB_TYPE     "application/octet-stream"

void oci_tag_of(const char *name, char tag[OCI_TAG_SIZE])
{
    size_t used = 0;
    for (const char *at = name; *at != '\0'; at++) {
        bool plain = isalnum((unsigned char)*at) || (at > name && (*at == '.' || *at == '-'));
        CHECK(used + 4 < OCI_TAG_SIZE);
        if (plain)
            tag[used++] = *at;
        else
            used += (size_t)snprintf(tag + used, 4, "_%02x", (unsigned char)*at);
    }
    tag[used] = '\0';
}

static void manifest_address(const operation *o, const char *reference, char url[ADDRESS_SIZE])
{
    address_make(o, "/manifests/", "", url);
    address_add_value(url, reference);
}

static void tag_address(const operation *o, const char *name, char url[ADDRESS_SIZE])
{
    char tag[OCI_TAG_SIZE];
    oci_tag_of(name, tag);
    manifest_address(o, tag, url);
}

static void write_descriptor(json_writer *w, const oci_blob *blob)
{
    writer_object(w);
    writer_put_text(w, "mediaType", BLOB_TYPE);
    writer_put_text(w, "digest", blob->digest);
    writer_put_whole(w, "size", blob->size);
    writer_object_end(w);
}

static void write_manifest(buffer *out, const oci_blob *blob, uint64_t value)
{
    char write[24];
    json_writer w = writer_begin(out);
    snprintf(write, sizeof write, "%016" PRIx64, value);
    writer_object(&w);
    writer_put_whole(&w, "schemaVersion", 2);
    writer_put_text(&w, "mediaType", MANIFEST_TYPE);
    writer_key(&w, "config");
    write_descriptor(&w, blob);
    writer_key(&w, "layers");
    writer_array(&w);
    write_descriptor(&w, blob);
    writer_array_end(&w);
    writer_key(&w, "annotations");
    writer_object(&w);
    writer_put_text(&w, "ordeal.write", write);
    writer_object_end(&w);
    writer_object_end(&w);
}

bool oci_tag(operation *o, const char *name, const oci_blob *blob, uint64_t value)
{
    char url[ADDRESS_SIZE];
    buffer manifest = {0};
    buffer ignored;
    tag_address(o, name, url);
    write_manifest(&manifest, blob, value);
    exchange_request request = http_request("PUT", url);
    bool fine = body_ask(o, &request, MANIFEST_TYPE, buffer_text(&manifest), &ignored);
    buffer_free(&manifest);
    buffer_free(&ignored);
    return fine;
}

bool oci_find(operation *o, const char *name, oci_blob *blob)
{
    char url[ADDRESS_SIZE];
    tag_address(o, name, url);
    exchange_request request = http_request("GET", url);
    request.headers[request.header_count++] = (exchange_header){"Accept", MANIFEST_TYPE};
    json_t *manifest = document_ask(o, &request, NULL);
    if (manifest == NULL) {
        operation_absent(o);
        return false;
    }
    const json_t *layer = json_array_get(json_object_get(manifest, "layers"), 0);
    const char *digest = document_text(layer, "digest");
    bool fine = digest != NULL && strlen(digest) < sizeof blob->digest &&
                document_whole(layer, "size", &blob->size);
    if (fine)
        snprintf(blob->digest, sizeof blob->digest, "%s", digest);
    else
        operation_malformed(o, "the manifest does not name its blob");
    json_decref(manifest);
    return fine;
}

/* Registries delete manifests by their digests, and with one its tags. */
void oci_remove(operation *o, const char *name)
{
    char url[ADDRESS_SIZE];
    exchange_field digest = {.name = "Docker-Content-Digest"};
    tag_address(o, name, url);
    exchange_request asking = http_request("HEAD", url);
    asking.headers[asking.header_count++] = (exchange_header){"Accept", MANIFEST_TYPE};
    operation_want(o, &digest, 1);
    operation_exchange(o, &asking);
    operation_want(o, NULL, 0);
    operation_conclude(o);
    if (operation_absent(o))
        return;
    if (o->record.outcome != OUTCOME_OK || digest.value[0] == '\0') {
        o->record.outcome = OUTCOME_FAILED; /* nothing was deleted */
        return;
    }
    uint64_t invoke = o->record.invoke;
    manifest_address(o, digest.value, url);
    exchange_request request = http_request("DELETE", url);
    operation_exchange(o, &request);
    operation_conclude(o);
    operation_absent(o);
    o->record.invoke = invoke;
}
