#include "drivers/http_files.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "client/operation.h"
#include "drivers/address.h"
#include "drivers/contents.h"

exchange_request http_request(const char *method, const char *url)
{
    return (exchange_request){.method = method,
                              .url = url,
                              .body_length = EXCHANGE_LENGTH_NONE,
                              .manners = EXCHANGE_POLITE};
}

void http_put(operation *o, const char *place, const put_request *in, read_result *result)
{
    char url[ADDRESS_SIZE];
    address_make(o, place, in->name, url);
    content c = {
        .seed = operation_seed(o), .value = o->record.value, .key = in->key_hash, .size = in->size};
    exchange_request request = http_request("PUT", url);
    request.body_length = in->size;
    request.send = contents_send;
    request.owner = &c;
    if (in->manners != NULL)
        request.manners = *in->manners;
    if (in->if_match != NULL)
        request.headers[request.header_count++] = (exchange_header){"If-Match", in->if_match};
    if (in->if_absent)
        request.headers[request.header_count++] = (exchange_header){"If-None-Match", "*"};
    operation_exchange(o, &request);
    operation_conclude(o);
    snprintf(result->tag, sizeof result->tag, "%s", o->answer.etag);
}

void http_get(operation *o, const char *place, const char *name, const exchange_manners *manners,
              read_result *result)
{
    char url[ADDRESS_SIZE];
    address_make(o, place, name, url);
    http_get_at(o, url, manners, result);
}

void http_get_at(operation *o, const char *url, const exchange_manners *manners,
                 read_result *result)
{
    content_check check;
    content_check_begin(&check, operation_seed(o), 0, 0);
    exchange_request request = http_request("GET", url);
    request.receive = contents_receive;
    request.owner = &check;
    if (manners != NULL)
        request.manners = *manners;
    operation_exchange(o, &request);
    operation_conclude(o);
    if (operation_absent(o))
        return;
    contents_conclude(o, &check, true);
    snprintf(result->tag, sizeof result->tag, "%s", o->answer.etag);
}

void http_head(operation *o, const char *place, const char *name, read_result *result)
{
    char url[ADDRESS_SIZE];
    address_make(o, place, name, url);
    http_head_at(o, url, result);
}

void http_head_at(operation *o, const char *url, read_result *result)
{
    exchange_request request = http_request("HEAD", url);
    operation_exchange(o, &request);
    operation_conclude(o);
    if (operation_absent(o) || o->record.outcome != OUTCOME_OK)
        return;
    o->record.flags |= FLAG_UNIDENTIFIED;
    o->record.size = o->answer.length != EXCHANGE_LENGTH_NONE ? o->answer.length : 0;
    snprintf(result->tag, sizeof result->tag, "%s", o->answer.etag);
}

void http_remove(operation *o, const char *place, const char *name)
{
    char url[ADDRESS_SIZE];
    address_make(o, place, name, url);
    exchange_request request = http_request("DELETE", url);
    operation_exchange(o, &request);
    operation_conclude(o);
    operation_absent(o);
}

static bool take_number(const char **at, char end, uint64_t *number)
{
    char *rest;
    errno = 0;
    *number = strtoull(*at, &rest, 10);
    bool fine = rest != *at && errno == 0 && *rest == end;
    *at = rest + fine;
    return fine;
}

/* "bytes 5-9/100" */
static bool parse_content_range(const char *text, uint64_t *first, uint64_t *last, uint64_t *whole)
{
    if (strncmp(text, "bytes ", 6) != 0)
        return false;
    const char *at = text + 6;
    return take_number(&at, '-', first) && take_number(&at, '/', last) &&
           take_number(&at, '\0', whole) && *first <= *last && *last < *whole;
}

void http_get_range(operation *o, const char *place, const char *name, uint64_t offset,
                    uint64_t length)
{
    char url[ADDRESS_SIZE];
    address_make(o, place, name, url);
    http_get_range_at(o, url, offset, length);
}

void http_get_range_at(operation *o, const char *url, uint64_t offset, uint64_t length)
{
    CHECK(length > 0);
    char range[64];
    uint64_t first = 0;
    uint64_t last = 0;
    uint64_t whole = 0;
    content_check check;
    snprintf(range, sizeof range, "bytes=%" PRIu64 "-%" PRIu64, offset, offset + length - 1);
    content_check_begin(&check, operation_seed(o), offset, 0);
    exchange_request request = http_request("GET", url);
    request.headers[request.header_count++] = (exchange_header){"Range", range};
    request.receive = contents_receive;
    request.owner = &check;
    operation_exchange(o, &request);
    operation_conclude(o);
    if (operation_absent(o) || o->record.outcome != OUTCOME_OK)
        return;
    if (o->answer.status != 206 ||
        !parse_content_range(o->answer.content_range, &first, &last, &whole)) {
        operation_malformed(o, "a range was answered without 206 and Content-Range");
        return;
    }
    uint64_t expected = whole - offset < length ? whole - offset : length;
    if (first != offset || last + 1 - first != expected || o->answer.received != expected) {
        operation_malformed(o, "the answer is not the range asked for");
        return;
    }
    contents_conclude(o, &check, offset + expected == whole);
}
