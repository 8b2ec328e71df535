#include "framing.h"

#include <string.h>
#include <strings.h>

#include "base/units.h"

#define HEADERS_MOST       64
#define HEADER_LONGEST     8192
#define LENGTH_DIGITS_MOST 18

/* Of two of them one would be overlooked, be it a condition or a checksum. */
static const char *const singles[] = {
    "If-Match",      "If-None-Match", "If-Range",      "Range",           "Content-Range",
    "Repr-Digest",   "Content-Type",  "Authorization", "Last-Event-ID",   "Tus-Resumable",
    "Upload-Length", "Upload-Offset", "Upload-Concat", "Upload-Checksum", "Upload-Metadata"};
#define SINGLES (sizeof singles / sizeof singles[0])

typedef struct {
    unsigned count;
    bool seen[SINGLES];
    bool twice;
    bool expects;
    unsigned lengths;
    unsigned codings;
    unsigned hosts;
    bool control;
    bool long_line;
    const char *length;
    const char *coding;
} head_figures;

static bool has_control(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];
        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return true;
    }
    return false;
}

static void note_single(head_figures *f, const char *key)
{
    size_t i = 0;
    while (i < SINGLES && strcasecmp(key, singles[i]) != 0)
        i++;
    if (i == SINGLES)
        return;
    f->twice = f->twice || f->seen[i];
    f->seen[i] = true;
}

static enum MHD_Result look(void *owner, enum MHD_ValueKind kind, const char *key, size_t key_size,
                            const char *value, size_t value_size)
{
    (void)kind;
    head_figures *f = owner;
    f->count++;
    f->control = f->control || has_control(key, key_size) ||
                 (value != NULL && has_control(value, value_size));
    f->long_line = f->long_line || key_size + value_size > HEADER_LONGEST;
    if (strcasecmp(key, "Content-Length") == 0) {
        f->lengths++;
        f->length = value;
    } else if (strcasecmp(key, "Transfer-Encoding") == 0) {
        f->codings++;
        f->coding = value;
    } else if (strcasecmp(key, "Host") == 0) {
        f->hosts++;
    } else if (strcasecmp(key, "Expect") == 0) {
        f->expects = true;
    } else {
        note_single(f, key);
    }
    return MHD_YES;
}

problem_code framing_check(request *r, const char *http_version, const char **detail)
{
    head_figures f = {0};
    MHD_get_connection_values_n(r->connection, MHD_HEADER_KIND, look, &f);
    r->body_length = f.codings > 0 ? NO_LENGTH : 0;
    *detail = "";
    if (f.count > HEADERS_MOST || f.long_line) {
        *detail = "more than 64 header fields, or one of more than 8192 bytes";
        return PROBLEM_HEAD_TOO_LARGE;
    }
    if (f.control)
        *detail = "a control character in a header field";
    else if (f.hosts > 1 || (f.hosts == 0 && strcmp(http_version, "HTTP/1.1") == 0))
        *detail = "exactly one Host field is needed";
    else if (f.lengths > 1)
        *detail = "more than one Content-Length";
    else if (f.lengths > 0 && f.codings > 0)
        *detail = "Content-Length beside Transfer-Encoding";
    else if (f.codings > 0 && strcmp(http_version, "HTTP/1.1") != 0)
        *detail = "Transfer-Encoding before HTTP/1.1";
    else if (f.twice)
        *detail = "a field stands twice that may stand once";
    else if (f.length != NULL &&
             (strlen(f.length) > LENGTH_DIGITS_MOST || !units_whole(f.length, &r->body_length)))
        *detail = "Content-Length is not a number of bytes";
    /* RFC 9110 forbids it, and libmicrohttpd calls too early for the answer when more follows. */
    else if (f.expects && r->body_length == 0)
        *detail = "Expect without content";
    if (**detail != '\0')
        return PROBLEM_VALIDATION;
    if (f.codings > 1 || (f.coding != NULL && strcasecmp(f.coding, "chunked") != 0)) {
        *detail = "the only transfer coding is chunked";
        return PROBLEM_NOT_IMPLEMENTED;
    }
    return PROBLEM_NONE;
}
