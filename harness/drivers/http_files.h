/* Files as HTTP itself knows them (RFC 9110): PUT, GET with and without Range, HEAD and DELETE of
 * an address that is made of `place` and the name. Drivers of protocols that keep to it call these.
 */
#ifndef ORDEAL_DRIVERS_HTTP_FILES_H
#define ORDEAL_DRIVERS_HTTP_FILES_H

#include "drivers/driver.h"

/* A well-behaved request without body. */
exchange_request http_request(const char *method, const char *url);

void http_put(operation *o, const char *place, const put_request *in, read_result *result);
void http_get(operation *o, const char *place, const char *name, const exchange_manners *manners,
              read_result *result);
void http_head(operation *o, const char *place, const char *name, read_result *result);
void http_remove(operation *o, const char *place, const char *name);
void http_get_range(operation *o, const char *place, const char *name, uint64_t offset,
                    uint64_t length);

/* Likewise of an address that is known. */
void http_get_at(operation *o, const char *url, const exchange_manners *manners,
                 read_result *result);
void http_head_at(operation *o, const char *url, read_result *result);
void http_get_range_at(operation *o, const char *url, uint64_t offset, uint64_t length);

#endif
