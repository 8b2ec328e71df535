/* The core protocol of tus 1.0.0. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/timing.h"
#include "qualify/suites/tus_ask.h"
#include "qualify/suites/tus_cases.h"

#define CUT_SIZE     ((size_t)200000)
#define CUT_AT       ((size_t)50000)
#define CUT_PATIENCE (5 * NANOSECONDS_PER_SECOND)

/* --- HEAD --- */

void tus_head_tells_the_offset(probe *p)
{
    char url[TUS_FIELD];
    if (!tus_upload(p, url))
        return;
    tus_offset_is(p, tus_head(p, url), 0);
    tus_patch(p, url, "0", "hello");
    tus_offset_is(p, tus_head(p, url), 5);
    tus_patch(p, url, "5", " world");
    tus_offset_is(p, tus_head(p, url), TUS_LENGTH);
}

void tus_head_tells_the_length(probe *p)
{
    char url[TUS_FIELD];
    if (tus_upload(p, url))
        tus_field_is(p, tus_head(p, url), "Upload-Length", "11");
}

void tus_head_is_not_cached(probe *p)
{
    char url[TUS_FIELD];
    char field[TUS_FIELD];
    if (!tus_upload(p, url))
        return;
    reply_field(tus_head(p, url), "Cache-Control", field, sizeof field);
    probe_expect(p, strstr(field, "no-store") != NULL, "Cache-Control: %s", field);
}

void tus_head_of_nothing_is_404(probe *p)
{
    char url[TUS_FIELD];
    const reply *r = tus_head(p, tus_never(p, url));
    probe_expect_status(p, r, 404, 410, 403, 0);
    tus_field_is_missing(p, r, "Upload-Offset");
}

void tus_head_is_200_or_204(probe *p)
{
    char url[TUS_FIELD];
    if (tus_upload(p, url))
        probe_expect_status(p, tus_head(p, url), 200, 204, 0, 0);
}

/* --- PATCH --- */

void tus_patch_is_204_with_the_offset(probe *p)
{
    char url[TUS_FIELD];
    if (!tus_upload(p, url))
        return;
    const reply *r = tus_patch(p, url, "0", "hello");
    probe_expect_status(p, r, 204, 0, 0, 0);
    tus_offset_is(p, r, 5);
}

void tus_patch_at_another_offset_is_409(probe *p)
{
    char url[TUS_FIELD];
    if (!tus_upload(p, url))
        return;
    tus_patch(p, url, "0", "hello");
    probe_expect_status(p, tus_patch(p, url, "3", "XXXXXX"), 409, 0, 0, 0);
    tus_offset_is(p, tus_head(p, url), 5);
}

void tus_patch_ahead_is_409(probe *p)
{
    char url[TUS_FIELD];
    if (!tus_upload(p, url))
        return;
    tus_patch(p, url, "0", "hello");
    probe_expect_status(p, tus_patch(p, url, "7", "XXXX"), 409, 0, 0, 0);
    tus_offset_is(p, tus_head(p, url), 5);
}

void tus_patch_of_another_type_is_415(probe *p)
{
    char url[TUS_FIELD];
    if (!tus_upload(p, url))
        return;
    const reply *r = probe_ask(
        p, "PATCH", url,
        TUS_FIELDS(TUS_VERSION, "Upload-Offset", "0", "Content-Type", "text/plain"), "hello", 5);
    probe_expect_status(p, r, 415, 0, 0, 0);
    tus_offset_is(p, tus_head(p, url), 0);
}

void tus_patch_of_nothing_is_404(probe *p)
{
    char url[TUS_FIELD];
    char longer[TUS_FIELD + 64];
    probe_expect_status(p, tus_patch(p, tus_never(p, url), "0", "hello"), 404, 410, 403, 0);
    snprintf(longer, sizeof longer, "%s0123456789abcdef0123456789abcdef", url);
    probe_expect_status(p, tus_patch(p, longer, "0", "hello"), 404, 410, 403, 0);
}

void tus_patch_beyond_the_length_is_refused(probe *p)
{
    char url[TUS_FIELD];
    char field[TUS_FIELD];
    if (!tus_upload(p, url))
        return;
    const reply *r = tus_patch(p, url, "0", "hello world and more");
    probe_expect(p, r->status >= 400 || r->status == 0, "status %u", r->status);
    reply_field(tus_head(p, url), "Upload-Offset", field, sizeof field);
    probe_expect(p, strtoull(field, NULL, 10) <= TUS_LENGTH, "afterwards Upload-Offset: %s", field);
}

