/* /v1/channels/{id}/samples: each sample says which append it came with, and its place there. */
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/json_writer.h"
#include "client/channels.h"
#include "client/operation.h"
#include "drivers/document.h"
#include "drivers/reference/reference.h"

#define CURSOR_SIZE 200
#define PAGES_MOST  4

static const char too_many[] = "the channel has more appends than one record can hold";

static void samples_url(operation *o, const char *channel, char url[ADDRESS_SIZE])
{
    address_make(o, "/v1/channels/", channel, url);
    size_t used = strlen(url);
    snprintf(url + used, ADDRESS_SIZE - used, "/samples");
}

static void write_timestamp(json_writer *w, uint64_t index, uint64_t invalid)
{
    if (invalid == TIMESTAMP_MISSING)
        return;
    writer_key(w, "timestamp");
    if (invalid == TIMESTAMP_NAN)
        writer_raw(w, "NaN");
    else
        writer_whole(w, invalid == TIMESTAMP_ZERO ? 0 : index + 1);
}

static void write_filling(json_writer *w, uint64_t length)
{
    static const char x[] = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
    buffer text = {0};
    for (; text.length < length;)
        buffer_append(&text, x,
                      length - text.length < sizeof x - 1 ? length - text.length : sizeof x - 1);
    if (length > 0)
        writer_put_text(w, "filling", buffer_text(&text));
    buffer_free(&text);
}

static void write_sample(json_writer *w, const history_record *r, uint64_t index, uint64_t filling)
{
    writer_object(w);
    write_timestamp(w, index, index + 1 == r->size ? r->expected : SAMPLES_VALID);
    writer_put_whole(w, "client", r->client);
    writer_put_whole(w, "sequence", r->sequence);
    writer_put_whole(w, "index", index);
    write_filling(w, filling);
    writer_object_end(w);
}

/* Half a million samples are 40 MB: each is written when its turn to be sent comes. All are equally
 * wide, blanks behind them, so that any piece of the body can be made. */
typedef struct {
    const history_record *record;
    uint64_t samples;
    uint64_t filling; /* bytes of each sample besides */
    size_t width;
    buffer one; /* the sample written last */
    uint64_t index;
} sample_body;

static void make_sample(sample_body *b, uint64_t index)
{
    buffer_clear(&b->one);
    buffer_append(&b->one, index > 0 ? "," : " ", 1);
    json_writer w = writer_begin(&b->one);
    write_sample(&w, b->record, index, b->filling);
    while (b->one.length < b->width)
        buffer_append(&b->one, " ", 1);
    b->index = index;
}

/* As many bytes of the body from `offset` on as stand together; returns how many. */
static size_t put_piece(sample_body *b, uint64_t offset, char *bytes, size_t length)
{
    uint64_t place = offset - 1;
    if (offset == 0 || place == b->samples * b->width) {
        *bytes = offset == 0 ? '[' : ']';
        return 1;
    }
    if (b->index != place / b->width)
        make_sample(b, place / b->width);
    size_t within = place % b->width;
    size_t piece = b->width - within < length ? b->width - within : length;
    memcpy(bytes, b->one.bytes + within, piece);
    return piece;
}

static void send_samples(void *owner, uint64_t offset, void *bytes, size_t length)
{
    for (size_t done = 0; done < length;)
        done += put_piece(owner, offset + done, (char *)bytes + done, length - done);
}

void reference_channel_append(operation *o, const char *channel, uint64_t samples, uint64_t bytes)
{
    char url[ADDRESS_SIZE];
    uint64_t accepted = 0;
    samples_url(o, channel, url);
    exchange_request request = http_request("POST", url);
    sample_body b = {.record = &o->record, .samples = samples, .filling = bytes};
    make_sample(&b, samples); /* no other is longer, but for "NaN" instead of a digit */
    b.width = b.one.length + strlen("NaN");
    body_source source = {2 + samples * b.width, send_samples, &b};
    json_t *answer = document_ask_from(o, &request, &source);
    if (answer != NULL && (!document_whole(answer, "accepted", &accepted) || accepted != samples))
        operation_malformed(o, "the answer does not say that all samples were taken");
    json_decref(answer);
    buffer_free(&b.one);
}

/* A sample that no client of ours can have sent has the value 0. */
static uint64_t append_of(const json_t *sample, uint64_t *index)
{
    uint64_t number;
    uint64_t sequence;
    uint64_t timestamp;
    *index = 0;
    bool whole = document_whole(sample, "client", &number) && number <= HISTORY_CLIENTS_MOST &&
                 document_whole(sample, "sequence", &sequence) &&
                 sequence <= HISTORY_SEQUENCE_MOST && document_whole(sample, "index", index) &&
                 document_whole(sample, "timestamp", &timestamp) && timestamp == *index + 1;
    return whole ? value_of((uint32_t)number, (uint32_t)sequence) : 0;
}

/* Samples of one append that stand together are one part. */
static const char *take_samples(operation *o, const json_t *samples, history_record *run)
{
    size_t count = json_array_size(samples);
    for (size_t i = 0; i < count; i++) {
        uint64_t index;
        uint64_t value = append_of(json_array_get(samples, i), &index);
        if (run->size > 0 && value == run->value && index == run->expected + run->size) {
            run->size++;
            continue;
        }
        if (run->size > 0 && !operation_part(o, *run))
            return too_many;
        run->value = value;
        run->expected = index;
        run->size = 1;
    }
    o->record.size += count;
    return NULL;
}

/* One page; false ends the reading. A channel that keeps to its bound fits into one. */
static bool take_page(operation *o, const char *url, history_record *run, char cursor[CURSOR_SIZE])
{
    exchange_request request = http_request("GET", url);
    json_t *page = document_ask(o, &request, NULL);
    if (page == NULL) {
        operation_absent(o);
        return false;
    }
    uint64_t dropped = 0;
    const json_t *samples = json_object_get(page, "samples");
    const char *next = document_text(page, "cursor");
    const char *wrong = !json_is_array(samples) || !document_whole(page, "dropped", &dropped)
                            ? "the answer lacks samples or dropped"
                            : take_samples(o, samples, run);
    o->record.expected = dropped;
    snprintf(cursor, CURSOR_SIZE, "%s", next != NULL ? next : "");
    json_decref(page);
    if (wrong != NULL)
        operation_malformed(o, wrong);
    return wrong == NULL;
}

void reference_channel_read(operation *o, const char *channel)
{
    char url[ADDRESS_SIZE + CURSOR_SIZE];
    char cursor[CURSOR_SIZE] = "";
    uint64_t invoke = 0;
    int pages = 0;
    history_record run = {.type = PART_SAMPLES, .key = o->record.key};
    bool fine;
    do {
        samples_url(o, channel, url);
        if (cursor[0] != '\0') {
            size_t used = strlen(url);
            snprintf(url + used, sizeof url - used, "?cursor=%s", cursor);
        }
        fine = take_page(o, url, &run, cursor);
        if (pages++ == 0)
            invoke = o->record.invoke;
    } while (fine && cursor[0] != '\0' && pages < PAGES_MOST);
    o->record.invoke = invoke;
    if (fine && run.size > 0 && !operation_part(o, run))
        operation_malformed(o, too_many);
}
