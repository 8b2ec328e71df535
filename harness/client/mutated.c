/* Stories that are valid but for what a few changes made of them: a black-box fuzzer that knows how
 * each protocol's requests look.
 *
 * All names begin with "mutated/", and none is deleted where an address with its end cut off would
 * name more than itself, so that those who behave keep what they have. */
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "client/garbage.h"
#include "client/garbage_send.h"
#include "client/perform.h"

#define REQUESTS_MOST 4
#define CHANGES_MOST  4
#define NAMES         8
#define COPY_MOST     64

/* "@" stands for where files are, "#" for a small number; Host is added behind the first line. */
typedef struct {
    const char *driver; /* NULL: whatever speaks HTTP */
    const char *text;
} template;

#define TUS "Tus-Resumable: 1.0.0\r\n"

static const template templates[] = {
    {NULL, "GET @/mutated/# HTTP/1.1\r\n\r\n"},
    {NULL, "GET @/mutated/# HTTP/1.1\r\nRange: bytes=1-#\r\nIf-Range: \"x\"\r\n\r\n"},
    {NULL, "HEAD @/mutated/# HTTP/1.1\r\nIf-None-Match: \"x\", W/\"y\"\r\n\r\n"},
    {NULL, "OPTIONS @/mutated/# HTTP/1.1\r\n\r\n"},
    {NULL, "PUT @/mutated/# HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello"},
    {NULL, "PUT @/mutated/# HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"},
    {NULL,
     "PUT @/mutated/# HTTP/1.1\r\nExpect: 100-continue\r\nIf-Match: *\r\nContent-Length: 2\r\n\r\n"
     "ab"},
    {"reference", "PUT /v1/files/mutated/# HTTP/1.1\r\nContent-Length: 5\r\nRepr-Digest: sha-256="
                  ":LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=:\r\n\r\nhello"},
    {"reference", "GET /v1/files/mutated/#?version=# HTTP/1.1\r\nRange: bytes=-#\r\n\r\n"},
    {"reference", "GET /v1/files?prefix=mutated%2F&limit=#&cursor=x HTTP/1.1\r\n\r\n"},
    {"reference", "DELETE /v1/files/mutated/# HTTP/1.1\r\n\r\n"},
    {"reference", "POST /v1/restore/mutated/#?version=# HTTP/1.1\r\nContent-Length: 0\r\n\r\n"},
    {"reference", "POST /v1/moves HTTP/1.1\r\nContent-Length: 57\r\n\r\n"
                  "{\"moves\":[{\"from\":\"mutated/#\",\"to\":\"mutated/#\"}]}        "},
    {"reference", "POST /v1/shares HTTP/1.1\r\nContent-Length: 42\r\n\r\n"
                  "{\"path\":\"mutated/#\",\"max_downloads\":#}     "},
    {"reference", "POST /v1/channels/mutated-#/samples HTTP/1.1\r\nContent-Length: 40\r\n\r\n"
                  "[{\"timestamp\":1,\"value\":#},{\"timestamp\""},
    {"reference", "GET /v1/changes?wait=0&cursor=# HTTP/1.1\r\nAccept: */*\r\n\r\n"},
    {"reference",
     "POST /v1/uploads HTTP/1.1\r\n" TUS "Upload-Length: #\r\nUpload-Metadata: filename "
     "bXV0YXRlZC8x\r\nContent-Length: 0\r\n\r\n"},
    {"reference", "PATCH /v1/uploads/0123456789abcdef0123456789abcdef HTTP/1.1\r\n" TUS
                  "Upload-Offset: #\r\nContent-Type: application/offset+octet-stream\r\n"
                  "Content-Length: 3\r\n\r\nabc"},
    {"webdav", "PROPFIND @/mutated/ HTTP/1.1\r\nDepth: 1\r\nContent-Length: 0\r\n\r\n"},
    {"webdav", "PROPFIND @/ HTTP/1.1\r\nDepth: 0\r\nContent-Length: 64\r\n\r\n"
               "<?xml version=\"1.0\"?><propfind xmlns=\"DAV:\"><allprop/></propfind>"},
    {"webdav", "MKCOL @/mutated/#/ HTTP/1.1\r\nContent-Length: 0\r\n\r\n"},
    {"webdav", "LOCK @/mutated/# HTTP/1.1\r\nTimeout: Second-1\r\nContent-Length: 0\r\n\r\n"},
    {"tus",
     "POST @ HTTP/1.1\r\n" TUS "Upload-Length: #\r\nUpload-Metadata: filename bXV0YXRlZA==\r\n"
     "Content-Length: 0\r\n\r\n"},
    {"tus", "HEAD @/mutated HTTP/1.1\r\n" TUS "\r\n"},
    {"tus", "PATCH @/mutated HTTP/1.1\r\n" TUS "Upload-Offset: #\r\nContent-Length: 3\r\n"
            "Content-Type: application/offset+octet-stream\r\n\r\nabc"},
    {"s3", "GET @?list-type=2&prefix=mutated&max-keys=# HTTP/1.1\r\n\r\n"},
    {"s3", "POST @/mutated/#?uploads HTTP/1.1\r\nContent-Length: 0\r\n\r\n"},
};
#define TEMPLATES (sizeof templates / sizeof templates[0])

