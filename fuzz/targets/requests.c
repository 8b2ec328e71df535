/* Sequences of requests to the server in this process: an input is a text that tells a story.
 *
 *     PUT /v1/files/~a              request line
 *     If-Match: {etag}              fields; {etag}, {upload}, {share}, {token}, {cursor}: what the
 *                                   last answer that had one said; {b64:text}: text in base64
 *                                   an empty line begins the body
 *     the body
 *     ====                          a line of its own ends the request
 *     !clock 3600                   both clocks go on; !wall -3600: only the wall clock
 *     !sweep                        the server looks for what has expired
 *     !restart                      the server ends and starts again on the same data
 *     !fault fsync 2 5              the second fsync from now fails with errno 5;
 *                                   "!fault write 1 28 ever": all do from the first on;
 *                                   write, fsync, rename, open, link, step (of SQLite)
 *     !goes 10                      the client of the next request goes away after 10 bytes of body
 *     !piece 3                      the next body comes in pieces of 3 bytes
 *     !meanwhile 100                so many seconds pass, and a sweep, while the next body comes
 *     !news                         while the next request sleeps, a file is put
 *     !bare                         the next request has no Host and no Content-Length of itself
 *     !accounts                     what follows goes to a server with accounts; !open: without
 *
 * "~" in a target, a field or a body stands for the story's own number, so that stories do not
 * meet. Oracles beyond those of talk.h: a PUT that was acknowledged is read back byte for byte;
 * after a story nothing is left in work, and after their lives no session; what a JSON route
 * accepts, a second parser accepts. */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/units.h"
#include "faults.h"
#include "fuzz.h"
#include "service_here.h"
#include "talk.h"
#include "uploads.h"

#define REQUESTS_MOST 40
#define STORIES_MOST  500 /* then the server begins again with an empty disk */
#define RESTARTS_MOST 2
#define VALUE_SIZE    512

typedef struct {
    char number[16];
    char etag[VALUE_SIZE];
    char upload[VALUE_SIZE];
    char share[VALUE_SIZE];
    char token[VALUE_SIZE];
    char cursor[VALUE_SIZE];
    service_kind kind;
    bool bare;
    bool news;
    uint64_t goes_at;
    uint64_t meanwhile;
    size_t piece;
    unsigned requests;
    unsigned restarts;
} story;

typedef struct {
    buffer lines[WIRE_FIELDS_MOST + 2];
    size_t line_count;
    buffer body;
} spoken;

/* --- placeholders --- */

static void put_base64(buffer *out, const char *text, size_t length)
{
    size_t size = sodium_base64_encoded_len(length, sodium_base64_VARIANT_ORIGINAL);
    char *code = memory_take(size);
    sodium_bin2base64(code, size, (const unsigned char *)text, length,
                      sodium_base64_VARIANT_ORIGINAL);
    buffer_text_append(out, code);
    free(code);
}

/* Appends what stands in the brace at `at`; how much of the text that was, 0: nothing known. */
static size_t put_named(const story *s, buffer *out, const char *at, size_t left)
{
    const struct {
        const char *name;
        const char *value;
    } known[] = {{"{etag}", s->etag},
                 {"{upload}", s->upload},
                 {"{share}", s->share},
                 {"{token}", s->token},
                 {"{cursor}", s->cursor}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        size_t length = strlen(known[i].name);
        if (length <= left && memcmp(at, known[i].name, length) == 0) {
            buffer_text_append(out, known[i].value);
            return length;
        }
    }
    const char *end = memchr(at, '}', left);
    if (end == NULL || left < 5 || memcmp(at, "{b64:", 5) != 0)
        return 0;
    buffer inner = {0};
    for (const char *c = at + 5; c < end; c++)
        if (*c == '~')
            buffer_text_append(&inner, s->number);
        else
            buffer_append(&inner, c, 1);
    put_base64(out, buffer_text(&inner), inner.length);
    buffer_free(&inner);
    return (size_t)(end - at) + 1;
}

static void expand(const story *s, const char *text, size_t length, buffer *out)
{
    for (size_t i = 0; i < length; i++) {
        size_t known = text[i] == '{' ? put_named(s, out, text + i, length - i) : 0;
        if (known > 0)
            i += known - 1;
        else if (text[i] == '~')
            buffer_text_append(out, s->number);
        else
            buffer_append(out, text + i, 1);
    }
}

/* --- one request --- */

/* What a request needs while it is on its way. */
typedef struct {
    const story *story;
    const buffer *body;
    bool passed; /* the time of "!meanwhile" */
} way;

static void send_body(void *owner, uint64_t offset, void *bytes, size_t length)
{
    way *w = owner;
    memcpy(bytes, w->body->bytes + offset, length);
    if (w->story->meanwhile == 0 || w->passed)
        return;
    w->passed = true;
    faults_step((int64_t)w->story->meanwhile, true);
    uploads_sweep(service_of_process(w->story->kind)->uploads);
}

