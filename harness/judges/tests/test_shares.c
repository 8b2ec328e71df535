/* share-exact. */
#include <criterion/criterion.h>

#include "story.h"

static uint64_t share(story *s, uint64_t most, uint64_t expiry)
{
    return story_do(s, OPERATION_SHARE_CREATE, "k",
                    (history_record){.size = most, .expected = expiry}, 1, 2);
}

static void share_get(story *s, uint64_t link, uint64_t from)
{
    story_do(s, OPERATION_SHARE_GET, "k", (history_record){.expected = link, .size = 100}, from,
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
    story_do(s, OPERATION_SHARE_DELETE, "k", (history_record){.expected = link}, 3, 5);
    share_get(s, link, 6);
    story_expect(s, "share-exact", ANSWER_VIOLATED);
}

static void refuse(story *s, uint64_t link, const char *code, uint64_t from)
{
    story_do(s, OPERATION_SHARE_GET, "k",
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
    story_do(broken, OPERATION_SHARE_GET, "k",
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
