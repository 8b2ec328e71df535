/* Parts of files. */
#include <stdio.h>
#include <string.h>

#include "qualify/suites/http_ask.h"
#include "qualify/suites/http_cases.h"

static void range_is(probe *p, const char *range, size_t from, size_t length)
{
    const char *url = http_file(p);
    char field[HTTP_FIELD];
    char wanted[HTTP_FIELD];
    if (url == NULL)
        return;
    const reply *r = http_ask_get(p, url, HTTP_FIELDS("Range", range));
    probe_expect_status(p, r, 206, 0, 0, 0);
    probe_expect(p, reply_is(r, http_text + from, length), "%zu bytes, or others", r->body.length);
    snprintf(wanted, sizeof wanted, "bytes %zu-%zu/%zu", from, from + length - 1, HTTP_TEXT_LENGTH);
    reply_field(r, "Content-Range", field, sizeof field);
    probe_expect(p, strcmp(field, wanted) == 0, "Content-Range: %s", field);
}

void http_range_from_to(probe *p)
{
    range_is(p, "bytes=5-9", 5, 5);
}

void http_range_suffix(probe *p)
{
    range_is(p, "bytes=-5", HTTP_TEXT_LENGTH - 5, 5);
}

void http_range_open(probe *p)
{
    range_is(p, "bytes=30-", 30, HTTP_TEXT_LENGTH - 30);
}

void http_range_beyond_the_end_is_cut(probe *p)
{
    range_is(p, "bytes=30-999", 30, HTTP_TEXT_LENGTH - 30);
}

void http_range_outside_is_416(probe *p)
{
    const char *url = http_file(p);
    if (url != NULL)
        probe_expect_status(p, http_ask_get(p, url, HTTP_FIELDS("Range", "bytes=999-")), 416, 0, 0,
                            0);
}

void http_range_outside_tells_the_length(probe *p)
{
    const char *url = http_file(p);
    char field[HTTP_FIELD];
    if (url == NULL)
        return;
    const reply *r = http_ask_get(p, url, HTTP_FIELDS("Range", "bytes=999-"));
    reply_field(r, "Content-Range", field, sizeof field);
    probe_expect(p, strcmp(field, "bytes */36") == 0, "Content-Range: %s", field);
}

void http_range_of_another_unit_is_ignored(probe *p)
{
    const char *url = http_file(p);
    if (url == NULL)
        return;
    const reply *r = http_ask_get(p, url, HTTP_FIELDS("Range", "lines=1-2"));
    probe_expect_status(p, r, 200, 0, 0, 0);
    probe_expect(p, r->body.length == HTTP_TEXT_LENGTH, "%zu bytes", r->body.length);
}

void http_if_range_of_the_present_brings_the_part(probe *p)
{
    const char *url = http_file(p);
    char tag[HTTP_FIELD];
    if (url != NULL && http_tag(p, url, tag) && tag[0] == '"')
        probe_expect_status(
            p, http_ask_get(p, url, HTTP_FIELDS("Range", "bytes=0-0", "If-Range", tag)), 206, 0, 0,
            0);
}

void http_if_range_of_another_brings_all(probe *p)
{
    const char *url = http_file(p);
    if (url == NULL)
        return;
    const reply *r =
        http_ask_get(p, url, HTTP_FIELDS("Range", "bytes=0-0", "If-Range", "\"another\""));
    probe_expect_status(p, r, 200, 0, 0, 0);
    probe_expect(p, r->body.length == HTTP_TEXT_LENGTH, "%zu bytes", r->body.length);
}
