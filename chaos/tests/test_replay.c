/* The generator of disks on logs made by hand: no mount, no root. What must be on a disk, may be,
 * and never is, for each model. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/buffer.h"
#include "base/files.h"
#include "chaos/storage/log_format.h"
#include "chaos/storage/replay.h"

#define SEEDS 64

static char scratch[] = "/tmp/ordeal-replay.XXXXXX";
static buffer written;
static uint64_t sequence;
static error e;

static void begin(void)
{
    cr_assert_not_null(mkdtemp(scratch));
}

static void finish(void)
{
    buffer_free(&written);
    cr_expect(files_remove_tree(scratch, &e));
}

TestSuite(replay, .init = begin, .fini = finish);

static const char *below(const char *name)
{
    static char paths[4][300];
    static int next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", scratch, name);
    return path;
}

/* --- a log by hand --- */

static uint64_t add(log_record r, const char *name, const char *second, const char *data)
{
    static const char zeros[8];
    size_t start = written.length;
    r.magic = LOG_MAGIC;
    r.sequence = ++sequence;
    r.name_length = (uint32_t)strlen(name);
    r.second_length = (uint32_t)strlen(second);
    r.data_length = (uint32_t)strlen(data);
    buffer_append(&written, &r, sizeof r);
    buffer_text_append(&written, name);
    buffer_text_append(&written, second);
    buffer_text_append(&written, data);
    size_t length = written.length - start;
    buffer_append(&written, zeros, LOG_PADDED(length) - length);
    log_record *whole = (log_record *)(void *)(written.bytes + start);
    whole->checksum = XXH3_64bits(whole, written.length - start);
    return sequence;
}

static uint64_t create(uint64_t inode, uint64_t parent, const char *name)
{
    return add((log_record){.kind = LOG_CREATE, .inode = inode, .parent = parent, .mode = 0600},
               name, "", "");
}

static uint64_t make_directory(uint64_t inode, uint64_t parent, const char *name)
{
    return add((log_record){.kind = LOG_MKDIR, .inode = inode, .parent = parent, .mode = 0700},
               name, "", "");
}

static uint64_t put(uint64_t inode, uint64_t offset, const char *data)
{
    return add((log_record){.kind = LOG_WRITE, .inode = inode, .offset = offset}, "", "", data);
}

static uint64_t sync_file(uint64_t inode)
{
    return add((log_record){.kind = LOG_FSYNC, .inode = inode, .size = sequence}, "", "", "");
}

static uint64_t sync_directory(uint64_t inode)
{
    return add((log_record){.kind = LOG_FSYNCDIR, .inode = inode, .size = sequence}, "", "", "");
}

static uint64_t rename_to(uint64_t from, const char *name, uint64_t to, const char *new_name)
{
    return add((log_record){.kind = LOG_RENAME, .parent = from, .other = to}, name, new_name, "");
}

static uint64_t take_away(uint64_t parent, const char *name)
{
    return add((log_record){.kind = LOG_UNLINK, .parent = parent}, name, "", "");
}

static replay *play_to(uint64_t cut)
{
    error problem = {0};
    cr_assert(files_replace(below("log"), written.bytes, written.length, &problem));
    replay *r = replay_open(NULL, below("log"), &problem);
    cr_assert_not_null(r, "%s", problem.text);
    cr_assert(replay_advance(r, cut, &problem), "%s", problem.text);
    return r;
}

/* --- the disks of a cut --- */

/* The content of one file on the disk, "-" when it is not there; static. */
static const char *content(replay *r, replay_disk disk, const char *name)
{
    static char text[1500];
    error problem = {0};
    cr_assert(files_make_directories(below("disk"), 0755, &problem));
    cr_assert(files_remove_content(below("disk"), &problem));
    cr_assert(replay_build(r, &disk, below("disk"), &problem), "%s", problem.text);
    char path[400];
    snprintf(path, sizeof path, "%s/%s", below("disk"), name);
    int fd = open(path, O_RDONLY);
    if (fd < 0)
        return "-";
    ssize_t length = read(fd, text, sizeof text - 1);
    close(fd);
    text[length] = '\0';
    return text;
}

