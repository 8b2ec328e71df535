/* Judges of batches, uploads, listings, channels, shares, quotas and watchers. */
#include <criterion/criterion.h>

#include "story.h"

static uint64_t make(story *s, operation_type type, const char *key, history_record more,
                     uint64_t from, uint64_t to)
{
    more.type = (uint8_t)type;
    more.key = story_name(s, key);
    more.invoke = MS(from);
    more.finish = MS(to);
    return story_operation(s, more, NULL, 0);
}

Test(recovered_writes, an_unknown_write_that_was_seen_must_stay)
{
    for (int lost = 0; lost < 2; lost++) {
        story *s = story_begin();
        uint64_t a = story_put(s, "k", 1, 2);
        uint64_t b = story_put_as(s, "k", 3, 4, OUTCOME_UNKNOWN);
        story_get(s, "k", a, 5, 6);
        story_get(s, "k", b, 7, 8);
        story_restart(s, 9);
        story_get(s, "k", lost ? a : b, 10, 11);
        story_expect(s, "recovered-writes", lost ? ANSWER_VIOLATED : ANSWER_HOLDS);
    }
}

static void move(story *s, uint64_t from, uint64_t to, outcome how)
{
    history_record parts[] = {
        {.type = PART_MOVE, .key = story_name(s, "d/a"), .detail = story_name(s, "e/a")},
        {.type = PART_MOVE, .key = story_name(s, "d/b"), .detail = story_name(s, "e/b")},
    };
    story_operation(s,
                    (history_record){.type = OPERATION_MOVE,
                                     .flags = FLAG_ATOMIC,
                                     .invoke = MS(from),
                                     .finish = MS(to),
                                     .outcome = (uint8_t)how},
                    parts, 2);
}

static void move_back(story *s, uint64_t from, uint64_t to)
{
    history_record parts[] = {
        {.type = PART_MOVE, .key = story_name(s, "e/a"), .detail = story_name(s, "d/a")},
        {.type = PART_MOVE, .key = story_name(s, "e/b"), .detail = story_name(s, "d/b")},
    };
    story_operation(
        s,
        (history_record){
            .type = OPERATION_MOVE, .flags = FLAG_ATOMIC, .invoke = MS(from), .finish = MS(to)},
        parts, 2);
}

static void list(story *s, const char *prefix, const char *const *names, size_t count,
                 uint64_t from, uint8_t flags)
{
    history_record parts[8] = {0};
    for (size_t i = 0; i < count; i++)
        parts[i] =
            (history_record){.type = PART_ENTRY, .key = story_name(s, names[i]), .size = 100};
    story_operation(s,
                    (history_record){.type = OPERATION_LIST,
                                     .key = story_name(s, prefix),
                                     .invoke = MS(from),
                                     .finish = MS(from + 1),
                                     .flags = (uint8_t)(flags | FLAG_ATOMIC)},
                    parts, count);
}

Test(atomic_move, a_listing_of_half_a_batch_is_violated)
{
    static const char *const half[] = {"e/a", "d/b"};
    static const char *const none[] = {"d/a", "d/b"};
    static const char *const all[] = {"e/a", "e/b"};
    static const struct {
        const char *const *names;
        judge_answer wanted;
    } cases[] = {{half, ANSWER_VIOLATED}, {none, ANSWER_HOLDS}, {all, ANSWER_HOLDS}};
    for (size_t i = 0; i < 3; i++) {
        story *s = story_begin();
        story_put(s, "d/a", 1, 2);
        story_put(s, "d/b", 1, 2);
        move(s, 3, 9, OUTCOME_UNKNOWN);
        list(s, "", cases[i].names, 2, 4, 0);
        story_expect(s, "atomic-move", cases[i].wanted);
    }
}

Test(atomic_move, a_listing_of_several_pages_may_see_a_batch_come)
{
    for (int atomic = 0; atomic < 2; atomic++) {
        story *s = story_begin();
        story_put(s, "d/a", 1, 2);
        story_put(s, "d/b", 1, 2);
        move(s, 3, 9, OUTCOME_UNKNOWN);
        history_record parts[] = {{.type = PART_ENTRY, .key = story_name(s, "d/b")},
                                  {.type = PART_ENTRY, .key = story_name(s, "e/a")}};
        story_operation(s,
                        (history_record){.type = OPERATION_LIST,
                                         .key = story_name(s, ""),
                                         .invoke = MS(4),
                                         .finish = MS(5),
                                         .flags = atomic ? FLAG_ATOMIC : 0},
                        parts, 2);
        story_expect(s, "atomic-move", atomic ? ANSWER_VIOLATED : ANSWER_HOLDS);
    }
}

