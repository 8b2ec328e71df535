#include "history/telling.h"

#include <inttypes.h>
#include <string.h>

#include "base/timing.h"
#include "base/units.h"
#include "history/operations.h"

#define NAME_TOLD 100 /* bytes of a name */
#define SENT_TOLD 280 /* bytes of a request as it was sent */

/* `index` is the record's own, for its parts, which stand right before it. */
typedef void (*phrase)(const history *h, size_t index, const history_record *r, buffer *out);

static double seconds(uint64_t nanoseconds)
{
    return (double)nanoseconds / (double)NANOSECONDS_PER_SECOND;
}

static void tell_name(const history *h, uint32_t name, buffer *out)
{
    buffer_printf(out, "'%.*s%s'", NAME_TOLD, history_text(h, name),
                  history_text_length(h, name) > NAME_TOLD ? "..." : "");
}

static void tell_write(const char *before, uint64_t value, buffer *out)
{
    buffer_printf(out, "%s%" PRIu32 "/%" PRIu32, before, (uint32_t)(value >> 32), (uint32_t)value);
}

/* --- what was asked --- */

static void ask_name(const history *h, size_t index, const history_record *r, buffer *out)
{
    (void)index;
    if (r->key == 0)
        return;
    buffer_text_append(out, " ");
    tell_name(h, r->key, out);
}

static void ask_put(const history *h, size_t index, const history_record *r, buffer *out)
{
    ask_name(h, index, r, out);
    buffer_printf(out, ", %" PRIu64 " bytes", r->size);
    if (r->flags & FLAG_IF_MATCH)
        tell_write(", if it still is ", r->expected, out);
    if (r->flags & FLAG_IF_ABSENT)
        buffer_text_append(out, ", if the name is free");
}

static void ask_range(const history *h, size_t index, const history_record *r, buffer *out)
{
    ask_name(h, index, r, out);
    buffer_printf(out, " from byte %" PRIu64, r->expected);
}

static void ask_version(const history *h, size_t index, const history_record *r, buffer *out)
{
    ask_name(h, index, r, out);
    buffer_printf(out, ", version %" PRIu64, r->expected);
}

static void ask_move(const history *h, size_t index, const history_record *r, buffer *out)
{
    history_record pair = {0};
    for (size_t i = index; i-- > 0;) {
        history_record part = history_get(h, i);
        if (part.kind != RECORD_PART || part.client != r->client || part.sequence != r->sequence)
            break;
        if (part.type == PART_MOVE)
            pair = part;
    }
    if (pair.key == 0) {
        ask_name(h, index, r, out);
        return;
    }
    buffer_text_append(out, " ");
    tell_name(h, pair.key, out);
    buffer_text_append(out, " to ");
    tell_name(h, pair.detail, out);
    if (r->size > 1)
        buffer_printf(out, " and %" PRIu64 " more", r->size - 1);
}

static void ask_piece(const history *h, size_t index, const history_record *r, buffer *out)
{
    ask_name(h, index, r, out);
    tell_write(", upload ", r->value, out);
    buffer_printf(out, ": %" PRIu64 " bytes at offset %" PRIu64 "%s", r->size, r->expected,
                  r->flags & FLAG_COMPLETES ? ", its last" : "");
}

static void ask_upload(const history *h, size_t index, const history_record *r, buffer *out)
{
    ask_name(h, index, r, out);
    tell_write(", upload ", r->value, out);
}

static void ask_share(const history *h, size_t index, const history_record *r, buffer *out)
{
    ask_name(h, index, r, out);
    if (r->size > 0)
        buffer_printf(out, ", for %" PRIu64 " downloads", r->size);
    if (r->expected > 0)
        buffer_printf(out, ", until %.4f s", seconds(r->expected));
}

static void ask_of_share(const history *h, size_t index, const history_record *r, buffer *out)
{
    ask_name(h, index, r, out);
    tell_write(", share ", r->expected, out);
}

static void ask_append(const history *h, size_t index, const history_record *r, buffer *out)
{
    ask_name(h, index, r, out);
    buffer_printf(out, ", %" PRIu64 " samples%s", r->size,
                  r->expected != 0 ? ", the last one invalid" : "");
}

