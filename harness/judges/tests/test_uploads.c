/* upload-visibility, no-partial-create and size-limit. */
#include <criterion/criterion.h>

#include "story.h"

typedef struct {
    story *s;
    uint64_t upload;
} uploading;

static uploading upload(void)
{
    uploading u = {.s = story_begin()};
    u.upload = story_do(u.s, OPERATION_UPLOAD_CREATE, "k", (history_record){.size = 200}, 1, 2);
    return u;
}

static void piece(const uploading *u, uint64_t offset, uint64_t from, bool last)
{
    story_do(u->s, OPERATION_UPLOAD_PATCH, "k",
             (history_record){.value = u->upload,
                              .size = 100,
                              .expected = offset,
                              .flags = last ? FLAG_COMPLETES : 0},
             from, from + 1);
}

static void told_offset(const uploading *u, uint64_t offset, uint64_t from)
{
    story_do(u->s, OPERATION_UPLOAD_HEAD, "k",
             (history_record){.value = u->upload, .expected = offset}, from, from + 1);
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

Test(upload_visibility, a_piece_answered_with_more_than_was_sent_is_violated)
{
    for (uint64_t more = 0; more < 2; more++) {
        uploading u = upload();
        const history_record accepted = {.type = PART_ACCEPTED, .size = 100 + more};
        story_operation(u.s,
                        (history_record){.type = OPERATION_UPLOAD_PATCH,
                                         .key = story_name(u.s, "k"),
                                         .value = u.upload,
                                         .size = 100,
                                         .invoke = MS(3),
                                         .finish = MS(4)},
                        &accepted, 1);
        story_expect(u.s, "upload-visibility", more > 0 ? ANSWER_VIOLATED : ANSWER_HOLDS);
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
            story_do(u.s, OPERATION_UPLOAD_CANCEL, "k", (history_record){.value = u.upload}, 3, 4);
        story_do(u.s, OPERATION_UPLOAD_CREATE, "k",
                 (history_record){.size = 200, .outcome = OUTCOME_FAILED, .status = 409}, 5, 6);
        story_expect(u.s, "no-partial-create", open ? ANSWER_HOLDS : ANSWER_VIOLATED);
    }
}

Test(no_partial_create, an_upload_that_came_later_does_not_explain_a_refusal)
{
    uploading u = upload();
    story_do(u.s, OPERATION_UPLOAD_CANCEL, "k", (history_record){.value = u.upload}, 3, 4);
    story_do(u.s, OPERATION_UPLOAD_CREATE, "k",
             (history_record){.size = 200, .outcome = OUTCOME_FAILED, .status = 409}, 5, 6);
    story_do(u.s, OPERATION_UPLOAD_CREATE, "k", (history_record){.size = 200}, 7, 8);
    story_expect(u.s, "no-partial-create", ANSWER_VIOLATED);
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
        story_do(s, cases[i].type, "k",
                 (history_record){.size = cases[i].size,
                                  .status = cases[i].status,
                                  .outcome = cases[i].status == 413 ? OUTCOME_FAILED : OUTCOME_OK},
                 1, 2);
        cr_assert_eq(story_judge(s, "size-limit", most)->answer, cases[i].wanted, "case %zu", i);
    }
}