/* To and fro with the same names: each batch is judged by what is seen before the next begins. */
Test(atomic_move, names_tell_of_each_of_their_batches_until_the_next)
{
    static const char *const half[] = {"e/a", "d/b"};
    static const char *const there[] = {"d/a", "d/b"};
    static const char *const rewritten[] = {"d/a", "d/b", "e/a"};
    for (int wrong = 0; wrong < 2; wrong++) {
        story *s = story_begin();
        story_put(s, "d/a", 1, 2);
        story_put(s, "d/b", 1, 2);
        move(s, 3, 4, OUTCOME_OK);
        move_back(s, 5, 6);
        list(s, "", there, 2, 7, 0);
        move(s, 9, 10, OUTCOME_FAILED);
        list(s, "", wrong ? half : there, 2, 11, 0);
        story_put(s, "e/a", 13, 14);
        list(s, "", rewritten, 3, 15, 0);
        story_expect(s, "atomic-move", wrong ? ANSWER_VIOLATED : ANSWER_HOLDS);
    }
}

Test(atomic_move, reads_one_after_another_may_not_see_half)
{
    for (int half = 0; half < 2; half++) {
        story *s = story_begin();
        story_put(s, "d/a", 1, 2);
        uint64_t b = story_put(s, "d/b", 1, 2);
        move(s, 3, 9, OUTCOME_UNKNOWN);
        story_find_nothing(s, "d/a", 4, 5);
        if (half)
            story_get(s, "d/b", b, 6, 7);
        else
            story_find_nothing(s, "d/b", 6, 7);
        story_expect(s, "atomic-move", half ? ANSWER_VIOLATED : ANSWER_HOLDS);
    }
}

Test(atomic_move, an_acknowledged_batch_is_done_and_a_refused_one_is_not)
{
    for (int refused = 0; refused < 2; refused++) {
        story *s = story_begin();
        uint64_t a = story_put(s, "d/a", 1, 2);
        story_put(s, "d/b", 1, 2);
        move(s, 3, 4, refused ? OUTCOME_FAILED : OUTCOME_OK);
        story_get(s, "d/a", refused ? 0 : a, 5, 6);
        story_expect(s, "atomic-move", ANSWER_VIOLATED);
    }
}

typedef struct {
    story *s;
    uint64_t upload;
} uploading;

static uploading upload(void)
{
    uploading u = {.s = story_begin()};
    u.upload = make(u.s, OPERATION_UPLOAD_CREATE, "k", (history_record){.size = 200}, 1, 2);
    return u;
}

static void piece(const uploading *u, uint64_t offset, uint64_t from, bool last)
{
    make(u->s, OPERATION_UPLOAD_PATCH, "k",
         (history_record){.value = u->upload,
                          .size = 100,
                          .expected = offset,
                          .flags = last ? FLAG_COMPLETES : 0},
         from, from + 1);
}

static void told_offset(const uploading *u, uint64_t offset, uint64_t from)
{
    make(u->s, OPERATION_UPLOAD_HEAD, "k", (history_record){.value = u->upload, .expected = offset},
         from, from + 1);
}

Test(read_integrity, content_may_come_from_where_a_batch_moved_it_and_from_nowhere_else)
{
    for (int wrong = 0; wrong < 2; wrong++) {
        story *s = story_begin();
        uint64_t a = story_put(s, "d/a", 1, 2);
        uint64_t b = story_put(s, "d/b", 1, 2);
        move(s, 3, 4, OUTCOME_OK);
        story_get(s, "e/b", wrong ? a : b, 5, 6);
        story_expect(s, "read-integrity", wrong ? ANSWER_VIOLATED : ANSWER_HOLDS);
    }
}

