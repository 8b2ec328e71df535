/* S3: the API reference of Amazon S3 (2006-03-01). Its levels are ours: what a client relies on is
 * MUST. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qualify/conformance.h"

#define HEADERS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define FIELD_SIZE   256
#define ADDRESS_SIZE 1400

static const char text[] = "0123456789abcdefghijklmnopqrstuvwxyz";
#define TEXT_LENGTH (sizeof text - 1)

static const reply *put(probe *p, const char *url, const char *const *headers, const char *content)
{
    return probe_ask(p, "PUT", url, headers, content, strlen(content));
}

static const reply *ask(probe *p, const char *method, const char *url)
{
    return probe_ask(p, method, url, NULL, NULL, 0);
}

static void is(probe *p, const char *url, const char *content)
{
    const reply *r = ask(p, "GET", url);
    probe_expect(p, r->status == 200 && reply_is(r, content, strlen(content)),
                 "GET says status %u with %zu bytes", r->status, r->body.length);
}

/* A file with `text` in it; NULL: the case is decided. */
static const char *a_file(probe *p, const char *name)
{
    const char *url = probe_file(p, name);
    return probe_expect_status(p, put(p, url, NULL, text), 200, 0, 0, 0) ? url : NULL;
}

static bool has(const reply *r, const char *words)
{
    return strstr(buffer_text(&r->body), words) != NULL;
}

/* What stands in the first element of that name; false: there is none. */
static bool element(const reply *r, const char *name, char *out, size_t size)
{
    char open[64];
    snprintf(open, sizeof open, "<%s>", name);
    const char *at = strstr(buffer_text(&r->body), open);
    out[0] = '\0';
    if (at == NULL)
        return false;
    at += strlen(open);
    snprintf(out, size, "%.*s", (int)strcspn(at, "<"), at);
    return out[0] != '\0';
}

/* "BASE/NAME?QUERY" */
static void with_query(const char *url, const char *query, char out[ADDRESS_SIZE])
{
    snprintf(out, ADDRESS_SIZE, "%s?%s", url, query);
}

/* --- objects --- */

static void put_is_200_with_the_etag(probe *p)
{
    char tag[FIELD_SIZE];
    const char *url = probe_file(p, "a");
    const reply *r = put(p, url, NULL, text);
    probe_expect_status(p, r, 200, 0, 0, 0);
    reply_field(r, "ETag", tag, sizeof tag);
    probe_expect(p, tag[0] == '"', "ETag: %s", tag);
    is(p, url, text);
}

static void put_with_a_wrong_md5_is_refused(probe *p)
{
    const char *url = probe_file(p, "a");
    const reply *r = put(p, url, HEADERS("Content-MD5", "XrY7u+Ae7tCTyyK7j1rNww=="), text);
    probe_expect_status(p, r, 400, 0, 0, 0);
    probe_expect_status(p, ask(p, "GET", url), 404, 0, 0, 0);
}

static void metadata_comes_back(probe *p)
{
    char value[FIELD_SIZE];
    const char *url = probe_file(p, "a");
    put(p, url, HEADERS("x-amz-meta-colour", "green"), text);
    reply_field(ask(p, "HEAD", url), "x-amz-meta-colour", value, sizeof value);
    probe_expect(p, strcmp(value, "green") == 0, "x-amz-meta-colour: %s", value);
}

static void get_of_nothing_is_no_such_key(probe *p)
{
    char code[FIELD_SIZE];
    const reply *r = ask(p, "GET", probe_file(p, "never"));
    probe_expect_status(p, r, 404, 0, 0, 0);
    element(r, "Code", code, sizeof code);
    probe_expect(p, strcmp(code, "NoSuchKey") == 0, "Code: %s", code);
}

