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
    uint64_t sequence; /* of the write */
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
    uint64_t hash;       /* of the durable content, while `hashed` */
    bool hashed;
    extent *extents; /* sorted, apart */
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
    size_t log_end;     /* behind the last whole record */
    size_t left_behind; /* up to here no page is kept in memory */
    size_t looked_at;   /* bytes of pages that a disk needed since they were last let go */
    size_t at;
    size_t last_at; /* of the record played last */
    bool replacing;
    uint64_t cut;
    uint64_t last;
    node *root;
    node *nodes;
    node **by_id;
    size_t id_capacity;
    namings pending[VIEWS]; /* of VIEW_LIVE: none */
};

size_t record_length(const log_record *record);
/* So many bytes of the log have been read for a disk: every few of them its pages are let go. */
void log_looked_at(replay *r, size_t bytes);
/* NULL: never met. */
node *node_of(const replay *r, uint64_t id);

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

/* Whether the disk has this pending operation whole whatever its model says. */
bool disk_spares(const replay_disk *disk, uint64_t sequence);
/* The content on a disk, into `out`. `forced`: under REPLAY_JOURNAL, the sequence up to which sizes
 * are ordered with names. */
bool render_file(const node *n, const replay_disk *disk, uint64_t forced, buffer *out, error *e);
/* Whether the disk lacks any of it. */
bool change_lost(const change *one, const replay_disk *disk, uint64_t forced);

/* Which pending names a disk has. */
typedef struct {
    const replay *r;
    const replay_disk *disk;
    view base;
    uint64_t forced; /* journal: names and sizes up to here are on the disk */
    bool *chosen;    /* of pending[base] */
} choice;

choice choose_names(const replay *r, const replay_disk *disk);
void choice_release(choice *c);

#endif
