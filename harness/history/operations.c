#include "history/operations.h"

#include <stddef.h>
#include <string.h>

#include "base/check.h"

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

static const operation_row rows[OPERATION_COUNT] = {
    [OPERATION_NONE] = {"none", false, ""},
    [OPERATION_PUT] = {"put", true, "write a whole file, perhaps on a condition"},
    [OPERATION_GET] = {"get", false, "read a whole file and verify every byte"},
    [OPERATION_HEAD] = {"head", false, "ask whether a file exists, its size and version"},
    [OPERATION_DELETE] = {"delete", true, "delete a file"},
    [OPERATION_LIST] = {"list", false, "list names under a prefix"},
    [OPERATION_GET_RANGE] = {"get-range", false, "read part of a file and verify every byte"},
    [OPERATION_GET_VERSION] = {"get-version", false, "read an old version and verify every byte"},
    [OPERATION_VERSIONS] = {"versions", false, "list the versions of a file"},
    [OPERATION_RESTORE] = {"restore", true, "make an old version's content the newest"},
    [OPERATION_MOVE] = {"move", true, "move a batch of files"},
    [OPERATION_UPLOAD_CREATE] = {"upload-create", true, "begin a resumable upload"},
    [OPERATION_UPLOAD_PATCH] = {"upload-patch", true, "send a piece of a resumable upload"},
    [OPERATION_UPLOAD_HEAD] = {"upload-head", false, "ask an upload's offset"},
    [OPERATION_UPLOAD_CANCEL] = {"upload-cancel", true, "end an upload early"},
    [OPERATION_SHARE_CREATE] = {"share-create", true, "make a share link"},
    [OPERATION_SHARE_GET] = {"share-get", true, "download by share link, which counts"},
    [OPERATION_SHARE_DELETE] = {"share-delete", true, "delete a share link"},
    [OPERATION_CHANNEL_APPEND] = {"channel-append", true, "append samples to a channel"},
    [OPERATION_CHANNEL_READ] = {"channel-read", false, "read a channel's samples"},
    [OPERATION_CHANGES] = {"changes", false, "wait for changes from a cursor on"},
    [OPERATION_REGISTER] = {"register", true, "register an account"},
    [OPERATION_LOGIN] = {"login", false, "log in for a token"},
    [OPERATION_USAGE] = {"usage", false, "ask an account's use of its quota"},
    [OPERATION_CLEANUP] = {"cleanup", true, "purge what was deleted"},
    [OPERATION_READY] = {"ready", false, "ask whether the target says that it can serve"},
    [OPERATION_GARBAGE] = {"garbage", false,
                           "send what is not a valid request; any well-formed refusal is ok"},
};

const operation_row *operation_row_of(unsigned type)
{
    CHECK(type < OPERATION_COUNT);
    return &rows[type];
}

operation_type operation_named(const char *name)
{
    for (unsigned i = 1; i < OPERATION_COUNT; i++)
        if (strcmp(rows[i].name, name) == 0)
            return (operation_type)i;
    return OPERATION_NONE;
}

static const char *pick(const char *const *names, size_t count, unsigned value)
{
    return value < count && names[value] != NULL ? names[value] : "?";
}

const char *outcome_name(unsigned value)
{
    static const char *const names[] = {"ok", "failed", "unknown"};
    return pick(names, COUNT_OF(names), value);
}

const char *failure_name(unsigned value)
{
    static const char *const names[] = {"none",      "status",     "connect",   "reset",
                                        "timeout",   "truncated",  "malformed", "content",
                                        "abandoned", "interrupted"};
    return pick(names, COUNT_OF(names), value);
}

const char *event_name(unsigned value)
{
    static const char *const names[] = {
        "?",           "steady",       "load-end",     "quiet",       "quiet-failed",
        "final-reads", "target-start", "target-ready", "target-exit", "interrupt",
        "note",        "power-cut",    "dropped",      "load-begin",  "aborted",
        "own-memory",  "counted",      "stop-failed",
    };
    return pick(names, COUNT_OF(names), value);
}

const char *part_name(unsigned value)
{
    static const char *const names[] = {"?",      "move",     "entry",    "version", "samples",
                                        "change", "mismatch", "accepted", "logged",  "sent"};
    return pick(names, COUNT_OF(names), value);
}

const char *fault_record_name(unsigned value)
{
    static const char *const names[] = {"?", "probed", "skipped", "begin", "end", "failed"};
    return pick(names, COUNT_OF(names), value);
}