static void a_range_beyond_the_end_is_invalid_range(probe *p)
{
    char code[FIELD_SIZE];
    const char *url = a_file(p, "a");
    if (url == NULL)
        return;
    const reply *r = probe_ask(p, "GET", url, HEADERS("Range", "bytes=999-"), NULL, 0);
    probe_expect_status(p, r, 416, 0, 0, 0);
    element(r, "Code", code, sizeof code);
    probe_expect(p, strcmp(code, "InvalidRange") == 0, "Code: %s", code);
}

static void delete_is_204_even_of_nothing(probe *p)
{
    const char *url = a_file(p, "a");
    if (url == NULL)
        return;
    probe_expect_status(p, ask(p, "DELETE", url), 204, 0, 0, 0);
    probe_expect_status(p, ask(p, "GET", url), 404, 0, 0, 0);
    probe_expect_status(p, ask(p, "DELETE", url), 204, 0, 0, 0);
}

static void copy_brings_the_content(probe *p)
{
    char source[ADDRESS_SIZE];
    const char *url = a_file(p, "a");
    const char *copy = probe_file(p, "b");
    if (url == NULL)
        return;
    const char *host = strstr(url, "://");
    snprintf(source, sizeof source, "%s", strchr(host + 3, '/'));
    const reply *r = probe_ask(p, "PUT", copy, HEADERS("x-amz-copy-source", source), "", 0);
    probe_expect_status(p, r, 200, 0, 0, 0);
    probe_expect(p, has(r, "CopyObjectResult"), "the answer has no CopyObjectResult");
    is(p, copy, text);
}

static void copy_of_nothing_is_404(probe *p)
{
    char source[ADDRESS_SIZE];
    const char *never = probe_file(p, "never");
    snprintf(source, sizeof source, "%s", strchr(strstr(never, "://") + 3, '/'));
    const reply *r =
        probe_ask(p, "PUT", probe_file(p, "b"), HEADERS("x-amz-copy-source", source), "", 0);
    probe_expect_status(p, r, 404, 0, 0, 0);
}

/* --- conditions --- */

static void put_if_none_match_of_what_is_there_is_412(probe *p)
{
    const char *url = a_file(p, "a");
    if (url == NULL)
        return;
    probe_expect_status(p, put(p, url, HEADERS("If-None-Match", "*"), "other"), 412, 0, 0, 0);
    is(p, url, text);
}

static void put_if_match_of_another_is_412(probe *p)
{
    const char *url = a_file(p, "a");
    if (url == NULL)
        return;
    const reply *r =
        put(p, url, HEADERS("If-Match", "\"00000000000000000000000000000000\""), "other");
    probe_expect_status(p, r, 412, 0, 0, 0);
    is(p, url, text);
}

/* --- listing --- */

static void files_are_listed_in_order(probe *p)
{
    char url[ADDRESS_SIZE];
    char query[FIELD_SIZE + 64];
    if (a_file(p, "b") == NULL || a_file(p, "a") == NULL)
        return;
    snprintf(query, sizeof query, "list-type=2&prefix=%s", probe_unique(p));
    snprintf(url, sizeof url, "%s?%s", probe_where(p)->base, query);
    const reply *r = ask(p, "GET", url);
    probe_expect_status(p, r, 200, 0, 0, 0);
    const char *first = strstr(buffer_text(&r->body), "-a</Key>");
    const char *second = strstr(buffer_text(&r->body), "-b</Key>");
    probe_expect(p, first != NULL && second != NULL && first < second, "%.300s",
                 buffer_text(&r->body));
    probe_expect(p, has(r, "<Size>36</Size>"), "no Size of 36");
}

