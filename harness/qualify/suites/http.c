/* Files as HTTP has them: RFC 9110 (and 9112 for the framing). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "qualify/conformance.h"

#define HEADERS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define FIELD_SIZE   256
#define BIG          ((size_t)5 * 1024 * 1024 + 1)

static const char text[] = "0123456789abcdefghijklmnopqrstuvwxyz";
#define TEXT_LENGTH (sizeof text - 1)
static const char other[] = "another content";
#define OTHER_LENGTH (sizeof other - 1)

static const reply *put(probe *p, const char *url, const char *const *headers, const char *content)
{
    return probe_ask(p, "PUT", url, headers, content, strlen(content));
}

static const reply *get(probe *p, const char *url, const char *const *headers)
{
    return probe_ask(p, "GET", url, headers, NULL, 0);
}

/* A file with `text` in it; NULL: the case is decided. */
static const char *a_file(probe *p)
{
    const char *url = probe_file(p, "a");
    return probe_expect_status(p, put(p, url, NULL, text), 200, 201, 204, 0) ? url : NULL;
}

/* Its ETag; false when it has none, which other cases are about. */
static bool tag_of(probe *p, const char *url, char tag[FIELD_SIZE])
{
    if (reply_field(get(p, url, NULL), "ETag", tag, FIELD_SIZE)[0] != '\0')
        return true;
    probe_not_applicable(p, "the target sends no ETag");
    return false;
}

static void still_holds(probe *p, const char *url, const char *content, size_t length)
{
    const reply *r = get(p, url, NULL);
    probe_expect(p, reply_is(r, content, length), "afterwards GET says status %u with %zu bytes",
                 r->status, r->body.length);
}

/* --- GET, HEAD, PUT, DELETE --- */

static void get_brings_what_was_put(probe *p)
{
    const char *url = a_file(p);
    char length[FIELD_SIZE];
    if (url == NULL)
        return;
    const reply *r = get(p, url, NULL);
    probe_expect_status(p, r, 200, 0, 0, 0);
    probe_expect(p, reply_is(r, text, TEXT_LENGTH), "%zu bytes, or others", r->body.length);
    reply_field(r, "Content-Length", length, sizeof length);
    probe_expect(p, length[0] == '\0' || strtoull(length, NULL, 10) == TEXT_LENGTH,
                 "Content-Length: %s", length);
}

static void get_of_nothing_is_404(probe *p)
{
    probe_expect_status(p, get(p, probe_file(p, "never"), NULL), 404, 410, 0, 0);
}

static void head_has_no_content(probe *p)
{
    const char *url = a_file(p);
    if (url == NULL)
        return;
    const reply *r = probe_ask(p, "HEAD", url, NULL, NULL, 0);
    probe_expect_status(p, r, 200, 0, 0, 0);
    probe_expect(p, r->body.length == 0, "%zu bytes of content", r->body.length);
}

static void head_says_the_length_of_get(probe *p)
{
    const char *url = a_file(p);
    char length[FIELD_SIZE];
    if (url == NULL)
        return;
    const reply *r = probe_ask(p, "HEAD", url, NULL, NULL, 0);
    reply_field(r, "Content-Length", length, sizeof length);
    probe_expect(p, length[0] == '\0' || strtoull(length, NULL, 10) == TEXT_LENGTH,
                 "Content-Length: %s", length);
}

static void put_that_creates_is_201(probe *p)
{
    if (probe_overruled(p, "s3", "S3 answers every PUT with 200"))
        return;
    probe_expect_status(p, put(p, probe_file(p, "new"), NULL, text), 201, 0, 0, 0);
}

static void put_that_replaces_is_200_or_204(probe *p)
{
    const char *url = a_file(p);
    if (url == NULL)
        return;
    probe_expect_status(p, put(p, url, NULL, other), 200, 204, 0, 0);
    still_holds(p, url, other, OTHER_LENGTH);
}

static void put_with_content_range_is_400(probe *p)
{
    const char *url = a_file(p);
    if (url == NULL)
        return;
    const reply *r = put(p, url, HEADERS("Content-Range", "bytes 0-4/36"), "XXXXX");
    probe_expect_status(p, r, 400, 0, 0, 0);
}