Test(read_integrity, an_empty_body_that_nobody_wrote_is_violated)
{
    for (uint64_t size = 0; size < 2; size++) {
        story *s = story_begin();
        uint64_t first =
            make(s, OPERATION_PUT, "d/a", (history_record){.version = 1, .size = 64}, 1, 2);
        make(s, OPERATION_PUT, "d/b", (history_record){.version = 1, .size = size}, 1, 2);
        story_get(s, "d/a", first, 2, 3);
        move(s, 3, 4, OUTCOME_OK);
        make(s, OPERATION_GET, "e/b", (history_record){.flags = FLAG_UNIDENTIFIED}, 5, 6);
        story_expect(s, "read-integrity", size > 0 ? ANSWER_VIOLATED : ANSWER_HOLDS);
    }
}

Test(upload_visibility, content_before_completion_is_violated)
{
    for (int early = 0; early < 2; early++) {
        uploading u = upload();
        piece(&u, 0, 3, false);
        if (!early)
            piece(&u, 100, 5, true);
        story_get(u.s, "k", u.upload, 7, 8);
        story_expect(u.s, "upload-visibility", early ? ANSWER_VIOLATED : ANSWER_HOLDS);
    }
}

Test(upload_visibility, an_offset_below_or_above_what_was_sent_is_violated)
{
    static const struct {
        uint64_t offset;
        judge_answer wanted;
    } cases[] = {{0, ANSWER_VIOLATED}, {100, ANSWER_HOLDS}, {150, ANSWER_VIOLATED}};
    for (size_t i = 0; i < 3; i++) {
        uploading u = upload();
        piece(&u, 0, 3, false);
        told_offset(&u, cases[i].offset, 5);
        story_expect(u.s, "upload-visibility", cases[i].wanted);
    }
}

Test(upload_visibility, a_piece_after_completion_is_violated)
{
    uploading u = upload();
    piece(&u, 0, 3, false);
    piece(&u, 100, 5, true);
    piece(&u, 100, 7, false);
    story_expect(u.s, "upload-visibility", ANSWER_VIOLATED);
}

static void put_refused_after(uint16_t status, judge_answer wanted)
{
    story *s = story_begin();
    history_record first = {.type = OPERATION_PUT,
                            .key = story_name(s, "a"),
                            .invoke = MS(1),
                            .finish = MS(2),
                            .outcome = OUTCOME_UNKNOWN,
                            .failure = FAILURE_STATUS,
                            .status = status};
    history_record again = first;
    again.invoke = MS(3);
    again.finish = MS(4);
    again.outcome = OUTCOME_FAILED;
    again.status = 409;
    story_operation(s, first, NULL, 0);
    story_operation(s, again, NULL, 0);
    story_expect(s, "no-partial-create", wanted);
}

Test(no_partial_create, a_put_answered_with_500_no_longer_holds_its_name)
{
    put_refused_after(500, ANSWER_VIOLATED);
}

Test(no_partial_create, behind_a_gateway_time_out_a_put_may_still_work_on_its_name)
{
    put_refused_after(504, ANSWER_HOLDS);
}

Test(no_partial_create, a_name_that_stays_taken_after_a_failure_is_violated)
{
    for (int open = 0; open < 2; open++) {
        uploading u = upload();
        if (!open)
            make(u.s, OPERATION_UPLOAD_CANCEL, "k", (history_record){.value = u.upload}, 3, 4);
        make(u.s, OPERATION_UPLOAD_CREATE, "k",
             (history_record){.size = 200, .outcome = OUTCOME_FAILED, .status = 409}, 5, 6);
        story_expect(u.s, "no-partial-create", open ? ANSWER_HOLDS : ANSWER_VIOLATED);
    }
}

static void final_get(story *s, const char *key, uint64_t value, uint64_t size)
{
    make(s, OPERATION_GET, key,
         (history_record){.value = value,
                          .size = size,
                          .flags = (uint8_t)(FLAG_FINAL | (value == 0 ? FLAG_ABSENT : 0))},
         20, 21);
}

Test(list_agrees, a_missing_or_extra_name_is_violated)
{
    static const char *const names[] = {"a", "b"};
    static const struct {
        size_t listed;
        bool there;
        judge_answer wanted;
    } cases[] = {{2, true, ANSWER_HOLDS},
                 {1, true, ANSWER_VIOLATED},
                 {2, false, ANSWER_VIOLATED},
                 {1, false, ANSWER_HOLDS}};
    for (size_t i = 0; i < 4; i++) {
        story *s = story_begin();
        uint64_t a = story_put(s, "a", 1, 2);
        uint64_t b = story_put(s, "b", 1, 2);
        final_get(s, "a", a, 100);
        final_get(s, "b", cases[i].there ? b : 0, 100);
        list(s, "", names, cases[i].listed, 22, FLAG_FINAL);
        story_expect(s, "list-agrees", cases[i].wanted);
    }
}

