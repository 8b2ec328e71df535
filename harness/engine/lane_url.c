/* The address of a request, handed to libcurl in parts: scheme and host are parsed once a lane,
 * which saves a fifth of what a small request costs. */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "engine/loop_parts.h"

#define PATH_MOST     2048
#define NAME_AGE_MOST 60L /* seconds, as libcurl has it */

/* Up to the path: "http://127.0.0.1:80". 0 when there is no such thing. */
static size_t origin_length(const char *url)
{
    const char *host = strstr(url, "://");
    return host != NULL ? (size_t)(host + 3 - url) + strcspn(host + 3, "/?#") : 0;
}

static bool same_origin(const loop_lane *lane, const char *url, size_t length)
{
    return lane->address != NULL && strncmp(lane->origin, url, length) == 0 &&
           lane->origin[length] == '\0';
}

/* libcurl looks through all of its table of names after every exchange for those that are too old;
 * an address in numbers cannot come to mean another machine. */
static void set_name_age(loop_lane *lane, size_t length)
{
    const char *host = strstr(lane->origin, "://") + 3;
    bool numbers =
        *host == '[' || strspn(host, "0123456789.:") == (size_t)(lane->origin + length - host);
    curl_easy_setopt(lane->easy, CURLOPT_DNS_CACHE_TIMEOUT, numbers ? -1L : NAME_AGE_MOST);
}

static bool set_origin(loop_lane *lane, const char *url, size_t length)
{
    lane_forget_url(lane);
    lane->origin = strndup(url, length);
    lane->address = curl_url();
    CHECK(lane->origin != NULL && lane->address != NULL);
    set_name_age(lane, length);
    curl_easy_setopt(lane->easy, CURLOPT_CURLU, lane->address);
    return curl_url_set(lane->address, CURLUPART_URL, lane->origin, CURLU_PATH_AS_IS) == CURLUE_OK;
}

static bool set_rest(loop_lane *lane, const char *rest)
{
    char path[PATH_MOST];
    size_t length = strcspn(rest, "?");
    const char *query = rest[length] == '?' ? rest + length + 1 : NULL;
    if (length >= sizeof path || strchr(rest, '#') != NULL)
        return false;
    memcpy(path, rest, length);
    path[length] = '\0';
    bool had_query = lane->has_query;
    lane->has_query = query != NULL;
    return curl_url_set(lane->address, CURLUPART_PATH, length > 0 ? path : "/", 0) == CURLUE_OK &&
           ((!had_query && query == NULL) ||
            curl_url_set(lane->address, CURLUPART_QUERY, query, 0) == CURLUE_OK);
}

/* Who writes a file often reads it next. */
static bool is_last(const loop_lane *lane, const char *url)
{
    return lane->address != NULL && strcmp(lane->last_url, url) == 0;
}

void lane_set_url(loop_lane *lane, const char *url)
{
    if (is_last(lane, url))
        return;
    size_t length = origin_length(url);
    bool as_it_is = auth_signs(lane->request->auth) && strchr(url, '%') != NULL;
    bool in_parts = length > 0 && !as_it_is &&
                    (same_origin(lane, url, length) || set_origin(lane, url, length)) &&
                    set_rest(lane, url + length);
    size_t size = strlen(url) + 1;
    lane->last_url[0] = '\0';
    if (in_parts && size <= sizeof lane->last_url)
        memcpy(lane->last_url, url, size);
    if (in_parts)
        return;
    /* What does not come apart is libcurl's to judge. */
    lane_forget_url(lane);
    curl_easy_setopt(lane->easy, CURLOPT_CURLU, NULL);
    curl_easy_setopt(lane->easy, CURLOPT_URL, url);
}

void lane_forget_url(loop_lane *lane)
{
    curl_url_cleanup(lane->address);
    free(lane->origin);
    lane->address = NULL;
    lane->origin = NULL;
    lane->has_query = false;
}
