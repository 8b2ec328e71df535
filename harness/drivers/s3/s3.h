/* The S3 API, one capability a file; the table of them is s3.c. The target's url is the bucket's,
 * with or without its name in the path.
 *
 * Requests are signed by libcurl (engine/auth.h), which before 8.3 signs a query as it stands: its
 * parameters must come in the order of their names, each with a "=". */
#ifndef ORDEAL_DRIVERS_S3_H
#define ORDEAL_DRIVERS_S3_H

#include "drivers/address.h"
#include "drivers/driver.h"
#include "drivers/http_files.h"
#include "drivers/xml.h"

#define S3_PLACE    "/"
#define S3_TAG_SIZE 128

/* s3.c: for the other files */

/* Sends the request with `body` (XML; NULL: none), concludes the operation and reads the answer.
 * False: the outcome is not ok; an answer that is no XML, or an error in spite of its status, makes
 * the operation malformed. */
bool s3_ask(operation *o, exchange_request *request, const char *body, const xml_reader *reader);
/* "BASE/NAME?QUERY", or "BASE?QUERY" when `name` is NULL. */
void s3_address(const operation *o, const char *name, const char *query, char url[ADDRESS_SIZE]);

/* files.c, conditions and ranges with it */

/* For a write that was answered with 404, which is to be sent once more then. */
void s3_make_bucket(operation *o);
void s3_put(operation *o, const put_request *in, read_result *result);
void s3_get(operation *o, const char *name, const exchange_manners *manners, read_result *result);
void s3_head(operation *o, const char *name, read_result *result);
void s3_remove(operation *o, const char *name);
void s3_get_range(operation *o, const char *name, uint64_t offset, uint64_t length);

/* list.c */
void s3_list(operation *o, const char *prefix);

/* uploads.c */
void s3_upload_create(operation *o, const char *name, resource *upload);
void s3_upload_patch(operation *o, resource *upload, uint64_t length,
                     const exchange_manners *manners);
void s3_upload_head(operation *o, resource *upload);
void s3_upload_cancel(operation *o, resource *upload);

/* versions.c */
void s3_get_version(operation *o, const char *name, uint64_t version);
void s3_versions(operation *o, const char *name);
void s3_restore(operation *o, const char *name, uint64_t version);
/* Of a write that was just acknowledged with this version id: its number, asked for in a request of
 * its own that the record does not show. "" is no version. */
void s3_number_version(operation *o, const char *name, const char *id);

#endif
