/* Resumable uploads: the text of tus 1.0.0, by its sections. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qualify/conformance.h"

#define HEADERS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define FIELD_SIZE   1024
#define PIECE        "application/offset+octet-stream"
#define TUS          "Tus-Resumable", "1.0.0"

static const char text[] = "hello world";
#define TEXT_LENGTH (sizeof text - 1)

/* The metadata that the target needs, "" when none. */
static void metadata_of(probe *p, char out[FIELD_SIZE])
{
    char name[256];
    char code[512];
    const probe_target *t = probe_where(p);
    out[0] = '\0';
    if (!t->upload_names)
        return;
    const char *file = t->files != NULL ? probe_file(p, "upload") : "upload";
    const char *slash = strrchr(file, '/');
    snprintf(name, sizeof name, "%s", slash != NULL ? slash + 1 : file);
    sodium_bin2base64(code, sizeof code, (const unsigned char *)name, strlen(name),
                      sodium_base64_VARIANT_ORIGINAL);
    snprintf(out, FIELD_SIZE, "filename %s", code);
}

static const reply *create(probe *p, const char *length)
{
    char metadata[FIELD_SIZE];
    metadata_of(p, metadata);
    const char *const with[] = {TUS, "Upload-Length", length, "Upload-Metadata", metadata, NULL};
    const char *const without[] = {TUS, "Upload-Length", length, NULL};
    return probe_ask(p, "POST", probe_where(p)->uploads, metadata[0] != '\0' ? with : without, "",
                     0);
}

/* The address of a new upload of 11 bytes; false: the case is decided. */
static bool an_upload(probe *p, char url[FIELD_SIZE])
{
    char field[FIELD_SIZE];
    const reply *r = create(p, "11");
    if (!probe_expect_status(p, r, 201, 0, 0, 0))
        return false;
    reply_field(r, "Location", field, sizeof field);
    if (field[0] == '/' || strstr(field, "://") != NULL)
        snprintf(url, FIELD_SIZE, "%s", field);
    else
        snprintf(url, FIELD_SIZE, "%.500s/%.500s", probe_where(p)->uploads, field);
    return probe_expect(p, field[0] != '\0', "no Location");
}

static const reply *patch(probe *p, const char *url, const char *offset, const char *content)
{
    return probe_ask(p, "PATCH", url, HEADERS(TUS, "Upload-Offset", offset, "Content-Type", PIECE),
                     content, strlen(content));
}

static const reply *head(probe *p, const char *url)
{
    return probe_ask(p, "HEAD", url, HEADERS(TUS), NULL, 0);
}

static void offset_is(probe *p, const reply *r, unsigned long long wanted)
{
    char field[FIELD_SIZE];
    reply_field(r, "Upload-Offset", field, sizeof field);
    probe_expect(p, field[0] != '\0' && strtoull(field, NULL, 10) == wanted, "Upload-Offset: %s",
                 field[0] != '\0' ? field : "(none)");
}

static bool offers(probe *p, const char *extension)
{
    char field[FIELD_SIZE];
    const reply *r = probe_ask(p, "OPTIONS", probe_where(p)->uploads, NULL, NULL, 0);
    reply_field(r, "Tus-Extension", field, sizeof field);
    for (char *rest = NULL, *one = strtok_r(field, ", ", &rest); one != NULL;
         one = strtok_r(NULL, ", ", &rest))
        if (strcmp(one, extension) == 0)
            return true;
    probe_not_applicable(p, "the target does not announce the extension");
    return false;
}

/* --- core --- */

static void head_tells_the_offset(probe *p)
{
    char url[FIELD_SIZE];
    if (!an_upload(p, url))
        return;
    offset_is(p, head(p, url), 0);
    patch(p, url, "0", "hello");
    offset_is(p, head(p, url), 5);
}

static void head_tells_the_length(probe *p)
{
    char url[FIELD_SIZE];
    char field[FIELD_SIZE];
    if (!an_upload(p, url))
        return;
    reply_field(head(p, url), "Upload-Length", field, sizeof field);
    probe_expect(p, strcmp(field, "11") == 0, "Upload-Length: %s", field);
}

