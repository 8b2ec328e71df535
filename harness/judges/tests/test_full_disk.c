/* full-disk. */
#include <criterion/criterion.h>

#include "story.h"

static story *a_full_disk(void)
{
    story *s = story_begin();
    story_fault_named(s, "disk-full", 1000, 5000);
    story_refuse(s, OPERATION_PUT, "a", 507, "disk_full", 2000);
    return s;
}

static void refuse_deletes(story *s, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        story_refuse(s, OPERATION_DELETE, "a", 507, "disk_full", 2500 + i);
}

Test(full_disk, holds_while_deletes_are_done_and_the_rest_is_refused_with_507)
{
    story *s = a_full_disk();
    story_delete(s, "a", 2100, 2101);
    refuse_deletes(s, 20);
    story_expect(s, "full-disk", ANSWER_HOLDS);
}

Test(full_disk, deletes_that_all_fail_are_a_violation_but_a_few_prove_nothing)
{
    story *s = a_full_disk();
    refuse_deletes(s, 3);
    story_expect(s, "full-disk", ANSWER_VIOLATED);
    s = a_full_disk();
    refuse_deletes(s, 2);
    story_expect(s, "full-disk", ANSWER_HOLDS);
}

Test(full_disk, deletes_that_fail_under_another_fault_too_prove_nothing)
{
    story *s = a_full_disk();
    story_fault_named(s, "io-error", 2400, 2600);
    refuse_deletes(s, 10);
    story_expect(s, "full-disk", ANSWER_HOLDS);
}

Test(full_disk, names_that_are_gone_already_are_no_deletes)
{
    story *s = a_full_disk();
    for (unsigned i = 0; i < 10; i++)
        story_refuse(s, OPERATION_DELETE, "a", 404, "not_found", 2500 + i);
    story_expect(s, "full-disk", ANSWER_HOLDS);
}

Test(full_disk, is_not_answered_500_unless_another_fault_is_on)
{
    story *s = a_full_disk();
    story_refuse(s, OPERATION_PUT, "b", 500, "storage_error", 3000);
    story_expect(s, "full-disk", ANSWER_VIOLATED);
    s = a_full_disk();
    story_fault_named(s, "io-error", 2900, 3100);
    story_refuse(s, OPERATION_PUT, "b", 500, "storage_error", 3000);
    story_expect(s, "full-disk", ANSWER_HOLDS);
}

Test(full_disk, may_not_be_told_of_a_disk_that_is_not_full)
{
    story *s = a_full_disk();
    story_fault_named(s, "io-error", 9000, 9500);
    story_refuse(s, OPERATION_PUT, "b", 507, "disk_full", 9100);
    story_expect(s, "full-disk", ANSWER_VIOLATED);
    s = a_full_disk();
    story_refuse(s, OPERATION_PUT, "b", 507, "disk_full", 5900);
    story_expect(s, "full-disk", ANSWER_HOLDS);
}

Test(full_disk, that_nobody_felt_proves_nothing)
{
    story *s = story_begin();
    story_put(s, "a", 1, 2);
    story_expect(s, "full-disk", ANSWER_NOT_PROVEN);
}
