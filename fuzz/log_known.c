#include "log_known.h"

#include <stdio.h>
#include <string.h>

#include "fuzz.h"
#include "traffic/log_line.h"

/* 21 November 2026, 10:00:00 UTC */
#define TEN                        1795255200.0
#define COMBO(when, request, rest) "1.2.3.4 - - [" when "] \"" request "\" " rest
#define GOOD                       "21/Nov/2026:10:00:00 +0000"

static const struct {
    const char *line;
    log_entry entry;
} understood[] = {
    {COMBO(GOOD, "GET /a HTTP/1.1", "200 12 \"-\" \"agent\""),
     {TEN, "GET", "/a", 200, 12, NO_BYTES}},
    {COMBO(GOOD, "GET /a HTTP/1.1", "200 12"), {TEN, "GET", "/a", 200, 12, NO_BYTES}},
    {COMBO("21/Nov/2026:11:30:00 +0130", "PUT /a/b%20c?x=1 HTTP/2.0", "201 -"),
     {TEN, "PUT", "/a/b%20c", 201, NO_BYTES, NO_BYTES}},
    {COMBO("21/Nov/2026:04:00:00 -0600", "GET /a b HTTP/1.1", "304 0"),
     {TEN, "GET", "/a b", 304, 0, NO_BYTES}},
    {COMBO(GOOD, "GET /\\\"b\\\" HTTP/1.1", "200 7"), {TEN, "GET", "/\"b\"", 200, 7, NO_BYTES}},
    {COMBO(GOOD, "GET /\\x22\\x2fB\\x5a\\x2A\\x4F\\x6f HTTP/1.1", "200 7"),
     {TEN, "GET", "/\"/BZ*Oo", 200, 7, NO_BYTES}},
    {COMBO(GOOD, "GET http://host:80/a#b HTTP/1.1", "599 7"), {TEN, "GET", "/a", 599, 7, NO_BYTES}},
    {COMBO(GOOD, "M-SEARCH /a", "100 7"), {TEN, "M-SEARCH", "/a", 100, 7, NO_BYTES}},
    {"::1 - [a] [" GOOD "] \"GET /a HTTP/1.1\" 200 18446744073709551615",
     {TEN, "GET", "/a", 200, UINT64_MAX, NO_BYTES}},
    {"{\"time\":\"2026-11-21T10:00:00.250Z\",\"request\":\"GET /a HTTP/1.1\",\"status\":200}",
     {TEN + 0.25, "GET", "/a", 200, NO_BYTES, NO_BYTES}},
    {"{\"ts\":1795255200.5,\"request\":{\"method\":\"PUT\",\"uri\":\"/a?b\"},\"status\":204,"
     "\"size\":3,\"bytes_read\":2048}",
     {TEN + 0.5, "PUT", "/a", 204, 3, 2048}},
    {"{\"msec\":\"1795255200.000\",\"request_method\":\"GET\",\"request_uri\":\"/a\","
     "\"status\":\"206\",\"bytes_sent\":\"9\"}",
     {TEN, "GET", "/a", 206, 9, NO_BYTES}},
    {"  "
     "{\"timestamp\":1795255200000,\"verb\":\"GET\",\"url\":\"http://h/a\",\"response_code\":100}",
     {TEN, "GET", "/a", 100, NO_BYTES, NO_BYTES}},
    {"{\"@timestamp\":1795255200000000000,\"method\":\"GET\",\"path\":\"/a\",\"status_code\":599,"
     "\"bytes_received\":0,\"bytes\":-1}",
     {TEN, "GET", "/a", 599, NO_BYTES, 0}},
    {"{\"time_local\":\"" GOOD "\",\"method\":\"GET\",\"path\":\"/a\",\"status\":200}",
     {TEN, "GET", "/a", 200, NO_BYTES, NO_BYTES}},
    {"{\"time\":\"2026-11-21 10:00:00\",\"method\":\"GET\",\"path\":\"/a\",\"status\":200}",
     {TEN, "GET", "/a", 200, NO_BYTES, NO_BYTES}},
};

static const char *const refused[] = {
    "",
    "GET /a HTTP/1.1",
    COMBO("21/Nov/2026:10:00:00", "GET /a HTTP/1.1", "200 1"),
    COMBO("31/Nov/2026:10:00:00 +0000", "GET /a HTTP/1.1", "200 1"),
    COMBO("21/Now/2026:10:00:00 +0000", "GET /a HTTP/1.1", "200 1"),
    COMBO("21/Nov/2026:25:00:00 +0000", "GET /a HTTP/1.1", "200 1"),
    COMBO(GOOD, "GET /a HTTP/1.1", "99 1"),
    COMBO(GOOD, "GET /a HTTP/1.1", "600 1"),
    COMBO(GOOD, "GET /a HTTP/1.1", "- 1"),
    COMBO(GOOD, "GET", "200 1"),
    COMBO(GOOD, "G:T /a HTTP/1.1", "200 1"),
    COMBO(GOOD, "A-METHOD-TOO-LONG /a HTTP/1.1", "200 1"),
    COMBO(GOOD, "\\x16\\x03\\x01", "400 1"),
    "1.2.3.4 - - [" GOOD "] \"GET /a HTTP/1.1 200 1",
    "{\"time\":1795255200,\"request\":\"GET /a\",\"status\":200",
    "{\"time\":0,\"request\":\"GET /a\",\"status\":200}",
    "{\"time\":1e99,\"request\":\"GET /a\",\"status\":200}",
    "{\"time\":\"10:00\",\"request\":\"GET /a\",\"status\":200}",
    "{\"time\":1795255200,\"request\":\"GET /a\",\"status\":600}",
    "{\"time\":1795255200,\"request\":\"GET /a\",\"status\":-200}",
    "{\"time\":1795255200,\"request\":\"GET /a\"}",
    "{\"time\":1795255200,\"method\":\"GET\",\"status\":200}",
    "{\"time\":1795255200,\"path\":\"/a\",\"status\":200}",
    "[1795255200,\"GET /a\",200]",
};

static void check(bool as_known, const char *line)
{
    if (!as_known)
        fprintf(stderr, "is read otherwise than it is known: %s\n", line);
    ORACLE(as_known);
}

void log_known_check(void)
{
    log_entry got;
    for (size_t i = 0; i < sizeof understood / sizeof understood[0]; i++) {
        const log_entry *wanted = &understood[i].entry;
        bool fine = log_line_parse(understood[i].line, &got);
        check(fine && got.at >= wanted->at && got.at <= wanted->at &&
                  got.status == wanted->status && got.sent == wanted->sent &&
                  got.received == wanted->received && strcmp(got.method, wanted->method) == 0 &&
                  strcmp(got.path, wanted->path) == 0,
              understood[i].line);
    }
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        check(!log_line_parse(refused[i], &got), refused[i]);
}
