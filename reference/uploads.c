#include "uploads.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/files.h"
#include "base/log.h"
#include "base/timing.h"

#define SWEEP_EVERY NANOSECONDS_PER_SECOND

typedef struct taken taken;
struct taken {
    taken *next;
    char id[BLOB_NAME_SIZE];
};

struct uploads {
    char root[512];
    store *store;
    uint64_t life;
    uint64_t wall_offset;
    pthread_t sweeper;
    pthread_mutex_t lock;
    pthread_cond_t stopped;
    bool stopping;
    uint64_t count; /* of open sessions, a second ago at most */
    taken *taken;   /* one for each request that works on a session */
};

uint64_t uploads_now(const uploads *u)
{
    return timing_now() + u->wall_offset;
}

uint64_t uploads_life(const uploads *u)
{
    return u->life;
}

uint64_t uploads_count(uploads *u)
{
    pthread_mutex_lock(&u->lock);
    uint64_t count = u->count;
    pthread_mutex_unlock(&u->lock);
    return count;
}

/* --- one request at a time --- */

bool uploads_take(uploads *u, const char *id)
{
    CHECK(strlen(id) < BLOB_NAME_SIZE);
    taken *mine = memory_zeroed(1, sizeof *mine);
    CHECK(strlen(id) < sizeof mine->id);
    snprintf(mine->id, sizeof mine->id, "%s", id);
    pthread_mutex_lock(&u->lock);
    taken *other = u->taken;
    while (other != NULL && strcmp(other->id, id) != 0)
        other = other->next;
    if (other == NULL) {
        mine->next = u->taken;
        u->taken = mine;
    }
    pthread_mutex_unlock(&u->lock);
    if (other != NULL)
        free(mine);
    return other == NULL;
}

void uploads_give(uploads *u, const char *id)
{
    pthread_mutex_lock(&u->lock);
    taken **place = &u->taken;
    CHECK(*place != NULL);
    while (strcmp((*place)->id, id) != 0) {
        place = &(*place)->next;
        CHECK(*place != NULL);
    }
    taken *gone = *place;
    *place = gone->next;
    pthread_mutex_unlock(&u->lock);
    free(gone);
}

/* --- files --- */

static void file_path(const uploads *u, const char *id, char out[PATH_MAX])
{
    snprintf(out, PATH_MAX, "%s/%s", u->root, id);
}

static int open_or_make(const uploads *u, const char *path, bool make)
{
    error problem = {0};
    int how = O_RDWR | O_CLOEXEC | (make ? O_CREAT : 0);
    int fd = open(path, how, 0644);
    if (fd < 0 && errno == ENOENT && make) {
        /* Somebody removed the directory under us. */
        if (!files_make_directories(u->root, 0755, &problem))
            log_error(&problem);
        fd = open(path, how, 0644);
    }
    return fd;
}

int uploads_file(const uploads *u, const char *id, uint64_t offset)
{
    char path[PATH_MAX];
    struct stat file;
    file_path(u, id, path);
    int fd = open_or_make(u, path, offset == 0);
    if (fd < 0)
        return -1;
    if (fstat(fd, &file) == 0 && (uint64_t)file.st_size >= offset &&
        ftruncate(fd, (off_t)offset) == 0 && lseek(fd, 0, SEEK_END) == (off_t)offset)
        return fd;
    close(fd);
    errno = EIO;
    return -1;
}

bool uploads_sync(const uploads *u, int fd)
{
    error problem = {0};
    return fsync(fd) == 0 && files_sync_directory(u->root, &problem);
}

bool uploads_publish(const uploads *u, blob_store *b, const char *id)
{
    char path[PATH_MAX];
    file_path(u, id, path);
    return blob_adopt(b, path, id);
}

void uploads_drop(const uploads *u, const char *id)
{
    char path[PATH_MAX];
    file_path(u, id, path);
    if (unlink(path) != 0 && errno != ENOENT)
        log_line(LOG_WARNING, "cannot remove upload %s: %s", id, strerror(errno));
}

/* --- what is over --- */

static void drop_expired(void *owner, const char *id)
{
    uploads *u = owner;
    if (!uploads_take(u, id))
        return;
    uploads_drop(u, id);
    uploads_give(u, id);
}

typedef char upload_id[BLOB_NAME_SIZE];