static void a_part_is_never_the_whole(probe *p)
{
    const char *url = a_file(p);
    if (url == NULL)
        return;
    put(p, url, HEADERS("Content-Range", "bytes 0-4/36"), "XXXXX");
    const reply *r = get(p, url, NULL);
    probe_expect(p, r->body.length == TEXT_LENGTH, "afterwards the file has %zu of 36 bytes",
                 r->body.length);
}

static void put_of_nothing_is_an_empty_file(probe *p)
{
    const char *url = probe_file(p, "empty");
    if (probe_expect_status(p, probe_ask(p, "PUT", url, NULL, "", 0), 200, 201, 204, 0))
        still_holds(p, url, "", 0);
}

static void put_of_5_mib_and_1_comes_back(probe *p)
{
    const char *url = probe_file(p, "big");
    char *bytes = memory_take(BIG);
    for (size_t i = 0; i < BIG; i++)
        bytes[i] = (char)(i * 31 + i / 256);
    if (probe_expect_status(p, probe_ask(p, "PUT", url, NULL, bytes, BIG), 200, 201, 204, 0))
        still_holds(p, url, bytes, BIG);
    free(bytes);
}

static void delete_removes(probe *p)
{
    const char *url = a_file(p);
    if (url == NULL)
        return;
    probe_expect_status(p, probe_ask(p, "DELETE", url, NULL, NULL, 0), 200, 202, 204, 0);
    probe_expect_status(p, get(p, url, NULL), 404, 410, 0, 0);
}

static void delete_of_nothing_is_404(probe *p)
{
    if (probe_overruled(p, "s3", "S3 answers DELETE of what is not there with 204"))
        return;
    probe_expect_status(p, probe_ask(p, "DELETE", probe_file(p, "never"), NULL, NULL, 0), 404, 410,
                        0, 0);
}

static void name_comes_back(probe *p, const char *escaped)
{
    const char *url = probe_file(p, escaped);
    if (probe_expect_status(p, put(p, url, NULL, text), 200, 201, 204, 0))
        still_holds(p, url, text, TEXT_LENGTH);
}

static void names_may_have_blanks(probe *p)
{
    name_comes_back(p, "with%20a%20blank");
}

static void names_may_have_percent(probe *p)
{
    name_comes_back(p, "100%25");
}

static void names_may_be_utf8(probe *p)
{
    name_comes_back(p, "%C3%BCml%C3%A4ut%20%E6%97%A5%E6%9C%AC");
}

static void names_may_have_a_question_mark(probe *p)
{
    name_comes_back(p, "what%3Fnow%23");
}

static void percent_is_not_decoded_twice(probe *p)
{
    const char *one = probe_file(p, "x%2541");
    const char *two = probe_file(p, "xA");
    put(p, one, NULL, text);
    const reply *r = get(p, two, NULL);
    probe_expect(p, r->status == 404 || r->status == 410,
                 "what was put as x%%2541 is found as xA: status %u", r->status);
}

/* --- ranges --- */

static void range_is(probe *p, const char *range, size_t from, size_t length)
{
    const char *url = a_file(p);
    char field[FIELD_SIZE];
    char wanted[FIELD_SIZE];
    if (url == NULL)
        return;
    const reply *r = get(p, url, HEADERS("Range", range));
    probe_expect_status(p, r, 206, 0, 0, 0);
    probe_expect(p, reply_is(r, text + from, length), "%zu bytes, or others", r->body.length);
    snprintf(wanted, sizeof wanted, "bytes %zu-%zu/%zu", from, from + length - 1, TEXT_LENGTH);
    reply_field(r, "Content-Range", field, sizeof field);
    probe_expect(p, strcmp(field, wanted) == 0, "Content-Range: %s", field);
}

static void range_from_to(probe *p)
{
    range_is(p, "bytes=5-9", 5, 5);
}

static void range_suffix(probe *p)
{
    range_is(p, "bytes=-5", TEXT_LENGTH - 5, 5);
}

