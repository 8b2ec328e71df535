/* Power loss: programs of known carefulness write through a real mount, the log is replayed at
 * every cut under every model, and what they had acknowledged by then is looked for on the disk
 * built. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/files.h"
#include "base/timing.h"
#include "chaos/fault.h"
#include "chaos/storage/replay.h"
#include "chaos/tests/scratch.h"

#define PUTS   8
#define BYTES  3000
#define STATES 1000

/* In memory, where there is some: thousands of disks are built. */
static void set_up(void)
{
    scratch_make(access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    cr_assert(mkdir(below("back"), 0755) == 0);
    scratch_mount("back", true);
}

static void tear_down(void)
{
    scratch_unmount();
    scratch_remove();
}

TestSuite(power_loss, .init = set_up, .fini = tear_down);

typedef enum { SYNC_FILE = 1, SYNC_DIRECTORY = 2, IN_PLACE = 4 } care;

static char content_of(int put, size_t at)
{
    return (char)('A' + (put * 7 + (int)at) % 50);
}

static void put(int number, care c)
{
    char bytes[BYTES];
    char name[32];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = content_of(number, i);
    snprintf(name, sizeof name, "mnt/blobs/%d", c & IN_PLACE ? 0 : number);
    char *temporary = below(c & IN_PLACE ? name : "mnt/blobs/temporary");
    int fd = open(temporary, O_WRONLY | O_CREAT | (c & IN_PLACE ? 0 : O_EXCL), 0600);
    cr_assert(fd >= 0 && write(fd, bytes, sizeof bytes) == BYTES);
    if (c & SYNC_FILE)
        cr_assert(fsync(fd) == 0);
    close(fd);
    if (!(c & IN_PLACE))
        cr_assert(rename(temporary, below(name)) == 0);
    if (c & SYNC_DIRECTORY)
        cr_assert(files_sync_directory(below("mnt/blobs"), &e));
}

static void write_all_puts(care c, uint64_t *stamps)
{
    cr_assert(mkdir(below("mnt/blobs"), 0755) == 0);
    cr_assert(files_sync_directory(below("mnt"), &e));
    for (int i = 0; i < PUTS; i++) {
        put(i, c);
        stamps[i] = storage_mount_sequence(mounted);
    }
    scratch_unmount();
}

static bool survived(const char *directory, int put_number)
{
    char path[300];
    char bytes[BYTES];
    snprintf(path, sizeof path, "%s/blobs/%d", directory, put_number);
    int fd = open(path, O_RDONLY);
    if (fd < 0)
        return false;
    bool whole = read(fd, bytes, sizeof bytes) == BYTES;
    for (size_t i = 0; i < sizeof bytes && whole; i++)
        whole = bytes[i] == content_of(put_number, i);
    close(fd);
    return whole;
}

/* Disks on which something acknowledged is missing or wrong, of at least STATES. */
static int bad_states(replay_model model, const uint64_t *stamps)
{
    replay *r = replay_open(NULL, below("log"), &e);
    cr_assert_not_null(r, "%s: %s", e.place, e.text);
    char *disk = strdup(below("disk"));
    uint64_t last = replay_last(r);
    uint64_t seeds = STATES / (last - stamps[0] + 1) + 1;
    int bad = 0;
    int built = 0;
    for (uint64_t cut = stamps[0]; cut <= last; cut++) {
        cr_assert(replay_advance(r, cut, &e), "%s", e.text);
        for (uint64_t seed = 0; seed < seeds; seed++, built++) {
            replay_disk wanted = {.model = model, .seed = seed, .sector = seed % 2 ? 512 : 4096};
            cr_assert(mkdir(disk, 0755) == 0);
            cr_assert(replay_build(r, &wanted, disk, &e), "%s: %s", e.place, e.text);
            bool good = true;
            for (int i = 0; i < PUTS && stamps[i] <= cut; i++)
                good = good && survived(disk, i);
            bad += !good;
            cr_assert(files_remove_tree(disk, &e));
        }
    }
    cr_assert(built >= STATES);
    replay_close(r);
    free(disk);
    return bad;
}

/* Whether of all that the last cut may lose, one operation is described by both texts. */
static bool blamed(const char *what, const char *missing)
{
    char sentence[512];
    uint64_t *lost;
    bool found = false;
    replay *r = replay_open(NULL, below("log"), &e);
    cr_assert(replay_advance(r, replay_last(r), &e));
    replay_disk disk = {.model = REPLAY_NONE, .sector = 512};
    size_t count = replay_lost(r, &disk, &lost);
    for (size_t i = 0; i < count; i++) {
        replay_describe(r, lost[i], sentence, sizeof sentence);
        found = found || (strstr(sentence, what) != NULL && strstr(sentence, missing) != NULL);
    }
    free(lost);
    replay_close(r);
    return found;
}

Test(power_loss, a_put_that_syncs_file_and_directory_never_loses, .timeout = 100)
{
    uint64_t stamps[PUTS];
    write_all_puts(SYNC_FILE | SYNC_DIRECTORY, stamps);
    for (replay_model model = 0; model < REPLAY_MODELS; model++)
        cr_expect(bad_states(model, stamps) == 0, "model %s", replay_model_name(model));
}

Test(power_loss, a_put_that_does_not_sync_the_directory_loses_names, .timeout = 100)
{
    uint64_t stamps[PUTS];
    write_all_puts(SYNC_FILE, stamps);
    for (replay_model model = 0; model < REPLAY_ALL; model++)
        cr_expect(bad_states(model, stamps) > 0, "model %s", replay_model_name(model));
    cr_expect(bad_states(REPLAY_ALL, stamps) == 0);
    cr_expect(blamed("rename of /blobs/temporary to /blobs/3", "an fsync of directory /blobs"));
}

Test(power_loss, a_put_that_does_not_sync_the_file_loses_bytes, .timeout = 100)
{
    uint64_t stamps[PUTS];
    write_all_puts(SYNC_DIRECTORY, stamps);
    for (replay_model model = 0; model < REPLAY_ALL; model++)
        cr_expect(bad_states(model, stamps) > 0, "model %s", replay_model_name(model));
    cr_expect(blamed("write of 3000 bytes at 0 of /blobs/3", "an fsync of the file"));
}

Test(power_loss, an_overwrite_in_place_is_torn_while_it_is_under_way)
{
    cr_assert(mkdir(below("mnt/blobs"), 0755) == 0);
    cr_assert(files_sync_directory(below("mnt"), &e));
    put(0, SYNC_FILE | SYNC_DIRECTORY | IN_PLACE);
    int fd = open(below("mnt/blobs/0"), O_WRONLY);
    char other[BYTES];
    memset(other, '#', sizeof other);
    cr_assert(pwrite(fd, other, sizeof other, 0) == BYTES);
    uint64_t cut = storage_mount_sequence(mounted);
    close(fd);
    scratch_unmount();
    replay *r = replay_open(NULL, below("log"), &e);
    cr_assert(replay_advance(r, cut, &e), "%s", e.text);
    int whole = 0;
    int torn = 0;
    for (uint64_t seed = 0; seed < 50; seed++) {
        cr_assert(mkdir(below("disk"), 0755) == 0);
        cr_assert(replay_build(r,
                               &(replay_disk){.model = REPLAY_POSIX, .seed = seed, .sector = 512},
                               below("disk"), &e));
        buffer bytes = {0};
        cr_assert(files_read(below("disk/blobs/0"), BYTES, &bytes, &e));
        bool old = memcmp(bytes.bytes, other, BYTES) != 0;
        bool mixed = old && memchr(bytes.bytes, '#', BYTES) != NULL;
        whole += !mixed;
        torn += mixed;
        buffer_free(&bytes);
        cr_assert(files_remove_tree(below("disk"), &e));
    }
    cr_expect(whole > 0 && torn > 0, "%d whole, %d torn", whole, torn);
    replay_close(r);
}

Test(power_loss, what_a_failed_fsync_left_is_never_on_the_disk_unless_written_again)
{
    storage_rule rule = {.operations = STORAGE_BIT(STORAGE_FSYNC),
                         .count = 1,
                         .probability = 1,
                         .action = STORAGE_ERROR,
                         .error_number = EIO};
    int fd = open(below("mnt/file"), O_RDWR | O_CREAT, 0600);
    cr_assert(files_sync_directory(below("mnt"), &e));
    cr_assert(write(fd, "first", 5) == 5);
    int slot = storage_mount_arm(mounted, &rule, &e);
    cr_assert(slot >= 0);
    cr_expect(fsync(fd) == -1 && errno == EIO);
    cr_expect(fsync(fd) == 0, "the page counts as clean");
    uint64_t lied = storage_mount_sequence(mounted);
    char seen[5];
    cr_expect(pread(fd, seen, 5, 0) == 5 && memcmp(seen, "first", 5) == 0);
    cr_assert(pwrite(fd, "again", 5, 0) == 5);
    cr_expect(fsync(fd) == 0);
    uint64_t saved = storage_mount_sequence(mounted);
    close(fd);
    scratch_unmount();
    replay *r = replay_open(NULL, below("log"), &e);
    uint64_t cuts[2] = {lied, saved};
    for (int i = 0; i < 2; i++) {
        cr_assert(replay_advance(r, cuts[i], &e));
        for (uint64_t seed = 0; seed < 40; seed++) {
            cr_assert(mkdir(below("disk"), 0755) == 0);
            cr_assert(
                replay_build(r, &(replay_disk){.model = REPLAY_POSIX, .seed = seed, .sector = 512},
                             below("disk"), &e));
            buffer bytes = {0};
            cr_assert(files_read(below("disk/file"), 100, &bytes, &e));
            cr_expect(strcmp(buffer_text(&bytes), i == 0 ? "" : "again") == 0, "seed %d: %s",
                      (int)seed, buffer_text(&bytes));
            buffer_free(&bytes);
            cr_assert(files_remove_tree(below("disk"), &e));
        }
    }
    replay_close(r);
}

/* A target that writes without any sync until it is killed, as the harness would own it. */
typedef struct {
    pid_t pid;
    int starts;
} careless_target;

static pid_t target_pid(void *owner)
{
    return ((careless_target *)owner)->pid;
}

static void planned(void *owner)
{
    (void)owner;
}

static bool target_ended(void *owner, uint64_t nanoseconds, error *unused)
{
    (void)nanoseconds;
    (void)unused;
    careless_target *target = owner;
    int code;
    bool reaped = waitpid(target->pid, &code, 0) == target->pid;
    target->pid = 0;
    return reaped;
}

static bool target_started(void *owner, error *unused)
{
    (void)unused;
    ((careless_target *)owner)->starts++;
    return true;
}

static size_t names_left(void)
{
    DIR *listing = opendir(below("mnt"));
    size_t count = 0;
    const struct dirent *found;
    while ((found = readdir(listing)) != NULL)
        count += found->d_name[0] != '.';
    closedir(listing);
    return count;
}

static int break_all(void)
{
    storage_rule rule = {
        .operations = STORAGE_ALL, .probability = 1, .action = STORAGE_ERROR, .error_number = EIO};
    cr_assert(storage_mount_limit(mounted, 0, ENOSPC, &e));
    return storage_mount_arm(mounted, &rule, &e);
}

static void still_broken_then_heal(int slot)
{
    cr_expect(storage_mount_fired(mounted, slot) == 0);
    cr_expect(access(below("mnt/other"), F_OK) != 0 && errno == EIO);
    cr_assert(storage_mount_disarm(mounted, slot, &e));
    cr_expect(mknod(below("mnt/other"), S_IFREG | 0600, 0) != 0 && errno == ENOSPC);
    cr_assert(storage_mount_unlimit(mounted, &e));
}

Test(power_loss, a_power_cut_takes_what_was_not_synced_and_leaves_the_rest)
{
    careless_target target = {0};
    process_control process = {.owner = &target,
                               .pid = target_pid,
                               .expect_exit = planned,
                               .wait_exit = target_ended,
                               .start = target_started};
    fault_site site = {.work_directory = scratch_path(), .storage = mounted, .process = &process};
    fault f = {.kind = fault_kind_named("power-cut"), .seed = 7};
    cr_assert(parameter_parse(&f.kind->parameters[0], "none", &f.values[0], &e));
    cr_assert(parameter_parse(&f.kind->parameters[1], "4096", &f.values[1], &e));
    close(open(below("mnt/synced"), O_WRONLY | O_CREAT, 0600));
    cr_assert(files_sync_directory(below("mnt"), &e));
    cr_assert(f.kind->probe(&f, &site, &e), "%s: %s", e.place, e.text);
    for (int round = 0; round < 2; round++) {
        target.pid = fork();
        if (target.pid == 0) {
            close(open(below("mnt/unsynced"), O_WRONLY | O_CREAT, 0600));
            pause();
            _exit(0);
        }
        while (access(below("mnt/unsynced"), F_OK) != 0)
            timing_sleep(NANOSECONDS_PER_MILLISECOND);
        /* In the second round everything else is broken as well, which must not hurt our writes. */
        int slot = round == 1 ? break_all() : -1;
        cr_assert(f.kind->begin(&f, &site, &e), "%s: %s", e.place, e.text);
        cr_expect(f.kind->hits(&f, &site) == 1);
        if (slot >= 0)
            still_broken_then_heal(slot);
        cr_expect(names_left() == 1, "round %d", round);
        cr_expect(access(below("mnt/synced"), F_OK) == 0, "round %d", round);
        cr_assert(f.kind->end(&f, &site, &e));
    }
    cr_expect(target.starts == 2);
}

static void run_sql(sqlite3 *database, const char *text)
{
    char *said = NULL;
    cr_assert(sqlite3_exec(database, text, NULL, NULL, &said) == SQLITE_OK, "%s: %s", text, said);
}

#define ROWS 12

static void insert_rows(const char *synchronous, uint64_t *stamps)
{
    sqlite3 *database;
    char text[100];
    cr_assert(sqlite3_open(below("mnt/data.db"), &database) == SQLITE_OK);
    run_sql(database, "PRAGMA journal_mode=WAL");
    snprintf(text, sizeof text, "PRAGMA synchronous=%s", synchronous);
    run_sql(database, text);
    run_sql(database, "PRAGMA wal_autocheckpoint=5");
    run_sql(database, "CREATE TABLE t(number INTEGER PRIMARY KEY, filling TEXT)");
    for (int i = 0; i < ROWS; i++) {
        snprintf(text, sizeof text, "INSERT INTO t VALUES(%d, hex(randomblob(700)))", i);
        run_sql(database, text);
        stamps[i] = storage_mount_sequence(mounted);
    }
    sqlite3_close(database);
    scratch_unmount();
}

static bool holds_rows(const char *path, int wanted)
{
    sqlite3 *database;
    sqlite3_stmt *statement;
    int found = -1;
    bool intact = false;
    if (sqlite3_open_v2(path, &database, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK) {
        if (sqlite3_prepare_v2(database, "PRAGMA integrity_check", -1, &statement, NULL) ==
            SQLITE_OK) {
            intact = sqlite3_step(statement) == SQLITE_ROW &&
                     strcmp((const char *)sqlite3_column_text(statement, 0), "ok") == 0;
            sqlite3_finalize(statement);
        }
        if (sqlite3_prepare_v2(database, "SELECT count(*) FROM t", -1, &statement, NULL) ==
            SQLITE_OK) {
            if (sqlite3_step(statement) == SQLITE_ROW)
                found = sqlite3_column_int(statement, 0);
            sqlite3_finalize(statement);
        }
    }
    sqlite3_close(database);
    return intact && found >= wanted;
}

/* Of the distinct disks; equal ones are judged once. */
static int bad_databases(replay_model model, const uint64_t *stamps)
{
    replay *r = replay_open(NULL, below("log"), &e);
    cr_assert_not_null(r, "%s: %s", e.place, e.text);
    uint64_t seeds = STATES / (replay_last(r) - stamps[0] + 1) + 1;
    int bad = 0;
    int states = 0;
    for (uint64_t cut = stamps[0]; cut <= replay_last(r); cut++) {
        uint64_t known = 0;
        int wanted = 0;
        while (wanted < ROWS && stamps[wanted] <= cut)
            wanted++;
        cr_assert(replay_advance(r, cut, &e), "%s: %s", e.place, e.text);
        for (uint64_t seed = 0; seed < seeds; seed++, states++) {
            uint64_t hash;
            replay_disk chosen = {.model = model, .seed = seed, .sector = 4096};
            cr_assert(replay_hash(r, &chosen, &hash, &e));
            if (seed > 0 && hash == known)
                continue;
            known = hash;
            cr_assert(mkdir(below("disk"), 0755) == 0);
            cr_assert(replay_build(r, &chosen, below("disk"), &e), "%s", e.text);
            bad += !holds_rows(below("disk/data.db"), wanted);
            cr_assert(files_remove_tree(below("disk"), &e));
        }
    }
    cr_assert(states >= STATES);
    replay_close(r);
    return bad;
}

Test(power_loss, sqlite_with_synchronous_full_never_loses, .timeout = 110)
{
    uint64_t stamps[ROWS];
    insert_rows("FULL", stamps);
    for (replay_model model = 0; model < REPLAY_MODELS; model++)
        cr_expect(bad_databases(model, stamps) == 0, "model %s", replay_model_name(model));
}

Test(power_loss, sqlite_with_synchronous_off_loses, .timeout = 110)
{
    uint64_t stamps[ROWS];
    insert_rows("OFF", stamps);
    for (replay_model model = 0; model < REPLAY_ALL; model++)
        cr_expect(bad_databases(model, stamps) > 0, "model %s", replay_model_name(model));
    cr_expect(bad_databases(REPLAY_ALL, stamps) == 0);
}