static void head_is_not_cached(probe *p)
{
    char url[FIELD_SIZE];
    char field[FIELD_SIZE];
    if (!an_upload(p, url))
        return;
    reply_field(head(p, url), "Cache-Control", field, sizeof field);
    probe_expect(p, strstr(field, "no-store") != NULL, "Cache-Control: %s", field);
}

static const char *never(probe *p, char url[FIELD_SIZE])
{
    snprintf(url, FIELD_SIZE, "%.500s/0123456789abcdef0123456789abcdef", probe_where(p)->uploads);
    return url;
}

static void head_of_nothing_is_404(probe *p)
{
    char url[FIELD_SIZE];
    char field[FIELD_SIZE];
    const reply *r = head(p, never(p, url));
    probe_expect_status(p, r, 404, 410, 403, 0);
    reply_field(r, "Upload-Offset", field, sizeof field);
    probe_expect(p, field[0] == '\0', "Upload-Offset: %s", field);
}

static void patch_is_204_with_the_offset(probe *p)
{
    char url[FIELD_SIZE];
    if (!an_upload(p, url))
        return;
    const reply *r = patch(p, url, "0", "hello");
    probe_expect_status(p, r, 204, 0, 0, 0);
    offset_is(p, r, 5);
}

static void patch_at_another_offset_is_409(probe *p)
{
    char url[FIELD_SIZE];
    if (!an_upload(p, url))
        return;
    patch(p, url, "0", "hello");
    probe_expect_status(p, patch(p, url, "3", "XXXXXX"), 409, 0, 0, 0);
    offset_is(p, head(p, url), 5);
}

static void patch_of_another_type_is_415(probe *p)
{
    char url[FIELD_SIZE];
    if (!an_upload(p, url))
        return;
    const reply *r =
        probe_ask(p, "PATCH", url, HEADERS(TUS, "Upload-Offset", "0", "Content-Type", "text/plain"),
                  "hello", 5);
    probe_expect_status(p, r, 415, 0, 0, 0);
    offset_is(p, head(p, url), 0);
}

static void patch_of_nothing_is_404(probe *p)
{
    char url[FIELD_SIZE];
    probe_expect_status(p, patch(p, never(p, url), "0", "hello"), 404, 410, 403, 0);
}

static void patch_beyond_the_length_is_refused(probe *p)
{
    char url[FIELD_SIZE];
    if (!an_upload(p, url))
        return;
    const reply *r = patch(p, url, "0", "hello world and more");
    probe_expect(p, r->status >= 400 || r->status == 0, "status %u", r->status);
}

static void pieces_make_the_whole(probe *p)
{
    char url[FIELD_SIZE];
    if (!an_upload(p, url))
        return;
    patch(p, url, "0", "hello");
    const reply *r = patch(p, url, "5", " world");
    probe_expect_status(p, r, 204, 0, 0, 0);
    offset_is(p, r, TEXT_LENGTH);
    if (probe_where(p)->files == NULL)
        return;
    const char *file = probe_file(p, "upload");
    const reply *whole = probe_ask(p, "GET", file, NULL, NULL, 0);
    probe_expect(p, reply_is(whole, text, TEXT_LENGTH), "the file has status %u and %zu bytes",
                 whole->status, whole->body.length);
}

static void options_says_the_versions(probe *p)
{
    char field[FIELD_SIZE];
    const reply *r = probe_ask(p, "OPTIONS", probe_where(p)->uploads, NULL, NULL, 0);
    probe_expect_status(p, r, 204, 200, 0, 0);
    reply_field(r, "Tus-Version", field, sizeof field);
    probe_expect(p, strstr(field, "1.0.0") != NULL, "Tus-Version: %s", field);
}

static void answers_say_their_version(probe *p)
{
    char url[FIELD_SIZE];
    char field[FIELD_SIZE];
    if (!an_upload(p, url))
        return;
    reply_field(head(p, url), "Tus-Resumable", field, sizeof field);
    probe_expect(p, strcmp(field, "1.0.0") == 0, "HEAD: Tus-Resumable: %s", field);
    reply_field(patch(p, url, "0", "hello"), "Tus-Resumable", field, sizeof field);
    probe_expect(p, strcmp(field, "1.0.0") == 0, "PATCH: Tus-Resumable: %s", field);
}