static void list_goes_on_from_a_token(probe *p)
{
    char url[ADDRESS_SIZE];
    char token[FIELD_SIZE];
    if (a_file(p, "a") == NULL || a_file(p, "b") == NULL)
        return;
    snprintf(url, sizeof url, "%s?list-type=2&max-keys=1&prefix=%s", probe_where(p)->base,
             probe_unique(p));
    const reply *r = ask(p, "GET", url);
    probe_expect_status(p, r, 200, 0, 0, 0);
    probe_expect(p, has(r, "<IsTruncated>true"), "a page of one of two is not truncated");
    if (!probe_expect(p, element(r, "NextContinuationToken", token, sizeof token),
                      "no NextContinuationToken"))
        return;
    const char *escaped = probe_escape(p, token);
    snprintf(url, sizeof url, "%s?continuation-token=%s&list-type=2&prefix=%s",
             probe_where(p)->base, escaped, probe_unique(p));
    r = ask(p, "GET", url);
    probe_expect(p, has(r, "-b</Key>") && !has(r, "-a</Key>"), "the second page: %.300s",
                 buffer_text(&r->body));
}

static void a_delimiter_makes_common_prefixes(probe *p)
{
    char url[ADDRESS_SIZE];
    if (a_file(p, "c/x") == NULL || a_file(p, "c/y") == NULL)
        return;
    snprintf(url, sizeof url, "%s?delimiter=%%2F&list-type=2&prefix=%s", probe_where(p)->base,
             probe_unique(p));
    const reply *r = ask(p, "GET", url);
    probe_expect(p, has(r, "<CommonPrefixes>") && !has(r, "x</Key>"), "%.300s",
                 buffer_text(&r->body));
}

/* --- multipart uploads --- */

static bool begin(probe *p, const char *url, char id[FIELD_SIZE])
{
    char address[ADDRESS_SIZE];
    with_query(url, "uploads=", address);
    const reply *r = probe_ask(p, "POST", address, NULL, "", 0);
    return probe_expect_status(p, r, 200, 0, 0, 0) &&
           probe_expect(p, element(r, "UploadId", id, FIELD_SIZE), "no UploadId");
}

static bool part(probe *p, const char *url, const char *id, unsigned number, const char *content,
                 char tag[FIELD_SIZE])
{
    char address[ADDRESS_SIZE];
    snprintf(address, sizeof address, "%s?partNumber=%u&uploadId=%s", url, number,
             probe_escape(p, id));
    const reply *r = put(p, address, NULL, content);
    reply_field(r, "ETag", tag, FIELD_SIZE);
    return probe_expect_status(p, r, 200, 0, 0, 0) && probe_expect(p, tag[0] != '\0', "no ETag");
}

static const reply *complete(probe *p, const char *url, const char *id, const char *tag)
{
    char address[ADDRESS_SIZE];
    char body[1024];
    snprintf(address, sizeof address, "%s?uploadId=%s", url, probe_escape(p, id));
    snprintf(body, sizeof body,
             "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>%.200s</ETag></Part>"
             "</CompleteMultipartUpload>",
             tag);
    return probe_ask(p, "POST", address, NULL, body, strlen(body));
}

static void parts_make_an_object(probe *p)
{
    char id[FIELD_SIZE];
    char tag[FIELD_SIZE];
    const char *url = probe_file(p, "a");
    if (!begin(p, url, id) || !part(p, url, id, 1, text, tag))
        return;
    probe_expect_status(p, ask(p, "GET", url), 404, 0, 0, 0);
    const reply *r = complete(p, url, id, tag);
    probe_expect_status(p, r, 200, 0, 0, 0);
    probe_expect(p, has(r, "CompleteMultipartUploadResult"), "%.300s", buffer_text(&r->body));
    is(p, url, text);
}

static void a_part_that_was_not_sent_is_invalid_part(probe *p)
{
    char id[FIELD_SIZE];
    const char *url = probe_file(p, "a");
    if (!begin(p, url, id))
        return;
    const reply *r = complete(p, url, id, "&quot;00000000000000000000000000000000&quot;");
    probe_expect(p, r->status == 400 || has(r, "<Error>"), "status %u", r->status);
    probe_expect_status(p, ask(p, "GET", url), 404, 0, 0, 0);
}

