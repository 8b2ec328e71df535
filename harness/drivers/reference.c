/* reference: the storage API of reference/openapi.yaml. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "client/operation.h"
#include "drivers/driver.h"
#include "engine/content.h"

#define URL_SIZE 1400

/* Percent-encodes everything but the unreserved characters and the slashes between segments. */
static void file_url(const operation *o, const char *name, char url[URL_SIZE])
{
    static const char digits[] = "0123456789ABCDEF";
    int used = snprintf(url, URL_SIZE, "%s/v1/files/", operation_base_url(o));
    CHECK(used > 0 && used < URL_SIZE);
    char *out = url + used;
    for (const unsigned char *at = (const unsigned char *)name; *at != '\0'; at++) {
        CHECK(out + 4 < url + URL_SIZE);
        bool plain = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') ||
                     (*at >= '0' && *at <= '9') || strchr("-_.~/", *at) != NULL;
        if (plain) {
            *out++ = (char)*at;
            continue;
        }
        *out++ = '%';
        *out++ = digits[*at >> 4];
        *out++ = digits[*at & 15];
    }
    *out = '\0';
}

static void send_content(void *owner, uint64_t offset, void *bytes, size_t length)
{
    content_make(owner, offset, bytes, length);
}

static void put_file(operation *o, const put_request *in, read_result *result)
{
    char url[URL_SIZE];
    file_url(o, in->name, url);
    content c = {
        .seed = operation_seed(o), .value = o->record.value, .key = in->key_hash, .size = in->size};
    exchange_request request = {
        .method = "PUT",
        .url = url,
        .body_length = in->size,
        .send = send_content,
        .owner = &c,
        .manners = in->manners != NULL ? *in->manners : EXCHANGE_POLITE,
    };
    if (in->if_match != NULL)
        request.headers[request.header_count++] = (exchange_header){"If-Match", in->if_match};
    if (in->if_absent)
        request.headers[request.header_count++] = (exchange_header){"If-None-Match", "*"};
    operation_exchange(o, &request);
    operation_conclude(o);
    snprintf(result->tag, sizeof result->tag, "%s", o->answer.etag);
}

typedef struct {
    const exchange_answer *answer;
    content_check check;
} reading;

static bool receive_content(void *owner, const void *bytes, size_t length)
{
    reading *r = owner;
    content_check_feed(&r->check, bytes, length);
    return true;
}

static bool found_nothing(operation *o)
{
    if (o->answer.failure != FAILURE_NONE || (o->answer.status != 404 && o->answer.status != 410))
        return false;
    o->record.outcome = OUTCOME_OK;
    o->record.failure = FAILURE_NONE;
    o->record.flags |= FLAG_ABSENT;
    return true;
}

static void tell_mismatch(operation *o, const content_check *check)
{
    char sentence[256];
    int used = snprintf(sentence, sizeof sentence, "%s; expected", check->sentence);
    for (int i = 0; i < 8; i++)
        used += snprintf(sentence + used, sizeof sentence - (size_t)used, " %02x",
                         check->expected_bytes[i]);
    used += snprintf(sentence + used, sizeof sentence - (size_t)used, ", saw");
    for (int i = 0; i < 8; i++)
        used += snprintf(sentence + used, sizeof sentence - (size_t)used, " %02x",
                         check->seen_bytes[i]);
    CHECK(operation_part(o, (history_record){.type = PART_MISMATCH,
                                             .key = o->record.key,
                                             .size = check->wrong_at,
                                             .value = check->wrong_value,
                                             .detail = operation_name(o, sentence)}));
    o->record.outcome = OUTCOME_FAILED;
    o->record.failure = FAILURE_CONTENT;
}

static void judge_content(operation *o, content_check *check, bool whole)
{
    o->record.size = o->answer.received;
    bool truncated = o->answer.failure == FAILURE_TRUNCATED;
    if (o->record.outcome != OUTCOME_OK && !truncated)
        return;
    /* What came of a broken-off answer must still be right as far as it goes. */
    content_answer answer = content_check_end(check, whole && !truncated);
    o->record.value = check->value;
    if (answer == CONTENT_WRONG)
        tell_mismatch(o, check);
    else if (answer == CONTENT_UNIDENTIFIED && !truncated)
        o->record.flags |= FLAG_UNIDENTIFIED;
}

