#include "client/garbage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/check.h"
#include "base/timing.h"
#include "client/garbage_send.h"
#include "client/perform.h"
#include "engine/raw.h"

#define LONG_LINE   ((size_t)100 * 1024)
#define MANY_FIELDS 2000
#define NOISE       4096
#define TOLD_MOST   100 /* times that a client tells what it sent */

/* What is sent, and its name in the record. */
typedef struct {
    const char *name;
    const char *text; /* NULL: made by `make` */
    size_t length;    /* 0: of the text as it stands */
    void (*make)(buffer *out, random_stream *r);
} garbage;

static void make_noise(buffer *out, random_stream *r)
{
    for (int i = 0; i < NOISE; i++) {
        char byte = (char)random_below(r, 256);
        buffer_append(out, &byte, 1);
    }
    buffer_text_append(out, "\r\n\r\n");
}

static void repeat(buffer *out, size_t count)
{
    char piece[1024];
    memset(piece, 'a', sizeof piece);
    for (size_t i = 0; i < count / sizeof piece; i++)
        buffer_append(out, piece, sizeof piece);
}

static void make_long_target(buffer *out, random_stream *r)
{
    (void)r;
    buffer_text_append(out, "GET /");
    repeat(out, LONG_LINE);
    buffer_text_append(out, " HTTP/1.1\r\nHost: a\r\n\r\n");
}

static void make_long_field(buffer *out, random_stream *r)
{
    (void)r;
    buffer_text_append(out, "GET / HTTP/1.1\r\nHost: a\r\nX-Long: ");
    repeat(out, LONG_LINE);
    buffer_text_append(out, "\r\n\r\n");
}

static void make_many_fields(buffer *out, random_stream *r)
{
    (void)r;
    buffer_text_append(out, "GET / HTTP/1.1\r\nHost: a\r\n");
    for (int i = 0; i < MANY_FIELDS; i++)
        buffer_printf(out, "X-Field-%d: %d\r\n", i, i);
    buffer_text_append(out, "\r\n");
}

static const char control[] = "GET / HTTP/1.1\r\nHost: a\r\nX-A: b\0c\r\n\r\n";
static const char hello[] = "\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03";

