#include "chaos/storage/operations.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"

static const char *const names[STORAGE_OPERATIONS] = {
    "lookup",  "getattr", "setattr",  "truncate",  "open-read", "open-write", "create",
    "read",    "write",   "fsync",    "fdatasync", "fsyncdir",  "fallocate",  "rename",
    "link",    "unlink",  "mkdir",    "rmdir",     "mknod",     "symlink",    "readlink",
    "readdir", "statfs",  "getxattr", "setxattr",
};

static const struct {
    const char *name;
    uint64_t mask;
} groups[] = {
    {"all", STORAGE_ALL},
    {"open", STORAGE_BIT(STORAGE_OPEN_READ) | STORAGE_BIT(STORAGE_OPEN_WRITE)},
    {"sync", STORAGE_SYNCING},
    {"mutating", STORAGE_MUTATING},
};

const char *storage_operation_name(storage_operation operation)
{
    CHECK(operation < STORAGE_OPERATIONS);
    return names[operation];
}

static uint64_t mask_named(const char *word, size_t length)
{
    for (size_t i = 0; i < STORAGE_OPERATIONS; i++)
        if (strlen(names[i]) == length && strncmp(names[i], word, length) == 0)
            return UINT64_C(1) << i;
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++)
        if (strlen(groups[i].name) == length && strncmp(groups[i].name, word, length) == 0)
            return groups[i].mask;
    return 0;
}

static bool refuse(const char *word, size_t length, error *e)
{
    char known[400] = "all open sync mutating";
    size_t at = strlen(known);
    for (size_t i = 0; i < STORAGE_OPERATIONS; i++)
        at += (size_t)snprintf(known + at, sizeof known - at, " %s", names[i]);
    return error_set(e, ERROR_USAGE, "", "no storage operation is called '%.*s'; there are: %s",
                     (int)length, word, known);
}

bool storage_operations_parse(const char *text, uint64_t *mask, error *e)
{
    uint64_t found = 0;
    for (const char *word = text;; word++) {
        word += strspn(word, " ");
        size_t length = strcspn(word, ", ");
        uint64_t one = mask_named(word, length);
        if (one == 0)
            return refuse(word, length, e);
        found |= one;
        word += length;
        word += strspn(word, " ");
        if (*word == '\0')
            break;
    }
    *mask = found;
    return true;
}
