/* Registries: the distribution specification of the Open Container Initiative, 1.1. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qualify/conformance.h"

#define HEADERS(...)  ((const char *const[]){__VA_ARGS__, NULL})
#define FIELD_SIZE    1024
#define ADDRESS_SIZE  1400
#define DIGEST_SIZE   72
#define MANIFEST_TYPE "application/vnd.oci.image.manifest.v1+json"

/* --- contents and their digests --- */

static void digest_of(const char *content, char digest[DIGEST_SIZE])
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(hash, (const unsigned char *)content, strlen(content));
    memcpy(digest, "sha256:", sizeof "sha256:");
    sodium_bin2hex(digest + strlen(digest), DIGEST_SIZE - strlen("sha256:"), hash, sizeof hash);
}

/* Contents of this case's own, so that no other case's blob is found in their place. */
static void content_of(const probe *p, const char *what, char out[FIELD_SIZE])
{
    snprintf(out, FIELD_SIZE, "%s of %s", what, probe_unique(p));
}

static void blob_address(const char *digest, char out[ADDRESS_SIZE])
{
    snprintf(out, ADDRESS_SIZE, "/blobs/%s", digest);
}

static const reply *ask(probe *p, const char *method, const char *address)
{
    return probe_ask(p, method, address, NULL, NULL, 0);
}

/* --- uploads --- */

/* Where the answer says that the session goes on; false: nowhere, and the case is decided. */
static bool place_of(probe *p, const reply *r, char place[ADDRESS_SIZE])
{
    char location[FIELD_SIZE];
    reply_field(r, "Location", location, sizeof location);
    const char *host = strstr(probe_where(p)->base, "://");
    size_t origin = (size_t)(host + 3 - probe_where(p)->base) + strcspn(host + 3, "/");
    snprintf(place, ADDRESS_SIZE, "%.*s%s", location[0] == '/' ? (int)origin : 0,
             probe_where(p)->base, location);
    return probe_expect(p, location[0] != '\0', "no Location");
}

static bool a_session(probe *p, char place[ADDRESS_SIZE])
{
    const reply *r = probe_ask(p, "POST", "/blobs/uploads/", NULL, "", 0);
    return probe_expect_status(p, r, 202, 0, 0, 0) && place_of(p, r, place);
}

static const reply *patch(probe *p, const char *place, const char *range, const char *content)
{
    return probe_ask(p, "PATCH", place,
                     HEADERS("Content-Type", "application/octet-stream", "Content-Range", range),
                     content, strlen(content));
}

static const reply *end(probe *p, const char *place, const char *digest, const char *content)
{
    char url[ADDRESS_SIZE + 100];
    snprintf(url, sizeof url, "%s%cdigest=%s", place, strchr(place, '?') != NULL ? '&' : '?',
             digest);
    return probe_ask(p, "PUT", url, HEADERS("Content-Type", "application/octet-stream"), content,
                     strlen(content));
}

static bool a_blob(probe *p, const char *content, char digest[DIGEST_SIZE])
{
    char place[ADDRESS_SIZE];
    digest_of(content, digest);
    return a_session(p, place) &&
           probe_expect_status(p, end(p, place, digest, content), 201, 0, 0, 0);
}

/* "01234" and "56789" sent as two pieces; `place` is where the session goes on. */
static bool two_pieces(probe *p, char place[ADDRESS_SIZE])
{
    if (!a_session(p, place))
        return false;
    const reply *r = patch(p, place, "0-4", "01234");
    if (!probe_expect_status(p, r, 202, 0, 0, 0) || !place_of(p, r, place))
        return false;
    r = patch(p, place, "5-9", "56789");
    return probe_expect_status(p, r, 202, 0, 0, 0) && place_of(p, r, place);
}

static void blob_is(probe *p, const char *digest, const char *content)
{
    char url[ADDRESS_SIZE];
    blob_address(digest, url);
    const reply *r = ask(p, "GET", url);
    probe_expect_status(p, r, 200, 0, 0, 0);
    probe_expect(p, reply_is(r, content, strlen(content)), "%zu bytes, or others", r->body.length);
}

