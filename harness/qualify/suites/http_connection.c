/* Methods, the framing of requests, and connections. */
#include <string.h>
#include <strings.h>

#include "qualify/suites/http_ask.h"
#include "qualify/suites/http_cases.h"

void http_an_unknown_method_is_refused(probe *p)
{
    const char *url = http_file(p);
    if (url != NULL)
        probe_expect_status(p, probe_ask(p, "BREW", url, NULL, NULL, 0), 405, 501, 400, 403);
}

void http_a_405_says_what_is_allowed(probe *p)
{
    const char *url = http_file(p);
    char allow[HTTP_FIELD];
    if (url == NULL)
        return;
    const reply *r = probe_ask(p, "POST", url, NULL, "x", 1);
    if (r->status != 405) {
        probe_not_applicable(p, "POST of a file is not answered with 405");
        return;
    }
    probe_expect(p, reply_field(r, "Allow", allow, sizeof allow)[0] != '\0', "no Allow field");
}

void http_a_request_without_host_is_400(probe *p)
{
    probe_expect_status(p, http_ask_get(p, probe_file(p, "a"), HTTP_FIELDS("Host", "")), 400, 0, 0,
                        0);
}

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

void http_the_absolute_form_is_understood(probe *p)
{
    const char *url = http_file(p);
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
    probe_expect(p, strstr(buffer_text(&r->body), http_text) != NULL, "%zu bytes, or others",
                 r->body.length);
}

/* Requests one after the other; `silent`: of the connections that end only those count of whose end
 * nothing was said. */
static void connections_last(probe *p, bool silent)
{
    const char *url = http_file(p);
    const char *empty = probe_file(p, "empty");
    const struct {
        const char *method;
        const char *url;
        const char *content;
    } requests[] = {{"GET", url, NULL},      {"HEAD", url, NULL},     {"GET", url, NULL},
                    {"PUT", empty, ""},      {"GET", empty, NULL},    {"PUT", empty, http_other},
                    {"DELETE", empty, NULL}, {"DELETE", empty, NULL}, {"GET", url, NULL}};
    char said[HTTP_FIELD] = "";
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

void http_connections_are_kept(probe *p)
{
    connections_last(p, false);
}

void http_who_closes_says_so(probe *p)
{
    connections_last(p, true);
}
