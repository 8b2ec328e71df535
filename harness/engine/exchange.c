#include "engine/exchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/timing.h"
#include "engine/loop_parts.h"

#define DEFAULT_TIMEOUT (30 * NANOSECONDS_PER_SECOND)

/* --- callbacks: they run on the loop's stack, never on the lane's --- */

static size_t on_send(char *bytes, size_t size, size_t count, void *owner)
{
    loop_lane *lane = owner;
    const exchange_request *request = lane->request;
    exchange_answer *answer = lane->answer;
    size_t room = size * count;
    uint64_t left = request->body_length - answer->sent;
    uint64_t cut = request->manners.cut_send_at;
    if (answer->sent >= cut)
        return CURL_READFUNC_ABORT;
    if (room > left)
        room = (size_t)left;
    if (room > cut - answer->sent)
        room = (size_t)(cut - answer->sent);
    /* libcurl paces whole buffers only. */
    if (request->manners.send_rate > 0 && room > request->manners.send_rate)
        room = (size_t)request->manners.send_rate;
    if (room > 0)
        request->send(request->owner, answer->sent, bytes, room);
    answer->sent += room;
    return room;
}

static unsigned status_of(loop_lane *lane)
{
    long status = 0;
    curl_easy_getinfo(lane->easy, CURLINFO_RESPONSE_CODE, &status);
    return (unsigned)status;
}

static size_t on_receive(char *bytes, size_t size, size_t count, void *owner)
{
    loop_lane *lane = owner;
    exchange_answer *answer = lane->answer;
    size_t length = size * count;
    if (answer->status == 0)
        answer->status = status_of(lane);
    if (answer->status >= 400) {
        size_t room = sizeof answer->problem - 1 - answer->problem_length;
        size_t piece = length < room ? length : room;
        memcpy(answer->problem + answer->problem_length, bytes, piece);
        answer->problem_length += piece;
        answer->problem[answer->problem_length] = '\0';
        return length;
    }
    const exchange_request *request = lane->request;
    answer->received += length;
    if (answer->received > request->manners.cut_receive_at)
        return 0;
    if (request->receive != NULL && !request->receive(request->owner, bytes, length))
        return 0;
    return length;
}

static void copy_value(char *out, size_t size, const char *value, size_t length)
{
    size_t piece = length < size - 1 ? length : size - 1;
    memcpy(out, value, piece);
    out[piece] = '\0';
}

/* Digits alone, as far as they fit; anything else is as if it were not there. */
static void take_number(uint64_t *out, const char *value, size_t length)
{
    uint64_t number = 0;
    for (size_t i = 0; i < length; i++) {
        unsigned digit = (unsigned)(value[i] - '0');
        if (digit > 9 || __builtin_mul_overflow(number, 10, &number) ||
            __builtin_add_overflow(number, digit, &number))
            return;
    }
    if (length > 0)
        *out = number;
}

static void take_etag(exchange_answer *a, const char *value, size_t length)
{
    copy_value(a->etag, sizeof a->etag, value, length);
}

static void take_location(exchange_answer *a, const char *value, size_t length)
{
    copy_value(a->location, sizeof a->location, value, length);
}

static void take_content_range(exchange_answer *a, const char *value, size_t length)
{
    copy_value(a->content_range, sizeof a->content_range, value, length);
}

static void take_version(exchange_answer *a, const char *value, size_t length)
{
    take_number(&a->version, value, length);
}

static void take_offset(exchange_answer *a, const char *value, size_t length)
{
    take_number(&a->offset, value, length);
}

static void take_length(exchange_answer *a, const char *value, size_t length)
{
    take_number(&a->length, value, length);
}

static void take_retry_after(exchange_answer *a, const char *value, size_t length)
{
    uint64_t seconds = 0;
    take_number(&seconds, value, length);
    a->retry_after = seconds > 0 ? seconds * NANOSECONDS_PER_SECOND : 1;
}