static void blob_is_not(probe *p, const char *digest)
{
    char url[ADDRESS_SIZE];
    blob_address(digest, url);
    probe_expect_status(p, ask(p, "GET", url), 404, 0, 0, 0);
}

static void post_begins_a_session(probe *p)
{
    char place[ADDRESS_SIZE];
    a_session(p, place);
}

static void post_then_put_makes_a_blob(probe *p)
{
    char content[FIELD_SIZE];
    char digest[DIGEST_SIZE];
    content_of(p, "content", content);
    if (a_blob(p, content, digest))
        blob_is(p, digest, content);
}

static void the_end_says_where_the_blob_is(probe *p)
{
    char content[FIELD_SIZE];
    char digest[DIGEST_SIZE];
    char place[ADDRESS_SIZE];
    content_of(p, "content", content);
    digest_of(content, digest);
    if (!a_session(p, place))
        return;
    const reply *r = end(p, place, digest, content);
    if (!probe_expect_status(p, r, 201, 0, 0, 0) || !place_of(p, r, place))
        return;
    const reply *blob = ask(p, "GET", place);
    if (probe_expect_status(p, blob, 200, 0, 0, 0))
        probe_expect(p, reply_is(blob, content, strlen(content)), "another content");
}

static void pieces_make_a_blob(probe *p)
{
    char place[ADDRESS_SIZE];
    char digest[DIGEST_SIZE];
    digest_of("0123456789", digest);
    if (two_pieces(p, place) && probe_expect_status(p, end(p, place, digest, ""), 201, 0, 0, 0))
        blob_is(p, digest, "0123456789");
}

static void a_piece_says_how_far_it_is(probe *p)
{
    char place[ADDRESS_SIZE];
    char range[FIELD_SIZE];
    if (!a_session(p, place))
        return;
    const reply *r = patch(p, place, "0-4", "01234");
    probe_expect_status(p, r, 202, 0, 0, 0);
    reply_field(r, "Range", range, sizeof range);
    probe_expect(p, strcmp(range, "0-4") == 0, "Range: %s", range);
}

static void a_piece_out_of_order_is_416(probe *p)
{
    char place[ADDRESS_SIZE];
    if (!a_session(p, place))
        return;
    const reply *r = patch(p, place, "0-4", "01234");
    if (probe_expect_status(p, r, 202, 0, 0, 0) && place_of(p, r, place))
        probe_expect_status(p, patch(p, place, "9-13", "XXXXX"), 416, 0, 0, 0);
}

static void get_says_how_far_it_is(probe *p)
{
    char place[ADDRESS_SIZE];
    char range[FIELD_SIZE];
    if (!two_pieces(p, place))
        return;
    const reply *r = ask(p, "GET", place);
    probe_expect_status(p, r, 204, 0, 0, 0);
    reply_field(r, "Range", range, sizeof range);
    probe_expect(p, strcmp(range, "0-9") == 0, "Range: %s", range);
}

/* What a client does whose connection broke before the answer came. */
static void a_lost_answer_can_be_recovered_from(probe *p)
{
    char first[ADDRESS_SIZE];
    if (!a_session(p, first) ||
        !probe_expect_status(p, patch(p, first, "0-4", "01234"), 202, 0, 0, 0))
        return;
    probe_expect_status(p, ask(p, "GET", first), 204, 0, 0, 0);
}

static void delete_ends_a_session(probe *p)
{
    char place[ADDRESS_SIZE];
    if (!a_session(p, place))
        return;
    probe_expect_status(p, ask(p, "DELETE", place), 204, 0, 0, 0);
    probe_expect_status(p, ask(p, "GET", place), 404, 0, 0, 0);
}

static void a_wrong_digest_is_refused(probe *p)
{
    char place[ADDRESS_SIZE];
    char wrong[DIGEST_SIZE];
    char content[FIELD_SIZE];
    content_of(p, "another content", content);
    digest_of(content, wrong);
    if (!a_session(p, place))
        return;
    probe_expect_status(p, end(p, place, wrong, "content"), 400, 0, 0, 0);
    blob_is_not(p, wrong);
}

static void a_digest_of_no_form_is_400(probe *p)
{
    char place[ADDRESS_SIZE];
    if (a_session(p, place))
        probe_expect_status(p, end(p, place, "sha256:abc", "content"), 400, 0, 0, 0);
}