static const char *under(replay *r, replay_model model, uint64_t seed, const char *name)
{
    return content(r, (replay_disk){.model = model, .seed = seed, .sector = 512}, name);
}

/* In how many of SEEDS disks the file holds this. */
static int times(replay *r, replay_model model, const char *name, const char *wanted)
{
    int found = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++)
        found += strcmp(under(r, model, seed, name), wanted) == 0;
    return found;
}

static bool always(replay *r, const char *name, const char *wanted)
{
    bool all = true;
    for (replay_model m = 0; m < REPLAY_MODELS; m++)
        all = all && times(r, m, name, wanted) == SEEDS;
    return all;
}

Test(replay, what_file_and_directory_syncs_cover_is_on_every_disk)
{
    create(2, LOG_ROOT, "a");
    put(2, 0, "text");
    sync_file(2);
    replay *r = play_to(sync_directory(LOG_ROOT));
    cr_expect(always(r, "a", "text"));
    replay_close(r);
}

Test(replay, a_name_without_a_sync_of_its_directory_may_be_gone)
{
    create(2, LOG_ROOT, "a");
    put(2, 0, "text");
    replay *r = play_to(sync_file(2));
    cr_expect(times(r, REPLAY_NONE, "a", "-") == SEEDS);
    cr_expect(times(r, REPLAY_ALL, "a", "text") == SEEDS);
    int gone = times(r, REPLAY_POSIX, "a", "-");
    cr_expect(gone > 0 && gone < SEEDS && times(r, REPLAY_POSIX, "a", "text") == SEEDS - gone);
    /* ext4 and XFS: the sync of the file has forced its earlier creation. */
    cr_expect(times(r, REPLAY_JOURNAL, "a", "text") == SEEDS);
    replay_close(r);
}

Test(replay, under_journal_names_survive_in_their_order)
{
    create(2, LOG_ROOT, "first");
    replay *r = play_to(create(3, LOG_ROOT, "second"));
    int second_alone = 0;
    int posix_alone = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        bool first = under(r, REPLAY_JOURNAL, seed, "first")[0] != '-';
        second_alone += !first && under(r, REPLAY_JOURNAL, seed, "second")[0] != '-';
        first = under(r, REPLAY_POSIX, seed, "first")[0] != '-';
        posix_alone += !first && under(r, REPLAY_POSIX, seed, "second")[0] != '-';
    }
    cr_expect(second_alone == 0);
    cr_expect(posix_alone > 0, "posix knows no order between names");
    replay_close(r);
}

Test(replay, a_rename_happens_whole_or_not_at_all)
{
    create(2, LOG_ROOT, "old");
    put(2, 0, "2");
    sync_file(2);
    create(3, LOG_ROOT, "new");
    put(3, 0, "3");
    sync_file(3);
    sync_directory(LOG_ROOT);
    replay *r = play_to(rename_to(LOG_ROOT, "new", LOG_ROOT, "old"));
    for (replay_model m = 0; m < REPLAY_MODELS; m++)
        for (uint64_t seed = 0; seed < SEEDS; seed++) {
            bool done = strcmp(under(r, m, seed, "old"), "3") == 0;
            cr_expect(done || strcmp(under(r, m, seed, "old"), "2") == 0);
            cr_expect(done == (under(r, m, seed, "new")[0] == '-'));
        }
    int done = times(r, REPLAY_JOURNAL, "old", "3");
    cr_expect(done > 0 && done < SEEDS);
    replay_close(r);
}

