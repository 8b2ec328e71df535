#include "qualify/suites/http_ask.h"

#include <string.h>

const char http_text[HTTP_TEXT_LENGTH + 1] = "0123456789abcdefghijklmnopqrstuvwxyz";
const char http_other[HTTP_OTHER_LENGTH + 1] = "another content";

const reply *http_ask_put(probe *p, const char *url, const char *const *headers,
                          const char *content)
{
    return probe_ask(p, "PUT", url, headers, content, strlen(content));
}

const reply *http_ask_get(probe *p, const char *url, const char *const *headers)
{
    return probe_ask(p, "GET", url, headers, NULL, 0);
}

const char *http_file(probe *p)
{
    const char *url = probe_file(p, "a");
    return probe_expect_status(p, http_ask_put(p, url, NULL, http_text), 200, 201, 204, 0) ? url
                                                                                           : NULL;
}

bool http_tag(probe *p, const char *url, char tag[HTTP_FIELD])
{
    if (reply_field(http_ask_get(p, url, NULL), "ETag", tag, HTTP_FIELD)[0] != '\0')
        return true;
    probe_not_applicable(p, "the target sends no ETag");
    return false;
}

void http_still_holds(probe *p, const char *url, const char *content, size_t length)
{
    const reply *r = http_ask_get(p, url, NULL);
    probe_expect(p, reply_is(r, content, length), "afterwards GET says status %u with %zu bytes",
                 r->status, r->body.length);
}