static uint64_t append(story *s, uint64_t samples, uint64_t from, outcome how)
{
    return make(s, OPERATION_CHANNEL_APPEND, "c",
                (history_record){.size = samples, .outcome = (uint8_t)how}, from, from + 1);
}

typedef struct {
    uint64_t value;
    uint64_t first;
    uint64_t count;
} samples;

static void read_channel(story *s, const samples *runs, size_t count, judge_answer wanted)
{
    history_record parts[8] = {0};
    for (size_t i = 0; i < count; i++)
        parts[i] = (history_record){.type = PART_SAMPLES,
                                    .value = runs[i].value,
                                    .expected = runs[i].first,
                                    .size = runs[i].count};
    story_operation(s,
                    (history_record){.type = OPERATION_CHANNEL_READ,
                                     .key = story_name(s, "c"),
                                     .invoke = MS(50),
                                     .finish = MS(51)},
                    parts, count);
    story_expect(s, "channel-bounded", wanted);
}

Test(channel_bounded, a_full_channel_with_the_last_samples_holds)
{
    story *s = story_begin();
    uint64_t a = append(s, 600, 1, OUTCOME_OK);
    uint64_t b = append(s, 600, 3, OUTCOME_OK);
    read_channel(s, (samples[]){{a, 200, 400}, {b, 0, 600}}, 2, ANSWER_HOLDS);
}

Test(channel_bounded, too_many_samples_are_violated)
{
    story *s = story_begin();
    uint64_t a = append(s, 600, 1, OUTCOME_OK);
    uint64_t b = append(s, 600, 3, OUTCOME_OK);
    read_channel(s, (samples[]){{a, 0, 600}, {b, 0, 600}}, 2, ANSWER_VIOLATED);
}

Test(channel_bounded, missing_acknowledged_samples_are_violated)
{
    story *s = story_begin();
    uint64_t a = append(s, 10, 1, OUTCOME_OK);
    append(s, 10, 3, OUTCOME_OK);
    read_channel(s, (samples[]){{a, 0, 10}}, 1, ANSWER_VIOLATED);
}

Test(channel_bounded, missing_unknown_samples_hold)
{
    story *s = story_begin();
    uint64_t a = append(s, 10, 1, OUTCOME_OK);
    append(s, 10, 3, OUTCOME_UNKNOWN);
    read_channel(s, (samples[]){{a, 0, 10}}, 1, ANSWER_HOLDS);
}

Test(channel_bounded, refused_samples_and_wrong_order_are_violated)
{
    story *s = story_begin();
    uint64_t a = append(s, 10, 1, OUTCOME_FAILED);
    read_channel(s, (samples[]){{a, 0, 10}}, 1, ANSWER_VIOLATED);
    s = story_begin();
    a = append(s, 10, 1, OUTCOME_OK);
    uint64_t b = append(s, 10, 3, OUTCOME_OK);
    read_channel(s, (samples[]){{b, 0, 10}, {a, 0, 10}}, 2, ANSWER_VIOLATED);
}

static uint64_t share(story *s, uint64_t most, uint64_t expiry)
{
    return make(s, OPERATION_SHARE_CREATE, "k", (history_record){.size = most, .expected = expiry},
                1, 2);
}

static void share_get(story *s, uint64_t link, uint64_t from)
{
    make(s, OPERATION_SHARE_GET, "k", (history_record){.expected = link, .size = 100}, from,
         from + 1);
}

Test(share_exact, one_download_too_many_is_violated)
{
    for (uint64_t downloads = 2; downloads < 4; downloads++) {
        story *s = story_begin();
        uint64_t link = share(s, 2, 0);
        for (uint64_t i = 0; i < downloads; i++)
            share_get(s, link, 3);
        story_expect(s, "share-exact", downloads > 2 ? ANSWER_VIOLATED : ANSWER_HOLDS);
    }
}