static void range_open(probe *p)
{
    range_is(p, "bytes=30-", 30, TEXT_LENGTH - 30);
}

static void range_beyond_the_end_is_cut(probe *p)
{
    range_is(p, "bytes=30-999", 30, TEXT_LENGTH - 30);
}

static void range_outside_is_416(probe *p)
{
    const char *url = a_file(p);
    if (url != NULL)
        probe_expect_status(p, get(p, url, HEADERS("Range", "bytes=999-")), 416, 0, 0, 0);
}

static void range_outside_tells_the_length(probe *p)
{
    const char *url = a_file(p);
    char field[FIELD_SIZE];
    if (url == NULL)
        return;
    const reply *r = get(p, url, HEADERS("Range", "bytes=999-"));
    reply_field(r, "Content-Range", field, sizeof field);
    probe_expect(p, strcmp(field, "bytes */36") == 0, "Content-Range: %s", field);
}

static void range_of_another_unit_is_ignored(probe *p)
{
    const char *url = a_file(p);
    if (url == NULL)
        return;
    const reply *r = get(p, url, HEADERS("Range", "lines=1-2"));
    probe_expect_status(p, r, 200, 0, 0, 0);
    probe_expect(p, r->body.length == TEXT_LENGTH, "%zu bytes", r->body.length);
}

static void if_range_of_the_present_brings_the_part(probe *p)
{
    const char *url = a_file(p);
    char tag[FIELD_SIZE];
    if (url != NULL && tag_of(p, url, tag) && tag[0] == '"')
        probe_expect_status(p, get(p, url, HEADERS("Range", "bytes=0-0", "If-Range", tag)), 206, 0,
                            0, 0);
}

static void if_range_of_another_brings_all(probe *p)
{
    const char *url = a_file(p);
    if (url == NULL)
        return;
    const reply *r = get(p, url, HEADERS("Range", "bytes=0-0", "If-Range", "\"another\""));
    probe_expect_status(p, r, 200, 0, 0, 0);
    probe_expect(p, r->body.length == TEXT_LENGTH, "%zu bytes", r->body.length);
}

/* --- conditions --- */

static void if_match_of_another_is_412(probe *p)
{
    const char *url = a_file(p);
    if (url == NULL)
        return;
    const reply *r = put(p, url, HEADERS("If-Match", "\"another\""), other);
    probe_expect_status(p, r, 412, 0, 0, 0);
}

static void if_match_of_another_changes_nothing(probe *p)
{
    const char *url = a_file(p);
    if (url == NULL)
        return;
    put(p, url, HEADERS("If-Match", "\"another\""), other);
    still_holds(p, url, text, TEXT_LENGTH);
}

static void if_match_any_of_nothing_is_412(probe *p)
{
    const char *url = probe_file(p, "none");
    probe_expect_status(p, put(p, url, HEADERS("If-Match", "*"), other), 412, 0, 0, 0);
    probe_expect_status(p, get(p, url, NULL), 404, 410, 0, 0);
}

static void if_match_of_the_present_goes_on(probe *p)
{
    const char *url = a_file(p);
    char tag[FIELD_SIZE];
    if (url == NULL || !tag_of(p, url, tag))
        return;
    if (strncmp(tag, "W/", 2) == 0) {
        probe_not_applicable(p, "the target's ETag is weak, which never matches");
        return;
    }
    probe_expect_status(p, put(p, url, HEADERS("If-Match", tag), other), 200, 201, 204, 0);
    still_holds(p, url, other, OTHER_LENGTH);
}

static void if_match_spent_is_412(probe *p)
{
    const char *url = a_file(p);
    char tag[FIELD_SIZE];
    if (url == NULL || !tag_of(p, url, tag))
        return;
    put(p, url, NULL, other);
    probe_expect_status(p, put(p, url, HEADERS("If-Match", tag), text), 412, 0, 0, 0);
    still_holds(p, url, other, OTHER_LENGTH);
}

static void if_none_match_any_is_412(probe *p)
{
    const char *url = a_file(p);
    if (url == NULL)
        return;
    probe_expect_status(p, put(p, url, HEADERS("If-None-Match", "*"), other), 412, 0, 0, 0);
    still_holds(p, url, text, TEXT_LENGTH);
}

