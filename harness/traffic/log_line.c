#include "traffic/log_line.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/units.h"

/* --- what both forms share --- */

/* Where the path of an absolute address begins, or the text itself: a path, "*", "host:port". */
static const char *path_in(const char *text, size_t length)
{
    const char *scheme = text[0] != '/' ? strstr(text, "://") : NULL;
    if (scheme == NULL || scheme >= text + length)
        return text;
    return memchr(scheme + 3, '/', length - (size_t)(scheme + 3 - text));
}

/* "/a/b?c=d", or an address; the query is dropped. */
static bool take_path(const char *text, size_t length, log_entry *out)
{
    const char *path = length > 0 ? path_in(text, length) : NULL;
    if (path == NULL)
        return false;
    length -= (size_t)(path - text);
    size_t end = strcspn(path, "?#");
    end = end < length ? end : length;
    if (end == 0 || end >= sizeof out->path)
        return false;
    memcpy(out->path, path, end);
    out->path[end] = '\0';
    return true;
}

static bool take_method(const char *text, size_t length, log_entry *out)
{
    if (length == 0 || length >= sizeof out->method ||
        strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") < length)
        return false;
    memcpy(out->method, text, length);
    out->method[length] = '\0';
    return true;
}

int hexadecimal(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* Servers write a quote in a request as \" or \x22, and other bytes likewise. */
static size_t unescape(const char *text, size_t length, char *out)
{
    size_t used = 0;
    for (size_t i = 0; i < length; i++) {
        out[used++] = text[i];
        if (text[i] != '\\' || i + 1 == length)
            continue;
        i++;
        if (text[i] == 'x' && i + 2 < length && hexadecimal(text[i + 1]) >= 0 &&
            hexadecimal(text[i + 2]) >= 0) {
            out[used - 1] = (char)(hexadecimal(text[i + 1]) * 16 + hexadecimal(text[i + 2]));
            i += 2;
        } else {
            out[used - 1] = text[i];
        }
    }
    out[used] = '\0';
    return used;
}

/* "GET /a/b?c=d HTTP/1.1": some servers log an address with its blanks. */
static bool take_request(const char *text, size_t length, log_entry *out)
{
    const char *blank = memchr(text, ' ', length);
    if (blank == NULL || !take_method(text, (size_t)(blank - text), out))
        return false;
    const char *path = blank + 1;
    const char *last = memrchr(path, ' ', length - (size_t)(path - text));
    bool protocol = last != NULL && strncmp(last + 1, "HTTP/", strlen("HTTP/")) == 0;
    return take_path(path, (size_t)((protocol ? last : text + length) - path), out);
}

static bool take_clock(const char *text, const char *format, double *at)
{
    struct tm parts = {0};
    const char *rest = strptime(text, format, &parts);
    long offset = parts.tm_gmtoff;
    int day = parts.tm_mday;
    bool leap_second = parts.tm_sec == 60;
    if (rest == NULL)
        return false;
    *at = (double)(timegm(&parts) - offset);
    /* A day that its month does not have has become another. */
    return parts.tm_mday == day || leap_second;
}

/* --- combined: host ident user [time] "request" status bytes "referer" "agent" --- */

static bool parse_combined(const char *line, log_entry *out)
{
    char request[LOG_LINE_SIZE];
    const char *quote = strstr(line, "] \"");
    /* A user's name may hold a bracket too. */
    const char *open = quote != NULL ? memrchr(line, '[', (size_t)(quote - line)) : NULL;
    if (open == NULL || !take_clock(open + 1, "%d/%b/%Y:%H:%M:%S %z", &out->at))
        return false;
    const char *begin = quote + 3;
    const char *end = begin;
    while (*end != '\0' && *end != '"')
        end += *end == '\\' && end[1] != '\0' ? 2 : 1;
    size_t length = (size_t)(end - begin);
    if (*end != '"' || length >= sizeof request)
        return false;
    size_t used = unescape(begin, length, request);
    if (!take_request(request, used, out))
        return false;
    char *rest;
    unsigned long status = strtoul(end + 1, &rest, 10);
    out->status = status < 600 ? (unsigned)status : 0;
    /* "-" stands for none. */
    if (rest[0] == ' ' && rest[1] >= '0' && rest[1] <= '9')
        out->sent = strtoull(rest + 1, NULL, 10);
    return out->status >= 100;
}

/* Before the year 2262, when nanoseconds end. */
#define TIME_MOST 9.2e9

/* --- JSON, by the names that servers and proxies use --- */

static const json_t *any_of(const json_t *root, const char *const *names)
{
    for (; *names != NULL; names++) {
        const json_t *found = json_object_get(root, *names);
        if (found != NULL)
            return found;
    }
    return NULL;
}

/* Of a second; strtod on the text itself would take an exponent too. */
static double fraction_of(const char *text)
{
    char digits[24];
    const char *point = strchr(text, '.');
    if (point == NULL)
        return 0;
    int length = (int)strspn(point + 1, "0123456789");
    snprintf(digits, sizeof digits, "0.%.*s", length, point + 1);
    return strtod(digits, NULL);
}

static bool take_time(const json_t *value, double *at)
{
    if (json_is_number(value)) {
        *at = json_number_value(value);
        for (int finer = 0; finer < 3 && *at > TIME_MOST; finer++) /* milli-, micro-, nanoseconds */
            *at /= 1000;
        return *at > 0 && *at <= TIME_MOST;
    }
    const char *text = json_string_value(value);
    if (text == NULL)
        return false;
    if (units_real(text, at))
        return *at > 0 && *at <= TIME_MOST;
    bool fine = take_clock(text, "%d/%b/%Y:%H:%M:%S %z", at) ||
                take_clock(text, "%Y-%m-%dT%H:%M:%S%z", at) ||
                take_clock(text, "%Y-%m-%dT%H:%M:%S", at) ||
                take_clock(text, "%Y-%m-%d %H:%M:%S", at);
    *at += fine ? fraction_of(text) : 0;
    return fine;
}

static bool take_whole(const json_t *value, uint64_t *out)
{
    if (json_is_integer(value) && json_integer_value(value) >= 0)
        *out = (uint64_t)json_integer_value(value);
    else if (!json_is_string(value) || !units_whole(json_string_value(value), out))
        return false;
    return true;
}

static bool take_address(const json_t *root, log_entry *out)
{
    static const char *const methods[] = {"method", "request_method", "verb", NULL};
    static const char *const paths[] = {"path", "uri", "request_uri", "url", NULL};
    const json_t *request = json_object_get(root, "request");
    const char *line = json_string_value(request);
    if (line != NULL && take_request(line, strlen(line), out))
        return true;
    if (json_is_object(request)) /* Caddy */
        root = request;
    const char *method = json_string_value(any_of(root, methods));
    const char *path = json_string_value(any_of(root, paths));
    return method != NULL && path != NULL && take_method(method, strlen(method), out) &&
           take_path(path, strlen(path), out);
}

static bool parse_json(const char *line, log_entry *out)
{
    static const char *const times[] = {"time",         "ts",   "timestamp",  "@timestamp",
                                        "time_iso8601", "msec", "time_local", NULL};
    static const char *const states[] = {"status", "status_code", "response_code", NULL};
    static const char *const sizes[] = {"body_bytes_sent", "bytes_sent", "bytes", "size", NULL};
    static const char *const bodies[] = {"bytes_received", "bytes_read", "request_length", NULL};
    json_t *root = json_loads(line, 0, NULL);
    uint64_t status = 0;
    bool fine = json_is_object(root) && take_time(any_of(root, times), &out->at) &&
                take_whole(any_of(root, states), &status) && take_address(root, out);
    if (!take_whole(any_of(root, sizes), &out->sent))
        out->sent = NO_BYTES;
    if (!take_whole(any_of(root, bodies), &out->received))
        out->received = NO_BYTES;
    json_decref(root);
    out->status = (unsigned)status;
    return fine && status >= 100 && status < 600;
}

bool log_line_parse(const char *line, log_entry *out)
{
    *out = (log_entry){.sent = NO_BYTES, .received = NO_BYTES};
    line += strspn(line, " \t");
    return *line == '{' ? parse_json(line, out) : parse_combined(line, out);
}