/* --- blobs --- */

static void head_says_the_length(probe *p)
{
    char content[FIELD_SIZE];
    char digest[DIGEST_SIZE];
    char url[ADDRESS_SIZE];
    char length[FIELD_SIZE];
    content_of(p, "content", content);
    if (!a_blob(p, content, digest))
        return;
    blob_address(digest, url);
    const reply *r = ask(p, "HEAD", url);
    probe_expect_status(p, r, 200, 0, 0, 0);
    reply_field(r, "Content-Length", length, sizeof length);
    probe_expect(p, strtoull(length, NULL, 10) == strlen(content), "Content-Length: %s", length);
}

static void a_blob_that_never_was_is_404(probe *p)
{
    char content[FIELD_SIZE];
    char digest[DIGEST_SIZE];
    content_of(p, "never", content);
    digest_of(content, digest);
    blob_is_not(p, digest);
}

static void a_refusal_says_its_code(probe *p)
{
    char content[FIELD_SIZE];
    char digest[DIGEST_SIZE];
    char url[ADDRESS_SIZE];
    content_of(p, "never", content);
    digest_of(content, digest);
    blob_address(digest, url);
    const reply *r = ask(p, "GET", url);
    const char *body = buffer_text(&r->body);
    probe_expect(p, strstr(body, "\"errors\"") != NULL && strstr(body, "BLOB_UNKNOWN") != NULL,
                 "content: %.200s", body);
}

static void a_range_brings_those_bytes(probe *p)
{
    char content[FIELD_SIZE];
    char digest[DIGEST_SIZE];
    char url[ADDRESS_SIZE];
    content_of(p, "content", content);
    if (!a_blob(p, content, digest))
        return;
    blob_address(digest, url);
    const reply *r = probe_ask(p, "GET", url, HEADERS("Range", "bytes=3-6"), NULL, 0);
    probe_expect_status(p, r, 206, 0, 0, 0);
    probe_expect(p, reply_is(r, content + 3, 4), "%zu bytes, or others", r->body.length);
}

static const reply *ask_beyond_the_end(probe *p)
{
    char content[FIELD_SIZE];
    char digest[DIGEST_SIZE];
    char url[ADDRESS_SIZE];
    content_of(p, "content", content);
    if (!a_blob(p, content, digest))
        return NULL;
    blob_address(digest, url);
    return probe_ask(p, "GET", url, HEADERS("Range", "bytes=9999-"), NULL, 0);
}

static void a_range_beyond_the_end_is_416(probe *p)
{
    const reply *r = ask_beyond_the_end(p);
    if (r != NULL)
        probe_expect_status(p, r, 416, 0, 0, 0);
}

static void its_length_is_right(probe *p)
{
    const reply *r = ask_beyond_the_end(p);
    if (r != NULL)
        probe_expect(p, r->failure[0] == '\0', "status %u, then: %s", r->status, r->failure);
}

static void delete_removes_a_blob(probe *p)
{
    char content[FIELD_SIZE];
    char digest[DIGEST_SIZE];
    char url[ADDRESS_SIZE];
    content_of(p, "content", content);
    if (!a_blob(p, content, digest))
        return;
    blob_address(digest, url);
    const reply *r = ask(p, "DELETE", url);
    if (r->status == 405) {
        probe_not_applicable(p, "the registry does not delete blobs");
        return;
    }
    probe_expect_status(p, r, 202, 0, 0, 0);
    blob_is_not(p, digest);
}

/* --- manifests and tags --- */

static const reply *put_manifest(probe *p, const char *reference, const char *digest, size_t size)
{
    char manifest[FIELD_SIZE];
    char url[ADDRESS_SIZE];
    snprintf(url, sizeof url, "/manifests/%s", reference);
    snprintf(
        manifest, sizeof manifest,
        "{\"schemaVersion\":2,\"mediaType\":\"" MANIFEST_TYPE "\","
        "\"config\":{\"mediaType\":\"application/octet-stream\",\"digest\":\"%s\",\"size\":%zu},"
        "\"layers\":[{\"mediaType\":\"application/octet-stream\",\"digest\":\"%s\",\"size\":%zu}]}",
        digest, size, digest, size);
    return probe_ask(p, "PUT", url, HEADERS("Content-Type", MANIFEST_TYPE), manifest,
                     strlen(manifest));
}

