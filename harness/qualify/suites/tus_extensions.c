/* The extensions of tus 1.0.0: what a target does not announce is not applicable. */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/timing.h"
#include "qualify/suites/tus_ask.h"
#include "qualify/suites/tus_cases.h"

#define JOINED_SIZE ((size_t)2 * TUS_FIELD)
#define SOON        6 /* seconds that a case waits for an upload's end */

/* SHA-1 of the content, and of another. */
#define RIGHT_CHECKSUM "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0="
#define WRONG_CHECKSUM "sha1 2jmj7l5rSw0yVb/vlWAYkK/YBwk="

/* --- creation --- */

void tus_creation_is_201_with_location(probe *p)
{
    char url[TUS_FIELD];
    if (tus_offers(p, "creation"))
        tus_upload(p, url);
}

void tus_creation_without_length_is_400(probe *p)
{
    if (tus_offers(p, "creation"))
        probe_expect_status(p, tus_create_with(p, NULL, ""), 400, 0, 0, 0);
}

void tus_creation_beyond_the_largest_is_413(probe *p)
{
    char field[TUS_FIELD];
    char beyond[32];
    reply_field(tus_options(p), "Tus-Max-Size", field, sizeof field);
    if (field[0] == '\0') {
        probe_not_applicable(p, "the target announces no Tus-Max-Size");
        return;
    }
    snprintf(beyond, sizeof beyond, "%llu", strtoull(field, NULL, 10) + 1);
    probe_expect_status(p, tus_create(p, beyond), 413, 0, 0, 0);
}

static void metadata_comes_back(probe *p, const char *metadata)
{
    char url[TUS_FIELD];
    const reply *r = probe_ask(
        p, "POST", probe_where(p)->uploads,
        TUS_FIELDS(TUS_VERSION, "Upload-Length", "11", "Upload-Metadata", metadata), "", 0);
    if (tus_address(p, r, url))
        tus_field_is(p, tus_head(p, url), "Upload-Metadata", metadata);
}

void tus_creation_keeps_the_metadata(probe *p)
{
    char metadata[TUS_FIELD];
    if (!tus_offers(p, "creation"))
        return;
    tus_metadata(p, metadata);
    metadata_comes_back(p, metadata[0] != '\0' ? metadata : "filename YQ==");
}

void tus_metadata_may_have_no_value(probe *p)
{
    char metadata[TUS_FIELD];
    char more[TUS_FIELD + 32];
    if (!tus_offers(p, "creation"))
        return;
    tus_metadata(p, metadata);
    snprintf(more, sizeof more, "%s,is_confidential",
             metadata[0] != '\0' ? metadata : "filename YQ==");
    metadata_comes_back(p, more);
}

void tus_an_empty_upload_is_whole(probe *p)
{
    char url[TUS_FIELD];
    if (tus_offers(p, "creation") && tus_address(p, tus_create(p, "0"), url))
        tus_offset_is(p, tus_head(p, url), 0);
}

void tus_every_upload_has_its_own_address(probe *p)
{
    char one[TUS_FIELD];
    char two[TUS_FIELD];
    if (tus_offers(p, "creation") && tus_upload(p, one) && tus_upload(p, two))
        probe_expect(p, strcmp(one, two) != 0, "both have the Location %s", one);
}

/* --- creation-defer-length --- */

static bool deferred(probe *p, char url[TUS_FIELD])
{
    return tus_offers(p, "creation-defer-length") &&
           tus_address(p, tus_create_with(p, TUS_FIELDS("Upload-Defer-Length", "1"), ""), url);
}

void tus_a_length_can_be_deferred(probe *p)
{
    char url[TUS_FIELD];
    deferred(p, url);
}

void tus_head_says_that_it_is_deferred(probe *p)
{
    char url[TUS_FIELD];
    if (!deferred(p, url))
        return;
    const reply *r = tus_head(p, url);
    tus_field_is(p, r, "Upload-Defer-Length", "1");
    tus_field_is_missing(p, r, "Upload-Length");
}

static const reply *patch_with_length(probe *p, const char *url, const char *offset,
                                      const char *length, const char *content)
{
    return probe_ask(p, "PATCH", url,
                     TUS_FIELDS(TUS_VERSION, "Upload-Offset", offset, "Content-Type", TUS_PIECE,
                                "Upload-Length", length),
                     content, strlen(content));
}

