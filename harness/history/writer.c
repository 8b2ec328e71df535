#include "history/writer.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/check.h"
#include "base/files.h"
#include "base/timing.h"
#include "history/format.h"
#include "history/pack.h"

#define BLOCK_AGE_MOST (NANOSECONDS_PER_SECOND / 4)
#define NAMES_MOST     ((uint32_t)8000000)
#define NAME_LONGEST   ((size_t)65535)

typedef struct {
    pthread_mutex_t lock;
    uint32_t count;
    uint64_t since; /* when its first record came */
    unsigned char bytes[BLOCK_RECORDS_MOST * HISTORY_RECORD_SIZE];
} slot_block;

typedef struct {
    uint64_t hash;
    uint32_t number; /* 0: free */
    size_t offset;   /* of the text in `texts` */
} name_entry;

struct history_writer {
    int fd;
    char path[512];
    uint64_t began;
    unsigned slots;
    slot_block *blocks;
    pthread_mutex_t file_lock;
    uint64_t records;
    error failure;
    pthread_mutex_t name_lock;
    name_entry *entries;
    size_t entry_capacity;
    uint32_t names;
    buffer texts;
    buffer pending_names;
    uint32_t pending_count;
};

static void write_block(history_writer *w, block_kind kind, uint32_t count, const void *payload,
                        size_t length)
{
    block_head head = {.kind = kind, .count = count, .length = length};
    head.checksum = XXH3_64bits_withSeed(payload, length, block_seed(&head));
    if (w->failure.kind != ERROR_NONE)
        return;
    if (!files_write_all(w->fd, &head, sizeof head) || !files_write_all(w->fd, payload, length))
        error_errno(&w->failure, w->path, "cannot write the history");
}

/* Names go first, so that no record refers to a text that the file does not have yet. Called with
 * file_lock. */
static void write_names(history_writer *w)
{
    pthread_mutex_lock(&w->name_lock);
    buffer names = w->pending_names;
    uint32_t count = w->pending_count;
    w->pending_names = (buffer){0};
    w->pending_count = 0;
    pthread_mutex_unlock(&w->name_lock);
    if (count > 0)
        write_block(w, BLOCK_NAMES, count, names.bytes, names.length);
    buffer_free(&names);
}

/* Called with the block's lock. */
static void write_records(history_writer *w, slot_block *block)
{
    if (block->count == 0)
        return;
    pthread_mutex_lock(&w->file_lock);
    write_names(w);
    write_block(w, BLOCK_RECORDS, block->count, block->bytes,
                (size_t)block->count * HISTORY_RECORD_SIZE);
    w->records += block->count;
    pthread_mutex_unlock(&w->file_lock);
    block->count = 0;
}

history_writer *history_create(const char *path, unsigned slots, error *e)
{
    CHECK(slots > 0);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0644);
    if (fd < 0) {
        error_errno(e, path, "cannot make the history");
        return NULL;
    }
    file_head head = {
        .magic = HISTORY_MAGIC, .schema = HISTORY_SCHEMA, .record_size = HISTORY_RECORD_SIZE};
    if (!files_write_all(fd, &head, sizeof head)) {
        error_errno(e, path, "cannot write the history");
        close(fd);
        return NULL;
    }
    history_writer *w = memory_zeroed(1, sizeof *w);
    w->fd = fd;
    snprintf(w->path, sizeof w->path, "%s", path);
    w->began = timing_now();
    w->slots = slots;
    w->blocks = memory_zeroed(slots, sizeof *w->blocks);
    for (unsigned i = 0; i < slots; i++)
        pthread_mutex_init(&w->blocks[i].lock, NULL);
    pthread_mutex_init(&w->file_lock, NULL);
    pthread_mutex_init(&w->name_lock, NULL);
    w->entry_capacity = 1024;
    w->entries = memory_zeroed(w->entry_capacity, sizeof *w->entries);
    return w;
}

static void add_packed(slot_block *block, const history_record *r)
{
    history_pack(r, block->bytes + (size_t)block->count * HISTORY_RECORD_SIZE);
    block->count++;
}

void history_append_group(history_writer *w, unsigned slot, const history_record *parts,
                          size_t count, const history_record *r)
{
    CHECK(slot < w->slots && count < HISTORY_GROUP_MOST);
    slot_block *block = &w->blocks[slot];
    pthread_mutex_lock(&block->lock);
    if (block->count + count + 1 > BLOCK_RECORDS_MOST)
        write_records(w, block);
    if (block->count == 0)
        block->since = timing_now();
    for (size_t i = 0; i < count; i++)
        add_packed(block, &parts[i]);
    add_packed(block, r);
    if (block->count == BLOCK_RECORDS_MOST)
        write_records(w, block);
    pthread_mutex_unlock(&block->lock);
}

