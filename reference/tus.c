/* /v1/uploads: tus 1.0.0 with creation, creation-with-upload, expiration, checksum, termination.
 *
 * The name of the file comes in Upload-Metadata as `filename`. The last byte makes the file. */
#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "accounts.h"
#include "base/arena.h"
#include "base/files.h"
#include "base/log.h"
#include "base/timing.h"
#include "base/units.h"
#include "base64.h"
#include "checksum.h"
#include "handlers.h"
#include "metrics.h"
#include "paths.h"
#include "uploads.h"

#define PIECE_TYPE "application/offset+octet-stream"

/* A request that brings bytes to a session; it has the session taken while it lives. */
typedef struct {
    upload session;
    checksum checksum;
    int fd; /* -1: no bytes are expected */
    uint64_t offset;
    problem_code failed;
    bool created;
} transfer;

static const char *const tus_headers[] = {"Tus-Resumable", "1.0.0",    "Tus-Version", "1.0.0",
                                          "Cache-Control", "no-store", NULL};

static bool speaks_tus(request *r)
{
    const char *said = request_header(r, "Tus-Resumable");
    r->headers = tus_headers;
    if (said != NULL && strcmp(said, "1.0.0") == 0)
        return true;
    answer_problem(r, PROBLEM_PROTOCOL, "Tus-Resumable must be 1.0.0");
    return false;
}

void begin_tus_options(request *r)
{
    char most[24];
    snprintf(most, sizeof most, "%" PRIu64, r->service->limits.file_size_most);
    const char *headers[] = {"Tus-Extension",
                             "creation,creation-with-upload,expiration,checksum,termination",
                             "Tus-Max-Size",
                             most,
                             "Tus-Checksum-Algorithm",
                             "sha1,sha256",
                             NULL};
    r->headers = tus_headers;
    answer_empty(r, 204, headers);
}

static void answer_session(request *r, unsigned status, const upload *u)
{
    char offset[24];
    char length[24];
    char expires[64] = "";
    char place[BLOB_NAME_SIZE + 16];
    struct tm parts;
    time_t seconds = (time_t)(u->expires / NANOSECONDS_PER_SECOND);
    snprintf(offset, sizeof offset, "%" PRIu64, u->offset);
    snprintf(length, sizeof length, "%" PRIu64, u->length);
    snprintf(place, sizeof place, "/v1/uploads/%s", u->id);
    gmtime_r(&seconds, &parts);
    strftime(expires, sizeof expires, "%a, %d %b %Y %H:%M:%S GMT", &parts);
    const char *headers[] = {"Upload-Offset",
                             offset,
                             "Upload-Expires",
                             expires,
                             "Upload-Length",
                             length,
                             status == 201 ? "Location" : "Upload-Metadata",
                             status == 201 ? place : u->metadata,
                             NULL};
    answer_empty(r, status, headers);
}

/* --- creation --- */

/* Takes the name from the `filename` of Upload-Metadata; NULL or what is wrong. */
static const char *name_of(const request *r, upload *u)
{
    char name[PATH_LONGEST + 1];
    const char *given = NULL;
    size_t size = 0;
    size_t length = 0;
    for (const char *at = u->metadata; at != NULL;) {
        at += strspn(at, " ");
        size_t whole = strcspn(at, ",");
        if (strncmp(at, "filename ", 9) == 0) {
            if (given != NULL)
                return "Upload-Metadata has two of 'filename'";
            given = at + 9;
            size = whole - 9;
        }
        at = at[whole] == ',' ? at + whole + 1 : NULL;
    }
    if (given == NULL)
        return "Upload-Metadata must have a 'filename'";
    if (!base64_read(given, size, name, PATH_LONGEST, &length) || memchr(name, 0, length) != NULL)
        return "'filename' of Upload-Metadata is not base64 of a name";
    name[length] = '\0';
    snprintf(u->path, sizeof u->path, "%s%s", r->scope, name);
    return path_check(name, sizeof name);
}

static problem_code read_session(request *r, upload *u, const char **wrong)
{
    const char *length = request_header(r, "Upload-Length");
    const char *metadata = request_header(r, "Upload-Metadata");
    if (request_header(r, "Upload-Defer-Length") != NULL ||
        request_header(r, "Upload-Concat") != NULL) {
        *wrong = "creation-defer-length and concatenation are not spoken here";
        return PROBLEM_VALIDATION;
    }
    if (length == NULL || !units_whole(length, &u->length)) {
        *wrong = "Upload-Length must be a whole number";
        return PROBLEM_VALIDATION;
    }
    if (metadata == NULL || strlen(metadata) >= sizeof u->metadata) {
        *wrong = "Upload-Metadata is needed, with at most 4095 bytes";
        return PROBLEM_VALIDATION;
    }
    snprintf(u->metadata, sizeof u->metadata, "%s", metadata);
    *wrong = name_of(r, u);
    return *wrong != NULL ? PROBLEM_VALIDATION : PROBLEM_NONE;
}

