#include "engine/exchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/check.h"
#include "base/timing.h"
#include "base/units.h"
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
    if (status_of(lane) >= 400) {
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

static void take_number(uint64_t *out, const char *value, size_t length)
{
    char text[24];
    copy_value(text, sizeof text, value, length);
    uint64_t number;
    if (units_whole(text, &number))
        *out = number;
}

static void take_header(exchange_answer *a, const char *name, size_t name_length, const char *value,
                        size_t length)
{
#define IS(text) (name_length == sizeof(text) - 1 && strncasecmp(name, text, name_length) == 0)
    uint64_t seconds = 0;
    if (IS("ETag"))
        copy_value(a->etag, sizeof a->etag, value, length);
    else if (IS("X-Version"))
        take_number(&a->version, value, length);
    else if (IS("Upload-Offset"))
        take_number(&a->offset, value, length);
    else if (IS("Location"))
        copy_value(a->location, sizeof a->location, value, length);
    else if (IS("Content-Range"))
        copy_value(a->content_range, sizeof a->content_range, value, length);
    else if (IS("Content-Length"))
        take_number(&a->length, value, length);
    else if (IS("Retry-After")) {
        take_number(&seconds, value, length);
        a->retry_after = seconds > 0 ? seconds * NANOSECONDS_PER_SECOND : 1;
    }
#undef IS
}

void exchange_take_line(exchange_answer *answer, const char *bytes, size_t length)
{
    const char *colon = memchr(bytes, ':', length);
    if (colon == NULL)
        return;
    const char *value = colon + 1;
    const char *end = bytes + length;
    while (value < end && (*value == ' ' || *value == '\t'))
        value++;
    while (end > value && (end[-1] == '\r' || end[-1] == '\n' || end[-1] == ' '))
        end--;
    take_header(answer, bytes, (size_t)(colon - bytes), value, (size_t)(end - value));
}

static size_t on_header(char *bytes, size_t size, size_t count, void *owner)
{
    loop_lane *lane = owner;
    exchange_take_line(lane->answer, bytes, size * count);
    return size * count;
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
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_begin);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, lane);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, loop_open_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, lane->loop);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, loop_close_socket);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, lane->loop);
}

static void add_header(loop_lane *lane, const char *name, const char *value)
{
    char line[1200];
    int length = snprintf(line, sizeof line, "%s: %s", name, value);
    CHECK(length > 0 && (size_t)length < sizeof line);
    struct curl_slist *longer = curl_slist_append(lane->headers, line);
    CHECK(longer != NULL);
    lane->headers = longer;
}

static void prepare_headers(loop_lane *lane)
{
    const exchange_request *request = lane->request;
    lane->headers = NULL;
    for (size_t i = 0; i < request->header_count; i++)
        add_header(lane, request->headers[i].name, request->headers[i].value);
    if (request->body_length != EXCHANGE_LENGTH_NONE) {
        struct curl_slist *longer = curl_slist_append(lane->headers, "Expect:");
        CHECK(longer != NULL);
        lane->headers = longer;
    }
    curl_easy_setopt(lane->easy, CURLOPT_HTTPHEADER, lane->headers);
}

/* libcurl counts milliseconds, and takes 0 for none. */
static uint64_t timeout_of(const exchange_request *request)
{
    uint64_t timeout = request->timeout > 0 ? request->timeout : DEFAULT_TIMEOUT;
    if (walks_away(request) && request->manners.patience < NANOSECONDS_PER_MILLISECOND)
        return NANOSECONDS_PER_MILLISECOND;
    return walks_away(request) ? request->manners.patience : timeout;
}

static void prepare(loop_lane *lane)
{
    const exchange_request *request = lane->request;
    CURL *easy = lane->easy;
    bool body = request->body_length != EXCHANGE_LENGTH_NONE;
    bool head = strcmp(request->method, "HEAD") == 0;
    uint64_t timeout = timeout_of(request);
    lane_set_url(lane, request->url);
    curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    curl_easy_setopt(easy, CURLOPT_UPLOAD, body ? 1L : 0L);
    if (!body)
        curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE,
                     body ? (curl_off_t)request->body_length : (curl_off_t)-1);
    curl_easy_setopt(easy, CURLOPT_NOBODY, head ? 1L : 0L);
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, head ? NULL : request->method);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)(timeout / NANOSECONDS_PER_MILLISECOND));
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                     (long)(timeout / NANOSECONDS_PER_MILLISECOND));
    curl_easy_setopt(easy, CURLOPT_MAX_SEND_SPEED_LARGE, (curl_off_t)request->manners.send_rate);
    curl_easy_setopt(easy, CURLOPT_MAX_RECV_SPEED_LARGE, (curl_off_t)request->manners.receive_rate);
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, lane->fresh_connection ? 1L : 0L);
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

static void conclude(loop_lane *lane)
{
    exchange_answer *answer = lane->answer;
    long request_bytes = 0;
    answer->finish = timing_now();
    curl_easy_getinfo(lane->easy, CURLINFO_REQUEST_SIZE, &request_bytes);
    answer->sent_any = request_bytes > 0;
    answer->failure = failure_of(lane);
    answer->status = lane->requests_begun > 0 ? status_of(lane) : 0;
    if (answer->failure != FAILURE_NONE)
        snprintf(answer->error_text, sizeof answer->error_text, "%.159s",
                 lane->error_text[0] != '\0' ? lane->error_text : curl_easy_strerror(lane->result));
    curl_slist_free_all(lane->headers);
    curl_easy_setopt(lane->easy, CURLOPT_HTTPHEADER, NULL);
    lane->headers = NULL;
    lane->fresh_connection = false;
}

void exchange_run(loop_lane *lane, const exchange_request *request, exchange_answer *answer)
{
    CHECK(request->header_count <= EXCHANGE_HEADERS_MOST);
    CHECK(request->body_length == EXCHANGE_LENGTH_NONE || request->body_length == 0 ||
          request->send != NULL);
    if (lane->easy == NULL)
        open_easy(lane);
    *answer = (exchange_answer){.length = EXCHANGE_LENGTH_NONE, .offset = EXCHANGE_LENGTH_NONE};
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
        loop_transfer(lane);
    }
    conclude(lane);
}
