#include "drivers/contents.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"

void contents_send(void *owner, uint64_t offset, void *bytes, size_t length)
{
    content_make(owner, offset, bytes, length);
}

contents_piece contents_piece_of(const operation *o, const resource *upload)
{
    return (contents_piece){.whole = {.seed = operation_seed(o),
                                      .value = upload->value,
                                      .key = upload->key_hash,
                                      .size = upload->size},
                            .offset = upload->offset};
}

void contents_send_piece(void *owner, uint64_t offset, void *bytes, size_t length)
{
    const contents_piece *p = owner;
    content_make(&p->whole, p->offset + offset, bytes, length);
}

bool contents_receive(void *owner, const void *bytes, size_t length)
{
    content_check_feed(owner, bytes, length);
    return true;
}

static int add_bytes(char *out, size_t size, const char *before, const unsigned char bytes[8])
{
    int used = snprintf(out, size, "%s", before);
    for (int i = 0; i < 8; i++)
        used += snprintf(out + used, size - (size_t)used, " %02x", bytes[i]);
    return used;
}

/* What ends too early has no bytes to show. */
static void tell_mismatch(operation *o, const content_check *check)
{
    char sentence[256];
    int used = snprintf(sentence, sizeof sentence, "%s", check->sentence);
    if (memcmp(check->expected_bytes, check->seen_bytes, sizeof check->seen_bytes) != 0) {
        used += add_bytes(sentence + used, sizeof sentence - (size_t)used, "; expected",
                          check->expected_bytes);
        add_bytes(sentence + used, sizeof sentence - (size_t)used, ", saw", check->seen_bytes);
    }
    CHECK(operation_part(o, (history_record){.type = PART_MISMATCH,
                                             .key = o->record.key,
                                             .size = check->wrong_at,
                                             .value = check->wrong_value,
                                             .detail = operation_name(o, sentence)}));
    o->record.outcome = OUTCOME_FAILED;
    o->record.failure = FAILURE_CONTENT;
}

void contents_conclude(operation *o, content_check *check, bool whole)
{
    o->record.size = o->answer.received;
    bool truncated = o->answer.failure == FAILURE_TRUNCATED;
    if (o->record.outcome != OUTCOME_OK && !truncated)
        return;
    /* What came of a broken-off answer must still be right as far as it goes. */
    content_answer answer = content_check_end(check, whole && !truncated);
    o->record.value = check->value;
    if (answer == CONTENT_WRONG)
        tell_mismatch(o, check);
    else if (answer == CONTENT_UNIDENTIFIED && !truncated)
        o->record.flags |= FLAG_UNIDENTIFIED;
}
