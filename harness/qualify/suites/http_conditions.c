/* ETags, and requests on condition of them. */
#include <stdio.h>
#include <string.h>

#include "qualify/suites/http_ask.h"
#include "qualify/suites/http_cases.h"

void http_if_match_of_another_is_412(probe *p)
{
    const char *url = http_file(p);
    if (url == NULL)
        return;
    const reply *r = http_ask_put(p, url, HTTP_FIELDS("If-Match", "\"another\""), http_other);
    probe_expect_status(p, r, 412, 0, 0, 0);
}

void http_if_match_of_another_changes_nothing(probe *p)
{
    const char *url = http_file(p);
    if (url == NULL)
        return;
    http_ask_put(p, url, HTTP_FIELDS("If-Match", "\"another\""), http_other);
    http_still_holds(p, url, http_text, HTTP_TEXT_LENGTH);
}

void http_if_match_any_of_nothing_is_412(probe *p)
{
    const char *url = probe_file(p, "none");
    probe_expect_status(p, http_ask_put(p, url, HTTP_FIELDS("If-Match", "*"), http_other), 412, 0,
                        0, 0);
    probe_expect_status(p, http_ask_get(p, url, NULL), 404, 410, 0, 0);
}

void http_if_match_of_the_present_goes_on(probe *p)
{
    const char *url = http_file(p);
    char tag[HTTP_FIELD];
    if (url == NULL || !http_tag(p, url, tag))
        return;
    if (strncmp(tag, "W/", 2) == 0) {
        probe_not_applicable(p, "the target's ETag is weak, which never matches");
        return;
    }
    probe_expect_status(p, http_ask_put(p, url, HTTP_FIELDS("If-Match", tag), http_other), 200, 201,
                        204, 0);
    http_still_holds(p, url, http_other, HTTP_OTHER_LENGTH);
}

void http_if_match_spent_is_412(probe *p)
{
    const char *url = http_file(p);
    char tag[HTTP_FIELD];
    if (url == NULL || !http_tag(p, url, tag))
        return;
    http_ask_put(p, url, NULL, http_other);
    probe_expect_status(p, http_ask_put(p, url, HTTP_FIELDS("If-Match", tag), http_text), 412, 0, 0,
                        0);
    http_still_holds(p, url, http_other, HTTP_OTHER_LENGTH);
}

void http_if_none_match_any_is_412(probe *p)
{
    const char *url = http_file(p);
    if (url == NULL)
        return;
    probe_expect_status(p, http_ask_put(p, url, HTTP_FIELDS("If-None-Match", "*"), http_other), 412,
                        0, 0, 0);
    http_still_holds(p, url, http_text, HTTP_TEXT_LENGTH);
}

void http_if_none_match_any_of_nothing_goes_on(probe *p)
{
    const char *url = probe_file(p, "new");
    probe_expect_status(p, http_ask_put(p, url, HTTP_FIELDS("If-None-Match", "*"), http_text), 200,
                        201, 204, 0);
    http_still_holds(p, url, http_text, HTTP_TEXT_LENGTH);
}

void http_if_none_match_of_the_present_is_304(probe *p)
{
    const char *url = http_file(p);
    char tag[HTTP_FIELD];
    if (url == NULL || !http_tag(p, url, tag))
        return;
    const reply *r = http_ask_get(p, url, HTTP_FIELDS("If-None-Match", tag));
    probe_expect_status(p, r, 304, 0, 0, 0);
    probe_expect(p, r->body.length == 0, "%zu bytes of content", r->body.length);
}

void http_if_none_match_of_another_brings_all(probe *p)
{
    const char *url = http_file(p);
    if (url == NULL)
        return;
    const reply *r = http_ask_get(p, url, HTTP_FIELDS("If-None-Match", "\"another\""));
    probe_expect_status(p, r, 200, 0, 0, 0);
    probe_expect(p, reply_is(r, http_text, HTTP_TEXT_LENGTH), "%zu bytes, or others",
                 r->body.length);
}

void http_a_304_has_the_etag(probe *p)
{
    const char *url = http_file(p);
    char tag[HTTP_FIELD];
    char again[HTTP_FIELD];
    if (url == NULL || !http_tag(p, url, tag))
        return;
    const reply *r = http_ask_get(p, url, HTTP_FIELDS("If-None-Match", tag));
    reply_field(r, "ETag", again, sizeof again);
    probe_expect(p, r->status != 304 || strcmp(tag, again) == 0, "ETag: %s", again);
}

void http_get_if_match_of_another_is_412(probe *p)
{
    const char *url = http_file(p);
    if (url != NULL)
        probe_expect_status(p, http_ask_get(p, url, HTTP_FIELDS("If-Match", "\"another\"")), 412, 0,
                            0, 0);
}

void http_delete_if_match_of_another_is_412(probe *p)
{
    const char *url = http_file(p);
    if (url == NULL)
        return;
    const reply *r = probe_ask(p, "DELETE", url, HTTP_FIELDS("If-Match", "\"another\""), NULL, 0);
    probe_expect_status(p, r, 412, 0, 0, 0);
    http_still_holds(p, url, http_text, HTTP_TEXT_LENGTH);
}

void http_files_have_an_etag(probe *p)
{
    const char *url = http_file(p);
    char tag[HTTP_FIELD];
    if (url == NULL)
        return;
    reply_field(http_ask_get(p, url, NULL), "ETag", tag, sizeof tag);
    probe_expect(p, tag[0] != '\0', "no ETag");
}

void http_another_content_has_another_etag(probe *p)
{
    const char *url = http_file(p);
    char before[HTTP_FIELD];
    char after[HTTP_FIELD];
    if (url == NULL || !http_tag(p, url, before))
        return;
    if (strncmp(before, "W/", 2) == 0) {
        probe_not_applicable(p, "the target's ETag is weak, which promises less");
        return;
    }
    /* As long as the first, and within the same second, or one of them is. */
    static const char *const others[] = {"9876543210abcdefghijklmnopqrstuvwxyz",
                                         "abcdefghijklmnopqrstuvwxyz0123456789"};
    for (size_t i = 0; i < 2; i++) {
        http_ask_put(p, url, NULL, others[i]);
        if (http_tag(p, url, after))
            probe_expect(p, strcmp(before, after) != 0, "ETag is %s before and after", before);
        snprintf(before, sizeof before, "%s", after);
    }
}
