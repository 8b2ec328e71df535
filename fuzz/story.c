#include "story.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/units.h"
#include "faults.h"
#include "fuzz.h"
#include "last_put.h"
#include "rival.h"
#include "story_names.h"
#include "uploads.h"

#define REQUESTS_MOST 40
#define RESTARTS_MOST 2
#define STEP_LONGEST  1000000 /* seconds */
#define STEPPED_MOST  3000000 /* that the clocks move in all; see faults_step */

typedef struct {
    story_names names;
    service_kind kind;
    bool bare;
    bool news;
    uint64_t goes_at;
    uint64_t meanwhile;
    const char *rival; /* a method; NULL: nobody else asks */
    bool rival_began;
    bool unlinks_fail;
    last_put put; /* the last request, if it was one that stands */
    size_t piece;
    unsigned requests;
    unsigned restarts;
    long long stepped;
    bool expects;
    unsigned status; /* expected of the next request; 0: any */
    buffer text;
} story;

typedef struct {
    buffer lines[WIRE_FIELDS_MOST + 2];
    size_t line_count;
    buffer body;
} spoken;

/* What a request needs while it is on its way. */
typedef struct {
    const story *story;
    const buffer *body;
    bool came;      /* the first of the body */
    unsigned rival; /* what the rival was answered; 0: there was none */
} way;

static void send_body(void *owner, uint64_t offset, void *bytes, size_t length)
{
    way *w = owner;
    memcpy(bytes, w->body->bytes + offset, length);
    if (w->came)
        return;
    w->came = true;
    if (w->story->meanwhile > 0) {
        faults_step((int64_t)w->story->meanwhile, true);
        uploads_sweep(service_of_process(w->story->kind)->uploads);
    }
    if (w->story->rival != NULL)
        w->rival = rival_ask(w->story->kind, w->story->rival, w->story->names.upload);
}

