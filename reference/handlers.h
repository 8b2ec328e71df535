/* What the routes do; see request.h for the steps. files.c, versions.c, moves.c, shares.c,
 * tus.c, channels.c, changes.c, accounts.c, operations.c. */
#ifndef REFERENCE_HANDLERS_H
#define REFERENCE_HANDLERS_H

#include "request.h"

void begin_put(request *r);
void body_put(request *r, const void *bytes, size_t length);
void finish_put(request *r);
void abandon_put(request *r);
void begin_get(request *r); /* HEAD too */
void begin_delete(request *r);
void begin_list(request *r);
void begin_versions(request *r);
void begin_restore(request *r);
void begin_live(request *r);
void begin_ready(request *r);
void begin_metrics(request *r);
void begin_version(request *r);
void begin_cleanup(request *r);

void begin_tus_options(request *r);
void begin_upload_create(request *r);
void begin_upload_head(request *r);
void begin_upload_patch(request *r);
void begin_upload_delete(request *r);
void body_upload(request *r, const void *bytes, size_t length);
void finish_upload(request *r);
void abandon_upload(request *r);

void begin_append(request *r);
void body_append(request *r, const void *bytes, size_t length);
void finish_append(request *r);
void abandon_append(request *r);
void begin_read_samples(request *r);

void finish_register(request *r);
void finish_login(request *r);
void begin_usage(request *r);

void finish_moves(request *r);
void finish_share(request *r);
void begin_show_share(request *r);
void begin_delete_share(request *r);
void begin_download(request *r); /* HEAD too */
void begin_changes(request *r);
void finish_changes(request *r);
void abandon_changes(request *r);
void begin_openapi(request *r);
void begin_stats(request *r);
void begin_warm(request *r);

/* The problem for a store's answer that is not STORE_DONE. */
void answer_store(request *r, store_answer answer);
/* The content of a version, with conditions and ranges. `admits` (NULL: everybody) is asked once it
 * is sure that content goes out; when false, it has answered. */
void answer_content(request *r, const version *v, bool (*admits)(request *r));
/* {"path","version","size","etag"}, with ETag and X-Version. */
void answer_version(request *r, unsigned status, const char *path, const version *v);

#endif