static void ask_changes(const history *h, size_t index, const history_record *r, buffer *out)
{
    ask_name(h, index, r, out);
    buffer_printf(out, " from cursor %" PRIu64, r->expected);
}

/* --- what came --- */

static void came_version(const history *h, size_t index, const history_record *r, buffer *out)
{
    (void)h;
    (void)index;
    if (r->version != 0)
        buffer_printf(out, ", version %" PRIu32, r->version);
}

static void came_content(const history *h, size_t index, const history_record *r, buffer *out)
{
    if (r->flags & FLAG_ABSENT) {
        buffer_text_append(out, ", found nothing");
        return;
    }
    if (r->value != 0)
        tell_write(", brought ", r->value, out);
    buffer_printf(out, ", %" PRIu64 " bytes", r->size);
    came_version(h, index, r, out);
}

static void came_offset(const history *h, size_t index, const history_record *r, buffer *out)
{
    (void)h;
    (void)index;
    if (r->flags & FLAG_ABSENT)
        buffer_text_append(out, ", found nothing");
    else
        buffer_printf(out, ", offset %" PRIu64, r->expected);
}

static void came_samples(const history *h, size_t index, const history_record *r, buffer *out)
{
    (void)h;
    (void)index;
    buffer_printf(out, ", %" PRIu64 " samples", r->size);
    if (r->expected > 0)
        buffer_printf(out, ", %" PRIu64 " older ones dropped", r->expected);
}

static void came_changes(const history *h, size_t index, const history_record *r, buffer *out)
{
    (void)h;
    (void)index;
    buffer_printf(out, ", %" PRIu64 " changes up to cursor %" PRIu64, r->size, r->value);
}

static void came_usage(const history *h, size_t index, const history_record *r, buffer *out)
{
    (void)h;
    (void)index;
    buffer_printf(out, ", %" PRIu64 " bytes of %" PRIu64, r->size, r->expected);
}

static void came_ready(const history *h, size_t index, const history_record *r, buffer *out)
{
    (void)h;
    (void)index;
    buffer_text_append(out, r->size != 0 ? ", ready" : ", not ready");
}

static void came_rows(const history *h, size_t index, const history_record *r, buffer *out)
{
    (void)h;
    (void)index;
    buffer_printf(out, ", %" PRIu64 " in all", r->size);
}

/* --- operations --- */

static const struct {
    phrase asked;
    phrase came; /* NULL: the status says it all */
} rows[OPERATION_COUNT] = {
    [OPERATION_NONE] = {ask_name, NULL},
    [OPERATION_PUT] = {ask_put, came_version},
    [OPERATION_GET] = {ask_name, came_content},
    [OPERATION_HEAD] = {ask_name, came_content},
    [OPERATION_DELETE] = {ask_name, came_version},
    [OPERATION_LIST] = {ask_name, came_rows},
    [OPERATION_GET_RANGE] = {ask_range, came_content},
    [OPERATION_GET_VERSION] = {ask_version, came_content},
    [OPERATION_VERSIONS] = {ask_name, came_rows},
    [OPERATION_RESTORE] = {ask_version, came_version},
    [OPERATION_MOVE] = {ask_move, NULL},
    [OPERATION_UPLOAD_CREATE] = {ask_put, NULL},
    [OPERATION_UPLOAD_PATCH] = {ask_piece, came_version},
    [OPERATION_UPLOAD_HEAD] = {ask_upload, came_offset},
    [OPERATION_UPLOAD_CANCEL] = {ask_upload, NULL},
    [OPERATION_SHARE_CREATE] = {ask_share, NULL},
    [OPERATION_SHARE_GET] = {ask_of_share, came_content},
    [OPERATION_SHARE_DELETE] = {ask_of_share, NULL},
    [OPERATION_CHANNEL_APPEND] = {ask_append, NULL},
    [OPERATION_CHANNEL_READ] = {ask_name, came_samples},
    [OPERATION_CHANGES] = {ask_changes, came_changes},
    [OPERATION_REGISTER] = {ask_name, NULL},
    [OPERATION_LOGIN] = {ask_name, NULL},
    [OPERATION_USAGE] = {ask_name, came_usage},
    [OPERATION_CLEANUP] = {ask_name, came_rows},
    [OPERATION_READY] = {ask_name, came_ready},
    [OPERATION_GARBAGE] = {ask_name, NULL},
};

