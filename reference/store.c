#include "store.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/log.h"
#include "base/timing.h"
#include "store_inside.h"

store_answer job_failure(sqlite3 *db, const char *what)
{
    int code = sqlite3_errcode(db);
    log_event event;
    log_event_begin(&event, LOG_ERROR, "store_failed");
    writer_put_text(&event.fields, "step", what);
    writer_put_text(&event.fields, "error", sqlite3_errmsg(db));
    log_event_end(&event);
    if (code == SQLITE_FULL)
        return STORE_FULL;
    return code == SQLITE_BUSY || code == SQLITE_INTERRUPT ? STORE_BUSY : STORE_FAILED;
}

struct timespec store_deadline_after(uint64_t nanoseconds)
{
    uint64_t at = timing_now() + nanoseconds;
    return (struct timespec){.tv_sec = (time_t)(at / NANOSECONDS_PER_SECOND),
                             .tv_nsec = (long)(at % NANOSECONDS_PER_SECOND)};
}

bool store_is_late(uint64_t since)
{
    return since != 0 && timing_now() - since > LOCK_WAIT_MOST;
}

/* --- opening --- */

static void init_conditions(store *s)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->reader_free, &monotonic);
    pthread_cond_init(&s->job_waiting, &monotonic);
    pthread_cond_init(&s->job_done, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

static bool read_feed(store *s, error *e)
{
    bool fine = sql_newest_change(&s->writer.statements, &s->newest) &&
                sql_epoch(&s->writer.statements, s->epoch) &&
                sql_clock(&s->writer.statements, &s->clock);
    s->first_newest = s->newest;
    return fine || error_set(e, ERROR_IO, s->path, "cannot read the changes: %s",
                             sqlite3_errmsg(s->writer.db));
}

store *store_open(const char *data, unsigned readers, uint64_t changes_kept, uint64_t query_most,
                  error *e)
{
    CHECK(readers > 0 && readers <= READERS_MOST && changes_kept > 0);
    store *s = memory_zeroed(1, sizeof *s);
    snprintf(s->path, sizeof s->path, "%s/store.db", data);
    init_conditions(s);
    s->reserve = reserve_open(data);
    s->recent = recent_open();
    s->reader_count = readers;
    s->query_most = query_most;
    s->figures.readers = readers;
    s->changes_kept = changes_kept;
    if (!store_open_all(s, e) || !read_feed(s, e)) {
        store_close(s);
        return NULL;
    }
    CHECK(pthread_create(&s->thread, NULL, store_write_jobs, s) == 0);
    return s;
}

void store_close(store *s)
{
    if (s == NULL)
        return;
    pthread_mutex_lock(&s->lock);
    s->closing = true;
    pthread_cond_broadcast(&s->job_waiting);
    pthread_mutex_unlock(&s->lock);
    if (s->thread != 0)
        CHECK(pthread_join(s->thread, NULL) == 0);
    store_close_all(s);
    reserve_close(s->reserve);
    recent_close(s->recent);
    pthread_mutex_destroy(&s->lock);
    pthread_cond_destroy(&s->reader_free);
    pthread_cond_destroy(&s->job_waiting);
    pthread_cond_destroy(&s->job_done);
    free(s);
}

/* --- the rest --- */

recent *store_recent(store *s)
{
    return s->recent;
}

void store_has_room(store *s)
{
    reserve_fill(s->reserve);
}

void store_tell(store *s, void (*told)(void *owner, uint64_t newest), void *owner)
{
    s->told = told;
    s->told_owner = owner;
}

uint64_t store_newest_change(const store *s)
{
    return s->first_newest;
}

uint64_t store_clock(const store *s)
{
    return s->clock;
}

const char *store_epoch(const store *s)
{
    return s->epoch;
}

store_figures store_look(store *s)
{
    pthread_mutex_lock(&s->lock);
    store_figures figures = s->figures;
    pthread_mutex_unlock(&s->lock);
    return figures;
}