static size_t copy_taken(uploads *u, upload_id **ids)
{
    size_t count = 0;
    size_t copied = 0;
    pthread_mutex_lock(&u->lock);
    for (const taken *t = u->taken; t != NULL; t = t->next)
        count++;
    *ids = memory_zeroed(count + 1, sizeof **ids);
    for (const taken *t = u->taken; t != NULL; t = t->next)
        snprintf((*ids)[copied++], sizeof **ids, "%s", t->id);
    pthread_mutex_unlock(&u->lock);
    return count;
}

/* A piece may take longer than the life of its session: while it comes in, the session does not
 * end. */
static store_answer renew_taken(uploads *u, uint64_t now)
{
    upload_id *ids;
    store_answer answer = STORE_DONE;
    size_t count = copy_taken(u, &ids);
    for (size_t i = 0; i < count && answer == STORE_DONE; i++)
        answer = store_upload_renew(u->store, ids[i], now, now + 2 * SWEEP_EVERY,
                                    now + u->life + 2 * SWEEP_EVERY);
    free(ids);
    return answer;
}

static void count_sessions(uploads *u, uint64_t now)
{
    uint64_t count;
    if (store_count_uploads(u->store, now, &count) != STORE_DONE)
        return;
    pthread_mutex_lock(&u->lock);
    u->count = count;
    pthread_mutex_unlock(&u->lock);
}

void uploads_sweep(uploads *u)
{
    uint64_t now = uploads_now(u);
    count_sessions(u, now);
    store_answer answer = renew_taken(u, now);
    if (answer == STORE_DONE)
        answer = store_upload_expired(u->store, now, drop_expired, u);
    if (answer == STORE_DONE)
        answer = store_expire(u->store, now, STORE_TIME_KEPT_EVERY);
    if (answer != STORE_DONE)
        log_line(LOG_WARNING, "what has ended stays for now: the store did not answer");
}

static void *sweep_always(void *argument)
{
    uploads *u = argument;
    struct timespec until;
    pthread_mutex_lock(&u->lock);
    while (!u->stopping) {
        uint64_t at = timing_now() + SWEEP_EVERY;
        until = (struct timespec){.tv_sec = (time_t)(at / NANOSECONDS_PER_SECOND),
                                  .tv_nsec = (long)(at % NANOSECONDS_PER_SECOND)};
        pthread_cond_timedwait(&u->stopped, &u->lock, &until);
        if (u->stopping)
            break;
        pthread_mutex_unlock(&u->lock);
        uploads_sweep(u);
        pthread_mutex_lock(&u->lock);
    }
    pthread_mutex_unlock(&u->lock);
    return NULL;
}

/* Removes the files of sessions that the store does not know, or that are done. */
static bool sweep_strangers(uploads *u, error *e)
{
    DIR *directory = opendir(u->root);
    if (directory == NULL)
        return error_errno(e, u->root, "cannot open the directory");
    errno = 0;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL; errno = 0) {
        upload found;
        if (strlen(entry->d_name) != BLOB_NAME_SIZE - 1)
            continue;
        store_answer answer = store_upload_find(u->store, entry->d_name, &found);
        if (answer == STORE_ABSENT || (answer == STORE_DONE && found.offset == found.length))
            uploads_drop(u, entry->d_name);
    }
    bool whole = errno == 0 || error_errno(e, u->root, "cannot read the directory");
    closedir(directory);
    return whole;
}

uploads *uploads_open(const char *data, store *s, uint64_t life, uint64_t wall_offset, error *e)
{
    uploads *u = memory_zeroed(1, sizeof *u);
    u->store = s;
    u->life = life;
    u->wall_offset = wall_offset;
    if (!files_join(u->root, sizeof u->root, data, "uploads", e) ||
        !files_make_directories(u->root, 0755, e) || !files_sync_directory(data, e) ||
        !sweep_strangers(u, e)) {
        free(u);
        return NULL;
    }
    pthread_mutex_init(&u->lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&u->stopped, &monotonic);
    pthread_condattr_destroy(&monotonic);
    CHECK(pthread_create(&u->sweeper, NULL, sweep_always, u) == 0);
    return u;
}

void uploads_close(uploads *u)
{
    if (u == NULL)
        return;
    pthread_mutex_lock(&u->lock);
    u->stopping = true;
    pthread_cond_signal(&u->stopped);
    pthread_mutex_unlock(&u->lock);
    pthread_join(u->sweeper, NULL);
    CHECK(u->taken == NULL);
    if (store_expire(u->store, uploads_now(u), 0) != STORE_DONE)
        log_line(LOG_WARNING, "the time is not kept: the store did not answer");
    pthread_mutex_destroy(&u->lock);
    pthread_cond_destroy(&u->stopped);
    free(u);
}