static void a_part_of_no_upload_is_404(probe *p)
{
    char address[ADDRESS_SIZE];
    with_query(probe_file(p, "a"), "partNumber=1&uploadId=never-was", address);
    probe_expect_status(p, put(p, address, NULL, text), 404, 0, 0, 0);
}

static void parts_are_listed(probe *p)
{
    char id[FIELD_SIZE];
    char tag[FIELD_SIZE];
    char address[ADDRESS_SIZE];
    const char *url = probe_file(p, "a");
    if (!begin(p, url, id) || !part(p, url, id, 1, text, tag))
        return;
    snprintf(address, sizeof address, "%s?uploadId=%s", url, probe_escape(p, id));
    const reply *r = ask(p, "GET", address);
    probe_expect_status(p, r, 200, 0, 0, 0);
    probe_expect(p, has(r, "<PartNumber>1</PartNumber>") && has(r, "<Size>36</Size>"), "%.300s",
                 buffer_text(&r->body));
}

static void abort_ends_an_upload(probe *p)
{
    char id[FIELD_SIZE];
    char tag[FIELD_SIZE];
    char address[ADDRESS_SIZE];
    const char *url = probe_file(p, "a");
    if (!begin(p, url, id) || !part(p, url, id, 1, text, tag))
        return;
    snprintf(address, sizeof address, "%s?uploadId=%s", url, probe_escape(p, id));
    probe_expect_status(p, ask(p, "DELETE", address), 204, 0, 0, 0);
    const reply *r = complete(p, url, id, tag);
    probe_expect(p, r->status == 404 || has(r, "<Error>"), "status %u", r->status);
}

/* --- versions --- */

static void an_old_version_comes_back(probe *p)
{
    char version[FIELD_SIZE];
    char address[ADDRESS_SIZE];
    const char *url = probe_file(p, "a");
    reply_field(put(p, url, NULL, text), "x-amz-version-id", version, sizeof version);
    if (version[0] == '\0' || strcmp(version, "null") == 0) {
        probe_not_applicable(p, "the bucket keeps no versions");
        return;
    }
    put(p, url, NULL, "other");
    snprintf(address, sizeof address, "%s?versionId=%s", url, probe_escape(p, version));
    is(p, address, text);
    is(p, url, "other");
}

static void a_deleted_name_keeps_its_versions(probe *p)
{
    char version[FIELD_SIZE];
    char address[ADDRESS_SIZE];
    const char *url = probe_file(p, "a");
    reply_field(put(p, url, NULL, text), "x-amz-version-id", version, sizeof version);
    if (version[0] == '\0' || strcmp(version, "null") == 0) {
        probe_not_applicable(p, "the bucket keeps no versions");
        return;
    }
    probe_expect_status(p, ask(p, "DELETE", url), 204, 0, 0, 0);
    probe_expect_status(p, ask(p, "GET", url), 404, 0, 0, 0);
    snprintf(address, sizeof address, "%s?versionId=%s", url, probe_escape(p, version));
    is(p, address, text);
}

/* --- signatures --- */

static void a_wrong_signature_is_403(probe *p)
{
    if (probe_where(p)->auth == NULL || probe_where(p)->auth->kind != AUTH_SIGV4) {
        probe_not_applicable(p, "the target is asked without signatures");
        return;
    }
    const char *url = probe_file(p, "a");
    auth wrong = *probe_where(p)->auth;
    wrong.secret = "another secret";
    probe_sign_with(p, &wrong);
    const reply *r = put(p, url, NULL, text);
    probe_expect_status(p, r, 403, 0, 0, 0);
    probe_sign_with(p, probe_where(p)->auth);
}

#define F CAPABILITY_FILES
#define C CAPABILITY_CONDITIONS
#define R CAPABILITY_RANGES
#define L CAPABILITY_LIST
#define U CAPABILITY_UPLOADS
#define V CAPABILITY_VERSIONS