void tus_a_deferred_length_is_set_later(probe *p)
{
    char url[TUS_FIELD];
    if (!deferred(p, url))
        return;
    probe_expect_status(p, patch_with_length(p, url, "0", "11", "hello"), 204, 0, 0, 0);
    const reply *r = tus_head(p, url);
    tus_field_is(p, r, "Upload-Length", "11");
    tus_field_is_missing(p, r, "Upload-Defer-Length");
    tus_offset_is(p, r, 5);
}

void tus_a_length_once_set_stays(probe *p)
{
    char url[TUS_FIELD];
    if (!deferred(p, url))
        return;
    patch_with_length(p, url, "0", "11", "hello");
    patch_with_length(p, url, "5", "20", " world");
    tus_field_is(p, tus_head(p, url), "Upload-Length", "11");
}

void tus_deferring_by_another_value_is_400(probe *p)
{
    if (tus_offers(p, "creation-defer-length"))
        probe_expect_status(p, tus_create_with(p, TUS_FIELDS("Upload-Defer-Length", "2"), ""), 400,
                            0, 0, 0);
}

void tus_a_known_length_is_not_deferred(probe *p)
{
    char url[TUS_FIELD];
    if (tus_offers(p, "creation-defer-length") && tus_upload(p, url))
        tus_field_is_missing(p, tus_head(p, url), "Upload-Defer-Length");
}

/* --- creation-with-upload --- */

static const reply *create_with_bytes(probe *p, const char *content)
{
    return tus_create_with(p, TUS_FIELDS("Upload-Length", "11", "Content-Type", TUS_PIECE),
                           content);
}

void tus_creation_with_upload_tells_the_offset(probe *p)
{
    if (!tus_offers(p, "creation-with-upload"))
        return;
    const reply *r = create_with_bytes(p, "hello");
    probe_expect_status(p, r, 201, 0, 0, 0);
    tus_offset_is(p, r, 5);
}

void tus_creation_with_upload_goes_on(probe *p)
{
    char url[TUS_FIELD];
    if (!tus_offers(p, "creation-with-upload") ||
        !tus_address(p, create_with_bytes(p, "hello"), url))
        return;
    tus_offset_is(p, tus_head(p, url), 5);
    tus_offset_is(p, tus_patch(p, url, "5", " world"), TUS_LENGTH);
}

void tus_creation_with_all_bytes_completes(probe *p)
{
    char url[TUS_FIELD];
    if (tus_offers(p, "creation-with-upload") &&
        tus_address(p, create_with_bytes(p, tus_text), url))
        tus_offset_is(p, tus_head(p, url), TUS_LENGTH);
}

/* --- expiration --- */

void tus_patch_tells_when_it_expires(probe *p)
{
    char url[TUS_FIELD];
    char field[TUS_FIELD];
    if (!tus_offers(p, "expiration") || !tus_upload(p, url))
        return;
    reply_field(tus_patch(p, url, "0", "hello"), "Upload-Expires", field, sizeof field);
    probe_expect(p, field[0] != '\0', "Upload-Expires: (none)");
}

void tus_creation_tells_when_it_expires(probe *p)
{
    char field[TUS_FIELD];
    if (!tus_offers(p, "expiration"))
        return;
    reply_field(tus_create(p, "11"), "Upload-Expires", field, sizeof field);
    probe_expect(p, field[0] != '\0', "Upload-Expires: (none)");
}

/* "Wed, 25 Jun 2014 16:00:00 GMT", and nothing else. */
void tus_expiry_is_a_date_of_http(probe *p)
{
    char url[TUS_FIELD];
    char field[TUS_FIELD];
    struct tm when = {0};
    if (!tus_offers(p, "expiration") || !tus_upload(p, url))
        return;
    reply_field(tus_patch(p, url, "0", "hello"), "Upload-Expires", field, sizeof field);
    const char *end = strptime(field, "%a, %d %b %Y %H:%M:%S GMT", &when);
    probe_expect(p, end != NULL && *end == '\0' && strlen(field) == 29, "Upload-Expires: %s",
                 field);
}

void tus_an_expired_upload_is_gone(probe *p)
{
    char url[TUS_FIELD];
    char field[TUS_FIELD];
    if (!tus_offers(p, "expiration") || !tus_upload(p, url))
        return;
    reply_field(tus_patch(p, url, "0", "hello"), "Upload-Expires", field, sizeof field);
    time_t end = curl_getdate(field, NULL);
    if (end == -1 || end > time(NULL) + SOON) {
        probe_not_applicable(p, "the target's uploads do not expire within six seconds");
        return;
    }
    while (time(NULL) <= end + 1)
        timing_sleep(100 * NANOSECONDS_PER_MILLISECOND);
    probe_expect_status(p, tus_patch(p, url, "5", " world"), 404, 410, 0, 0);
}