Test(replay, a_removed_name_may_come_back_until_its_directory_is_synced)
{
    create(2, LOG_ROOT, "a");
    sync_file(2);
    sync_directory(LOG_ROOT);
    uint64_t unlinked = take_away(LOG_ROOT, "a");
    uint64_t synced = sync_directory(LOG_ROOT);
    replay *r = play_to(unlinked);
    cr_expect(times(r, REPLAY_NONE, "a", "") == SEEDS);
    int back = times(r, REPLAY_POSIX, "a", "");
    cr_expect(back > 0 && back < SEEDS);
    cr_assert(replay_advance(r, synced, &e));
    cr_expect(always(r, "a", "-"));
    replay_close(r);
}

Test(replay, a_sync_of_another_directory_pins_names_only_under_journal)
{
    make_directory(2, LOG_ROOT, "here");
    make_directory(3, LOG_ROOT, "there");
    sync_directory(LOG_ROOT);
    create(4, 2, "a");
    replay *r = play_to(sync_directory(3));
    cr_expect(times(r, REPLAY_NONE, "here/a", "-") == SEEDS);
    cr_expect(times(r, REPLAY_JOURNAL, "here/a", "") == SEEDS);
    cr_expect(times(r, REPLAY_POSIX, "here/a", "-") > 0);
    replay_close(r);
}

Test(replay, unsynced_bytes_get_there_sector_by_sector)
{
    char old[1025];
    char new[1025];
    memset(old, 'o', 1024);
    memset(new, 'n', 1024);
    old[1024] = new[1024] = '\0';
    create(2, LOG_ROOT, "a");
    put(2, 0, old);
    sync_file(2);
    sync_directory(LOG_ROOT);
    replay *r = play_to(put(2, 0, new));
    int mixed = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        const char *text = under(r, REPLAY_JOURNAL, seed, "a");
        cr_expect(strlen(text) == 1024);
        for (int sector = 0; sector < 2; sector++)
            for (int i = 1; i < 512; i++)
                cr_expect(text[sector * 512 + i] == text[sector * 512]);
        mixed += text[0] != text[512];
        /* One sector of 4096 bytes holds it all. */
        text = content(r, (replay_disk){REPLAY_JOURNAL, seed, 4096, false, NULL, 0}, "a");
        cr_expect(strcmp(text, old) == 0 || strcmp(text, new) == 0);
    }
    cr_expect(mixed > 0);
    cr_expect(times(r, REPLAY_NONE, "a", old) == SEEDS);
    replay_close(r);
}

Test(replay, what_a_failed_sync_covered_is_never_there)
{
    create(2, LOG_ROOT, "a");
    sync_directory(LOG_ROOT);
    put(2, 0, "lost");
    add((log_record){.kind = LOG_SYNC_FAILED, .inode = 2, .size = sequence}, "", "", "");
    uint64_t lied = sync_file(2);
    put(2, 0, "kept");
    uint64_t kept = sync_file(2);
    replay *r = play_to(lied);
    for (replay_model m = 0; m < REPLAY_ALL; m++)
        cr_expect(times(r, m, "a", "") == SEEDS, "%s", replay_model_name(m));
    cr_expect(times(r, REPLAY_ALL, "a", "lost") == SEEDS, "without a power cut the page is there");
    cr_assert(replay_advance(r, kept, &e));
    cr_expect(always(r, "a", "kept"));
    replay_close(r);
}

Test(replay, a_settled_disk_begins_anew)
{
    create(2, LOG_ROOT, "a");
    put(2, 0, "text");
    uint64_t replacing = add((log_record){.kind = LOG_REPLACING}, "", "", "");
    uint64_t settled = add((log_record){.kind = LOG_SETTLED}, "", "", "");
    replay *r = play_to(replacing);
    cr_expect(replay_replacing(r));
    cr_assert(replay_advance(r, settled, &e));
    cr_expect(!replay_replacing(r));
    cr_expect(always(r, "a", "text"));
    replay_close(r);
}