typedef struct {
    const char *name;
    size_t length;
    void (*take)(exchange_answer *a, const char *value, size_t length);
} known_field;

#define FIELD(name, take)                                                                          \
    {                                                                                              \
        name, sizeof(name) - 1, take                                                               \
    }
static const known_field known_fields[] = {
    FIELD("Content-Length:", take_length),
    FIELD("Content-Range:", take_content_range),
    FIELD("ETag:", take_etag),
    FIELD("Location:", take_location),
    FIELD("Retry-After:", take_retry_after),
    FIELD("Upload-Offset:", take_offset),
    FIELD("X-Version:", take_version),
};
#undef FIELD

/* Most fields of an answer are of no concern: their first letter tells. One more than the place in
 * known_fields of the first with each letter. */
static const unsigned char first_known[] = {
    ['c'] = 1, ['e'] = 3, ['l'] = 4, ['r'] = 5, ['u'] = 6, ['x'] = 7};

static const known_field *find_field(const char *bytes, size_t length)
{
    size_t letter = (unsigned char)bytes[0] | 0x20u;
    if (letter >= sizeof first_known || first_known[letter] == 0)
        return NULL;
    const known_field *end = known_fields + sizeof known_fields / sizeof known_fields[0];
    const known_field *f = &known_fields[first_known[letter] - 1];
    for (; f < end && ((size_t)f->name[0] | 0x20u) == letter; f++)
        if (f->length <= length && bytes[f->length - 1] == ':' &&
            strncasecmp(bytes, f->name, f->length) == 0)
            return f;
    return NULL;
}

static void trim(const char **value, const char **end)
{
    while (*value < *end && (**value == ' ' || **value == '\t'))
        ++*value;
    while (*end > *value && ((*end)[-1] == '\r' || (*end)[-1] == '\n' || (*end)[-1] == ' '))
        --*end;
}

void exchange_take_line(exchange_answer *answer, const char *bytes, size_t length)
{
    const known_field *field = length > 0 ? find_field(bytes, length) : NULL;
    if (field == NULL)
        return;
    const char *value = bytes + field->length;
    const char *end = bytes + length;
    trim(&value, &end);
    field->take(answer, value, (size_t)(end - value));
}

/* Of several answers (100 Continue) the last one counts. */
static void take_wanted(const exchange_request *request, const char *bytes, size_t length)
{
    for (size_t i = 0; i < request->field_count; i++) {
        exchange_field *f = &request->fields[i];
        size_t name = strlen(f->name);
        if (length <= name || bytes[name] != ':' || strncasecmp(bytes, f->name, name) != 0)
            continue;
        const char *value = bytes + name + 1;
        const char *end = bytes + length;
        trim(&value, &end);
        copy_value(f->value, sizeof f->value, value, (size_t)(end - value));
    }
}

static size_t on_header(char *bytes, size_t size, size_t count, void *owner)
{
    const loop_lane *lane = owner;
    size_t length = size * count;
    exchange_take_line(lane->answer, bytes, length);
    take_wanted(lane->request, bytes, length);
    return length;
}

/* libcurl quietly sends a request again when a kept connection turns out dead; a write that took
 * effect before its answer was lost would then be made twice under one name. So the second begin
 * ends the exchange. */
static int on_begin(void *owner, char *remote, char *local, int remote_port, int local_port)
{
    (void)remote;
    (void)local;
    (void)remote_port;
    (void)local_port;
    loop_lane *lane = owner;
    return ++lane->requests_begun > 1 ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

/* --- preparing --- */

/* Rather than to wait until the time is over. */
static bool walks_away(const exchange_request *request)
{
    uint64_t timeout = request->timeout > 0 ? request->timeout : DEFAULT_TIMEOUT;
    return request->manners.patience > 0 && request->manners.patience < timeout;
}

static void open_easy(loop_lane *lane)
{
    CURL *easy = curl_easy_init();
    CHECK(easy != NULL);
    lane->easy = easy;
    curl_easy_setopt(easy, CURLOPT_PRIVATE, lane);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, lane->error_text);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
    curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, (long)loop_buffer_size(lane->loop));
    curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, (long)loop_buffer_size(lane->loop));
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_send);
    curl_easy_setopt(easy, CURLOPT_READDATA, lane);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_receive);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, lane);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, lane);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, lane->headers);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_begin);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, lane);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, loop_open_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, lane->loop);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, loop_close_socket);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, lane->loop);
}