static void if_none_match_any_of_nothing_goes_on(probe *p)
{
    const char *url = probe_file(p, "new");
    probe_expect_status(p, put(p, url, HEADERS("If-None-Match", "*"), text), 200, 201, 204, 0);
    still_holds(p, url, text, TEXT_LENGTH);
}

static void if_none_match_of_the_present_is_304(probe *p)
{
    const char *url = a_file(p);
    char tag[FIELD_SIZE];
    if (url == NULL || !tag_of(p, url, tag))
        return;
    const reply *r = get(p, url, HEADERS("If-None-Match", tag));
    probe_expect_status(p, r, 304, 0, 0, 0);
    probe_expect(p, r->body.length == 0, "%zu bytes of content", r->body.length);
}

static void if_none_match_of_another_brings_all(probe *p)
{
    const char *url = a_file(p);
    if (url == NULL)
        return;
    const reply *r = get(p, url, HEADERS("If-None-Match", "\"another\""));
    probe_expect_status(p, r, 200, 0, 0, 0);
    probe_expect(p, reply_is(r, text, TEXT_LENGTH), "%zu bytes, or others", r->body.length);
}

static void a_304_has_the_etag(probe *p)
{
    const char *url = a_file(p);
    char tag[FIELD_SIZE];
    char again[FIELD_SIZE];
    if (url == NULL || !tag_of(p, url, tag))
        return;
    const reply *r = get(p, url, HEADERS("If-None-Match", tag));
    reply_field(r, "ETag", again, sizeof again);
    probe_expect(p, r->status != 304 || strcmp(tag, again) == 0, "ETag: %s", again);
}

static void get_if_match_of_another_is_412(probe *p)
{
    const char *url = a_file(p);
    if (url != NULL)
        probe_expect_status(p, get(p, url, HEADERS("If-Match", "\"another\"")), 412, 0, 0, 0);
}

static void delete_if_match_of_another_is_412(probe *p)
{
    const char *url = a_file(p);
    if (url == NULL)
        return;
    const reply *r = probe_ask(p, "DELETE", url, HEADERS("If-Match", "\"another\""), NULL, 0);
    probe_expect_status(p, r, 412, 0, 0, 0);
    still_holds(p, url, text, TEXT_LENGTH);
}

static void files_have_an_etag(probe *p)
{
    const char *url = a_file(p);
    char tag[FIELD_SIZE];
    if (url == NULL)
        return;
    reply_field(get(p, url, NULL), "ETag", tag, sizeof tag);
    probe_expect(p, tag[0] != '\0', "no ETag");
}

static void another_content_has_another_etag(probe *p)
{
    const char *url = a_file(p);
    char before[FIELD_SIZE];
    char after[FIELD_SIZE];
    if (url == NULL || !tag_of(p, url, before))
        return;
    if (strncmp(before, "W/", 2) == 0) {
        probe_not_applicable(p, "the target's ETag is weak, which promises less");
        return;
    }
    /* As long as the first, and within the same second, or one of them is. */
    static const char *const others[] = {"9876543210abcdefghijklmnopqrstuvwxyz",
                                         "abcdefghijklmnopqrstuvwxyz0123456789"};
    for (size_t i = 0; i < 2; i++) {
        put(p, url, NULL, others[i]);
        if (tag_of(p, url, after))
            probe_expect(p, strcmp(before, after) != 0, "ETag is %s before and after", before);
        snprintf(before, sizeof before, "%s", after);
    }
}

/* --- methods and framing --- */

static void an_unknown_method_is_refused(probe *p)
{
    const char *url = a_file(p);
    if (url != NULL)
        probe_expect_status(p, probe_ask(p, "BREW", url, NULL, NULL, 0), 405, 501, 400, 403);
}