static void tell_refusal(const history *h, const history_record *r, buffer *out)
{
    if (r->status != 0)
        buffer_printf(out, " %u", r->status);
    if (r->failure == FAILURE_TRUNCATED)
        buffer_printf(out, " (truncated after %" PRIu64 " bytes)", r->size);
    else if (r->failure != FAILURE_NONE && r->failure != FAILURE_STATUS)
        buffer_printf(out, " (%s)", failure_name(r->failure));
    const char *detail = r->failure == FAILURE_STATUS ? history_text(h, r->detail) : "";
    detail += strspn(detail, " ");
    if (detail[0] != '\0')
        buffer_printf(out, " %.60s", detail);
    if (r->flags & FLAG_RETRYABLE)
        buffer_text_append(out, ", to be tried again");
}

static void tell_operation(const history *h, size_t index, const history_record *r, buffer *out)
{
    if (r->finish == HISTORY_NEVER)
        buffer_printf(out, "%.4f s ..", seconds(r->invoke));
    else
        buffer_printf(out, "%.4f .. %.4f s", seconds(r->invoke), seconds(r->finish));
    buffer_printf(out, "  client %" PRIu32 ": %s %" PRIu32 "/%" PRIu32, r->client,
                  operation_row_of(r->type)->name, r->client, r->sequence);
    rows[r->type].asked(h, index, r, out);
    buffer_printf(out, " -> %s", outcome_name(r->outcome));
    tell_refusal(h, r, out);
    if (r->outcome == OUTCOME_OK && rows[r->type].came != NULL)
        rows[r->type].came(h, index, r, out);
    if (r->flags & FLAG_FINAL)
        buffer_text_append(out, " (a final read)");
}

/* --- the other kinds --- */

/* A sample's `detail` is a number, not a text. */
static void tell_sample(const history_record *r, buffer *out)
{
    char size[32];
    buffer_printf(out,
                  "%.4f s  the target: %s resident, %" PRIu32 " descriptors, %" PRIu32
                  " threads, %" PRIu32 " temporary files, %" PRIu32 " processes",
                  seconds(r->invoke), units_show_size(r->value, size), r->detail, r->version,
                  r->client, r->sequence);
}

void history_tell(const history *h, size_t index, buffer *out)
{
    history_record r = history_get(h, index);
    size_t begin = out->length;
    if (r.kind == RECORD_OPERATION)
        tell_operation(h, index, &r, out);
    else if (r.kind == RECORD_SAMPLE)
        tell_sample(&r, out);
    else if (r.kind == RECORD_PART && r.type == PART_SENT)
        buffer_printf(out, "%.4f .. %.4f s  client %" PRIu32 " sent %" PRIu64 " bytes (%s): %.*s%s",
                      seconds(r.invoke), seconds(r.finish), r.client, r.size,
                      history_text(h, r.key), SENT_TOLD, history_text(h, r.detail),
                      history_text_length(h, r.detail) > SENT_TOLD ? " ... (ordeal history)" : "");
    else if (r.kind == RECORD_PART)
        buffer_printf(out, "%.4f s  part of %" PRIu32 "/%" PRIu32 ": %s at %" PRIu64 " %.160s",
                      seconds(r.invoke), r.client, r.sequence, part_name(r.type), r.size,
                      history_text(h, r.detail));
    else
        buffer_printf(out, "%.4f s  %s %s %.160s", seconds(r.invoke),
                      r.kind == RECORD_EVENT ? "event" : "fault",
                      r.kind == RECORD_EVENT ? event_name(r.type) : fault_record_name(r.type),
                      history_text(h, r.detail));
    for (size_t i = begin; i < out->length; i++)
        if ((unsigned char)out->bytes[i] < 32 || out->bytes[i] == 127)
            out->bytes[i] = '?';
}