/* Where it can be read: as the file that it has become, or by GET of its own address. */
static void holds(probe *p, const char *url, const char *content)
{
    const probe_target *t = probe_where(p);
    if (t->files == NULL && !t->uploads_are_files)
        return;
    const char *address = t->files != NULL ? probe_file(p, "upload") : url;
    const reply *whole = probe_ask(p, "GET", address, NULL, NULL, 0);
    probe_expect(p, reply_is(whole, content, strlen(content)),
                 "what was uploaded has status %u and %zu bytes, or others", whole->status,
                 whole->body.length);
}

void tus_pieces_make_the_whole(probe *p)
{
    char url[TUS_FIELD];
    if (!tus_upload(p, url))
        return;
    tus_patch(p, url, "0", "hello");
    const reply *r = tus_patch(p, url, "5", " world");
    probe_expect_status(p, r, 204, 0, 0, 0);
    tus_offset_is(p, r, TUS_LENGTH);
    holds(p, url, tus_text);
}

void tus_a_refused_piece_leaves_no_byte(probe *p)
{
    char url[TUS_FIELD];
    if (!tus_upload(p, url))
        return;
    tus_patch(p, url, "0", "hello");
    tus_patch(p, url, "3", "XXXXXX");
    tus_patch(p, url, "5", " world");
    holds(p, url, tus_text);
}

static unsigned long long offset_told(probe *p, const char *url)
{
    char field[TUS_FIELD];
    return strtoull(reply_field(tus_head(p, url), "Upload-Offset", field, sizeof field), NULL, 10);
}

/* The target learns of the cut when it reads on, which may take a moment. */
static unsigned long long offset_after_cut(probe *p, char url[TUS_FIELD])
{
    static const char zeros[CUT_SIZE];
    unsigned long long offset = 0;
    uint64_t began = timing_now();
    probe_ask_cut(p, "PATCH", url,
                  TUS_FIELDS(TUS_VERSION, "Upload-Offset", "0", "Content-Type", TUS_PIECE), zeros,
                  CUT_SIZE, CUT_AT);
    for (int i = 0; offset == 0 && i < 25 && timing_now() - began < CUT_PATIENCE; i++) {
        timing_sleep(CUT_PATIENCE / 25);
        offset = offset_told(p, url);
    }
    return offset;
}

void tus_a_cut_piece_is_kept(probe *p)
{
    char url[TUS_FIELD];
    if (!tus_address(p, tus_create(p, "200000"), url))
        return;
    unsigned long long offset = offset_after_cut(p, url);
    probe_expect(p, offset > 0, "Upload-Offset is 0, %zu bytes had been sent", CUT_AT);
}

void tus_a_cut_piece_counts_no_more_than_was_sent(probe *p)
{
    char url[TUS_FIELD];
    if (!tus_address(p, tus_create(p, "200000"), url))
        return;
    unsigned long long offset = offset_after_cut(p, url);
    probe_expect(p, offset <= CUT_AT, "Upload-Offset is %llu, %zu bytes had been sent", offset,
                 CUT_AT);
}

/* --- OPTIONS --- */

void tus_options_says_the_versions(probe *p)
{
    char field[TUS_FIELD];
    const reply *r = tus_options(p);
    probe_expect_status(p, r, 204, 200, 0, 0);
    reply_field(r, "Tus-Version", field, sizeof field);
    probe_expect(p, strstr(field, "1.0.0") != NULL, "Tus-Version: %s", field);
}

void tus_options_ignores_the_version(probe *p)
{
    const reply *r = probe_ask(p, "OPTIONS", probe_where(p)->uploads,
                               TUS_FIELDS("Tus-Resumable", "0.2.2"), NULL, 0);
    probe_expect_status(p, r, 204, 200, 0, 0);
}

void tus_the_largest_size_is_a_number(probe *p)
{
    char field[TUS_FIELD];
    reply_field(tus_options(p), "Tus-Max-Size", field, sizeof field);
    if (field[0] == '\0')
        probe_not_applicable(p, "the target announces no Tus-Max-Size");
    else
        probe_expect(p, field[strspn(field, "0123456789")] == '\0', "Tus-Max-Size: %s", field);
}

/* --- Upload-Offset, Upload-Length --- */

void tus_an_offset_that_is_none_changes_nothing(probe *p)
{
    char url[TUS_FIELD];
    static const char *const wrong[] = {"-1", "zero", "0x0", "0,0"};
    if (!tus_upload(p, url))
        return;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0] && !probe_failed(p); i++) {
        const reply *r = tus_patch(p, url, wrong[i], "hello");
        probe_expect(p, r->status >= 400 && r->status < 500, "status %u for Upload-Offset: %s",
                     r->status, wrong[i]);
        tus_offset_is(p, tus_head(p, url), 0);
    }
}

