/* A recorded history held in memory, to be corrupted in one place and judged again.
 *
 * `source` and `index` are the valid history; `records` is the copy that a mutation changes, which
 * tape_rewind makes anew. Until something is dropped or inserted, both have the same positions. */
#ifndef ORDEAL_JUDGES_MUTATIONS_TAPE_H
#define ORDEAL_JUDGES_MUTATIONS_TAPE_H

#include "base/random.h"
#include "judges/changes.h"
#include "judges/evidence.h"

#define TAPE_NAMED_MOST 2

typedef struct {
    history *source;
    history_index *index;
    judge_input in;
    char log[512];
    history_record *records;
    size_t count;
    parameter_value values[PARAMETERS_MOST];
    uint64_t named[TAPE_NAMED_MOST]; /* value_of the operations, one of which a finding must name */
    size_t named_count;
    bool unproven;    /* it is enough that the valid run violates nothing */
    const char *text; /* one more name, numbered after all others; NULL: none */
} tape;

typedef struct {
    const char *judge;
    const char *what;   /* "a read shows an older write" */
    const char *values; /* "most=1MiB percentile=100"; NULL: the fallbacks */
    /* Corrupts t->records and says which operation that concerns; false: nothing here fits. */
    bool (*apply)(tape *t, random_stream *r);
} mutation;

typedef struct {
    const mutation *rows;
    size_t count;
} mutation_table;

/* One table a file. */
extern const mutation_table name_mutations;
extern const mutation_table batch_mutations;
extern const mutation_table stream_mutations;
extern const mutation_table grant_mutations;
extern const mutation_table figure_mutations;

tape *tape_open(const char *run_directory, uint64_t seed, error *e);
void tape_free(tape *t);
void tape_rewind(tape *t);
/* Positions of parts and of what stands behind move along. */
void tape_drop(tape *t, size_t at);
void tape_insert(tape *t, size_t at, const history_record *r);
uint32_t tape_text(tape *t, const char *text);
/* The finding must name this operation. */
void tape_name(tape *t, const history_record *operation);
bool tape_has(const tape *t, size_t at, unsigned type, outcome how);
/* Any position at which the predicate holds; SIZE_MAX: none. */
typedef bool (*tape_fits)(const tape *t, size_t at);
size_t tape_pick(const tape *t, random_stream *r, tape_fits fits);
/* Judges the copy; the file is written in `folder` and removed. */
judge_finding tape_judge(const tape *t, const judge *j, const char *folder, bool *named);

#endif