/* Somebody else's request. */
static bool put_news(void *owner)
{
    const way *w = owner;
    char target[64];
    wire_answer answer;
    snprintf(target, sizeof target, "/v1/files/%s-news", w->story->names.number);
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

static void judge(story *s, const wire_request *asked, const buffer *body,
                  const wire_answer *answer)
{
    /* What is bare may tell no length: then no byte of the body is its own. */
    bool whole = asked->goes_at == UINT64_MAX && !asked->bare;
    bool done = answer->status >= 200 && answer->status < 300;
    if (done && strcmp(asked->method, "PUT") == 0 && whole && !faults_armed() &&
        strncmp(asked->target, "/v1/files/", 10) == 0) {
        last_put_read_at_once(asked, body);
        if (s->kind == SERVICE_OPEN)
            last_put_remember(&s->put, asked, body);
    }
    if (done && strcmp(asked->method, "POST") == 0 &&
        (strcmp(asked->target, "/v1/moves") == 0 || strcmp(asked->target, "/v1/shares") == 0))
        ORACLE(talk_is_json(buffer_text(body), body->length));
    story_names_remember(&s->names, answer);
}

static bool contains(const buffer *whole, const buffer *part)
{
    return part->length == 0 || (whole->length > 0 && memmem(whole->bytes, whole->length,
                                                             part->bytes, part->length) != NULL);
}

static void compare(story *s, const wire_request *asked, const wire_answer *answer)
{
    if (s->status == 0)
        return;
    bool fine = answer->status == s->status &&
                (contains(&answer->body, &s->text) || contains(&answer->head, &s->text));
    if (!fine)
        fprintf(stderr, "%s %s is to be answered %u %s, and got %u\n%s\n%s\n", asked->method,
                asked->target, s->status, buffer_text(&s->text), answer->status,
                buffer_text(&answer->head), buffer_text(&answer->body));
    ORACLE(fine);
    s->status = 0;
    buffer_free(&s->text);
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
    last_put_forget(&s->put);
    talk_ask(&asked, faults_armed(), &answer);
    compare(s, &asked, &answer);
    judge(s, &asked, &p->body, &answer);
    if (w.rival != 0) {
        rival_judge(s->rival, w.rival, s->names.upload, &asked, answer.status);
        s->rival_began = s->rival_began || strcmp(s->rival, "POST") == 0;
    }
    wire_release(&answer);
    s->goes_at = UINT64_MAX;
    s->piece = 0;
    s->bare = false;
    s->news = false;
    s->rival = NULL;
    s->meanwhile = 0;
    s->requests++;
}

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
static void arm(story *s, char *text)
{
    static const char *const calls[] = {"write ", "fsync ", "rename ",   "open ",  "link ",
                                        "step ",  "mkdir ", "truncate ", "unlink "};
    _Static_assert(sizeof calls / sizeof calls[0] == CALL_COUNT, "each has a word");
    char *rest;
    for (faulty_call i = 0; i < CALL_COUNT; i++) {
        long long nth = 0;
        if (!number_after(text, calls[i], &nth))
            continue;
        strtoll(text + strlen(calls[i]), &rest, 10);
        long long number = strtoll(rest, &rest, 10);
        if (nth <= 0 || nth >= 100000 || number <= 0 || number > 130)
            continue;
        faults_arm(i, (uint32_t)nth, (int)number, strcmp(rest, " ever") == 0);
        s->unlinks_fail = s->unlinks_fail || i == CALL_UNLINK;
    }
}

/* "201" or "201 text" */
static void expect(story *s, const char *line)
{
    char *rest;
    s->status = (unsigned)strtoul(line, &rest, 10);
    ORACLE(s->status >= 200);
    buffer_free(&s->text);
    if (*rest == ' ')
        story_names_expand(&s->names, rest + 1, strlen(rest + 1), &s->text);
}

/* A server that still heals while the clock moves would seem late. */
static void heal_all(void)
{
    for (service_kind kind = 0; kind < SERVICE_KINDS; kind++)
        talk_heal(kind);
}

/* With storage that fails it may fail to start, and must not lose anything for that. */
static void restart(story *s)
{
    if (s->restarts++ >= RESTARTS_MOST)
        return;
    ORACLE(service_restart(s->kind) || faults_armed());
    heal_all();
    last_put_read(&s->put);
}

static bool may_step(story *s, long long seconds)
{
    if (seconds <= -STEP_LONGEST || seconds >= STEP_LONGEST)
        return false;
    long long stepped = s->stepped + llabs(seconds);
    if (stepped > STEPPED_MOST)
        return false;
    s->stepped = stepped;
    return true;
}

static void direct(story *s, char *line)
{
    long long number = 0;
    if (strncmp(line, "!fault ", 7) == 0)
        arm(s, line + 7);
    else if (number_after(line, "!clock ", &number) && number >= 0 && may_step(s, number))
        faults_step(number, true);
    else if (number_after(line, "!wall ", &number) && may_step(s, number))
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
    else if (number_after(line, "!meanwhile ", &number) && number >= 0 && may_step(s, number))
        s->meanwhile = (uint64_t)number;
    else if (strncmp(line, "!rival ", 7) == 0)
        s->rival = rival_method(line + 7);
    else if (strcmp(line, "!news") == 0)
        s->news = true;
    else if (strcmp(line, "!bare") == 0)
        s->bare = true;
    else if (s->expects && strncmp(line, "!expect ", 8) == 0)
        expect(s, line + 8);
    else
        /* What is not understood would ask less than it says; "! " begins a remark. */
        ORACLE(!s->expects || strncmp(line, "! ", 2) == 0);
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
        story_names_expand(&s->names, line, length, &p->body);
    } else if (length == 0) {
        *in_body = p->line_count > 0;
    } else if (line[0] == '!' && p->line_count == 0) {
        char *text = memory_take(length + 1);
        memcpy(text, line, length);
        text[length] = '\0';
        direct(s, text);
        free(text);
    } else if (p->line_count < WIRE_FIELDS_MOST && memchr(line, 0, length) == NULL) {
        story_names_expand(&s->names, line, length, &p->lines[p->line_count]);
        if (p->lines[p->line_count].length > 0)
            p->line_count++;
        else
            buffer_free(&p->lines[p->line_count]);
    }
}

static void settle(const story *s)
{
    if (faults_armed())
        heal_all();
    /* What could not be removed goes at the next start. */
    for (service_kind kind = 0; s->unlinks_fail && kind < SERVICE_KINDS; kind++)
        ORACLE(service_restart(kind));
    for (service_kind kind = 0; kind < SERVICE_KINDS; kind++)
        talk_settled(kind);
    if (s->names.upload[0] != '\0' || s->rival_began)
        talk_no_session(SERVICE_OPEN);
}

void story_tell(const uint8_t *text, size_t length, unsigned number, bool expects)
{
    story s = {.goes_at = UINT64_MAX, .expects = expects};
    spoken p = {0};
    bool in_body = false;
    /* A fault is for the requests, not for the opening. */
    for (service_kind kind = 0; kind < SERVICE_KINDS; kind++)
        service_of_process(kind);
    snprintf(s.names.number, sizeof s.names.number, "%u", number);
    for (size_t at = 0; at <= length && (expects || s.requests < REQUESTS_MOST);) {
        const uint8_t *end = memchr(text + at, '\n', length - at);
        size_t line = end != NULL ? (size_t)(end - (text + at)) : length - at;
        take_line(&s, &p, (const char *)text + at, line, &in_body);
        at += line + 1;
    }
    if (p.line_count > 0)
        ask(&s, &p);
    clear(&p);
    last_put_forget(&s.put);
    /* An answer that was expected came. */
    ORACLE(s.status == 0);
    settle(&s);
}
