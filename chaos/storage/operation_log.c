#include "chaos/storage/operation_log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/files.h"

/* Holds several of the largest records (1 MiB of data and two names). */
#define BUFFER_BYTES ((size_t)8 << 20)
/* The writer also looks by itself this often, so that the file is never far behind. */
#define WRITE_EVERY_NANOSECONDS 10000000L

typedef struct {
    char *bytes;
    size_t used;
} log_buffer;

struct operation_log {
    storage_control *control;
    int fd; /* -1: only counting */
    pthread_t writer;
    pthread_mutex_t lock;
    pthread_cond_t filled;
    pthread_cond_t emptied;
    log_buffer buffers[2];
    int active; /* index of the one that takes records */
    uint64_t sequence;
    bool closing;
};

static void seal_records(log_buffer *filled)
{
    for (size_t at = 0; at < filled->used;) {
        log_record *record = (log_record *)(void *)(filled->bytes + at);
        CHECK(record->magic == LOG_MAGIC);
        size_t length = LOG_PADDED(sizeof *record + record->name_length + record->second_length +
                                   record->data_length);
        record->checksum = XXH3_64bits(record, length);
        at += length;
    }
}

static void wait_for_records(operation_log *log)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += WRITE_EVERY_NANOSECONDS;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_nsec -= 1000000000L;
        until.tv_sec++;
    }
    if (log->buffers[log->active].used < BUFFER_BYTES / 4 && !log->closing)
        pthread_cond_timedwait(&log->filled, &log->lock, &until);
}

static void *write_records(void *argument)
{
    operation_log *log = argument;
    pthread_mutex_lock(&log->lock);
    for (;;) {
        wait_for_records(log);
        log_buffer *filled = &log->buffers[log->active];
        if (filled->used == 0 && log->closing)
            break;
        if (filled->used == 0)
            continue;
        uint64_t sequence = log->sequence;
        log->active = !log->active;
        pthread_cond_broadcast(&log->emptied);
        pthread_mutex_unlock(&log->lock);
        seal_records(filled);
        if (atomic_load(&log->control->log_error) == 0 &&
            !files_write_all(log->fd, filled->bytes, filled->used))
            atomic_store(&log->control->log_error, errno);
        pthread_mutex_lock(&log->lock);
        filled->used = 0;
        pthread_cond_broadcast(&log->emptied);
        if (atomic_load(&log->control->log_error) == 0)
            atomic_store(&log->control->logged, sequence);
    }
    pthread_mutex_unlock(&log->lock);
    return NULL;
}

operation_log *operation_log_open(const char *path, storage_control *control, error *e)
{
    operation_log *log = memory_zeroed(1, sizeof *log);
    log->control = control;
    log->fd = -1;
    pthread_mutex_init(&log->lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&log->filled, &monotonic);
    pthread_cond_init(&log->emptied, NULL);
    pthread_condattr_destroy(&monotonic);
    if (path == NULL)
        return log;
    log->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (log->fd < 0) {
        error_errno(e, path, "cannot create the operation log");
        free(log);
        return NULL;
    }
    for (int i = 0; i < 2; i++)
        log->buffers[i].bytes = memory_take(BUFFER_BYTES);
    int failed = pthread_create(&log->writer, NULL, write_records, log);
    CHECK(failed == 0);
    return log;
}

uint64_t operation_log_sequence(const operation_log *log)
{
    return atomic_load(&log->control->sequence);
}

/* Waits until the active buffer has room; the lock is held before and after. */
static log_buffer *buffer_with_room(operation_log *log, size_t length)
{
    CHECK(length <= BUFFER_BYTES);
    while (log->buffers[log->active].used + length > BUFFER_BYTES) {
        pthread_cond_signal(&log->filled);
        pthread_cond_wait(&log->emptied, &log->lock);
    }
    return &log->buffers[log->active];
}

static char *put(char *at, const void *bytes, size_t length)
{
    if (length > 0)
        memcpy(at, bytes, length);
    return at + length;
}

void operation_log_append(operation_log *log, log_record record, const char *name,
                          const char *second, const void *data, uint32_t data_length)
{
    record.magic = LOG_MAGIC;
    record.checksum = 0;
    record.name_length = name == NULL ? 0 : (uint32_t)strlen(name);
    record.second_length = second == NULL ? 0 : (uint32_t)strlen(second);
    record.data_length = data_length;
    size_t plain = sizeof record + record.name_length + record.second_length + data_length;
    size_t length = LOG_PADDED(plain);
    pthread_mutex_lock(&log->lock);
    if (log->fd >= 0) {
        log_buffer *active = buffer_with_room(log, length);
        record.sequence = ++log->sequence;
        char *at = put(active->bytes + active->used, &record, sizeof record);
        at = put(at, name, record.name_length);
        at = put(at, second, record.second_length);
        at = put(at, data, data_length);
        memset(at, 0, length - plain);
        active->used += length;
        if (active->used >= BUFFER_BYTES / 4)
            pthread_cond_signal(&log->filled);
    } else {
        log->sequence++;
    }
    atomic_store(&log->control->sequence, log->sequence);
    pthread_mutex_unlock(&log->lock);
}

void operation_log_close(operation_log *log)
{
    if (log->fd >= 0) {
        pthread_mutex_lock(&log->lock);
        log->closing = true;
        pthread_cond_signal(&log->filled);
        pthread_mutex_unlock(&log->lock);
        pthread_join(log->writer, NULL);
        if (close(log->fd) != 0 && atomic_load(&log->control->log_error) == 0)
            atomic_store(&log->control->log_error, errno);
        free(log->buffers[0].bytes);
        free(log->buffers[1].bytes);
    }
    pthread_cond_destroy(&log->filled);
    pthread_cond_destroy(&log->emptied);
    pthread_mutex_destroy(&log->lock);
    free(log);
}