static void a_405_says_what_is_allowed(probe *p)
{
    const char *url = a_file(p);
    char allow[FIELD_SIZE];
    if (url == NULL)
        return;
    const reply *r = probe_ask(p, "POST", url, NULL, "x", 1);
    if (r->status != 405) {
        probe_not_applicable(p, "POST of a file is not answered with 405");
        return;
    }
    probe_expect(p, reply_field(r, "Allow", allow, sizeof allow)[0] != '\0', "no Allow field");
}

static void a_request_without_host_is_400(probe *p)
{
    probe_expect_status(p, get(p, probe_file(p, "a"), HEADERS("Host", "")), 400, 0, 0, 0);
}

/* --- the connection --- */

/* A GET in words of its own, with the target of its line as given. */
static const reply *get_by_words(probe *p, const char *target)
{
    buffer line = {0};
    const char *bearer = probe_where(p)->bearer;
    buffer_printf(&line, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n", target,
                  probe_host(p));
    if (bearer != NULL)
        buffer_printf(&line, "Authorization: Bearer %s\r\n", bearer);
    buffer_text_append(&line, "\r\n");
    const reply *r = probe_say(p, buffer_text(&line), 0, NULL);
    buffer_free(&line);
    return r;
}

static void the_absolute_form_is_understood(probe *p)
{
    const char *url = a_file(p);
    if (url == NULL)
        return;
    const char *path = strchr(strstr(url, "://") + 3, '/');
    const reply *r = get_by_words(p, path);
    if (r->status != 200) {
        probe_not_applicable(p, "the target wants more of a request than its words");
        return;
    }
    r = get_by_words(p, url);
    probe_expect_status(p, r, 200, 0, 0, 0);
    probe_expect(p, strstr(buffer_text(&r->body), text) != NULL, "%zu bytes, or others",
                 r->body.length);
}

/* Requests one after the other; `silent`: of the connections that end only those count of whose end
 * nothing was said. */
static void connections_last(probe *p, bool silent)
{
    const char *url = a_file(p);
    const char *empty = probe_file(p, "empty");
    const struct {
        const char *method;
        const char *url;
        const char *content;
    } requests[] = {{"GET", url, NULL},      {"HEAD", url, NULL},     {"GET", url, NULL},
                    {"PUT", empty, ""},      {"GET", empty, NULL},    {"PUT", empty, other},
                    {"DELETE", empty, NULL}, {"DELETE", empty, NULL}, {"GET", url, NULL}};
    char said[FIELD_SIZE] = "";
    if (url == NULL)
        return;
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        const char *content = requests[i].content;
        const reply *r = probe_ask(p, requests[i].method, requests[i].url, NULL, content,
                                   content != NULL ? strlen(content) : 0);
        if (strncmp(buffer_text(&r->head), "HTTP/1.1", 8) != 0) {
            probe_not_applicable(p, "the target does not speak HTTP/1.1");
            return;
        }
        bool lasted = i == 0 || r->connections == 0;
        probe_expect(p, lasted || (silent && strcasecmp(said, "close") == 0),
                     "after %s the connection was closed%s", i > 0 ? requests[i - 1].method : "",
                     strcasecmp(said, "close") == 0 ? ", and the answer said so" : "");
        reply_field(r, "Connection", said, sizeof said);
    }
}

static void connections_are_kept(probe *p)
{
    connections_last(p, false);
}

static void who_closes_says_so(probe *p)
{
    connections_last(p, true);
}

static void a_slash_is_not_an_escaped_slash(probe *p)
{
    const reply *r = put(p, probe_file(p, "a%2Fb"), NULL, text);
    probe_tell(p, "PUT of a%%2Fb: status %u", r->status);
}

#define C CAPABILITY_CONDITIONS
#define R CAPABILITY_RANGES
#define F CAPABILITY_FILES