static size_t header_length(const exchange_header *header)
{
    return strlen(header->name) + strlen(": ") + strlen(header->value) + 1;
}

/* libcurl looks through the list at every request, and writes each of its lines letter by letter:
 * an Accept for everything says as little as none, and costs more. */
static void prepare_headers(loop_lane *lane)
{
    static char no_accept[] = "Accept:";
    const exchange_request *request = lane->request;
    bool signs = auth_signs(request->auth);
    struct curl_slist *last = &lane->headers[0];
    last->data = signs ? (char *)(uintptr_t)auth_header(request->auth) : no_accept;
    size_t room = 0;
    for (size_t i = 0; i < request->header_count; i++)
        room += header_length(&request->headers[i]);
    char *text = room > 0 ? memory_take(room) : NULL;
    lane->header_text = text;
    for (size_t i = 0; i < request->header_count; i++) {
        size_t length = header_length(&request->headers[i]);
        snprintf(text, length, "%s: %s", request->headers[i].name, request->headers[i].value);
        last->next = last + 1;
        *++last = (struct curl_slist){.data = text};
        text += length;
    }
    if (request->body_length != EXCHANGE_LENGTH_NONE && !signs) {
        static char no_expectation[] = "Expect:";
        last->next = last + 1;
        *++last = (struct curl_slist){.data = no_expectation};
    }
    last->next = NULL;
}

static uint64_t timeout_of(const exchange_request *request)
{
    uint64_t timeout = request->timeout > 0 ? request->timeout : DEFAULT_TIMEOUT;
    return walks_away(request) ? request->manners.patience : timeout;
}

static bool shape_is(const request_shape *shape, const exchange_request *request, bool fresh)
{
    return strcmp(shape->method, request->method) == 0 &&
           shape->body_length == request->body_length &&
           shape->send_rate == request->manners.send_rate &&
           shape->receive_rate == request->manners.receive_rate && shape->fresh_connection == fresh;
}

static void tell_shape(loop_lane *lane)
{
    const exchange_request *request = lane->request;
    request_shape *shape = &lane->shape;
    CURL *easy = lane->easy;
    bool body = request->body_length != EXCHANGE_LENGTH_NONE;
    bool head = strcmp(request->method, "HEAD") == 0;
    CHECK(strlen(request->method) < sizeof shape->method);
    if (shape_is(shape, request, lane->fresh_connection))
        return;
    curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    curl_easy_setopt(easy, CURLOPT_UPLOAD, body ? 1L : 0L);
    if (!body)
        curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE,
                     body ? (curl_off_t)request->body_length : (curl_off_t)-1);
    curl_easy_setopt(easy, CURLOPT_NOBODY, head ? 1L : 0L);
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, head ? NULL : request->method);
    curl_easy_setopt(easy, CURLOPT_MAX_SEND_SPEED_LARGE, (curl_off_t)request->manners.send_rate);
    curl_easy_setopt(easy, CURLOPT_MAX_RECV_SPEED_LARGE, (curl_off_t)request->manners.receive_rate);
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, lane->fresh_connection ? 1L : 0L);
    *shape = (request_shape){.body_length = request->body_length,
                             .send_rate = request->manners.send_rate,
                             .receive_rate = request->manners.receive_rate,
                             .fresh_connection = lane->fresh_connection};
    snprintf(shape->method, sizeof shape->method, "%s", request->method);
}