static const conformance_case cases[] = {
    {"s3/put-object/1", LEVEL_MUST, F, "PutObject", "PUT is 200 with an ETag, and GET brings it",
     put_is_200_with_the_etag},
    {"s3/put-object/2", LEVEL_MUST, F, "PutObject, Content-MD5",
     "another Content-MD5 than the content's is 400, and nothing is stored",
     put_with_a_wrong_md5_is_refused},
    {"s3/put-object/3", LEVEL_MUST, F, "PutObject, x-amz-meta-", "metadata comes back",
     metadata_comes_back},
    {"s3/get-object/1", LEVEL_MUST, F, "GetObject, Errors", "GET of nothing is 404 NoSuchKey",
     get_of_nothing_is_no_such_key},
    {"s3/get-object/2", LEVEL_MUST, R, "Error responses, InvalidRange",
     "a range beyond the end is 416 InvalidRange", a_range_beyond_the_end_is_invalid_range},
    {"s3/delete-object/1", LEVEL_MUST, F, "DeleteObject", "DELETE is 204, of nothing too",
     delete_is_204_even_of_nothing},
    {"s3/copy-object/1", LEVEL_MUST, F, "CopyObject", "a copy has the content",
     copy_brings_the_content},
    {"s3/copy-object/2", LEVEL_MUST, F, "CopyObject", "a copy of nothing is 404",
     copy_of_nothing_is_404},
    {"s3/conditions/1", LEVEL_MUST, C, "Conditional writes, If-None-Match",
     "PUT with If-None-Match: * onto what is there is 412, and changes nothing",
     put_if_none_match_of_what_is_there_is_412},
    {"s3/conditions/2", LEVEL_MUST, C, "Conditional writes, If-Match",
     "PUT with If-Match of another ETag is 412, and changes nothing",
     put_if_match_of_another_is_412},
    {"s3/list/1", LEVEL_MUST, L, "ListObjectsV2", "names are listed in their order with their size",
     files_are_listed_in_order},
    {"s3/list/2", LEVEL_MUST, L, "ListObjectsV2, continuation-token",
     "a page that is not the last says how to go on, and there it goes on",
     list_goes_on_from_a_token},
    {"s3/list/3", LEVEL_MUST, L, "ListObjectsV2, delimiter",
     "names with the delimiter become one common prefix", a_delimiter_makes_common_prefixes},
    {"s3/multipart/1", LEVEL_MUST, F, "CompleteMultipartUpload",
     "parts are seen as an object when they are completed, and not before", parts_make_an_object},
    {"s3/multipart/2", LEVEL_MUST, F, "CompleteMultipartUpload, InvalidPart",
     "to complete with a part that was not sent is refused",
     a_part_that_was_not_sent_is_invalid_part},
    {"s3/multipart/3", LEVEL_MUST, F, "UploadPart, NoSuchUpload",
     "a part of an upload that never was is 404", a_part_of_no_upload_is_404},
    {"s3/multipart/4", LEVEL_MUST, U, "ListParts", "parts are listed", parts_are_listed},
    {"s3/multipart/5", LEVEL_MUST, U, "AbortMultipartUpload",
     "an aborted upload cannot be completed", abort_ends_an_upload},
    {"s3/versions/1", LEVEL_MUST, V, "GetObject, versionId", "an old version comes back",
     an_old_version_comes_back},
    {"s3/versions/2", LEVEL_MUST, V, "DeleteObject, delete markers",
     "a deleted name keeps its versions", a_deleted_name_keeps_its_versions},
    {"s3/signature/1", LEVEL_MUST, F, "Error responses, SignatureDoesNotMatch",
     "a request signed with another secret is 403", a_wrong_signature_is_403},
};

static bool applies(const probe_target *target, const driver *d)
{
    return target->files != NULL && strcmp(d->name, "s3") == 0;
}

const suite suite_s3 = {"s3", "S3 API, 2006-03-01", cases, sizeof cases / sizeof cases[0], applies};