Test(share_exact, a_download_after_expiry_or_deletion_is_violated)
{
    story *s = story_begin();
    share_get(s, share(s, 0, MS(100)), 1500);
    story_expect(s, "share-exact", ANSWER_HOLDS);
    s = story_begin();
    share_get(s, share(s, 0, MS(100)), 3000);
    story_expect(s, "share-exact", ANSWER_VIOLATED);
    s = story_begin();
    uint64_t link = share(s, 0, 0);
    make(s, OPERATION_SHARE_DELETE, "k", (history_record){.expected = link}, 3, 5);
    share_get(s, link, 6);
    story_expect(s, "share-exact", ANSWER_VIOLATED);
}

static void refuse(story *s, uint64_t link, const char *code, uint64_t from)
{
    make(s, OPERATION_SHARE_GET, "k",
         (history_record){.expected = link,
                          .outcome = OUTCOME_FAILED,
                          .failure = FAILURE_STATUS,
                          .status = 410,
                          .detail = story_name(s, code)},
         from, from + 1);
}

Test(share_exact, a_link_that_ends_too_early_is_violated)
{
    for (uint64_t downloads = 1; downloads < 3; downloads++) {
        story *s = story_begin();
        uint64_t link = share(s, 2, 0);
        for (uint64_t i = 0; i < downloads; i++)
            share_get(s, link, 3);
        refuse(s, link, "share_exhausted", 5);
        story_expect(s, "share-exact", downloads < 2 ? ANSWER_VIOLATED : ANSWER_HOLDS);
    }
    story *broken = story_begin();
    uint64_t counted = share(broken, 1, 0);
    make(broken, OPERATION_SHARE_GET, "k",
         (history_record){.expected = counted,
                          .outcome = OUTCOME_UNKNOWN,
                          .failure = FAILURE_STATUS,
                          .status = 500},
         3, 4);
    refuse(broken, counted, "share_exhausted", 5);
    share_get(broken, share(broken, 0, 0), 7);
    story_expect(broken, "share-exact", ANSWER_HOLDS);
    for (uint64_t at = 1000; at <= 9000; at += 8000) {
        story *s = story_begin();
        uint64_t link = share(s, 0, MS(10000));
        share_get(s, link, 5);
        refuse(s, link, "share_expired", at);
        story_expect(s, "share-exact", at < 8000 ? ANSWER_VIOLATED : ANSWER_HOLDS);
    }
}

static judge_answer send_garbage(outcome how, failure why, unsigned status)
{
    story *s = story_begin();
    make(s, OPERATION_GARBAGE, "noise", (history_record){0}, 1, 2);
    make(s, OPERATION_GARBAGE, "two lengths",
         (history_record){
             .outcome = (uint8_t)how, .failure = (uint8_t)why, .status = (uint16_t)status},
         3, 4);
    return story_judge(s, "garbage-refused", NULL)->answer;
}

Test(garbage_refused, what_is_taken_or_hangs_is_violated)
{
    cr_assert_eq(send_garbage(OUTCOME_OK, FAILURE_NONE, 400), ANSWER_HOLDS);
    cr_assert_eq(send_garbage(OUTCOME_FAILED, FAILURE_INTERRUPTED, 0), ANSWER_HOLDS);
    cr_assert_eq(send_garbage(OUTCOME_FAILED, FAILURE_STATUS, 201), ANSWER_VIOLATED);
    cr_assert_eq(send_garbage(OUTCOME_FAILED, FAILURE_STATUS, 500), ANSWER_VIOLATED);
    cr_assert_eq(send_garbage(OUTCOME_FAILED, FAILURE_MALFORMED, 0), ANSWER_VIOLATED);
    cr_assert_eq(send_garbage(OUTCOME_FAILED, FAILURE_TIMEOUT, 0), ANSWER_VIOLATED);
}

static void usage(story *s, uint64_t used, uint64_t quota, uint8_t flags, judge_answer wanted)
{
    uint64_t a = story_put(s, "quota/ann/f", 1, 2);
    final_get(s, "quota/ann/f", a, 100);
    make(s, OPERATION_USAGE, "ann",
         (history_record){.size = used, .expected = quota, .flags = flags}, 22, 23);
    story_expect(s, "quota-exact", wanted);
}