static const garbage kinds[] = {
    {"two lengths",
     "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nabcde", 0, NULL},
    {"a negative length", "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\nabc", 0, NULL},
    {"a length in words", "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: many\r\n\r\nabc", 0, NULL},
    {"a length beyond all bounds",
     "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999999\r\n\r\nabc", 0, NULL},
    {"length and chunks",
     "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: "
     "chunked\r\n\r\n0\r\n\r\n",
     0, NULL},
    {"an unknown transfer coding",
     "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: rot13\r\n\r\nabc", 0, NULL},
    {"a chunk of no size",
     "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n", 0,
     NULL},
    {"chunks without end",
     "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n", 0, NULL},
    {"no host", "GET / HTTP/1.1\r\n\r\n", 0, NULL},
    {"two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 0, NULL},
    {"a blank before the colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", 0, NULL},
    {"a control character", control, sizeof control - 1, NULL},
    {"a future protocol", "GET / HTTP/9.9\r\nHost: a\r\n\r\n", 0, NULL},
    {"a broken escape", "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", 0, NULL},
    {"a head without end", "GET / HTTP/1.1\r\nHost: a\r\nX-A: ", 0, NULL},
    {"content that ends early", "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc", 0,
     NULL},
    {"a greeting of TLS", hello, sizeof hello - 1, NULL},
    {"nothing", "", 0, NULL},
    {"noise", NULL, 0, make_noise},
    {"a long address", NULL, 0, make_long_target},
    {"a long field", NULL, 0, make_long_field},
    {"many fields", NULL, 0, make_many_fields},
};
#define KINDS (sizeof kinds / sizeof kinds[0])

/* "HTTP/1.1 400 ..." with a head that ends. 0: not well-formed. */
static unsigned status_of(const char *answer)
{
    char *rest;
    bool known = strncmp(answer, "HTTP/1.0 ", 9) == 0 || strncmp(answer, "HTTP/1.1 ", 9) == 0;
    if (!known || strstr(answer, "\r\n\r\n") == NULL)
        return 0;
    unsigned long status = strtoul(answer + 9, &rest, 10);
    return status >= 100 && status < 600 && *rest == ' ' ? (unsigned)status : 0;
}

static void refuse(operation *o, failure why)
{
    o->record.outcome = OUTCOME_FAILED;
    o->record.failure = (uint8_t)why;
}

/* A request line that does not end in a version of HTTP/1 may be taken for HTTP/0.9, whose answers
 * have no head. */
static bool is_simple(const buffer *text)
{
    const char *line = buffer_text(text);
    line += strspn(line, "\r\n");
    size_t length = strcspn(line, "\r\n");
    const char *last = memrchr(line, ' ', length);
    return last == NULL || strncmp(last, " HTTP/1.", 8) != 0;
}

/* Closing without a word is an answer, too. */
static void judge_answer(operation *o, const char *answer, size_t length, bool may_be_taken)
{
    o->record.status = (uint16_t)status_of(answer);
    bool refused = o->record.status >= 400 && o->record.status != 500;
    bool fine = refused || (may_be_taken && o->record.status > 0);
    if (length > 0 && !fine)
        refuse(o, o->record.status == 0 ? FAILURE_MALFORMED : FAILURE_STATUS);
}

static void time_it(operation *o, uint64_t invoke)
{
    uint64_t began = history_began(o->client->stage->history);
    o->record.invoke = invoke - began;
    o->record.finish = timing_now() - began;
}

/* Printable as it stands, the rest as in C. */
static size_t spell_byte(char *out, size_t room, char byte)
{
    if (byte == '\r' || byte == '\n')
        return (size_t)snprintf(out, room, "\\%c", byte == '\r' ? 'r' : 'n');
    if (byte < ' ' || byte > '~' || byte == '\\')
        return (size_t)snprintf(out, room, "\\x%02x", (unsigned char)byte);
    return (size_t)snprintf(out, room, "%c", byte);
}

static void remember(garbage_sent *last, const operation *o, const buffer *text)
{
    size_t used = 0;
    last->size = text->length;
    last->name = o->record.key;
    last->invoke = o->record.invoke;
    last->finish = o->record.finish;
    last->text[0] = '\0';
    for (size_t i = 0; i < text->length && sizeof last->text - used > sizeof "\\xff"; i++)
        used += spell_byte(last->text + used, sizeof last->text - used, text->bytes[i]);
}

static void tell_sent(operation *o, garbage_sent *last)
{
    if (last->text[0] == '\0' || last->told == TOLD_MOST)
        return;
    last->told++;
    CHECK(operation_part(o, (history_record){.type = PART_SENT,
                                             .key = last->name,
                                             .size = last->size,
                                             .detail = operation_name(o, last->text)}));
    o->parts[o->part_count - 1].invoke = last->invoke;
    o->parts[o->part_count - 1].finish = last->finish;
}

void garbage_send(operation *o, const buffer *text, bool may_be_taken, garbage_sent *last)
{
    raw line;
    char answer[2048];
    size_t sent = 0;
    size_t received = 0;
    client *c = o->client;
    uint64_t invoke = timing_now();
    if (!raw_open(&line, c->lane, c->stage->base_url, c->stage->operation_timeout)) {
        time_it(o, invoke);
        refuse(o, FAILURE_CONNECT);
        tell_sent(o, last);
        last->text[0] = '\0';
        return;
    }
    /* It may be refused before all of it is sent. */
    if (raw_send(&line, buffer_text(text), text->length, &sent))
        raw_end(&line);
    bool ended = raw_receive(&line, answer, sizeof answer - 1, &received);
    answer[received] = '\0';
    raw_close(&line);
    time_it(o, invoke);
    o->record.size = sent;
    if (ended && !(may_be_taken && is_simple(text)))
        judge_answer(o, answer, received, may_be_taken);
    else if (!ended)
        refuse(o, loop_stopping(lane_loop(c->lane)) ? FAILURE_INTERRUPTED : FAILURE_TIMEOUT);
    remember(last, o, text);
    if (o->record.outcome == OUTCOME_FAILED && o->record.failure != FAILURE_INTERRUPTED)
        tell_sent(o, last);
}

seen client_garbage(client *c, garbage_sent *last)
{
    const garbage *kind = &kinds[random_below(&c->random, KINDS)];
    buffer text = {0};
    operation o = perform_begin(c, OPERATION_GARBAGE, NULL);
    o.record.key = operation_name(&o, kind->name);
    if (kind->make != NULL)
        kind->make(&text, &c->random);
    else
        buffer_append(&text, kind->text, kind->length > 0 ? kind->length : strlen(kind->text));
    garbage_send(&o, &text, false, last);
    buffer_free(&text);
    return perform_end(&o, NULL);
}

seen client_linger(client *c, uint64_t stay)
{
    static const char head[] = "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n";
    raw line;
    char answer[2048];
    size_t sent = 0;
    size_t received = 0;
    operation o = perform_begin(c, OPERATION_GARBAGE, NULL);
    o.record.key = operation_name(&o, "a refused content that never comes");
    uint64_t invoke = timing_now();
    bool open = raw_open(&line, c->lane, c->stage->base_url, c->stage->operation_timeout);
    bool ended = open && raw_send(&line, head, sizeof head - 1, &sent) &&
                 raw_receive(&line, answer, sizeof answer - 1, &received);
    answer[received] = '\0';
    time_it(&o, invoke);
    o.record.size = sent;
    if (!open)
        refuse(&o, FAILURE_CONNECT);
    else if (ended || received > 0)
        judge_answer(&o, answer, received, false);
    else
        refuse(&o, client_over(c) ? FAILURE_INTERRUPTED : FAILURE_TIMEOUT);
    if (ended)
        client_pause(c, stay);
    raw_close(&line);
    return perform_end(&o, NULL);
}

seen client_drip(client *c, uint64_t pause, uint64_t patience)
{
    static const char head[] = "GET / HTTP/1.1\r\nHost: a\r\nX-Drip: ";
    raw line;
    size_t sent = 0;
    operation o = perform_begin(c, OPERATION_GARBAGE, NULL);
    o.record.key = operation_name(&o, "a head that drips");
    uint64_t invoke = timing_now();
    bool noticed = false;
    bool open = raw_open(&line, c->lane, c->stage->base_url, patience);
    while (open && !noticed && timing_now() < line.deadline && !client_over(c)) {
        char byte = o.record.size < sizeof head - 1 ? head[o.record.size] : 'a';
        o.record.size++;
        noticed = !raw_send(&line, &byte, 1, &sent) || raw_noticed(&line);
        client_pause(c, pause);
    }
    raw_close(&line);
    time_it(&o, invoke);
    if (!noticed)
        refuse(&o, !open            ? FAILURE_CONNECT
                   : client_over(c) ? FAILURE_INTERRUPTED
                                    : FAILURE_TIMEOUT);
    return perform_end(&o, NULL);
}