static const reply *get_manifest(probe *p, const char *reference)
{
    char url[ADDRESS_SIZE];
    snprintf(url, sizeof url, "/manifests/%s", reference);
    return probe_ask(p, "GET", url, HEADERS("Accept", MANIFEST_TYPE), NULL, 0);
}

/* Of a blob of the case's own, under the tag "tag-of-CASE". */
static bool a_manifest(probe *p, char tag[FIELD_SIZE], char digest[FIELD_SIZE])
{
    char content[FIELD_SIZE];
    char blob[DIGEST_SIZE];
    content_of(p, "content", content);
    snprintf(tag, FIELD_SIZE, "tag-of-%.100s", probe_unique(p));
    if (!a_blob(p, content, blob))
        return false;
    const reply *r = put_manifest(p, tag, blob, strlen(content));
    reply_field(r, "Docker-Content-Digest", digest, FIELD_SIZE);
    return probe_expect_status(p, r, 201, 0, 0, 0);
}

static void a_manifest_comes_back_by_tag(probe *p)
{
    char tag[FIELD_SIZE];
    char digest[FIELD_SIZE];
    if (!a_manifest(p, tag, digest))
        return;
    const reply *r = get_manifest(p, tag);
    probe_expect_status(p, r, 200, 0, 0, 0);
    probe_expect(p, strstr(buffer_text(&r->body), "schemaVersion") != NULL, "another content");
}

static void a_manifest_comes_back_by_digest(probe *p)
{
    char tag[FIELD_SIZE];
    char digest[FIELD_SIZE];
    if (a_manifest(p, tag, digest))
        probe_expect_status(p, get_manifest(p, digest), 200, 0, 0, 0);
}

static void a_manifest_of_what_is_not_there_is_refused(probe *p)
{
    char content[FIELD_SIZE];
    char digest[DIGEST_SIZE];
    content_of(p, "never", content);
    digest_of(content, digest);
    probe_expect_status(p, put_manifest(p, "incomplete", digest, strlen(content)), 404, 400, 0, 0);
}

static void a_manifest_that_never_was_is_404(probe *p)
{
    probe_expect_status(p, get_manifest(p, "never-was"), 404, 0, 0, 0);
}

static void tags_are_listed(probe *p)
{
    char tag[FIELD_SIZE];
    char digest[FIELD_SIZE];
    if (!a_manifest(p, tag, digest))
        return;
    const reply *r = ask(p, "GET", "/tags/list");
    probe_expect_status(p, r, 200, 0, 0, 0);
    probe_expect(p, strstr(buffer_text(&r->body), tag) != NULL, "the list lacks the tag");
}

static void a_list_of_none_is_empty(probe *p)
{
    char tag[FIELD_SIZE];
    char digest[FIELD_SIZE];
    if (!a_manifest(p, tag, digest))
        return;
    const reply *r = ask(p, "GET", "/tags/list?n=0");
    probe_expect_status(p, r, 200, 0, 0, 0);
    probe_expect(p, strstr(buffer_text(&r->body), tag) == NULL, "n=0 lists tags");
}

static void delete_takes_a_manifest(probe *p)
{
    char tag[FIELD_SIZE];
    char digest[FIELD_SIZE];
    char url[ADDRESS_SIZE];
    if (!a_manifest(p, tag, digest))
        return;
    snprintf(url, sizeof url, "/manifests/%s", digest);
    const reply *r = ask(p, "DELETE", url);
    if (r->status == 405) {
        probe_not_applicable(p, "the registry does not delete manifests");
        return;
    }
    probe_expect_status(p, r, 202, 0, 0, 0);
    probe_expect_status(p, get_manifest(p, tag), 404, 0, 0, 0);
}

#define F CAPABILITY_FILES
#define R CAPABILITY_RANGES
#define U CAPABILITY_UPLOADS

