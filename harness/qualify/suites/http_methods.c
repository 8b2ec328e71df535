/* GET, HEAD, PUT and DELETE of files, and their names. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "qualify/suites/http_ask.h"
#include "qualify/suites/http_cases.h"

#define BIG ((size_t)5 * 1024 * 1024 + 1)

void http_get_brings_what_was_put(probe *p)
{
    const char *url = http_file(p);
    char length[HTTP_FIELD];
    if (url == NULL)
        return;
    const reply *r = http_ask_get(p, url, NULL);
    probe_expect_status(p, r, 200, 0, 0, 0);
    probe_expect(p, reply_is(r, http_text, HTTP_TEXT_LENGTH), "%zu bytes, or others",
                 r->body.length);
    reply_field(r, "Content-Length", length, sizeof length);
    probe_expect(p, length[0] == '\0' || strtoull(length, NULL, 10) == HTTP_TEXT_LENGTH,
                 "Content-Length: %s", length);
}

void http_get_of_nothing_is_404(probe *p)
{
    probe_expect_status(p, http_ask_get(p, probe_file(p, "never"), NULL), 404, 410, 0, 0);
}

void http_head_has_no_content(probe *p)
{
    const char *url = http_file(p);
    if (url == NULL)
        return;
    const reply *r = probe_ask(p, "HEAD", url, NULL, NULL, 0);
    probe_expect_status(p, r, 200, 0, 0, 0);
    probe_expect(p, r->body.length == 0, "%zu bytes of content", r->body.length);
}

void http_head_says_the_length_of_get(probe *p)
{
    const char *url = http_file(p);
    char length[HTTP_FIELD];
    if (url == NULL)
        return;
    const reply *r = probe_ask(p, "HEAD", url, NULL, NULL, 0);
    reply_field(r, "Content-Length", length, sizeof length);
    probe_expect(p, length[0] == '\0' || strtoull(length, NULL, 10) == HTTP_TEXT_LENGTH,
                 "Content-Length: %s", length);
}

void http_put_that_creates_is_201(probe *p)
{
    if (probe_overruled(p, "s3", "S3 answers every PUT with 200"))
        return;
    probe_expect_status(p, http_ask_put(p, probe_file(p, "new"), NULL, http_text), 201, 0, 0, 0);
}

void http_put_that_replaces_is_200_or_204(probe *p)
{
    const char *url = http_file(p);
    if (url == NULL)
        return;
    probe_expect_status(p, http_ask_put(p, url, NULL, http_other), 200, 204, 0, 0);
    http_still_holds(p, url, http_other, HTTP_OTHER_LENGTH);
}

void http_put_with_content_range_is_400(probe *p)
{
    const char *url = http_file(p);
    if (url == NULL)
        return;
    const reply *r = http_ask_put(p, url, HTTP_FIELDS("Content-Range", "bytes 0-4/36"), "XXXXX");
    probe_expect_status(p, r, 400, 0, 0, 0);
}

void http_a_part_is_never_the_whole(probe *p)
{
    const char *url = http_file(p);
    if (url == NULL)
        return;
    http_ask_put(p, url, HTTP_FIELDS("Content-Range", "bytes 0-4/36"), "XXXXX");
    const reply *r = http_ask_get(p, url, NULL);
    probe_expect(p, r->body.length == HTTP_TEXT_LENGTH, "afterwards the file has %zu of 36 bytes",
                 r->body.length);
}

void http_put_of_nothing_is_an_empty_file(probe *p)
{
    const char *url = probe_file(p, "empty");
    if (probe_expect_status(p, probe_ask(p, "PUT", url, NULL, "", 0), 200, 201, 204, 0))
        http_still_holds(p, url, "", 0);
}

void http_put_of_5_mib_and_1_comes_back(probe *p)
{
    const char *url = probe_file(p, "big");
    char *bytes = memory_take(BIG);
    for (size_t i = 0; i < BIG; i++)
        bytes[i] = (char)(i * 31 + i / 256);
    if (probe_expect_status(p, probe_ask(p, "PUT", url, NULL, bytes, BIG), 200, 201, 204, 0))
        http_still_holds(p, url, bytes, BIG);
    free(bytes);
}

void http_delete_removes(probe *p)
{
    const char *url = http_file(p);
    if (url == NULL)
        return;
    probe_expect_status(p, probe_ask(p, "DELETE", url, NULL, NULL, 0), 200, 202, 204, 0);
    probe_expect_status(p, http_ask_get(p, url, NULL), 404, 410, 0, 0);
}

void http_delete_of_nothing_is_404(probe *p)
{
    if (probe_overruled(p, "s3", "S3 answers DELETE of what is not there with 204"))
        return;
    probe_expect_status(p, probe_ask(p, "DELETE", probe_file(p, "never"), NULL, NULL, 0), 404, 410,
                        0, 0);
}

static void name_comes_back(probe *p, const char *escaped)
{
    const char *url = probe_file(p, escaped);
    if (probe_expect_status(p, http_ask_put(p, url, NULL, http_text), 200, 201, 204, 0))
        http_still_holds(p, url, http_text, HTTP_TEXT_LENGTH);
}

void http_names_may_have_blanks(probe *p)
{
    name_comes_back(p, "with%20a%20blank");
}

void http_names_may_have_percent(probe *p)
{
    name_comes_back(p, "100%25");
}

void http_names_may_be_utf8(probe *p)
{
    name_comes_back(p, "%C3%BCml%C3%A4ut%20%E6%97%A5%E6%9C%AC");
}

void http_names_may_have_a_question_mark(probe *p)
{
    name_comes_back(p, "what%3Fnow%23");
}

void http_percent_is_not_decoded_twice(probe *p)
{
    const char *one = probe_file(p, "x%2541");
    const char *two = probe_file(p, "xA");
    http_ask_put(p, one, NULL, http_text);
    const reply *r = http_ask_get(p, two, NULL);
    probe_expect(p, r->status == 404 || r->status == 410,
                 "what was put as x%%2541 is found as xA: status %u", r->status);
}

void http_a_slash_is_not_an_escaped_slash(probe *p)
{
    const reply *r = http_ask_put(p, probe_file(p, "a%2Fb"), NULL, http_text);
    probe_tell(p, "PUT of a%%2Fb: status %u", r->status);
}