/* --- checksum --- */

static const reply *patch_with(probe *p, const char *url, const char *checksum)
{
    return probe_ask(p, "PATCH", url,
                     TUS_FIELDS(TUS_VERSION, "Upload-Offset", "0", "Content-Type", TUS_PIECE,
                                "Upload-Checksum", checksum),
                     tus_text, TUS_LENGTH);
}

void tus_a_wrong_checksum_is_460(probe *p)
{
    char url[TUS_FIELD];
    if (!tus_offers(p, "checksum") || !tus_upload(p, url))
        return;
    probe_expect_status(p, patch_with(p, url, WRONG_CHECKSUM), 460, 0, 0, 0);
    tus_offset_is(p, tus_head(p, url), 0);
}

void tus_a_right_checksum_is_taken(probe *p)
{
    char url[TUS_FIELD];
    if (!tus_offers(p, "checksum") || !tus_upload(p, url))
        return;
    const reply *r = patch_with(p, url, RIGHT_CHECKSUM);
    probe_expect_status(p, r, 204, 0, 0, 0);
    tus_offset_is(p, r, TUS_LENGTH);
}

void tus_an_unknown_checksum_is_400(probe *p)
{
    char url[TUS_FIELD];
    if (!tus_offers(p, "checksum") || !tus_upload(p, url))
        return;
    probe_expect_status(p, patch_with(p, url, "rot13 aGVsbG8="), 400, 0, 0, 0);
    tus_offset_is(p, tus_head(p, url), 0);
}

void tus_sha1_is_known(probe *p)
{
    char field[TUS_FIELD];
    if (!tus_offers(p, "checksum"))
        return;
    reply_field(tus_options(p), "Tus-Checksum-Algorithm", field, sizeof field);
    probe_expect(p, strstr(field, "sha1") != NULL, "Tus-Checksum-Algorithm: %s", field);
}

void tus_algorithms_have_no_capitals(probe *p)
{
    char field[TUS_FIELD];
    if (!tus_offers(p, "checksum"))
        return;
    reply_field(tus_options(p), "Tus-Checksum-Algorithm", field, sizeof field);
    for (const char *at = field; *at != '\0'; at++)
        probe_expect(p, (unsigned char)*at < 128 && !(*at >= 'A' && *at <= 'Z'),
                     "Tus-Checksum-Algorithm: %s", field);
}

void tus_after_a_wrong_checksum_it_goes_on(probe *p)
{
    char url[TUS_FIELD];
    if (!tus_offers(p, "checksum") || !tus_upload(p, url))
        return;
    patch_with(p, url, WRONG_CHECKSUM);
    const reply *r = patch_with(p, url, RIGHT_CHECKSUM);
    probe_expect_status(p, r, 204, 0, 0, 0);
    tus_offset_is(p, r, TUS_LENGTH);
}

static const reply *patch_with_trailer(probe *p, const char *url, const char *checksum)
{
    char trailer[128];
    snprintf(trailer, sizeof trailer, "Upload-Checksum: %s", checksum);
    return probe_ask_trailer(p, "PATCH", url,
                             TUS_FIELDS(TUS_VERSION, "Upload-Offset", "0", "Content-Type",
                                        TUS_PIECE, "Trailer", "Upload-Checksum"),
                             tus_text, TUS_LENGTH, trailer);
}

void tus_a_wrong_trailing_checksum_is_460(probe *p)
{
    char url[TUS_FIELD];
    if (!tus_offers(p, "checksum-trailer") || !tus_upload(p, url))
        return;
    probe_expect_status(p, patch_with_trailer(p, url, WRONG_CHECKSUM), 460, 0, 0, 0);
    tus_offset_is(p, tus_head(p, url), 0);
}

void tus_a_right_trailing_checksum_is_taken(probe *p)
{
    char url[TUS_FIELD];
    if (!tus_offers(p, "checksum-trailer") || !tus_upload(p, url))
        return;
    const reply *r = patch_with_trailer(p, url, RIGHT_CHECKSUM);
    probe_expect_status(p, r, 204, 0, 0, 0);
    tus_offset_is(p, r, TUS_LENGTH);
}

/* --- termination --- */

static const reply *terminate(probe *p, const char *url)
{
    return probe_ask(p, "DELETE", url, TUS_FIELDS(TUS_VERSION), NULL, 0);
}

