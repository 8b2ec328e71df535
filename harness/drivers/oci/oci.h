/* The distribution API of the Open Container Initiative, as registries speak it; the table of
 * capabilities is oci.c. The target's url is the repository's: http://host/v2/NAME.
 *
 * A file is a blob, and its name a tag: what is put is uploaded as a blob, then a manifest that
 * names nothing but that blob gets the tag. So a name takes effect with the last of several
 * requests, and what goes wrong before has certainly had none. Each manifest names the write, so
 * that no two writes share one. */
#ifndef ORDEAL_DRIVERS_OCI_H
#define ORDEAL_DRIVERS_OCI_H

#include "drivers/address.h"
#include "drivers/driver.h"
#include "drivers/http_files.h"
#include "engine/content.h"

#define OCI_DIGEST_SIZE 72 /* "sha256:" and 64 digits */
#define OCI_TAG_SIZE    800

typedef struct {
    char digest[OCI_DIGEST_SIZE];
    uint64_t size;
} oci_blob;

/* tags.c */

/* Tags know letters, digits, '.', '-' and '_': each other byte of a name becomes "_" and two
 * digits. A name whose tag is longer than 128 the server refuses. */
void oci_tag_of(const char *name, char tag[OCI_TAG_SIZE]);
/* Gives the name to the blob: the write that `value` names takes effect. True: it is ok. */
bool oci_tag(operation *o, const char *name, const oci_blob *blob, uint64_t value);
/* What the name stands for. False: for nothing (ABSENT), or it could not be asked. */
bool oci_find(operation *o, const char *name, oci_blob *blob);
void oci_remove(operation *o, const char *name);

/* blobs.c */
oci_blob oci_blob_of(const content *c);
/* Begins an upload; `place` is where it goes on. True: it is ok. */
bool oci_begin(operation *o, char *place, size_t size);
/* Ends the upload with the rest of its bytes, of which there may be none (`request` has the body,
 * no method and no address). True: the blob is there. */
bool oci_end(operation *o, const char *place, const oci_blob *blob, exchange_request *request);
void oci_put(operation *o, const put_request *in, read_result *result);
void oci_get(operation *o, const char *name, const exchange_manners *manners, read_result *result);
void oci_head(operation *o, const char *name, read_result *result);
void oci_get_range(operation *o, const char *name, uint64_t offset, uint64_t length);

/* uploads.c */
void oci_upload_create(operation *o, const char *name, resource *upload);
void oci_upload_patch(operation *o, resource *upload, uint64_t length,
                      const exchange_manners *manners);
void oci_upload_head(operation *o, resource *upload);
void oci_upload_cancel(operation *o, resource *upload);

#endif