static const conformance_case cases[] = {
    {"oci/upload/1", LEVEL_MUST, U, "Pushing a blob in chunks",
     "POST begins a session: 202 with Location", post_begins_a_session},
    {"oci/upload/2", LEVEL_MUST, U, "POST then PUT", "PUT with the digest makes the blob: 201",
     post_then_put_makes_a_blob},
    {"oci/upload/3", LEVEL_MUST, U, "POST then PUT", "and its Location brings the blob",
     the_end_says_where_the_blob_is},
    {"oci/upload/4", LEVEL_MUST, U, "Pushing a blob in chunks", "pieces in order make the blob",
     pieces_make_a_blob},
    {"oci/upload/5", LEVEL_MUST, U, "Pushing a blob in chunks",
     "a piece is answered with 202 and Range: 0-<end>", a_piece_says_how_far_it_is},
    {"oci/upload/6", LEVEL_MUST, U, "Pushing a blob in chunks",
     "a piece that is out of order is 416", a_piece_out_of_order_is_416},
    {"oci/upload/7", LEVEL_MUST, U, "Pushing a blob in chunks",
     "GET of a session is 204 with Range: 0-<end>", get_says_how_far_it_is},
    {"oci/upload/8", LEVEL_SHOULD, U, "Pushing a blob in chunks",
     "a session goes on where the client knows it to be after the answer to a piece was lost",
     a_lost_answer_can_be_recovered_from},
    {"oci/upload/9", LEVEL_MAY, U, "API, end-5 and end-6", "DELETE ends a session: 204, then 404",
     delete_ends_a_session},
    {"oci/digest/1", LEVEL_MUST, U, "Pushing blobs", "another digest than the content's is refused",
     a_wrong_digest_is_refused},
    {"oci/digest/2", LEVEL_MUST, U, "Error codes, DIGEST_INVALID", "a digest without form is 400",
     a_digest_of_no_form_is_400},
    {"oci/blob/1", LEVEL_MUST, F, "Checking if content exists", "HEAD says the length",
     head_says_the_length},
    {"oci/blob/2", LEVEL_MUST, F, "Pulling blobs", "a blob that never was is 404",
     a_blob_that_never_was_is_404},
    {"oci/blob/3", LEVEL_SHOULD, F, "Error codes, BLOB_UNKNOWN", "and says so in JSON",
     a_refusal_says_its_code},
    {"oci/blob/4", LEVEL_SHOULD, R, "Pulling blobs", "Range brings those bytes: 206",
     a_range_brings_those_bytes},
    {"oci/blob/5", LEVEL_MUST, F, "Deleting blobs", "DELETE removes the blob: 202, then 404",
     delete_removes_a_blob},
    {"oci/blob/6", LEVEL_SHOULD, R, "Pulling blobs; RFC 9110, 15.5.17",
     "a range beyond the end is 416", a_range_beyond_the_end_is_416},
    {"oci/blob/7", LEVEL_MUST, R, "Pulling blobs; RFC 9110, 8.6",
     "and that answer is as long as it says", its_length_is_right},
    {"oci/manifest/1", LEVEL_MUST, F, "Pulling manifests", "a manifest comes back by its tag",
     a_manifest_comes_back_by_tag},
    {"oci/manifest/2", LEVEL_MUST, F, "Pulling manifests", "and by its digest",
     a_manifest_comes_back_by_digest},
    {"oci/manifest/3", LEVEL_MAY, F, "Error codes, MANIFEST_BLOB_UNKNOWN",
     "a manifest of a blob that is not there is refused",
     a_manifest_of_what_is_not_there_is_refused},
    {"oci/manifest/4", LEVEL_MUST, F, "Pulling manifests", "a manifest that never was is 404",
     a_manifest_that_never_was_is_404},
    {"oci/manifest/5", LEVEL_MUST, F, "Deleting manifests",
     "DELETE by digest takes the manifest: 202, then 404", delete_takes_a_manifest},
    {"oci/tags/1", LEVEL_MUST, F, "Listing tags", "tags are listed", tags_are_listed},
    {"oci/tags/2", LEVEL_MUST, F, "Listing tags", "n=0 lists none", a_list_of_none_is_empty},
};

static bool applies(const probe_target *target, const driver *d)
{
    (void)target;
    return strcmp(d->name, "oci") == 0;
}

const suite suite_oci = {"oci", "OCI distribution 1.1", cases, sizeof cases / sizeof cases[0],
                         applies};
