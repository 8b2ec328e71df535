#include "engine/auth.h"

#include <curl/curl.h>

#include "base/check.h"

static auth_kind kind_of(const auth *a)
{
    return a != NULL ? a->kind : AUTH_NONE;
}

static void set_text(CURL *easy, CURLoption option, const char *text)
{
    CHECK(curl_easy_setopt(easy, option, text) == CURLE_OK);
}

void auth_apply(void *easy, const auth *a)
{
    auth_kind kind = kind_of(a);
    if (kind == AUTH_NONE)
        return;
    if (kind == AUTH_BEARER) {
        set_text(easy, CURLOPT_XOAUTH2_BEARER, a->secret);
    } else {
        set_text(easy, CURLOPT_USERNAME, a->user);
        set_text(easy, CURLOPT_PASSWORD, a->secret);
    }
    if (kind == AUTH_SIGV4) {
        set_text(easy, CURLOPT_AWS_SIGV4, a->signs);
        /* "Expect: 100-continue" cannot be left out of signed requests, so nobody waits for it. */
        CHECK(curl_easy_setopt(easy, CURLOPT_EXPECT_100_TIMEOUT_MS, 1L) == CURLE_OK);
    } else {
        curl_easy_setopt(easy, CURLOPT_HTTPAUTH,
                         kind == AUTH_BASIC ? (long)CURLAUTH_BASIC : (long)CURLAUTH_BEARER);
    }
}

/* The contents are streamed, so that their digest cannot stand before them. */
const char *auth_header(const auth *a)
{
    return kind_of(a) == AUTH_SIGV4 ? "x-amz-content-sha256: UNSIGNED-PAYLOAD" : NULL;
}

bool auth_signs(const auth *a)
{
    return kind_of(a) == AUTH_SIGV4;
}

void auth_add_flags(const auth *a, const char *secret, buffer *line)
{
    switch (kind_of(a)) {
    case AUTH_NONE:
        break;
    case AUTH_BASIC:
        buffer_printf(line, " -u \"%s:%s\"", a->user, secret);
        break;
    case AUTH_BEARER:
        buffer_printf(line, " -H \"Authorization: Bearer %s\"", secret);
        break;
    case AUTH_SIGV4:
        buffer_printf(line, " --aws-sigv4 %s -u \"%s:%s\" -H '%s'", a->signs, a->user, secret,
                      auth_header(a));
        break;
    }
}
