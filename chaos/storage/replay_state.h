/* Inside the replay: nodes, names and pending operations. Not for others than replay*.c. */
#ifndef ORDEAL_CHAOS_STORAGE_REPLAY_STATE_H
#define ORDEAL_CHAOS_STORAGE_REPLAY_STATE_H

#include <sys/types.h>

#include "base/buffer.h"
#include "chaos/storage/log_format.h"
#include "chaos/storage/replay.h"

/* Three versions of the tree: as running programs see it; what is on the disk when only a
 * directory's own sync pins its names; what is when any sync forces all earlier names. */
typedef enum { VIEW_LIVE, VIEW_STRICT, VIEW_JOURNAL, VIEWS } view;

typedef struct node node;

typedef struct {
    char *name;
    node *of;
} entry;

typedef struct {
    entry *all; /* sorted by name */
    size_t count;
    size_t capacity;
} entries;

/* Bytes of a file that are on the disk; `bytes` lies in the mapped log, NULL means zeros. */
typedef struct {
    uint64_t offset;
    uint64_t length;
    const char *bytes;
} extent;

/* A change of content that is not certainly on the disk. */
typedef struct {
    uint64_t sequence;
    log_kind kind; /* LOG_WRITE, LOG_TRUNCATE (to offset) */
    uint64_t offset;
    uint64_t length;
    const char *bytes;
    bool dead; /* its sync failed: it never gets there */
} change;

struct node {
    node *next;          /* all nodes, for the release */
    node *parent;        /* of a directory, live */
    mode_t mode;         /* with the type */
    char *target;        /* of a symbolic link */
    char *base;          /* the snapshot's file; NULL: none */
    uint64_t base_valid; /* bytes of it that still count */
    uint64_t size;       /* durable */
    extent *extents;     /* sorted, apart */
    size_t extent_count;
    size_t extent_capacity;
    change *changes;
    size_t change_count;
    size_t change_capacity;
    entries names[VIEWS];
};

/* (directory, name) names `of` from now on; NULL: nothing. */
typedef struct {
    node *directory; /* NULL: superseded by something durable */
    char *name;
    node *of;
} edit;

/* One atomic change of names. */
typedef struct {
    uint64_t sequence;
    log_kind kind;
    edit edits[2];
    size_t count;
} naming;

typedef struct {
    naming *all;
    size_t count;
    size_t capacity;
} namings;

struct replay {
    const char *log; /* mapped */
    size_t log_bytes;
    size_t log_end; /* behind the last whole record */
    size_t at;
    uint64_t cut;
    uint64_t last;
    node *root;
    node *nodes;
    node **by_id;
    size_t id_capacity;
    namings pending[VIEWS]; /* of VIEW_LIVE: none */
};

node *node_create(replay *r, mode_t mode);
void node_release_all(replay *r);
node *entries_find(const entries *names, const char *name);
void entries_set(entries *names, const char *name, node *of); /* NULL removes */
void entries_release(entries *names);

void namings_add(namings *pending, const naming *one);
/* Makes durable in `v` what `pinned` picks, and supersedes what went before under the same names.
 */
typedef bool naming_picker(const naming *one, const void *with);
void namings_pin(replay *r, view v, naming_picker *pinned, const void *with);
void namings_release(namings *pending);
void naming_apply(const naming *one, view v);

void changes_add(node *n, change one);
/* Up to `covered`: on the disk, or (failed) never. */
void changes_pin(node *n, uint64_t covered);
void changes_kill(node *n, uint64_t covered);

/* The content under a model, into `out`. `forced`: under REPLAY_JOURNAL, the sequence up to which
 * sizes are ordered with names. */
bool render_file(node *n, replay_model model, uint64_t seed, uint32_t sector, uint64_t forced,
                 buffer *out, error *e);

#endif
