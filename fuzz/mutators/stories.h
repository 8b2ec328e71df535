/* The form of a story of steps, which targets/stories.c reads and its mutator keeps: a byte that
 * says whether there are accounts, then steps of three bytes: what, on which name, how. Each of the
 * two tables of steps ends with what happens to the server. */
#ifndef FUZZ_MUTATORS_STORIES_H
#define FUZZ_MUTATORS_STORIES_H

#define STORY_HEAD                1
#define STORY_STEP                3
#define STORY_HAS_ACCOUNTS(first) ((first) % 4 == 3)

enum {
    STORY_STEPS = 31,
    STORY_ACCOUNT_STEPS = 12,
    STORY_FAULT_FROM_END = 3,
    STORY_HEAL_FROM_END = 2
};

#endif