static void get_file(operation *o, const char *name, const exchange_manners *manners,
                     read_result *result)
{
    char url[URL_SIZE];
    file_url(o, name, url);
    reading r = {.answer = &o->answer};
    content_check_begin(&r.check, operation_seed(o), 0, 0);
    exchange_request request = {
        .method = "GET",
        .url = url,
        .body_length = EXCHANGE_LENGTH_NONE,
        .receive = receive_content,
        .owner = &r,
        .manners = manners != NULL ? *manners : EXCHANGE_POLITE,
    };
    operation_exchange(o, &request);
    operation_conclude(o);
    if (found_nothing(o))
        return;
    judge_content(o, &r.check, true);
    snprintf(result->tag, sizeof result->tag, "%s", o->answer.etag);
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

static void get_range(operation *o, const char *name, uint64_t offset, uint64_t length)
{
    CHECK(length > 0);
    char url[URL_SIZE];
    char range[64];
    uint64_t first = 0;
    uint64_t last = 0;
    uint64_t whole = 0;
    file_url(o, name, url);
    snprintf(range, sizeof range, "bytes=%" PRIu64 "-%" PRIu64, offset, offset + length - 1);
    reading r = {.answer = &o->answer};
    content_check_begin(&r.check, operation_seed(o), offset, 0);
    exchange_request request = {
        .method = "GET",
        .url = url,
        .headers = {{"Range", range}},
        .header_count = 1,
        .body_length = EXCHANGE_LENGTH_NONE,
        .receive = receive_content,
        .owner = &r,
        .manners = EXCHANGE_POLITE,
    };
    operation_exchange(o, &request);
    operation_conclude(o);
    if (found_nothing(o) || o->record.outcome != OUTCOME_OK)
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
    judge_content(o, &r.check, offset + expected == whole);
}

static void head_file(operation *o, const char *name, read_result *result)
{
    char url[URL_SIZE];
    file_url(o, name, url);
    exchange_request request = {.method = "HEAD",
                                .url = url,
                                .body_length = EXCHANGE_LENGTH_NONE,
                                .manners = EXCHANGE_POLITE};
    operation_exchange(o, &request);
    operation_conclude(o);
    if (found_nothing(o) || o->record.outcome != OUTCOME_OK)
        return;
    o->record.flags |= FLAG_UNIDENTIFIED;
    o->record.size = o->answer.length != EXCHANGE_LENGTH_NONE ? o->answer.length : 0;
    snprintf(result->tag, sizeof result->tag, "%s", o->answer.etag);
}

static void delete_file(operation *o, const char *name)
{
    char url[URL_SIZE];
    file_url(o, name, url);
    exchange_request request = {.method = "DELETE",
                                .url = url,
                                .body_length = EXCHANGE_LENGTH_NONE,
                                .manners = EXCHANGE_POLITE};
    operation_exchange(o, &request);
    operation_conclude(o);
    found_nothing(o);
}

static void ask_ready(operation *o)
{
    char url[URL_SIZE];
    snprintf(url, sizeof url, "%s/readyz", operation_base_url(o));
    exchange_request request = {.method = "GET",
                                .url = url,
                                .body_length = EXCHANGE_LENGTH_NONE,
                                .manners = EXCHANGE_POLITE};
    operation_exchange(o, &request);
    operation_conclude(o);
    o->record.size = o->record.outcome == OUTCOME_OK;
    if (o->answer.failure == FAILURE_NONE && o->answer.status == 503) {
        o->record.outcome = OUTCOME_OK;
        o->record.failure = FAILURE_NONE;
    }
}

const driver driver_reference = {
    .name = "reference",
    .description = "the storage API of the reference server (reference/CONTRACT.md)",
    .capabilities = CAPABILITY_FILES | CAPABILITY_CONDITIONS | CAPABILITY_RANGES,
    .put = put_file,
    .get = get_file,
    .get_range = get_range,
    .head = head_file,
    .remove = delete_file,
    .ready = ask_ready,
};