Test(quota_exact, more_than_the_quota_or_another_sum_is_violated)
{
    usage(story_begin(), 100, 1000, FLAG_FINAL, ANSWER_HOLDS);
    usage(story_begin(), 90, 1000, FLAG_FINAL, ANSWER_VIOLATED);
    usage(story_begin(), 90, 1000, 0, ANSWER_NOT_PROVEN);
    usage(story_begin(), 1001, 1000, 0, ANSWER_VIOLATED);
    usage(story_begin(), 100, 99, FLAG_FINAL, ANSWER_VIOLATED);
    usage(story_begin(), 90, 80, FLAG_FINAL, ANSWER_VIOLATED);
}

/* The write of 300 bytes may still come: 100 bytes or 300 are used, and no others. */
Test(quota_exact, an_unknown_write_leaves_a_span)
{
    static const struct {
        uint64_t used;
        judge_answer wanted;
    } cases[] = {
        {99, ANSWER_VIOLATED}, {100, ANSWER_HOLDS}, {300, ANSWER_HOLDS}, {301, ANSWER_VIOLATED}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        story *s = story_begin();
        story_operation(s,
                        (history_record){.type = OPERATION_PUT,
                                         .key = story_name(s, "quota/ann/f"),
                                         .outcome = OUTCOME_UNKNOWN,
                                         .size = 300,
                                         .invoke = MS(1),
                                         .finish = MS(2)},
                        NULL, 0);
        usage(s, cases[i].used, 1000, FLAG_FINAL, cases[i].wanted);
    }
}

typedef struct {
    uint32_t version;
    uint64_t cursor;
} change;

static void told(story *s, uint64_t cursor, const change *changes, size_t count, uint64_t from)
{
    history_record parts[8] = {0};
    for (size_t i = 0; i < count; i++)
        parts[i] = (history_record){.type = PART_CHANGE,
                                    .key = story_name(s, "k"),
                                    .version = changes[i].version,
                                    .value = changes[i].cursor};
    story_operation(s,
                    (history_record){.type = OPERATION_CHANGES,
                                     .key = story_name(s, "watcher"),
                                     .expected = cursor,
                                     .invoke = MS(from),
                                     .finish = MS(from + 1)},
                    parts, count);
}

static void watched(const change *changes, size_t count, judge_answer wanted)
{
    story *s = story_begin();
    told(s, 0, NULL, 0, 1);
    make(s, OPERATION_PUT, "k", (history_record){.version = 1}, 3, 4);
    make(s, OPERATION_PUT, "k", (history_record){.version = 2}, 5, 6);
    told(s, 0, changes, count, 7);
    told(s, 9, NULL, 0, 9);
    story_expect(s, "watch-exact", wanted);
}

Test(watch_exact, every_change_once_and_in_order_holds_and_all_else_is_violated)
{
    watched((change[]){{1, 1}, {2, 2}}, 2, ANSWER_HOLDS);
    watched((change[]){{1, 1}}, 1, ANSWER_VIOLATED);
    watched((change[]){{1, 1}, {2, 2}, {2, 3}}, 3, ANSWER_VIOLATED);
    watched((change[]){{2, 1}, {1, 2}}, 2, ANSWER_VIOLATED);
    watched((change[]){{1, 2}, {2, 1}}, 2, ANSWER_VIOLATED);
}

/* One watcher that sees `events` of a story in which a file is put, deleted, moved and put again;
 * no empty answer ends it. */
static void followed(const history_record *events, size_t count, judge_answer wanted)
{
    story *s = story_begin();
    uint32_t file = story_name(s, "file");
    uint32_t other = story_name(s, "other");
    history_record parts[8] = {0};
    told(s, 0, NULL, 0, 1);
    make(s, OPERATION_PUT, "file", (history_record){.version = 1}, 3, 4);
    make(s, OPERATION_DELETE, "file", (history_record){0}, 5, 6);
    make(s, OPERATION_PUT, "file", (history_record){.version = 2}, 7, 8);
    history_record pair = {
        .type = PART_MOVE, .key = file, .detail = other, .version = 1, .status = 200};
    story_operation(s, (history_record){.type = OPERATION_MOVE, .invoke = MS(9), .finish = MS(10)},
                    &pair, 1);
    make(s, OPERATION_PUT, "file", (history_record){.version = 3}, 11, 12);
    for (size_t i = 0; i < count; i++) {
        parts[i] = events[i];
        parts[i].type = PART_CHANGE;
        parts[i].value = i + 1;
        parts[i].key = events[i].key == 1 ? file : other;
        parts[i].detail = story_name(s, events[i].status == 1 ? "delete" : "put");
        parts[i].status = 0;
    }
    story_operation(s,
                    (history_record){.type = OPERATION_CHANGES,
                                     .key = story_name(s, "watcher"),
                                     .invoke = MS(2),
                                     .finish = MS(13)},
                    parts, count);
    story_expect(s, "watch-exact", wanted);
}