/* Somebody else's request. */
static bool put_news(void *owner)
{
    const way *w = owner;
    char target[64];
    wire_answer answer;
    snprintf(target, sizeof target, "/v1/files/%s-news", w->story->number);
    wire_request asked = {.method = "PUT",
                          .target = target,
                          .port = service_port(w->story->kind),
                          .goes_at = UINT64_MAX,
                          .address = 0x7f000001};
    talk_ask(&asked, faults_armed(), &answer);
    bool done = answer.status == 200 || answer.status == 201;
    wire_release(&answer);
    return done;
}

static void read_back(const wire_request *put, const buffer *body)
{
    char *path = memory_text(put->target);
    path[strcspn(path, "?")] = '\0';
    wire_request asked = {.method = "GET",
                          .target = path,
                          .port = put->port,
                          .length = WIRE_NO_BODY,
                          .goes_at = UINT64_MAX,
                          .address = put->address};
    for (size_t i = 0; i < put->field_count; i++)
        if (strcasecmp(put->fields[i].name, "Authorization") == 0)
            asked.fields[asked.field_count++] = put->fields[i];
    wire_answer answer;
    talk_ask(&asked, false, &answer);
    ORACLE(answer.status == 200);
    ORACLE(answer.body.length == body->length);
    ORACLE(body->length == 0 || memcmp(answer.body.bytes, body->bytes, body->length) == 0);
    wire_release(&answer);
    free(path);
}

/* The text named `name` in an answer of JSON. */
static void remember_text(const wire_answer *answer, const char *name, char value[VALUE_SIZE])
{
    char wanted[40];
    int length = snprintf(wanted, sizeof wanted, "\"%s\":\"", name);
    const char *at = strstr(buffer_text(&answer->body), wanted);
    if (at != NULL)
        snprintf(value, VALUE_SIZE, "%.*s", (int)strcspn(at + length, "\""), at + length);
}

static void remember(story *s, const wire_answer *answer)
{
    char place[VALUE_SIZE];
    talk_field(answer, "ETag", s->etag, sizeof s->etag);
    if (talk_field(answer, "Location", place, sizeof place))
        snprintf(s->upload, sizeof s->upload, "%s", place);
    remember_text(answer, "token", answer->status == 201 ? s->share : s->token);
    if (answer->status == 200)
        remember_text(answer, "cursor", s->cursor);
}

static void judge(story *s, const wire_request *asked, const buffer *body,
                  const wire_answer *answer)
{
    bool whole = asked->goes_at == UINT64_MAX;
    bool done = answer->status >= 200 && answer->status < 300;
    if (done && strcmp(asked->method, "PUT") == 0 && whole && !faults_armed() &&
        strncmp(asked->target, "/v1/files/", 10) == 0)
        read_back(asked, body);
    if (done && strcmp(asked->method, "POST") == 0 &&
        (strcmp(asked->target, "/v1/moves") == 0 || strcmp(asked->target, "/v1/shares") == 0))
        ORACLE(talk_is_json(buffer_text(body), body->length));
    remember(s, answer);
}

static void take_field(wire_request *asked, char *line)
{
    char *colon = strchr(line, ':');
    if (colon == NULL || colon == line || asked->field_count == WIRE_FIELDS_MOST)
        return;
    *colon = '\0';
    const char *value = colon + 1 + strspn(colon + 1, " \t");
    asked->fields[asked->field_count++] = (wire_field){line, value};
}

static void ask(story *s, spoken *p)
{
    char *line = p->lines[0].bytes;
    char *target = strchr(line, ' ');
    if (target == NULL || target == line || target[1] != '/')
        return;
    *target++ = '\0';
    target[strcspn(target, " ")] = '\0';
    way w = {.story = s, .body = &p->body};
    wire_request asked = {.method = line,
                          .target = target,
                          .port = service_port(s->kind),
                          .bare = s->bare,
                          .length = p->body.length > 0 ? p->body.length : WIRE_NO_BODY,
                          .send = send_body,
                          .owner = &w,
                          .while_asleep = s->news ? put_news : NULL,
                          .piece = s->piece,
                          .goes_at = s->goes_at,
                          .address = 0x7f000001};
    if (p->body.length == 0 && strcmp(line, "GET") != 0 && strcmp(line, "HEAD") != 0)
        asked.length = 0;
    for (size_t i = 1; i < p->line_count; i++)
        take_field(&asked, p->lines[i].bytes);
    wire_answer answer;
    talk_ask(&asked, faults_armed(), &answer);
    judge(s, &asked, &p->body, &answer);
    wire_release(&answer);
    s->goes_at = UINT64_MAX;
    s->piece = 0;
    s->bare = false;
    s->news = false;
    s->meanwhile = 0;
    s->requests++;
}

/* --- the story --- */