void tus_a_missing_offset_changes_nothing(probe *p)
{
    char url[TUS_FIELD];
    if (!tus_upload(p, url))
        return;
    const reply *r =
        probe_ask(p, "PATCH", url, TUS_FIELDS(TUS_VERSION, "Content-Type", TUS_PIECE), "hello", 5);
    probe_expect(p, r->status >= 400 && r->status < 500, "status %u", r->status);
    tus_offset_is(p, tus_head(p, url), 0);
}

void tus_a_length_that_is_none_is_refused(probe *p)
{
    static const char *const wrong[] = {"-1", "many", "1e3", "11 12"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0] && !probe_failed(p); i++) {
        const reply *r = tus_create(p, wrong[i]);
        probe_expect(p, r->status >= 400 && r->status < 500, "status %u for Upload-Length: %s",
                     r->status, wrong[i]);
    }
}

/* --- Tus-Resumable, X-HTTP-Method-Override --- */

void tus_answers_say_their_version(probe *p)
{
    char url[TUS_FIELD];
    const reply *created = tus_create(p, "11");
    if (!tus_address(p, created, url))
        return;
    tus_field_is(p, created, "Tus-Resumable", "1.0.0");
    tus_field_is(p, tus_head(p, url), "Tus-Resumable", "1.0.0");
    tus_field_is(p, tus_patch(p, url, "0", "hello"), "Tus-Resumable", "1.0.0");
}

void tus_refusals_say_their_version(probe *p)
{
    char url[TUS_FIELD];
    char never[TUS_FIELD];
    if (!tus_upload(p, url))
        return;
    tus_field_is(p, tus_patch(p, url, "7", "XXXX"), "Tus-Resumable", "1.0.0");
    tus_field_is(p, tus_head(p, tus_never(p, never)), "Tus-Resumable", "1.0.0");
}

void tus_another_version_is_412(probe *p)
{
    char url[TUS_FIELD];
    char field[TUS_FIELD];
    if (!tus_upload(p, url))
        return;
    const reply *r = probe_ask(
        p, "PATCH", url,
        TUS_FIELDS("Tus-Resumable", "0.2.2", "Upload-Offset", "0", "Content-Type", TUS_PIECE),
        "hello", 5);
    probe_expect_status(p, r, 412, 0, 0, 0);
    reply_field(r, "Tus-Version", field, sizeof field);
    probe_expect(p, strstr(field, "1.0.0") != NULL, "Tus-Version: %s", field);
    tus_offset_is(p, tus_head(p, url), 0);
}

void tus_creation_of_another_version_is_412(probe *p)
{
    const reply *r = probe_ask(p, "POST", probe_where(p)->uploads,
                               TUS_FIELDS("Tus-Resumable", "0.2.2", "Upload-Length", "11"), "", 0);
    probe_expect_status(p, r, 412, 0, 0, 0);
    tus_field_is_missing(p, r, "Location");
}

void tus_without_a_version(probe *p)
{
    char url[TUS_FIELD];
    if (!tus_upload(p, url))
        return;
    const reply *r = probe_ask(
        p, "PATCH", url, TUS_FIELDS("Upload-Offset", "0", "Content-Type", TUS_PIECE), "hello", 5);
    probe_tell(p, "PATCH without Tus-Resumable: status %u", r->status);
}

void tus_the_method_can_be_overridden(probe *p)
{
    char url[TUS_FIELD];
    if (!tus_upload(p, url))
        return;
    const reply *r = probe_ask(p, "POST", url,
                               TUS_FIELDS(TUS_VERSION, "X-HTTP-Method-Override", "PATCH",
                                          "Upload-Offset", "0", "Content-Type", TUS_PIECE),
                               "hello", 5);
    probe_expect_status(p, r, 204, 0, 0, 0);
    tus_offset_is(p, tus_head(p, url), 5);
}

void tus_the_overridden_method_is_ignored(probe *p)
{
    char url[TUS_FIELD];
    if (!tus_upload(p, url))
        return;
    probe_ask(p, "PATCH", url,
              TUS_FIELDS(TUS_VERSION, "X-HTTP-Method-Override", "HEAD", "Upload-Offset", "0",
                         "Content-Type", TUS_PIECE),
              "hello", 5);
    tus_offset_is(p, tus_head(p, url), 0);
}