Test(replay, giving_back_all_but_one_operation_shows_what_that_one_does)
{
    uint64_t *lost;
    char sentence[300];
    make_directory(2, LOG_ROOT, "d");
    sync_directory(LOG_ROOT);
    uint64_t created = create(3, 2, "a");
    uint64_t wrote = put(3, 0, "text");
    replay *r = play_to(wrote);
    replay_disk disk = {.model = REPLAY_NONE, .sector = 512};
    size_t count = replay_lost(r, &disk, &lost);
    cr_assert(count == 2 && lost[0] == created && lost[1] == wrote);
    disk.only = true;
    disk.lost = &wrote;
    disk.lost_count = 1;
    cr_expect(strcmp(content(r, disk, "d/a"), "") == 0);
    disk.lost = &created;
    cr_expect(strcmp(content(r, disk, "d/a"), "-") == 0);
    disk.lost_count = 0;
    cr_expect(strcmp(content(r, disk, "d/a"), "text") == 0);
    replay_describe(r, created, sentence, sizeof sentence);
    cr_expect_str_eq(sentence, "create of /d/a (operation 3) was not followed by an fsync of "
                               "directory /d");
    replay_describe(r, wrote, sentence, sizeof sentence);
    cr_expect_str_eq(sentence, "write of 4 bytes at 0 of /d/a (operation 4) was not followed by an "
                               "fsync of the file");
    free(lost);
    replay_close(r);
}

Test(replay, equal_disks_have_equal_hashes_and_others_have_not)
{
    uint64_t before;
    uint64_t after;
    replay_disk none = {.model = REPLAY_NONE, .sector = 512};
    replay_disk all = {.model = REPLAY_ALL, .sector = 512};
    create(2, LOG_ROOT, "a");
    put(2, 0, "text");
    uint64_t synced = sync_file(2);
    uint64_t named = sync_directory(LOG_ROOT);
    replay *r = play_to(synced);
    cr_assert(replay_hash(r, &none, &before, &e) && replay_hash(r, &all, &after, &e));
    cr_expect(before != after);
    cr_assert(replay_advance(r, named, &e));
    cr_assert(replay_hash(r, &none, &before, &e));
    cr_expect(before == after, "all that there is was synced");
    replay_close(r);
}

/* --- damage --- */

static error_kind opened(void)
{
    error problem = {0};
    cr_assert(files_replace(below("log"), written.bytes, written.length, &e));
    replay *r = replay_open(NULL, below("log"), &problem);
    if (r != NULL)
        replay_close(r);
    return problem.kind;
}

Test(replay, a_log_cut_short_ends_with_its_last_whole_record)
{
    uint64_t whole = create(2, LOG_ROOT, "a");
    create(3, LOG_ROOT, "b");
    written.length -= 8;
    replay *r = play_to(whole);
    cr_expect(replay_last(r) == whole);
    cr_expect(!replay_advance(r, whole + 1, &e));
    replay_close(r);
}

Test(replay, a_damaged_record_is_refused)
{
    create(2, LOG_ROOT, "a");
    create(3, LOG_ROOT, "b");
    written.bytes[sizeof(log_record)] ^= 1;
    cr_expect(opened() == ERROR_CORRUPT);
}

Test(replay, a_missing_record_is_refused)
{
    create(2, LOG_ROOT, "a");
    sequence++;
    create(3, LOG_ROOT, "b");
    cr_expect(opened() == ERROR_CORRUPT);
}

Test(replay, an_operation_on_what_was_never_met_is_refused)
{
    error problem = {0};
    uint64_t last = put(7, 0, "text");
    cr_assert(files_replace(below("log"), written.bytes, written.length, &e));
    replay *r = replay_open(NULL, below("log"), &e);
    cr_assert_not_null(r);
    cr_expect(!replay_advance(r, last, &problem) && problem.kind == ERROR_CORRUPT);
    replay_close(r);
}