static const char no_checksum[] =
    "Upload-Checksum is 'sha1 BASE64' or 'sha256 BASE64', and no trailer";

/* One that comes behind the piece would be overlooked. */
static bool read_checksum(const request *r, transfer *t)
{
    return request_header(r, "Trailer") == NULL &&
           checksum_begin(&t->checksum, request_header(r, "Upload-Checksum"));
}

static bool has_piece(const request *r)
{
    const char *type = request_header(r, "Content-Type");
    return type != NULL && strcmp(type, PIECE_TYPE) == 0;
}

/* The session of `t` is made or found; takes it for this request and readies its file. */
static void open_transfer(request *r, transfer *t, bool bytes)
{
    uploads *all = r->service->uploads;
    t->offset = t->session.offset;
    t->fd = bytes ? uploads_file(all, t->session.id, t->offset) : -1;
    if (bytes && t->fd < 0) {
        t->failed = errno == ENOSPC ? PROBLEM_DISK_FULL : PROBLEM_STORAGE;
        log_line(LOG_ERROR, "cannot open upload %s: %s", t->session.id, strerror(errno));
    }
    r->state = t;
}

void begin_upload_create(request *r)
{
    unsigned char bytes[16];
    const char *wrong;
    transfer *t = memory_zeroed(1, sizeof *t);
    uploads *all = r->service->uploads;
    problem_code code = PROBLEM_NONE;
    if (!speaks_tus(r)) {
        free(t);
        return;
    }
    code = read_session(r, &t->session, &wrong);
    if (code == PROBLEM_NONE && !read_checksum(r, t)) {
        code = PROBLEM_VALIDATION;
        wrong = no_checksum;
    }
    if (code != PROBLEM_NONE)
        answer_problem(r, code, wrong);
    else if (t->session.length > accounts_file_size_most(r))
        accounts_answer_too_large(r, t->session.length);
    if (r->answered || !accounts_fits(r, t->session.path, t->session.length)) {
        checksum_free(&t->checksum);
        free(t);
        return;
    }
    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2hex(t->session.id, sizeof t->session.id, bytes, sizeof bytes);
    uint64_t now = uploads_now(all);
    t->session.expires = now + uploads_life(all);
    t->created = true;
    /* An empty file is whole at once, and has no piece to wait for. */
    store_answer answer = store_upload_add(r->service->store, &t->session, now);
    if (answer != STORE_DONE) {
        checksum_free(&t->checksum);
        free(t);
        answer_store(r, answer);
        return;
    }
    uploads_take(all, t->session.id);
    open_transfer(r, t, has_piece(r) || t->session.length == 0);
}

/* --- a session that is --- */

/* False: the answer is given. */
static bool find_session(request *r, upload *u)
{
    if (!speaks_tus(r))
        return false;
    store_answer answer = store_upload_find(r->service->store, r->tail, u);
    bool own = answer != STORE_DONE || strncmp(u->path, r->scope, strlen(r->scope)) == 0;
    if (answer == STORE_ABSENT || !own)
        answer_problem(r, PROBLEM_NOT_FOUND, "there is no such upload");
    else if (answer != STORE_DONE)
        answer_store(r, answer);
    else if (uploads_now(r->service->uploads) >= u->expires)
        answer_problem(r, PROBLEM_UPLOAD_EXPIRED, "the time of this upload is over");
    return !r->answered;
}

/* The same, and nobody else works on it. */
static bool take_session(request *r, upload *u)
{
    uploads *all = r->service->uploads;
    if (strlen(r->tail) >= BLOB_NAME_SIZE) {
        answer_problem(r, PROBLEM_NOT_FOUND, "there is no such upload");
        return false;
    }
    if (!uploads_take(all, r->tail)) {
        r->headers = tus_headers;
        answer_problem(r, PROBLEM_CONFLICT, "another request works on this upload");
        return false;
    }
    if (find_session(r, u))
        return true;
    uploads_give(all, r->tail);
    return false;
}

void begin_upload_head(request *r)
{
    upload u;
    if (find_session(r, &u))
        answer_session(r, 200, &u);
}

void begin_upload_delete(request *r)
{
    upload u;
    if (!take_session(r, &u))
        return;
    store_answer answer = store_upload_delete(r->service->store, u.id);
    if (answer == STORE_DONE) {
        uploads_drop(r->service->uploads, u.id);
        answer_empty(r, 204, NULL);
    } else {
        answer_store(r, answer);
    }
    uploads_give(r->service->uploads, r->tail);
}