static const reply *of_version(probe *p, const char *url, const char *version)
{
    return probe_ask(p, "PATCH", url,
                     HEADERS("Tus-Resumable", version, "Upload-Offset", "0", "Content-Type", PIECE),
                     "hello", 5);
}

static void another_version_is_412(probe *p)
{
    char url[FIELD_SIZE];
    char field[FIELD_SIZE];
    if (!an_upload(p, url))
        return;
    const reply *r = of_version(p, url, "0.2.2");
    probe_expect_status(p, r, 412, 0, 0, 0);
    reply_field(r, "Tus-Version", field, sizeof field);
    probe_expect(p, strstr(field, "1.0.0") != NULL, "Tus-Version: %s", field);
    offset_is(p, head(p, url), 0);
}

static void the_method_can_be_overridden(probe *p)
{
    char url[FIELD_SIZE];
    if (!an_upload(p, url))
        return;
    const reply *r = probe_ask(p, "POST", url,
                               HEADERS(TUS, "X-HTTP-Method-Override", "PATCH", "Upload-Offset", "0",
                                       "Content-Type", PIECE),
                               "hello", 5);
    probe_expect_status(p, r, 204, 0, 0, 0);
    offset_is(p, head(p, url), 5);
}

/* --- creation --- */

static void creation_is_201_with_location(probe *p)
{
    char url[FIELD_SIZE];
    if (offers(p, "creation"))
        an_upload(p, url);
}

static void creation_without_length_is_400(probe *p)
{
    char metadata[FIELD_SIZE];
    if (!offers(p, "creation"))
        return;
    metadata_of(p, metadata);
    const char *const with[] = {TUS, "Upload-Metadata", metadata, NULL};
    const char *const without[] = {TUS, NULL};
    const reply *r =
        probe_ask(p, "POST", probe_where(p)->uploads, metadata[0] != '\0' ? with : without, "", 0);
    probe_expect_status(p, r, 400, 0, 0, 0);
}

static void creation_beyond_the_largest_is_413(probe *p)
{
    char field[FIELD_SIZE];
    char beyond[32];
    const reply *o = probe_ask(p, "OPTIONS", probe_where(p)->uploads, NULL, NULL, 0);
    reply_field(o, "Tus-Max-Size", field, sizeof field);
    if (field[0] == '\0') {
        probe_not_applicable(p, "the target announces no Tus-Max-Size");
        return;
    }
    snprintf(beyond, sizeof beyond, "%llu", strtoull(field, NULL, 10) + 1);
    probe_expect_status(p, create(p, beyond), 413, 0, 0, 0);
}

static void creation_keeps_the_metadata(probe *p)
{
    char field[FIELD_SIZE];
    char url[FIELD_SIZE];
    char metadata[FIELD_SIZE];
    metadata_of(p, metadata);
    if (!offers(p, "creation"))
        return;
    if (metadata[0] == '\0')
        snprintf(metadata, sizeof metadata, "%s", "filename YQ==");
    const reply *r =
        probe_ask(p, "POST", probe_where(p)->uploads,
                  HEADERS(TUS, "Upload-Length", "11", "Upload-Metadata", metadata), "", 0);
    probe_expect_status(p, r, 201, 0, 0, 0);
    reply_field(r, "Location", url, sizeof url);
    reply_field(head(p, url), "Upload-Metadata", field, sizeof field);
    probe_expect(p, strcmp(field, metadata) == 0, "Upload-Metadata: %s", field);
}

static void an_empty_upload_is_whole(probe *p)
{
    char field[FIELD_SIZE];
    if (!offers(p, "creation"))
        return;
    const reply *r = create(p, "0");
    probe_expect_status(p, r, 201, 0, 0, 0);
    offset_is(p, head(p, reply_field(r, "Location", field, sizeof field)), 0);
}

