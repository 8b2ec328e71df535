/* Operations that are refused: io-error, no-entry, read-only, too-many-files, fsync-fails-once. */
#include <errno.h>

#include "chaos/storage/storage_fault.h"

#define NAMES                                                                                      \
    (STORAGE_NAMING | STORAGE_BIT(STORAGE_LOOKUP) | STORAGE_BIT(STORAGE_OPEN_READ) |               \
     STORAGE_BIT(STORAGE_OPEN_WRITE) | STORAGE_BIT(STORAGE_RENAME) | STORAGE_BIT(STORAGE_UNLINK) | \
     STORAGE_BIT(STORAGE_RMDIR) | STORAGE_BIT(STORAGE_READDIR))
#define NAMES_ROW "create,mkdir,mknod,symlink,link,lookup,open,rename,unlink,rmdir,readdir"
#define OPENING                                                                                    \
    (STORAGE_BIT(STORAGE_OPEN_READ) | STORAGE_BIT(STORAGE_OPEN_WRITE) |                            \
     STORAGE_BIT(STORAGE_CREATE) | STORAGE_BIT(STORAGE_READDIR))

static const parameter plain_rows[] = {
    STORAGE_PATH,
    STORAGE_AFTER,
    STORAGE_COUNT("0"),
    STORAGE_PROBABILITY,
};

static const parameter io_rows[] = {
    STORAGE_PATH,        STORAGE_OPERATIONS_ROW("read,write,sync"),
    STORAGE_AFTER,       STORAGE_COUNT("0"),
    STORAGE_PROBABILITY,
};

static bool feels_io(const probe_sight *sight)
{
    return sight->errors[STORAGE_READ] == EIO && sight->errors[STORAGE_WRITE] == EIO &&
           sight->errors[STORAGE_FSYNC] == EIO;
}

const fault_kind fault_io_error = STORAGE_KIND("io-error", io_rows, "EIO, as from a dying disk");
const storage_fault storage_io_error = {.kind = &fault_io_error,
                                        .operations = STORAGE_SYNCING | STORAGE_BIT(STORAGE_READ) |
                                                      STORAGE_BIT(STORAGE_WRITE),
                                        .action = STORAGE_ERROR,
                                        .error_number = EIO,
                                        .felt = feels_io};

static bool feels_no_entry(const probe_sight *sight)
{
    return sight->errors[STORAGE_LOOKUP] == ENOENT;
}

static const parameter entry_rows[] = {
    STORAGE_PATH,        STORAGE_OPERATIONS_ROW(NAMES_ROW), STORAGE_AFTER, STORAGE_COUNT("0"),
    STORAGE_PROBABILITY,
};

const fault_kind fault_no_entry = STORAGE_KIND(
    "no-entry", entry_rows, "names vanish (ENOENT) and are back at the end; open files live on");
const storage_fault storage_no_entry = {.kind = &fault_no_entry,
                                        .operations = NAMES,
                                        .action = STORAGE_ERROR,
                                        .error_number = ENOENT,
                                        .felt = feels_no_entry};

static bool feels_read_only(const probe_sight *sight)
{
    return sight->errors[STORAGE_CREATE] == EROFS && sight->errors[STORAGE_MKDIR] == EROFS &&
           sight->old_right;
}

const fault_kind fault_read_only = STORAGE_KIND(
    "read-only", plain_rows, "EROFS for every change, as after the kernel gave up on a disk");
const storage_fault storage_read_only = {.kind = &fault_read_only,
                                         .operations =
                                             STORAGE_MUTATING | STORAGE_BIT(STORAGE_OPEN_WRITE),
                                         .action = STORAGE_ERROR,
                                         .error_number = EROFS,
                                         .felt = feels_read_only};

static const char *const tables[] = {"process", "system", NULL};
static const parameter many_rows[] = {
    STORAGE_PATH,
    STORAGE_AFTER,
    STORAGE_COUNT("0"),
    STORAGE_PROBABILITY,
    {.name = "table",
     .type = PARAMETER_WORD,
     .fallback = "process",
     .description = "whose table is full: of the process (EMFILE) or of the system (ENFILE)",
     .words = tables},
};

static void shape_many(const fault *f, storage_rule *rule)
{
    rule->error_number = storage_value(f, "table")->number == 0 ? EMFILE : ENFILE;
}

static bool feels_many(const probe_sight *sight)
{
    return (sight->errors[STORAGE_CREATE] == EMFILE || sight->errors[STORAGE_CREATE] == ENFILE) &&
           sight->errors[STORAGE_OPEN_READ] == sight->errors[STORAGE_CREATE];
}

const fault_kind fault_too_many_files =
    STORAGE_KIND("too-many-files", many_rows, "no file can be opened: EMFILE or ENFILE");
const storage_fault storage_too_many_files = {.kind = &fault_too_many_files,
                                              .operations = OPENING,
                                              .action = STORAGE_ERROR,
                                              .shape = shape_many,
                                              .felt = feels_many};

static const parameter sync_rows[] = {
    STORAGE_PATH,
    STORAGE_OPERATIONS_ROW("sync"),
    STORAGE_AFTER,
    STORAGE_COUNT("1"),
};

static bool feels_sync(const probe_sight *sight)
{
    return sight->errors[STORAGE_FSYNC] == EIO;
}

const fault_kind fault_fsync_fails_once = STORAGE_KIND(
    "fsync-fails-once", sync_rows,
    "one fsync says EIO, the next succeeds, and what the first should have saved never is");
const storage_fault storage_fsync_fails_once = {.kind = &fault_fsync_fails_once,
                                                .operations = STORAGE_SYNCING,
                                                .action = STORAGE_ERROR,
                                                .error_number = EIO,
                                                .felt = feels_sync};
