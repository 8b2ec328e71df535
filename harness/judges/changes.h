/* What changed one name, whichever way: puts, deletes, restores, finished uploads, and the moves of
 * it and onto it, each of which is a change of two names. And which of them a read shows.
 *
 * A put's and an upload's content is its own; a restore and a move bring content that another
 * operation wrote, so a read of such a name is known by its version number, or else only where no
 * other change can have brought what it saw. */
#ifndef ORDEAL_JUDGES_CHANGES_H
#define ORDEAL_JUDGES_CHANGES_H

#include "judges/index.h"
#include "judges/judge.h"

typedef struct {
    uint64_t invoke;
    uint64_t finish;  /* HISTORY_NEVER: its outcome is unknown */
    uint32_t record;  /* the operation; of an upload, its last piece */
    uint32_t origin;  /* the operation that its content is named after; else the same as record */
    uint32_t part;    /* the pair of a move */
    uint32_t version; /* as the target numbered it; 0: not told */
    bool moved;       /* it is one pair of a move */
    bool removes;     /* a delete, or a move of the name away */
    bool carries;     /* it brings content that another operation wrote */
} change;

typedef struct {
    uint64_t invoke;
    uint64_t latest; /* the latest finish of all that began by then */
} removal;

/* What certainly had no effect is left out. */
typedef struct {
    change *all; /* by origin */
    size_t count;
    uint32_t *by_version; /* positions of those with a version; NULL when nothing carries */
    size_t version_count;
    size_t carried;        /* how many carry */
    size_t carried_untold; /* of these, how many without a version */
    removal *removals;     /* by invoke */
    size_t removal_count;
} change_list;

#define NO_CHANGE SIZE_MAX

/* A batch that is not atomic says of each pair what came of it. */
outcome changes_of_pair(const history_record *move, const history_record *pair);

/* The caller frees it with changes_free. */
change_list changes_of_name(const judge_input *in, uint32_t key);
void changes_free(change_list *list);
/* The change that wrote a value here; NO_CHANGE: none. */
size_t changes_writing(const judge_input *in, const change_list *list, uint64_t value);
/* The change whose content has this value and, if it was told, this version; NO_CHANGE: it cannot
 * be told. */
size_t changes_shown(const judge_input *in, const change_list *list, uint64_t value,
                     uint32_t version);
/* May something have removed the name between `from` and `to`? */
bool changes_may_remove(const change_list *list, uint64_t from, uint64_t to);

#endif
