/* The storage API of the reference server (reference/CONTRACT.md), one capability a file; the table
 * of them is reference.c. See driver.h for what each does, history/RECORDING.md for what it
 * records. */
#ifndef ORDEAL_DRIVERS_REFERENCE_H
#define ORDEAL_DRIVERS_REFERENCE_H

#include "drivers/address.h"
#include "drivers/driver.h"
#include "drivers/http_files.h"

/* files.c, conditions and ranges with it */
void reference_put(operation *o, const put_request *in, read_result *result);
void reference_get(operation *o, const char *name, const exchange_manners *manners,
                   read_result *result);
void reference_head(operation *o, const char *name, read_result *result);
void reference_remove(operation *o, const char *name);
void reference_get_range(operation *o, const char *name, uint64_t offset, uint64_t length);

/* list.c */
void reference_list(operation *o, const char *prefix);
uint64_t reference_tag_hash(const char *etag); /* as parts of listings carry it */

/* versions.c */
void reference_get_version(operation *o, const char *name, uint64_t version);
void reference_versions(operation *o, const char *name);
void reference_restore(operation *o, const char *name, uint64_t version);

/* moves.c */
void reference_move(operation *o, const move_pair *pairs, size_t count, bool atomic);

/* uploads.c */
void reference_upload_create(operation *o, const char *name, resource *upload);
void reference_upload_patch(operation *o, resource *upload, uint64_t length,
                            const exchange_manners *manners);
void reference_upload_head(operation *o, resource *upload);
void reference_upload_cancel(operation *o, resource *upload);

/* shares.c */
void reference_share_create(operation *o, const char *name, uint64_t most, uint64_t seconds,
                            resource *share);
void reference_share_get(operation *o, const resource *share);
void reference_share_delete(operation *o, const resource *share);

/* changes.c */
void reference_changes(operation *o, char cursor[RESOURCE_SIZE], uint64_t wait,
                       const exchange_manners *manners);

/* channels.c */
void reference_channel_append(operation *o, const char *channel, uint64_t samples, uint64_t bytes);
void reference_channel_read(operation *o, const char *channel);

/* accounts.c */
void reference_sign_up(operation *o, const char *account, const char *plan);
void reference_sign_in(operation *o, const char *account, char token[RESOURCE_SIZE]);
void reference_usage(operation *o);
/* counts.c */
bool reference_counts(operation *o, void (*tell)(void *owner, const counted *one), void *owner);

/* admin.c */
void reference_ready(operation *o);
void reference_cleanup(operation *o);

#endif