void tus_delete_ends_an_upload(probe *p)
{
    char url[TUS_FIELD];
    if (!tus_offers(p, "termination") || !tus_upload(p, url))
        return;
    probe_expect_status(p, terminate(p, url), 204, 0, 0, 0);
    tus_field_is_missing(p, tus_head(p, url), "Upload-Offset");
}

void tus_an_ended_upload_is_404(probe *p)
{
    char url[TUS_FIELD];
    if (!tus_offers(p, "termination") || !tus_upload(p, url))
        return;
    terminate(p, url);
    probe_expect_status(p, tus_head(p, url), 404, 410, 0, 0);
    probe_expect_status(p, tus_patch(p, url, "0", "hello"), 404, 410, 0, 0);
}

void tus_delete_ends_a_whole_upload(probe *p)
{
    char url[TUS_FIELD];
    if (tus_offers(p, "termination") && tus_whole(p, url))
        probe_expect_status(p, terminate(p, url), 204, 0, 0, 0);
}

/* --- concatenation --- */

static bool partial(probe *p, const char *content, char url[TUS_FIELD])
{
    char length[24];
    snprintf(length, sizeof length, "%zu", strlen(content));
    return tus_address(
        p, tus_create_with(p, TUS_FIELDS("Upload-Length", length, "Upload-Concat", "partial"), ""),
        url);
}

/* The path of an address, as it may stand in Upload-Concat. */
static const char *path_of(const char *url)
{
    const char *host = strstr(url, "://");
    const char *path = host != NULL ? strchr(host + 3, '/') : NULL;
    return path != NULL ? path : url;
}

static const reply *join(probe *p, const char *one, const char *two, char value[JOINED_SIZE])
{
    snprintf(value, JOINED_SIZE, "final;%s %s", path_of(one), path_of(two));
    return tus_create_with(p, TUS_FIELDS("Upload-Concat", value), "");
}

static bool joined(probe *p, char url[TUS_FIELD], char value[JOINED_SIZE])
{
    char one[TUS_FIELD];
    char two[TUS_FIELD];
    if (!tus_offers(p, "concatenation") || !partial(p, "hello", one) || !partial(p, " world", two))
        return false;
    tus_patch(p, one, "0", "hello");
    tus_patch(p, two, "0", " world");
    return tus_address(p, join(p, one, two, value), url);
}

void tus_head_says_that_it_is_partial(probe *p)
{
    char url[TUS_FIELD];
    if (tus_offers(p, "concatenation") && partial(p, "hello", url))
        tus_field_is(p, tus_head(p, url), "Upload-Concat", "partial");
}

void tus_a_final_upload_is_as_long_as_its_parts(probe *p)
{
    char url[TUS_FIELD];
    char value[JOINED_SIZE];
    if (!joined(p, url, value))
        return;
    const reply *r = tus_head(p, url);
    tus_field_is(p, r, "Upload-Length", "11");
    tus_field_is(p, r, "Upload-Concat", value);
    tus_offset_is(p, r, TUS_LENGTH);
}

void tus_a_final_upload_is_its_parts_in_order(probe *p)
{
    char url[TUS_FIELD];
    char value[JOINED_SIZE];
    if (!joined(p, url, value))
        return;
    if (!probe_where(p)->uploads_are_files) {
        probe_not_applicable(p, "the target's uploads cannot be read");
        return;
    }
    const reply *r = probe_ask(p, "GET", url, NULL, NULL, 0);
    probe_expect(p, reply_is(r, tus_text, TUS_LENGTH), "status %u with %zu bytes, or others",
                 r->status, r->body.length);
}

void tus_patch_of_a_final_upload_is_403(probe *p)
{
    char url[TUS_FIELD];
    char value[JOINED_SIZE];
    if (!joined(p, url, value))
        return;
    probe_expect_status(p, tus_patch(p, url, "11", "more"), 403, 0, 0, 0);
    tus_offset_is(p, tus_head(p, url), TUS_LENGTH);
}

void tus_unfinished_parts_are_not_joined(probe *p)
{
    char one[TUS_FIELD];
    char two[TUS_FIELD];
    char value[JOINED_SIZE];
    if (!tus_offers(p, "concatenation"))
        return;
    if (tus_announces(p, "concatenation-unfinished")) {
        probe_not_applicable(p, "the target announces concatenation-unfinished");
        return;
    }
    if (!partial(p, "hello", one) || !partial(p, " world", two))
        return;
    const reply *r = join(p, one, two, value);
    probe_expect(p, r->status >= 400 && r->status < 500, "status %u", r->status);
}
