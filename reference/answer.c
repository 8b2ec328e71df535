/* Answers of request.h: each makes one libmicrohttpd response and queues it. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/log.h"
#include "request.h"

static void queue(request *r, unsigned status, struct MHD_Response *response,
                  const char *const *headers)
{
    CHECK(!r->answered);
    CHECK(response != NULL);
    for (const char *const *at = headers; at != NULL && at[0] != NULL; at += 2)
        CHECK(MHD_add_response_header(response, at[0], at[1]) == MHD_YES);
    for (const char *const *at = r->headers; at != NULL && at[0] != NULL; at += 2)
        CHECK(MHD_add_response_header(response, at[0], at[1]) == MHD_YES);
    if (r->closes)
        CHECK(MHD_add_response_header(response, "Connection", "close") == MHD_YES);
    r->answered = true;
    r->status = status;
    CHECK(MHD_queue_response(r->connection, status, response) == MHD_YES);
    MHD_destroy_response(response);
}

void answer_text(request *r, unsigned status, const char *type, const char *text, size_t length,
                 const char *const *headers)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(length, (void *)(uintptr_t)text, MHD_RESPMEM_MUST_COPY);
    CHECK(response != NULL);
    CHECK(MHD_add_response_header(response, "Content-Type", type) == MHD_YES);
    queue(r, status, response, headers);
}

void answer_empty(request *r, unsigned status, const char *const *headers)
{
    queue(r, status,
          MHD_create_response_from_buffer(0, (void *)(uintptr_t) "", MHD_RESPMEM_PERSISTENT),
          headers);
}

typedef struct {
    int fd;
    uint64_t offset;
} broken_file;

static ssize_t read_broken(void *owner, uint64_t position, char *bytes, size_t most)
{
    broken_file *f = owner;
    ssize_t length = pread(f->fd, bytes, most, (off_t)(f->offset + position));
    return length > 0 ? length : MHD_CONTENT_READER_END_WITH_ERROR;
}

static void free_broken(void *owner)
{
    broken_file *f = owner;
    close(f->fd);
    free(f);
}

/* The disk has less than was stored. What there is goes out under the true length, and the
 * connection breaks where the bytes end: sendfile would wait there for ever. */
static struct MHD_Response *broken_response(int fd, uint64_t offset, uint64_t length)
{
    broken_file *f = memory_take(sizeof *f);
    *f = (broken_file){fd, offset};
    return MHD_create_response_from_callback(length, 65536, read_broken, f, free_broken);
}

void source_close(const source *from)
{
    if (from->cached != NULL)
        cache_give(from->cached);
    else
        close(from->fd);
}

static struct MHD_Response *response_of(const request *r, const source *from, uint64_t offset,
                                        uint64_t length)
{
    struct stat file;
    if (from->cached != NULL)
        return MHD_create_response_from_buffer_with_free_callback_cls(
            length, (void *)(uintptr_t)(cached_bytes(from->cached) + offset), cache_give,
            from->cached);
    if (fstat(from->fd, &file) == 0 && (uint64_t)file.st_size >= offset + length)
        return MHD_create_response_from_fd_at_offset64(length, from->fd, offset);
    log_line(LOG_ERROR, "a blob is shorter than what was stored; trace %s", r->trace);
    return broken_response(from->fd, offset, length);
}

void answer_file(request *r, unsigned status, const source *from, uint64_t offset, uint64_t length,
                 const char *const *headers)
{
    if (length > 0) {
        queue(r, status, response_of(r, from, offset, length), headers);
        return;
    }
    source_close(from);
    answer_empty(r, status, headers);
}

#define STREAM_BLOCK ((size_t)16 * 1024)

void answer_stream(request *r, unsigned status, MHD_ContentReaderCallback read, void *owner,
                   const char *const *headers)
{
    queue(r, status,
          MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK, read, owner, NULL),
          headers);
}

void answer_problem(request *r, problem_code code, const char *detail)
{
    const problem_row *row = problem_of(code);
    char seconds[24];
    const char *retry[] = {"Retry-After", seconds, NULL};
    buffer text = {0};
    r->problem = code;
    snprintf(seconds, sizeof seconds, "%" PRIu64, r->retry_after > 0 ? r->retry_after : 1);
    problem_write(code, detail, r->trace, &text);
    answer_text(r, row->status, "application/problem+json", buffer_text(&text), text.length,
                row->status == 503 || row->status == 429 ? retry : NULL);
    buffer_free(&text);
}

const char *request_header(const request *r, const char *name)
{
    return MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, name);
}

const char *request_query(const request *r, const char *name)
{
    const char *value = NULL;
    size_t length = 0;
    if (MHD_lookup_connection_value_n(r->connection, MHD_GET_ARGUMENT_KIND, name, strlen(name),
                                      &value, &length) != MHD_YES)
        return NULL;
    return value != NULL ? value : "";
}
