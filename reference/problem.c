#include "problem.h"

#include <stdio.h>

#include "base/check.h"
#include "base/json_writer.h"

static const problem_row rows[PROBLEM_COUNT] = {
    [PROBLEM_NONE] = {"none", "No problem", 200, false},
    [PROBLEM_VALIDATION] = {"validation_error", "The request is not valid", 400, false},
    [PROBLEM_UNAUTHORIZED] = {"unauthorized", "Nobody may ask this without logging in", 401, false},
    [PROBLEM_TOKEN_EXPIRED] = {"token_expired", "The log-in is over", 401, false},
    [PROBLEM_FORBIDDEN] = {"forbidden", "This account may not ask this", 403, false},
    [PROBLEM_NOT_FOUND] = {"not_found", "There is no such thing", 404, false},
    [PROBLEM_METHOD] = {"method_not_allowed", "This method is not for this address", 405, false},
    [PROBLEM_CONFLICT] = {"conflict", "The state does not allow it", 409, false},
    [PROBLEM_SHARE_EXPIRED] = {"share_expired", "The share has expired", 410, false},
    [PROBLEM_SHARE_EXHAUSTED] = {"share_exhausted", "The share is used up", 410, false},
    [PROBLEM_SHARE_DELETED] = {"share_deleted", "The share was deleted", 410, false},
    [PROBLEM_PRECONDITION] = {"precondition_failed", "The file is not what the condition asks for",
                              412, false},
    [PROBLEM_PROTOCOL] = {"protocol_version", "This version of tus is not spoken here", 412, false},
    [PROBLEM_UPLOAD_EXPIRED] = {"upload_expired", "The upload has expired", 410, false},
    [PROBLEM_STALE] = {"cursor_stale", "The cursor is too old", 410, false},
    [PROBLEM_MEDIA_TYPE] = {"unsupported_media_type", "The content is of another type", 415, false},
    [PROBLEM_CHECKSUM] = {"checksum_mismatch", "The piece arrived damaged", 460, true},
    [PROBLEM_LENGTH_REQUIRED] = {"length_required", "The length of the content must be given", 411,
                                 false},
    [PROBLEM_DIGEST] = {"digest_mismatch", "The content arrived damaged", 400, true},
    [PROBLEM_TOO_LARGE] = {"file_too_large", "The file is larger than the limit", 413, false},
    [PROBLEM_QUOTA] = {"quota_exceeded", "The quota of the account is used up", 413, false},
    [PROBLEM_RANGE] = {"range_not_satisfiable", "The range lies outside the file", 416, false},
    [PROBLEM_RATE] = {"rate_limited", "This client asks too often", 429, true},
    [PROBLEM_HEAD_TOO_LARGE] = {"head_too_large", "The request's head is too large", 431, false},
    [PROBLEM_NOT_IMPLEMENTED] = {"not_implemented", "The server does not know how", 501, false},
    [PROBLEM_OVERLOADED] = {"overloaded", "Too many requests are in work", 503, true},
    [PROBLEM_LOCK_TIMEOUT] = {"storage_lock_timeout", "The store was busy for too long", 503, true},
    [PROBLEM_DATABASE] = {"database_error", "The store failed", 500, true},
    [PROBLEM_STORAGE] = {"storage_error", "The disk failed", 500, true},
    [PROBLEM_DISK_FULL] = {"disk_full", "The disk is full", 507, true},
};

const problem_row *problem_of(problem_code code)
{
    CHECK((unsigned)code < PROBLEM_COUNT);
    return &rows[code];
}

void problem_write(problem_code code, const char *detail, const char *trace, buffer *out)
{
    const problem_row *row = problem_of(code);
    json_writer w = writer_begin(out);
    char type[96];
    snprintf(type, sizeof type, "urn:ordeal:problem:%s", row->code);
    writer_object(&w);
    writer_put_text(&w, "type", type);
    writer_put_text(&w, "title", row->title);
    writer_put_whole(&w, "status", row->status);
    writer_put_text(&w, "detail", detail);
    writer_put_text(&w, "code", row->code);
    writer_put_bool(&w, "retryable", row->retryable);
    writer_put_text(&w, "trace_id", trace);
    writer_object_end(&w);
}
