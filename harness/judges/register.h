/* Is one name's history linearizable? The algorithm of CHECKING.md, free of records and text.
 *
 * Values are small numbers from 1; 0 is "absent", which is also the state at the beginning. Every
 * value has at most one write. Zones decide all that has unique values; deletes and reads of
 * absence are fitted into the gaps between zones by a greedy choice, which is a proof when it
 * succeeds; when it fails, a search with a bound decides, and says that it could not at the bound.
 * The caller owns the steps; the answer refers to them by position. */
#ifndef ORDEAL_JUDGES_REGISTER_H
#define ORDEAL_JUDGES_REGISTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REGISTER_ABSENT       ((uint32_t)0)
#define REGISTER_ANY          UINT32_MAX /* no condition */
#define REGISTER_STEPS_MOST   4          /* of one answer */
#define REGISTER_SEARCH_BOUND ((size_t)200000)

typedef struct {
    uint64_t invoke;
    uint64_t finish;   /* HISTORY_NEVER: may take effect at any later time, or never */
    uint32_t value;    /* written or read; REGISTER_ABSENT for a delete or a read of nothing */
    uint32_t expected; /* writes: the value that must be current; REGISTER_ANY: no condition */
    uint32_t record;   /* the caller's */
    bool writes;
} register_step;

typedef enum {
    REGISTER_FITS,
    REGISTER_OPEN,      /* the bound of the search was hit */
    REGISTER_UNWRITTEN, /* a value was read that nothing wrote: the read */
    REGISTER_EARLY,     /* a read ended before its write began: write, read */
    REGISTER_SPLIT,     /* two values were each current on both sides of the other: four steps */
    REGISTER_INSIDE,    /* a value or delete lies wholly while another was current: three */
    REGISTER_TWICE,     /* two conditional writes replaced the same value: both */
    REGISTER_CHAIN,     /* a later link of a chain of conditional writes came before an earlier */
    REGISTER_VANISHED,  /* absence was read where no delete can explain it: value's steps, read */
    REGISTER_NO_ORDER,  /* the search tried every order: the reads without one of which all else
                         * fits, or else the step that could not be fitted */
} register_kind;

typedef struct {
    register_kind kind;
    size_t steps[REGISTER_STEPS_MOST];
    size_t step_count;
} register_answer;

/* Values in `steps` are at most `value_most`. */
register_answer register_judge(const register_step *steps, size_t count, uint32_t value_most);

/* --- between register*.c --- */

/* A value with its reads, or a chain of conditional writes with theirs: one block of time. */
typedef struct {
    uint64_t first_finish; /* f: the least finish in it */
    uint64_t last_invoke;  /* s: the greatest invoke in it */
    uint32_t first_step;   /* which step has it */
    uint32_t last_step;
    bool needs_absence; /* its first write was made on condition that the name is free */
} register_zone;

/* `zones` hold no two that conflict. */
register_answer register_fit_absence(const register_step *steps, size_t count,
                                     const register_zone *zones, size_t zone_count);
register_answer register_search(const register_step *steps, size_t count);

#endif
