/* What the parts of the store share: store.c (opening and closing), store_connections.c (the
 * writer's connection and the pool of the readers'), store_writer.c (the thread that writes).
 * Nobody else includes it.
 *
 * store.c owns the store, its lock and its conditions. The writer's connection is the thread's
 * while that runs; a reader's belongs to whoever took it until it is given back, and to the thread
 * while it heals, when nobody is let in. What is set while the store is opened is read without the
 * lock; the rest is read and changed with it. */
#ifndef REFERENCE_STORE_INSIDE_H
#define REFERENCE_STORE_INSIDE_H

#include <pthread.h>
#include <sqlite3.h>
#include <time.h>

#include "reserve.h"
#include "store_job.h"

#define READERS_MOST 64

struct connection {
    sqlite3 *db;
    statements statements;
    bool in_use;
    uint64_t since; /* it is in use */
    uint64_t until; /* the query must end */
};

struct store {
    connection readers[READERS_MOST];
    unsigned reader_count;
    connection writer;
    pthread_mutex_t lock;
    pthread_cond_t reader_free;
    pthread_cond_t job_waiting;
    pthread_cond_t job_done;
    job *first;
    job *last;
    uint64_t busy_since; /* the writer works on a batch, or heals; 0: it waits */
    uint64_t query_most;
    bool closing;
    /* Something failed in a way that a connection may not get over (a lost page of the shared index
     * says "malformed" for ever): no reader is let in until the writer has closed and opened all of
     * them again. */
    bool poisoned;
    /* And the last attempt at that failed: nobody waits for the next. */
    bool broken;
    pthread_t thread;
    char path[600];
    reserve *reserve;
    recent *recent;
    store_figures figures;
    char epoch[EPOCH_SIZE];
    uint64_t changes_kept;
    uint64_t newest; /* the writer's, once it runs; so are the next two */
    uint64_t trimmed;
    uint64_t first_newest;
    uint64_t clock;
    void (*told)(void *owner, uint64_t newest);
    void *told_owner;
};

struct timespec store_deadline_after(uint64_t nanoseconds);
/* Has what began at `since` (0: nothing did) taken so long that waiting behind it is no use? */
bool store_is_late(uint64_t since);
/* All connections, which must be closed. When it fails, store_close_all closes those that were
 * opened. */
bool store_open_all(store *s, error *e);
void store_close_all(store *s);
/* The writer's thread; `argument` is the store. Ends when that is closing and the jobs that wait
 * are done, or cannot be. */
void *store_write_jobs(void *argument);

#endif