/* What changes insert. */
static const char *const pieces[] = {
    "\r\n",
    "\r\n\r\n",
    "\n",
    " ",
    "\t",
    ":",
    ",",
    ";",
    "\"",
    "%00",
    "%2e%2e/",
    "../",
    "/",
    "?",
    "&",
    "=",
    "0",
    "-1",
    "\xff",
    "{",
    "[",
    "\\u0000",
    "*",
    "\x01",
    "18446744073709551616",
    "Content-Length: 0\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Connection: close\r\n",
    "Host: other\r\n",
    "Range: bytes=0-,5-1\r\n",
};
#define PIECES (sizeof pieces / sizeof pieces[0])

static bool speaks(const client *c, const char *protocol)
{
    return strcmp(c->stage->driver->name, protocol) == 0;
}

static const template *pick(client *c)
{
    for (;;) {
        const template *t = &templates[random_below(&c->random, TEMPLATES)];
        if (t->driver == NULL || speaks(c, t->driver))
            return t;
    }
}

/* One request, spelled out. */
static void spell(client *c, const template *t, buffer *out)
{
    const char *url = strstr(c->stage->base_url, "://");
    const char *host = url != NULL ? url + 3 : c->stage->base_url;
    size_t host_length = strcspn(host, "/");
    bool first_line = true;
    for (const char *at = t->text; *at != '\0'; at++) {
        if (*at == '@') {
            buffer_text_append(out, host + host_length);
            buffer_text_append(out, speaks(c, "reference") ? "/v1/files" : "");
        } else if (*at == '#') {
            buffer_printf(out, "%u", (unsigned)random_below(&c->random, NAMES));
        } else {
            buffer_append(out, at, 1);
        }
        if (*at == '\n' && first_line) {
            buffer_printf(out, "Host: %.*s\r\n", (int)host_length, host);
            first_line = false;
        }
    }
}

/* Puts `length` bytes in the place of `gone` bytes at `at`. */
static void replace(buffer *text, size_t at, size_t gone, const char *bytes, size_t length)
{
    buffer rest = {0};
    buffer_append(&rest, text->bytes + at + gone, text->length - at - gone);
    text->length = at;
    buffer_append(text, bytes, length);
    buffer_append(text, buffer_text(&rest), rest.length);
    buffer_free(&rest);
}

static void change(client *c, buffer *text)
{
    char copy[COPY_MOST];
    random_stream *r = &c->random;
    size_t at = random_below(r, text->length);
    size_t left = text->length - at;
    size_t some = 1 + random_below(r, left < COPY_MOST ? left : COPY_MOST);
    const char *piece = pieces[random_below(r, PIECES)];
    switch (random_below(r, 5)) {
    case 0: /* another bit */
        text->bytes[at] = (char)(text->bytes[at] ^ (1 << random_below(r, 8)));
        break;
    case 1: /* gone */
        replace(text, at, some, "", 0);
        break;
    case 2: /* twice */
        memcpy(copy, text->bytes + at, some);
        replace(text, at, 0, copy, some);
        break;
    case 3: /* something more */
        replace(text, at, 0, piece, strlen(piece));
        break;
    default: /* something else */
        replace(text, at, some, piece, strlen(piece));
        break;
    }
}

seen client_mutated(client *c, garbage_sent *last)
{
    char name[64];
    buffer text = {0};
    operation o = perform_begin(c, OPERATION_GARBAGE, NULL);
    const template *first = pick(c);
    spell(c, first, &text);
    for (uint64_t more = random_below(&c->random, REQUESTS_MOST); more > 0; more--)
        spell(c, pick(c), &text);
    for (uint64_t more = 1 + random_below(&c->random, CHANGES_MOST); more > 0 && text.length > 0;
         more--)
        change(c, &text);
    snprintf(name, sizeof name, "mutated %.*s", (int)strcspn(first->text, " "), first->text);
    o.record.key = operation_name(&o, name);
    garbage_send(&o, &text, true, last);
    buffer_free(&text);
    return perform_end(&o, NULL);
}