static void creation_with_upload_tells_the_offset(probe *p)
{
    char metadata[FIELD_SIZE];
    if (!offers(p, "creation-with-upload"))
        return;
    metadata_of(p, metadata);
    const char *const with[] = {TUS,   "Upload-Length",   "11",     "Content-Type",
                                PIECE, "Upload-Metadata", metadata, NULL};
    const char *const without[] = {TUS, "Upload-Length", "11", "Content-Type", PIECE, NULL};
    const reply *r = probe_ask(p, "POST", probe_where(p)->uploads,
                               metadata[0] != '\0' ? with : without, "hello", 5);
    probe_expect_status(p, r, 201, 0, 0, 0);
    offset_is(p, r, 5);
}

/* --- expiration, checksum, termination --- */

static void patch_tells_when_it_expires(probe *p)
{
    char url[FIELD_SIZE];
    char field[FIELD_SIZE];
    if (!offers(p, "expiration") || !an_upload(p, url))
        return;
    reply_field(patch(p, url, "0", "hello"), "Upload-Expires", field, sizeof field);
    probe_expect(p, strstr(field, "GMT") != NULL, "Upload-Expires: %s", field);
}

static const reply *patch_with(probe *p, const char *url, const char *checksum)
{
    return probe_ask(
        p, "PATCH", url,
        HEADERS(TUS, "Upload-Offset", "0", "Content-Type", PIECE, "Upload-Checksum", checksum),
        "hello world", 11);
}

static void a_wrong_checksum_is_460(probe *p)
{
    char url[FIELD_SIZE];
    if (!offers(p, "checksum") || !an_upload(p, url))
        return;
    const reply *r = patch_with(p, url, "sha1 2jmj7l5rSw0yVb/vlWAYkK/YBwk=");
    probe_expect_status(p, r, 460, 0, 0, 0);
    offset_is(p, head(p, url), 0);
}

static void a_right_checksum_is_taken(probe *p)
{
    char url[FIELD_SIZE];
    if (!offers(p, "checksum") || !an_upload(p, url))
        return;
    const reply *r = patch_with(p, url, "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=");
    probe_expect_status(p, r, 204, 0, 0, 0);
}

static void an_unknown_checksum_is_400(probe *p)
{
    char url[FIELD_SIZE];
    if (!offers(p, "checksum") || !an_upload(p, url))
        return;
    probe_expect_status(p, patch_with(p, url, "rot13 aGVsbG8="), 400, 0, 0, 0);
}

static void sha1_is_known(probe *p)
{
    char field[FIELD_SIZE];
    if (!offers(p, "checksum"))
        return;
    const reply *r = probe_ask(p, "OPTIONS", probe_where(p)->uploads, NULL, NULL, 0);
    reply_field(r, "Tus-Checksum-Algorithm", field, sizeof field);
    probe_expect(p, strstr(field, "sha1") != NULL, "Tus-Checksum-Algorithm: %s", field);
}

static void delete_ends_an_upload(probe *p)
{
    char url[FIELD_SIZE];
    if (!offers(p, "termination") || !an_upload(p, url))
        return;
    probe_expect_status(p, probe_ask(p, "DELETE", url, HEADERS(TUS), NULL, 0), 204, 0, 0, 0);
    probe_expect_status(p, head(p, url), 404, 410, 403, 0);
}

#define U CAPABILITY_UPLOADS