static const conformance_case cases[] = {
    {"http/get/1", LEVEL_MUST, F, "RFC 9110, 9.3.1", "GET transfers the current content of a file",
     get_brings_what_was_put},
    {"http/get/2", LEVEL_MUST, F, "RFC 9110, 15.5.5", "GET of what is not there is 404 or 410",
     get_of_nothing_is_404},
    {"http/head/1", LEVEL_MUST, F, "RFC 9110, 9.3.2", "HEAD has no content", head_has_no_content},
    {"http/head/2", LEVEL_MUST, F, "RFC 9110, 8.6",
     "Content-Length of HEAD, when sent, is the one that GET would have",
     head_says_the_length_of_get},
    {"http/put/1", LEVEL_MUST, F, "RFC 9110, 9.3.4",
     "a PUT that creates a file is answered with 201", put_that_creates_is_201},
    {"http/put/2", LEVEL_MUST, F, "RFC 9110, 9.3.4",
     "a PUT that replaces the content is answered with 200 or 204",
     put_that_replaces_is_200_or_204},
    {"http/put/3", LEVEL_SHOULD, F, "RFC 9110, 9.3.4",
     "a PUT with Content-Range, when parts are not supported, is refused with 400",
     put_with_content_range_is_400},
    {"http/put/4", LEVEL_MUST, F, "RFC 9110, 14.5",
     "a PUT of a part never makes the part the whole file", a_part_is_never_the_whole},
    {"http/put/5", LEVEL_MUST, F, "RFC 9110, 9.3.4", "a PUT without content makes an empty file",
     put_of_nothing_is_an_empty_file},
    {"http/put/6", LEVEL_MUST, F, "RFC 9110, 9.3.4", "5 MiB and a byte come back as they were put",
     put_of_5_mib_and_1_comes_back},
    {"http/delete/1", LEVEL_MUST, F, "RFC 9110, 9.3.5",
     "DELETE is answered with 200, 202 or 204, and the file is gone", delete_removes},
    {"http/delete/2", LEVEL_SHOULD, F, "RFC 9110, 15.5.5", "DELETE of what is not there is 404",
     delete_of_nothing_is_404},
    {"http/names/1", LEVEL_MUST, F, "RFC 9110, 4.2.3", "a name may have blanks",
     names_may_have_blanks},
    {"http/names/2", LEVEL_MUST, F, "RFC 9110, 4.2.3", "a name may have a per cent sign",
     names_may_have_percent},
    {"http/names/3", LEVEL_MUST, F, "RFC 9110, 4.2.3", "a name may be UTF-8", names_may_be_utf8},
    {"http/names/4", LEVEL_MUST, F, "RFC 9110, 4.2.3", "a name may have '?' and '#', escaped",
     names_may_have_a_question_mark},
    {"http/names/5", LEVEL_MUST, F, "RFC 3986, 2.4", "what is escaped is decoded once, not twice",
     percent_is_not_decoded_twice},
    {"http/names/6", LEVEL_MAY, F, "RFC 3986, 2.2", "what becomes of an escaped slash",
     a_slash_is_not_an_escaped_slash},
    {"http/range/1", LEVEL_SHOULD, R, "RFC 9110, 15.3.7", "bytes=5-9 brings these five bytes",
     range_from_to},
    {"http/range/2", LEVEL_SHOULD, R, "RFC 9110, 14.1.2", "bytes=-5 brings the last five bytes",
     range_suffix},
    {"http/range/3", LEVEL_SHOULD, R, "RFC 9110, 14.1.2", "bytes=30- brings the rest", range_open},
    {"http/range/4", LEVEL_SHOULD, R, "RFC 9110, 14.1.2",
     "a range that ends behind the end of the file is cut there", range_beyond_the_end_is_cut},
    {"http/range/5", LEVEL_SHOULD, R, "RFC 9110, 14.2",
     "a range that begins behind the end is answered with 416", range_outside_is_416},
    {"http/range/6", LEVEL_SHOULD, R, "RFC 9110, 15.5.17", "416 tells the length: bytes */36",
     range_outside_tells_the_length},
    {"http/range/7", LEVEL_MUST, R, "RFC 9110, 14.2", "a range of an unknown unit is ignored",
     range_of_another_unit_is_ignored},
    {"http/if-range/1", LEVEL_SHOULD, R, "RFC 9110, 13.1.5",
     "Range with If-Range of the present ETag brings the part",
     if_range_of_the_present_brings_the_part},
    {"http/if-range/2", LEVEL_MUST, R, "RFC 9110, 13.1.5",
     "Range with If-Range of another ETag is ignored: all is sent", if_range_of_another_brings_all},
    {"http/if-match/1", LEVEL_MUST, C, "RFC 9110, 13.1.1",
     "PUT with If-Match of another ETag is answered with 412", if_match_of_another_is_412},
    {"http/if-match/2", LEVEL_MUST, C, "RFC 9110, 13.1.1",
     "PUT with If-Match of another ETag changes nothing", if_match_of_another_changes_nothing},
    {"http/if-match/3", LEVEL_MUST, C, "RFC 9110, 13.1.1",
     "PUT with If-Match: * of a name that is free is 412 and makes nothing",
     if_match_any_of_nothing_is_412},
    {"http/if-match/4", LEVEL_MUST, C, "RFC 9110, 13.1.1",
     "PUT with If-Match of the present ETag is carried out", if_match_of_the_present_goes_on},
    {"http/if-match/5", LEVEL_MUST, C, "RFC 9110, 13.1.1",
     "PUT with the ETag of a content that was replaced is 412", if_match_spent_is_412},
    {"http/if-match/6", LEVEL_MUST, C, "RFC 9110, 13.1.1",
     "GET with If-Match of another ETag is 412", get_if_match_of_another_is_412},
    {"http/if-match/7", LEVEL_MUST, C, "RFC 9110, 13.1.1",
     "DELETE with If-Match of another ETag is 412 and deletes nothing",
     delete_if_match_of_another_is_412},
    {"http/if-none-match/1", LEVEL_MUST, C, "RFC 9110, 13.1.2",
     "PUT with If-None-Match: * of a name that is taken is 412 and changes nothing",
     if_none_match_any_is_412},
    {"http/if-none-match/2", LEVEL_MUST, C, "RFC 9110, 13.1.2",
     "PUT with If-None-Match: * of a name that is free is carried out",
     if_none_match_any_of_nothing_goes_on},
    {"http/if-none-match/3", LEVEL_MUST, F, "RFC 9110, 13.1.2",
     "GET with If-None-Match of the present ETag is 304 without content",
     if_none_match_of_the_present_is_304},
    {"http/if-none-match/4", LEVEL_MUST, F, "RFC 9110, 15.4.5",
     "304 has the ETag that 200 would have", a_304_has_the_etag},
    {"http/if-none-match/5", LEVEL_MUST, F, "RFC 9110, 13.1.2",
     "GET with If-None-Match of another ETag brings the file", if_none_match_of_another_brings_all},
    {"http/etag/1", LEVEL_SHOULD, F, "RFC 9110, 8.8.3", "a file has an ETag", files_have_an_etag},
    {"http/etag/2", LEVEL_MUST, F, "RFC 9110, 8.8.1",
     "another content of the same length, put within the same second, has another strong ETag",
     another_content_has_another_etag},
    {"http/method/1", LEVEL_SHOULD, F, "RFC 9110, 9.1", "an unknown method is refused",
     an_unknown_method_is_refused},
    {"http/method/2", LEVEL_MUST, F, "RFC 9110, 15.5.6", "405 comes with Allow",
     a_405_says_what_is_allowed},
    {"http/connection/1", LEVEL_SHOULD, F, "RFC 9112, 9.3",
     "a connection is kept for the next request, whatever was asked and answered",
     connections_are_kept},
    {"http/connection/2", LEVEL_MUST, F, "RFC 9112, 9.6",
     "an answer after which the target closes says Connection: close", who_closes_says_so},
    {"http/absolute-form/1", LEVEL_MUST, F, "RFC 9112, 3.2.2",
     "GET of the whole address, as a proxy is asked, is understood",
     the_absolute_form_is_understood},
    {"http/host/1", LEVEL_MUST, F, "RFC 9112, 3.2", "a request without Host is refused with 400",
     a_request_without_host_is_400},
};

static bool applies(const probe_target *target, const driver *d)
{
    (void)d;
    return target->files != NULL;
}

const suite suite_http = {"http", "RFC 9110, HTTP Semantics", cases, sizeof cases / sizeof cases[0],
                          applies};
