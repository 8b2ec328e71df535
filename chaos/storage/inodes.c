#include "chaos/storage/inodes.h"

#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/random.h"
#include "chaos/storage/log_format.h"

#define BUCKETS_AT_FIRST 1024
#define POINTER_BYTES    sizeof(void *)

struct inode_table {
    pthread_mutex_t lock;
    inode root;
    inode **buckets;
    size_t bucket_count; /* a power of two */
    size_t count;
    uint64_t next_id;
    char base[PATH_MAX]; /* of the backing directory */
    size_t base_length;
};

static size_t bucket_of(const inode_table *table, dev_t device, ino_t number)
{
    return random_mix((uint64_t)number ^ random_mix((uint64_t)device)) & (table->bucket_count - 1);
}

static bool descriptor_path(int fd, char *path, size_t size)
{
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, size - 1);
    if (length < 0)
        return false;
    path[length] = '\0';
    return true;
}

inode_table *inodes_create(int root_fd, const struct stat *root)
{
    inode_table *table = memory_zeroed(1, sizeof *table);
    pthread_mutex_init(&table->lock, NULL);
    table->bucket_count = BUCKETS_AT_FIRST;
    table->buckets = memory_zeroed(BUCKETS_AT_FIRST, POINTER_BYTES);
    table->root = (inode){.fd = root_fd,
                          .device = root->st_dev,
                          .number = root->st_ino,
                          .id = LOG_ROOT,
                          .lookups = 1};
    table->next_id = LOG_ROOT + 1;
    bool known = descriptor_path(root_fd, table->base, sizeof table->base);
    CHECK(known);
    table->base_length = strlen(table->base);
    return table;
}

void inodes_destroy(inode_table *table)
{
    for (size_t i = 0; i < table->bucket_count; i++) {
        while (table->buckets[i] != NULL) {
            inode *one = table->buckets[i];
            table->buckets[i] = one->next;
            close(one->fd);
            free(one);
        }
    }
    close(table->root.fd);
    pthread_mutex_destroy(&table->lock);
    free(table->buckets);
    free(table);
}

inode *inodes_root(inode_table *table)
{
    return &table->root;
}

static void grow(inode_table *table)
{
    inode **old = table->buckets;
    size_t old_count = table->bucket_count;
    table->bucket_count *= 2;
    table->buckets = memory_zeroed(table->bucket_count, POINTER_BYTES);
    for (size_t i = 0; i < old_count; i++) {
        while (old[i] != NULL) {
            inode *one = old[i];
            old[i] = one->next;
            size_t bucket = bucket_of(table, one->device, one->number);
            one->next = table->buckets[bucket];
            table->buckets[bucket] = one;
        }
    }
    free(old);
}

static inode *find(inode_table *table, dev_t device, ino_t number)
{
    if (device == table->root.device && number == table->root.number)
        return &table->root;
    inode *one = table->buckets[bucket_of(table, device, number)];
    while (one != NULL && (one->number != number || one->device != device))
        one = one->next;
    return one;
}

inode *inodes_take(inode_table *table, int fd, const struct stat *status, bool *fresh)
{
    pthread_mutex_lock(&table->lock);
    inode *one = find(table, status->st_dev, status->st_ino);
    *fresh = one == NULL;
    if (one == NULL) {
        if (table->count >= table->bucket_count)
            grow(table);
        size_t bucket = bucket_of(table, status->st_dev, status->st_ino);
        one = memory_zeroed(1, sizeof *one);
        *one = (inode){.next = table->buckets[bucket],
                       .fd = fd,
                       .device = status->st_dev,
                       .number = status->st_ino,
                       .id = table->next_id++};
        table->buckets[bucket] = one;
        table->count++;
    }
    one->lookups++;
    pthread_mutex_unlock(&table->lock);
    if (!*fresh)
        close(fd);
    return one;
}

void inodes_forget(inode_table *table, inode *one, uint64_t lookups)
{
    pthread_mutex_lock(&table->lock);
    CHECK(one->lookups >= lookups);
    one->lookups -= lookups;
    bool gone = one->lookups == 0 && one != &table->root;
    if (gone) {
        inode **at = &table->buckets[bucket_of(table, one->device, one->number)];
        while (*at != one)
            at = &(*at)->next;
        *at = one->next;
        table->count--;
    }
    pthread_mutex_unlock(&table->lock);
    if (gone) {
        close(one->fd);
        free(one);
    }
}

void inodes_path(inode_table *table, const inode *one, char *path, size_t size)
{
    char whole[PATH_MAX];
    path[0] = '\0';
    struct stat status;
    if (!descriptor_path(one->fd, whole, sizeof whole) ||
        strncmp(whole, table->base, table->base_length) != 0 || fstat(one->fd, &status) != 0)
        return;
    const char *below = whole + table->base_length;
    static const char deleted[] = " (deleted)";
    size_t length = strlen(below);
    size_t tail = sizeof deleted - 1;
    if (status.st_nlink == 0 && length >= tail && strcmp(below + length - tail, deleted) == 0)
        length -= tail;
    if (length == 0)
        snprintf(path, size, "/");
    else
        snprintf(path, size, "%.*s", (int)length, below);
}

static inode *parent_of(inode_table *table, char *path, const char **name)
{
    char *slash = strrchr(path, '/');
    if (slash == NULL || slash[1] == '\0')
        return NULL;
    *slash = '\0';
    *name = slash + 1;
    char whole[PATH_MAX * 2];
    struct stat status;
    snprintf(whole, sizeof whole, "%s%s", table->base, path);
    if (stat(whole, &status) != 0)
        return NULL;
    pthread_mutex_lock(&table->lock);
    inode *parent = find(table, status.st_dev, status.st_ino);
    pthread_mutex_unlock(&table->lock);
    return parent;
}

void inodes_visit(inode_table *table, inode_visitor *visitor, void *owner)
{
    pthread_mutex_lock(&table->lock);
    size_t count = 0;
    inode **all = memory_zeroed(table->count + 1, POINTER_BYTES);
    for (size_t i = 0; i < table->bucket_count; i++)
        for (inode *one = table->buckets[i]; one != NULL; one = one->next) {
            one->lookups++; /* so that it outlives the walk */
            all[count++] = one;
        }
    pthread_mutex_unlock(&table->lock);
    visitor(owner, &table->root, NULL, NULL);
    for (size_t i = 0; i < count; i++) {
        char path[PATH_MAX];
        const char *name = NULL;
        inodes_path(table, all[i], path, sizeof path);
        inode *parent = parent_of(table, path, &name);
        visitor(owner, all[i], parent, name);
        inodes_forget(table, all[i], 1);
    }
    free(all);
}