static const conformance_case cases[] = {
    {"tus/head/1", LEVEL_MUST, U, "tus 1.0.0, HEAD", "HEAD tells the offset, whatever was sent",
     head_tells_the_offset},
    {"tus/head/2", LEVEL_MUST, U, "tus 1.0.0, HEAD", "HEAD tells the length when it is known",
     head_tells_the_length},
    {"tus/head/3", LEVEL_MUST, U, "tus 1.0.0, HEAD", "HEAD has Cache-Control: no-store",
     head_is_not_cached},
    {"tus/head/4", LEVEL_MUST, U, "tus 1.0.0, HEAD",
     "HEAD of what is not there is 404, 410 or 403, without Upload-Offset", head_of_nothing_is_404},
    {"tus/patch/1", LEVEL_MUST, U, "tus 1.0.0, PATCH",
     "PATCH is answered with 204 and the new offset", patch_is_204_with_the_offset},
    {"tus/patch/2", LEVEL_MUST, U, "tus 1.0.0, PATCH",
     "PATCH at another offset is 409 and changes nothing", patch_at_another_offset_is_409},
    {"tus/patch/3", LEVEL_SHOULD, U, "tus 1.0.0, PATCH", "PATCH of another type is 415",
     patch_of_another_type_is_415},
    {"tus/patch/4", LEVEL_SHOULD, U, "tus 1.0.0, PATCH", "PATCH of what is not there is 404",
     patch_of_nothing_is_404},
    {"tus/patch/5", LEVEL_MUST, U, "tus 1.0.0, PATCH", "the pieces make the whole",
     pieces_make_the_whole},
    {"tus/patch/6", LEVEL_MUST, U, "tus 1.0.0, PATCH", "PATCH beyond the length is refused",
     patch_beyond_the_length_is_refused},
    {"tus/options/1", LEVEL_MUST, U, "tus 1.0.0, OPTIONS", "OPTIONS has Tus-Version with 1.0.0",
     options_says_the_versions},
    {"tus/tus-resumable/1", LEVEL_MUST, U, "tus 1.0.0, Tus-Resumable",
     "every answer but to OPTIONS has Tus-Resumable", answers_say_their_version},
    {"tus/tus-resumable/2", LEVEL_MUST, U, "tus 1.0.0, Tus-Resumable",
     "another version is refused with 412 and Tus-Version, and nothing is done",
     another_version_is_412},
    {"tus/override/1", LEVEL_MUST, U, "tus 1.0.0, X-HTTP-Method-Override",
     "X-HTTP-Method-Override stands for the method", the_method_can_be_overridden},
    {"tus/creation/1", LEVEL_MUST, U, "tus 1.0.0, Creation", "creation is 201 with Location",
     creation_is_201_with_location},
    {"tus/creation/2", LEVEL_SHOULD, U, "tus 1.0.0, Creation", "creation without a length is 400",
     creation_without_length_is_400},
    {"tus/creation/3", LEVEL_MUST, U, "tus 1.0.0, Creation",
     "creation of more than Tus-Max-Size is 413", creation_beyond_the_largest_is_413},
    {"tus/creation/4", LEVEL_MUST, U, "tus 1.0.0, Creation",
     "HEAD brings the metadata as it was sent", creation_keeps_the_metadata},
    {"tus/creation/5", LEVEL_MUST, U, "tus 1.0.0, Creation", "an upload of no bytes can be made",
     an_empty_upload_is_whole},
    {"tus/creation-with-upload/1", LEVEL_MUST, U, "tus 1.0.0, Creation With Upload",
     "creation with bytes tells the offset", creation_with_upload_tells_the_offset},
    {"tus/expiration/1", LEVEL_MUST, U, "tus 1.0.0, Expiration",
     "PATCH of an upload that will expire has Upload-Expires", patch_tells_when_it_expires},
    {"tus/checksum/1", LEVEL_MUST, U, "tus 1.0.0, Checksum", "sha1 is among the algorithms",
     sha1_is_known},
    {"tus/checksum/2", LEVEL_MUST, U, "tus 1.0.0, Checksum",
     "a wrong checksum is 460 and the piece is dropped", a_wrong_checksum_is_460},
    {"tus/checksum/3", LEVEL_MUST, U, "tus 1.0.0, Checksum", "a right checksum is taken",
     a_right_checksum_is_taken},
    {"tus/checksum/4", LEVEL_MUST, U, "tus 1.0.0, Checksum", "an unknown algorithm is 400",
     an_unknown_checksum_is_400},
    {"tus/termination/1", LEVEL_MUST, U, "tus 1.0.0, Termination",
     "DELETE is 204, and the upload is gone", delete_ends_an_upload},
};

static bool applies(const probe_target *target, const driver *d)
{
    (void)d;
    return target->uploads != NULL;
}

const suite suite_tus = {"tus", "tus 1.0.0, resumable upload protocol", cases,
                         sizeof cases / sizeof cases[0], applies};