void history_append(history_writer *w, unsigned slot, const history_record *r)
{
    history_append_group(w, slot, NULL, 0, r);
}

static name_entry *find_entry(history_writer *w, uint64_t hash, const char *text, size_t length)
{
    size_t at = hash & (w->entry_capacity - 1);
    for (;;) {
        name_entry *entry = &w->entries[at];
        if (entry->number == 0)
            return entry;
        const char *known = w->texts.bytes + entry->offset;
        if (entry->hash == hash && memcmp(known, text, length) == 0 && known[length] == '\0')
            return entry;
        at = (at + 1) & (w->entry_capacity - 1);
    }
}

static void grow_entries(history_writer *w)
{
    name_entry *old = w->entries;
    size_t count = w->entry_capacity;
    w->entry_capacity *= 2;
    w->entries = memory_zeroed(w->entry_capacity, sizeof *w->entries);
    for (size_t i = 0; i < count; i++) {
        size_t at = old[i].hash & (w->entry_capacity - 1);
        if (old[i].number == 0)
            continue;
        while (w->entries[at].number != 0)
            at = (at + 1) & (w->entry_capacity - 1);
        w->entries[at] = old[i];
    }
    free(old);
}

static uint32_t add_name(history_writer *w, name_entry *entry, uint64_t hash, const char *text,
                         size_t length)
{
    CHECK(w->names < NAMES_MOST);
    *entry = (name_entry){.hash = hash, .number = ++w->names, .offset = w->texts.length};
    uint32_t number = entry->number;
    name_head head = {.number = number, .length = (uint32_t)length};
    buffer_append(&w->texts, text, length);
    buffer_append(&w->texts, "", 1);
    buffer_append(&w->pending_names, &head, sizeof head);
    buffer_append(&w->pending_names, text, length);
    buffer_append(&w->pending_names, "", 1);
    w->pending_count++;
    if (w->names * (size_t)2 > w->entry_capacity)
        grow_entries(w);
    return number;
}

uint32_t history_name(history_writer *w, const char *text, size_t length)
{
    const char *nul = memchr(text, '\0', length);
    if (nul != NULL)
        length = (size_t)(nul - text);
    if (length > NAME_LONGEST)
        length = NAME_LONGEST;
    if (length == 0)
        return 0;
    uint64_t hash = XXH3_64bits(text, length);
    pthread_mutex_lock(&w->name_lock);
    name_entry *entry = find_entry(w, hash, text, length);
    uint32_t number = entry->number != 0 ? entry->number : add_name(w, entry, hash, text, length);
    pthread_mutex_unlock(&w->name_lock);
    return number;
}

uint64_t history_now(const history_writer *w)
{
    return timing_now() - w->began;
}

uint64_t history_began(const history_writer *w)
{
    return w->began;
}

void history_backdate(history_writer *w, uint64_t elapsed)
{
    w->began = timing_now() - elapsed;
}

void history_flush(history_writer *w, bool all)
{
    uint64_t now = timing_now();
    for (unsigned i = 0; i < w->slots; i++) {
        slot_block *block = &w->blocks[i];
        pthread_mutex_lock(&block->lock);
        if (block->count > 0 && (all || now - block->since >= BLOCK_AGE_MOST))
            write_records(w, block);
        pthread_mutex_unlock(&block->lock);
    }
}

bool history_failed(history_writer *w, error *e)
{
    pthread_mutex_lock(&w->file_lock);
    bool failed = w->failure.kind != ERROR_NONE;
    if (failed)
        error_set(e, w->failure.kind, w->failure.place, "%s", w->failure.text);
    pthread_mutex_unlock(&w->file_lock);
    return failed;
}

static void free_writer(history_writer *w)
{
    for (unsigned i = 0; i < w->slots; i++)
        pthread_mutex_destroy(&w->blocks[i].lock);
    pthread_mutex_destroy(&w->file_lock);
    pthread_mutex_destroy(&w->name_lock);
    buffer_free(&w->texts);
    buffer_free(&w->pending_names);
    free(w->entries);
    free(w->blocks);
    free(w);
}

bool history_close(history_writer *w, error *e)
{
    history_flush(w, true);
    pthread_mutex_lock(&w->file_lock);
    write_names(w);
    end_payload totals = {.records = w->records, .names = w->names};
    write_block(w, BLOCK_END, 1, &totals, sizeof totals);
    if (fsync(w->fd) != 0 && w->failure.kind == ERROR_NONE)
        error_errno(&w->failure, w->path, "cannot fsync the history");
    if (close(w->fd) != 0 && w->failure.kind == ERROR_NONE)
        error_errno(&w->failure, w->path, "cannot close the history");
    pthread_mutex_unlock(&w->file_lock);
    bool fine = !history_failed(w, e);
    free_writer(w);
    return fine;
}