/* The number behind `word`, which begins the line; false: it is not that line. */
static bool number_after(const char *line, const char *word, long long *out)
{
    char *rest;
    size_t length = strlen(word);
    if (strncmp(line, word, length) != 0)
        return false;
    errno = 0;
    *out = strtoll(line + length, &rest, 10);
    return rest != line + length && errno == 0;
}

/* "fsync 2 5" or "write 1 28 ever" */
static void arm(char *text)
{
    static const char *const calls[CALL_COUNT] = {"write ", "fsync ", "rename ",
                                                  "open ",  "link ",  "step "};
    char *rest;
    for (faulty_call i = 0; i < CALL_COUNT; i++) {
        long long nth = 0;
        if (!number_after(text, calls[i], &nth))
            continue;
        strtoll(text + strlen(calls[i]), &rest, 10);
        long long number = strtoll(rest, &rest, 10);
        if (nth > 0 && nth < 100000 && number > 0 && number <= 130)
            faults_arm(i, (uint32_t)nth, (int)number, strcmp(rest, " ever") == 0);
    }
}

/* With storage that works: a server that cannot start is no server. */
static void restart(story *s)
{
    if (s->restarts++ >= RESTARTS_MOST)
        return;
    faults_disarm();
    service_restart(s->kind);
}

static void direct(story *s, char *line)
{
    long long number = 0;
    if (strncmp(line, "!fault ", 7) == 0)
        arm(line + 7);
    else if (number_after(line, "!clock ", &number) && number >= 0 && number < 1000000)
        faults_step(number, true);
    else if (number_after(line, "!wall ", &number) && llabs(number) < 1000000)
        faults_step(number, false);
    else if (number_after(line, "!goes ", &number) && number >= 0)
        s->goes_at = (uint64_t)number;
    else if (number_after(line, "!piece ", &number) && number >= 0)
        s->piece = (size_t)number;
    else if (strcmp(line, "!sweep") == 0)
        uploads_sweep(service_of_process(s->kind)->uploads);
    else if (strcmp(line, "!restart") == 0)
        restart(s);
    else if (strcmp(line, "!accounts") == 0 || strcmp(line, "!open") == 0)
        s->kind = line[1] == 'a' ? SERVICE_ACCOUNTS : SERVICE_OPEN;
    else if (number_after(line, "!meanwhile ", &number) && number >= 0 && number < 1000000)
        s->meanwhile = (uint64_t)number;
    else if (strcmp(line, "!news") == 0)
        s->news = true;
    else if (strcmp(line, "!bare") == 0)
        s->bare = true;
}

static void clear(spoken *p)
{
    for (size_t i = 0; i < p->line_count; i++)
        buffer_free(&p->lines[i]);
    buffer_free(&p->body);
    *p = (spoken){0};
}

/* Takes one line of the input; `in_body` lasts until "====". */
static void take_line(story *s, spoken *p, const char *line, size_t length, bool *in_body)
{
    bool ends = length == 4 && memcmp(line, "====", 4) == 0;
    if (ends) {
        if (p->line_count > 0)
            ask(s, p);
        clear(p);
        *in_body = false;
    } else if (*in_body) {
        if (p->body.length > 0)
            buffer_append(&p->body, "\n", 1);
        expand(s, line, length, &p->body);
    } else if (length == 0) {
        *in_body = p->line_count > 0;
    } else if (line[0] == '!' && p->line_count == 0) {
        char *text = memory_take(length + 1);
        memcpy(text, line, length);
        text[length] = '\0';
        direct(s, text);
        free(text);
    } else if (p->line_count < WIRE_FIELDS_MOST && memchr(line, 0, length) == NULL) {
        expand(s, line, length, &p->lines[p->line_count]);
        if (p->lines[p->line_count].length > 0)
            p->line_count++;
        else
            buffer_free(&p->lines[p->line_count]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static unsigned number;
    story s = {.goes_at = UINT64_MAX};
    spoken p = {0};
    bool in_body = false;
    if (++number % STORIES_MOST == 0)
        service_renew();
    /* A fault is for the requests, not for the opening. */
    for (service_kind kind = 0; kind < SERVICE_KINDS; kind++)
        service_of_process(kind);
    snprintf(s.number, sizeof s.number, "%u", number);
    for (size_t at = 0; at <= length && s.requests < REQUESTS_MOST;) {
        const uint8_t *end = memchr(bytes + at, '\n', length - at);
        size_t line = end != NULL ? (size_t)(end - (bytes + at)) : length - at;
        take_line(&s, &p, (const char *)bytes + at, line, &in_body);
        at += line + 1;
    }
    if (p.line_count > 0)
        ask(&s, &p);
    clear(&p);
    if (faults_armed()) {
        talk_heal(SERVICE_OPEN);
        talk_heal(s.kind);
    }
    talk_settled(SERVICE_OPEN);
    talk_settled(s.kind);
    if (s.upload[0] != '\0')
        talk_no_session(SERVICE_OPEN);
    return 0;
}