#define WROTE(which, number) ((history_record){.key = which, .version = number})
#define GONE(which, number)  ((history_record){.key = which, .version = number, .status = 1})

Test(watch_exact, deletes_and_moves_are_due_like_all_other_changes)
{
    followed((history_record[]){WROTE(1, 1), GONE(1, 1), WROTE(1, 2), WROTE(2, 1), GONE(1, 2),
                                WROTE(1, 3)},
             6, ANSWER_HOLDS);
    /* The last one was not told yet, which is no fault. */
    followed((history_record[]){WROTE(1, 1), GONE(1, 1), WROTE(1, 2), WROTE(2, 1), GONE(1, 2)}, 5,
             ANSWER_HOLDS);
    followed((history_record[]){WROTE(1, 1), WROTE(1, 2), WROTE(2, 1), GONE(1, 2), WROTE(1, 3)}, 5,
             ANSWER_VIOLATED);
    followed((history_record[]){WROTE(1, 1), GONE(1, 1), WROTE(1, 2), GONE(1, 2), WROTE(1, 3)}, 5,
             ANSWER_VIOLATED);
    followed((history_record[]){GONE(1, 1), WROTE(1, 2), WROTE(2, 1), GONE(1, 2), WROTE(1, 3)}, 5,
             ANSWER_VIOLATED);
    followed((history_record[]){WROTE(1, 1), GONE(1, 1), GONE(1, 1), WROTE(1, 2), WROTE(2, 1),
                                GONE(1, 2), WROTE(1, 3)},
             7, ANSWER_VIOLATED);
}

Test(size_limit, a_write_above_the_limit_must_be_refused_by_whichever_way_it_comes)
{
    static const struct {
        operation_type type;
        uint64_t size;
        uint16_t status;
        judge_answer wanted;
    } cases[] = {{OPERATION_PUT, 200, 413, ANSWER_HOLDS},
                 {OPERATION_PUT, 200, 201, ANSWER_VIOLATED},
                 {OPERATION_UPLOAD_CREATE, 200, 201, ANSWER_VIOLATED},
                 {OPERATION_PUT, 100, 413, ANSWER_VIOLATED},
                 {OPERATION_PUT, 100, 201, ANSWER_NOT_PROVEN}};
    const parameter_value most[] = {{.number = 100}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        story *s = story_begin();
        make(s, cases[i].type, "k",
             (history_record){.size = cases[i].size,
                              .status = cases[i].status,
                              .outcome = cases[i].status == 413 ? OUTCOME_FAILED : OUTCOME_OK},
             1, 2);
        cr_assert_eq(story_judge(s, "size-limit", most)->answer, cases[i].wanted, "case %zu", i);
    }
}

Test(channel_bounded, an_invalid_sample_that_is_taken_and_a_final_read_that_fails_are_violated)
{
    for (int wrong = 0; wrong < 3; wrong++) {
        story *s = story_begin();
        make(s, OPERATION_CHANNEL_APPEND, "c", (history_record){.size = 2, .expected = wrong == 1},
             1, 2);
        history_record end = {.flags = FLAG_FINAL};
        if (wrong == 2)
            end = (history_record){.flags = FLAG_FINAL,
                                   .outcome = OUTCOME_FAILED,
                                   .failure = FAILURE_STATUS,
                                   .status = 500};
        if (wrong != 1) {
            make(s, OPERATION_CHANNEL_READ, "other", (history_record){.flags = FLAG_FINAL}, 5, 6);
            if (wrong == 2)
                make(s, OPERATION_CHANNEL_READ, "c", end, 7, 8);
        }
        story_expect(s, "channel-bounded", wrong == 0 ? ANSWER_HOLDS : ANSWER_VIOLATED);
    }
}