static void prepare(loop_lane *lane)
{
    const exchange_request *request = lane->request;
    for (size_t i = 0; i < request->field_count; i++)
        request->fields[i].value[0] = '\0';
    if (lane->auth != request->auth) {
        auth_apply(lane->easy, request->auth);
        lane->auth = request->auth;
    }
    lane_set_url(lane, request->url);
    tell_shape(lane);
    prepare_headers(lane);
}

/* --- what came of it --- */

static failure failure_of(const loop_lane *lane)
{
    if (lane->interrupted)
        return FAILURE_INTERRUPTED;
    switch (lane->result) {
    case CURLE_OK:
        return FAILURE_NONE;
    case CURLE_COULDNT_CONNECT:
    case CURLE_COULDNT_RESOLVE_HOST:
        return FAILURE_CONNECT;
    case CURLE_OPERATION_TIMEDOUT:
        return walks_away(lane->request) ? FAILURE_ABANDONED : FAILURE_TIMEOUT;
    case CURLE_PARTIAL_FILE:
        return FAILURE_TRUNCATED;
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_SEND_FAIL_REWIND:
        return FAILURE_RESET;
    case CURLE_ABORTED_BY_CALLBACK:
        return lane->requests_begun > 1 ? FAILURE_RESET : FAILURE_ABANDONED;
    case CURLE_WRITE_ERROR:
        return FAILURE_ABANDONED;
    default:
        return FAILURE_MALFORMED;
    }
}

static void tell_failure(loop_lane *lane)
{
    exchange_answer *answer = lane->answer;
    long request_bytes = 0;
    curl_easy_getinfo(lane->easy, CURLINFO_REQUEST_SIZE, &request_bytes);
    answer->sent_any = request_bytes > 0;
    snprintf(answer->error_text, sizeof answer->error_text, "%.159s",
             lane->error_text[0] != '\0' ? lane->error_text : curl_easy_strerror(lane->result));
}

static void conclude(loop_lane *lane)
{
    exchange_answer *answer = lane->answer;
    answer->finish = timing_now();
    answer->failure = failure_of(lane);
    answer->sent_any = true;
    if (answer->status == 0 && lane->requests_begun > 0)
        answer->status = status_of(lane);
    if (answer->failure != FAILURE_NONE)
        tell_failure(lane);
    free(lane->header_text);
    lane->header_text = NULL;
    lane->fresh_connection = false;
}

/* Not all of it: its texts are large. */
static void begin_answer(exchange_answer *a)
{
    a->status = 0;
    a->failure = FAILURE_NONE;
    a->sent_any = false;
    a->sent = 0;
    a->received = 0;
    a->length = EXCHANGE_LENGTH_NONE;
    a->invoke = 0;
    a->finish = 0;
    a->etag[0] = '\0';
    a->version = 0;
    a->offset = EXCHANGE_LENGTH_NONE;
    a->location[0] = '\0';
    a->content_range[0] = '\0';
    a->retry_after = 0;
    a->problem[0] = '\0';
    a->problem_length = 0;
    a->error_text[0] = '\0';
}

void exchange_run(loop_lane *lane, const exchange_request *request, exchange_answer *answer)
{
    CHECK(request->header_count <= EXCHANGE_HEADERS_MOST);
    CHECK(request->body_length == EXCHANGE_LENGTH_NONE || request->body_length == 0 ||
          request->send != NULL);
    if (lane->easy == NULL)
        open_easy(lane);
    begin_answer(answer);
    lane->request = request;
    lane->answer = answer;
    lane->requests_begun = 0;
    lane->error_text[0] = '\0';
    prepare(lane);
    answer->invoke = timing_now();
    if (loop_stopping(lane->loop)) {
        lane->interrupted = true;
        lane->result = CURLE_OK;
    } else {
        loop_transfer(lane, answer->invoke + timeout_of(request));
    }
    conclude(lane);
}