static bool piece_fits(request *r, transfer *t)
{
    uint64_t offset;
    const char *said = request_header(r, "Upload-Offset");
    if (!has_piece(r))
        answer_problem(r, PROBLEM_MEDIA_TYPE, "Content-Type must be " PIECE_TYPE);
    else if (said == NULL || !units_whole(said, &offset))
        answer_problem(r, PROBLEM_VALIDATION, "Upload-Offset must be a whole number");
    else if (offset != t->session.offset)
        answer_problem(r, PROBLEM_CONFLICT, "Upload-Offset is not the offset of this upload");
    else if (r->body_length != NO_LENGTH && r->body_length > t->session.length - offset)
        answer_problem(r, PROBLEM_TOO_LARGE, "the piece goes beyond Upload-Length");
    else if (!read_checksum(r, t))
        answer_problem(r, PROBLEM_VALIDATION, no_checksum);
    return !r->answered;
}

void begin_upload_patch(request *r)
{
    transfer *t = memory_zeroed(1, sizeof *t);
    if (!take_session(r, &t->session)) {
        free(t);
        return;
    }
    if (!piece_fits(r, t)) {
        uploads_give(r->service->uploads, r->tail);
        free(t);
        return;
    }
    open_transfer(r, t, t->session.offset < t->session.length);
}

/* --- bytes --- */

void body_upload(request *r, const void *bytes, size_t length)
{
    transfer *t = r->state;
    if (t->failed != PROBLEM_NONE)
        return;
    if (t->fd < 0 || length > t->session.length - t->session.offset) {
        t->failed = t->fd < 0 ? PROBLEM_VALIDATION : PROBLEM_TOO_LARGE;
        return;
    }
    checksum_add(&t->checksum, bytes, length);
    if (files_write_all(t->fd, bytes, length))
        t->session.offset += length;
    else
        t->failed = errno == ENOSPC || errno == EDQUOT ? PROBLEM_DISK_FULL : PROBLEM_STORAGE;
}

static void make_file(request *r, transfer *t, uint64_t now, store_answer *answer)
{
    version made = {0};
    uploads *all = r->service->uploads;
    upload *u = &t->session;
    if (!uploads_publish(all, r->service->blobs, u->id)) {
        t->failed = errno == ENOSPC || errno == EDQUOT ? PROBLEM_DISK_FULL : PROBLEM_STORAGE;
        return;
    }
    *answer = store_upload_finish(r->service->store, u, now, &made);
    if (*answer == STORE_DONE) {
        metrics_stored(r->service->metrics, u->length);
        uploads_drop(all, u->id);
    } else if (*answer != STORE_FAILED || !store_knows_blob(r->service->store, u->id)) {
        blob_remove(r->service->blobs, u->id);
    }
}

/* Makes durable what came, and only then counts it. */
static store_answer keep(request *r, transfer *t)
{
    store_answer answer = STORE_DONE;
    upload *u = &t->session;
    if (t->fd < 0)
        return answer;
    uint64_t now = uploads_now(r->service->uploads);
    u->expires = now + uploads_life(r->service->uploads);
    if (!uploads_sync(r->service->uploads, t->fd))
        t->failed = PROBLEM_STORAGE;
    else if (u->offset == u->length)
        make_file(r, t, now, &answer);
    else
        answer = store_upload_advance(r->service->store, u, now);
    return answer;
}

static void close_transfer(request *r, transfer *t)
{
    if (t->fd >= 0)
        close(t->fd);
    checksum_free(&t->checksum);
    uploads_give(r->service->uploads, t->session.id);
    free(t);
    r->state = NULL;
}

void finish_upload(request *r)
{
    transfer *t = r->state;
    store_answer answer = STORE_DONE;
    if (t->failed == PROBLEM_NONE && !checksum_holds(&t->checksum))
        t->failed = PROBLEM_CHECKSUM;
    if (t->failed == PROBLEM_NONE)
        answer = keep(r, t);
    if (t->failed == PROBLEM_STORAGE)
        answer_problem(r, t->failed, "the piece could not be stored; the offset stands");
    else if (t->failed != PROBLEM_NONE)
        answer_problem(r, t->failed, "the piece was not taken; the offset stands");
    else if (answer != STORE_DONE)
        answer_store(r, answer);
    else
        answer_session(r, t->created ? 201 : 204, &t->session);
    close_transfer(r, t);
}

/* The client went away: what came counts, unless only the whole piece could be verified. */
void abandon_upload(request *r)
{
    transfer *t = r->state;
    bool counts = t->failed == PROBLEM_NONE && t->checksum.digest == NULL;
    if (counts && t->session.offset > t->offset && keep(r, t) != STORE_DONE)
        log_line(LOG_WARNING, "upload %s keeps the offset it had", t->session.id);
    close_transfer(r, t);
}
