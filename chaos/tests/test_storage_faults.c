/* Every storage kind through a real mount: its probe is a small program that must feel the fault
 * and feel nothing after. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/files.h"
#include "chaos/fault.h"
#include "chaos/storage/real_disk.h"
#include "chaos/tests/scratch.h"

static void set_up(void)
{
    scratch_make("/tmp");
    cr_assert(mkdir(below("disk"), 0755) == 0);
    cr_assert(real_disk_mount(below("disk"), 32 << 20, &e), "%s", e.text);
    cr_assert(mkdir(below("disk/data"), 0755) == 0);
    scratch_mount("disk/data", false);
}

static void tear_down(void)
{
    if (mounted == NULL)
        return;
    scratch_unmount();
    cr_expect(real_disk_unmount(below("disk"), &e), "%s: %s", e.place, e.text);
    scratch_remove();
}

TestSuite(storage, .init = set_up, .fini = tear_down);

static pid_t no_pid(void *owner)
{
    (void)owner;
    return 0;
}

static void fill_fallbacks(fault *f)
{
    for (size_t i = 0; i < f->kind->parameter_count; i++) {
        const parameter *row = &f->kind->parameters[i];
        cr_assert(parameter_parse(row, row->fallback, &f->values[i], &e), "%s", row->name);
    }
}

Test(storage, every_kind_is_felt_by_a_small_program_and_gone_after, .timeout = 100)
{
    process_control process = {.pid = no_pid};
    fault_site site = {.data_directory = below("mnt"),
                       .real_disk = below("disk"),
                       .storage = mounted,
                       .process = &process};
    size_t count = 0;
    for (size_t i = 0; i < fault_kind_count; i++) {
        if (strcmp(fault_kinds[i]->family, "storage") != 0 ||
            strcmp(fault_kinds[i]->name, "power-cut") == 0)
            continue;
        fault f = {.kind = fault_kinds[i], .seed = 42};
        error_clear(&e);
        fill_fallbacks(&f);
        cr_expect(f.kind->probe(&f, &site, &e), "%s: %s: %s", f.kind->name, e.place, e.text);
        count++;
    }
    cr_expect(count >= 16);
}

Test(storage, a_fault_counts_its_hits_and_stops_at_its_end)
{
    fault_site site = {.data_directory = below("mnt"), .storage = mounted};
    fault f = {.kind = fault_kind_named("io-error"), .seed = 1};
    fill_fallbacks(&f);
    int fd = open(below("mnt/file"), O_RDWR | O_CREAT, 0600);
    cr_assert(write(fd, "before", 6) == 6);
    cr_assert(f.kind->begin(&f, &site, &e), "%s", e.text);
    cr_expect(f.kind->hits(&f, &site) == 0);
    cr_expect(write(fd, "during", 6) == -1 && errno == EIO);
    cr_expect(fsync(fd) == -1 && errno == EIO);
    cr_expect(f.kind->hits(&f, &site) == 2);
    cr_assert(f.kind->end(&f, &site, &e), "%s", e.text);
    cr_expect(write(fd, "after!", 6) == 6);
    cr_expect(fsync(fd) == 0);
    close(fd);
}

Test(storage, exactly_the_nth_operation_is_hurt)
{
    storage_rule rule = {.operations = STORAGE_BIT(STORAGE_WRITE),
                         .pattern = "/hurt",
                         .skip = 3,
                         .count = 1,
                         .probability = 1,
                         .action = STORAGE_ERROR,
                         .error_number = ENOSPC};
    int hurt = open(below("mnt/hurt"), O_WRONLY | O_CREAT, 0600);
    int spared = open(below("mnt/spared"), O_WRONLY | O_CREAT, 0600);
    int slot = storage_mount_arm(mounted, &rule, &e);
    cr_assert(slot >= 0, "%s", e.text);
    for (int i = 0; i < 10; i++) {
        cr_expect(write(spared, "x", 1) == 1);
        cr_expect((write(hurt, "x", 1) == 1) == (i != 3), "write %d", i);
    }
    cr_expect(storage_mount_seen(mounted, slot) == 10);
    cr_expect(storage_mount_fired(mounted, slot) == 1);
    cr_expect(storage_mount_disarm(mounted, slot, &e));
    close(hurt);
    close(spared);
}

Test(storage, a_disk_fills_up_with_one_short_write_and_empties_by_unlink)
{
    char bytes[8192] = {1};
    int first = open(below("mnt/first"), O_WRONLY | O_CREAT, 0600);
    int second = open(below("mnt/second"), O_WRONLY | O_CREAT, 0600);
    cr_assert(write(first, bytes, sizeof bytes) == sizeof bytes);
    cr_assert(storage_mount_limit(mounted, 5000, ENOSPC, &e), "%s", e.text);
    cr_expect(write(second, bytes, sizeof bytes) == 5000);
    cr_expect(write(second, bytes, sizeof bytes) == -1 && errno == ENOSPC);
    cr_expect(pwrite(first, bytes, sizeof bytes, 0) == sizeof bytes, "overwriting still works");
    cr_expect(open(below("mnt/third"), O_WRONLY | O_CREAT, 0600) == -1 && errno == ENOSPC);
    cr_expect(rename(below("mnt/first"), below("mnt/moved")) == 0);
    cr_expect(unlink(below("mnt/moved")) == 0);
    cr_expect(write(second, bytes, sizeof bytes) == sizeof bytes, "what was deleted is free");
    cr_expect(storage_mount_refused(mounted) >= 3);
    cr_expect(storage_mount_unlimit(mounted, &e));
    close(first);
    close(second);
}

Test(storage, a_really_full_disk_is_full_for_the_kernel_and_relieved_at_the_end)
{
    static char bytes[65536];
    char *disk = strdup(below("disk"));
    fault_site site = {.data_directory = below("mnt"), .real_disk = disk, .storage = mounted};
    fault f = {.kind = fault_kind_named("disk-full-real"), .seed = 1};
    fill_fallbacks(&f);
    f.values[0].number = 10000;
    int old = open(below("mnt/old"), O_RDWR | O_CREAT, 0600);
    cr_assert(write(old, bytes, sizeof bytes) == sizeof bytes);
    cr_assert(f.kind->begin(&f, &site, &e), "%s", e.text);
    int fd = open(below("mnt/file"), O_WRONLY | O_CREAT, 0600);
    ssize_t first = write(fd, bytes, sizeof bytes);
    cr_expect(first > 0 && first < (ssize_t)sizeof bytes, "short: %zd", first);
    cr_expect(write(fd, bytes, sizeof bytes) == -1 && errno == ENOSPC);
    cr_expect(pwrite(old, bytes, sizeof bytes, 0) == sizeof bytes, "overwriting still works");
    cr_expect(rename(below("mnt/old"), below("mnt/moved")) == 0);
    cr_expect(f.kind->hits(&f, &site) == 1);
    cr_assert(f.kind->end(&f, &site, &e), "%s", e.text);
    cr_expect(write(fd, bytes, sizeof bytes) == sizeof bytes);
    close(fd);
    close(old);
    free(disk);
}

typedef struct {
    pid_t pid;
    bool (*struck)(void *with);
    void *with;
} victim;

static pid_t victim_pid(void *owner)
{
    return ((victim *)owner)->pid;
}

static void victim_expects(void *owner, bool (*struck)(void *with), void *with)
{
    victim *v = owner;
    v->struck = struck;
    v->with = with;
}

static bool victim_ended(void *owner, uint64_t nanoseconds, error *unused)
{
    int code;
    (void)nanoseconds;
    (void)unused;
    return waitpid(((victim *)owner)->pid, &code, 0) > 0;
}

static bool victim_started(void *owner, error *unused)
{
    (void)owner;
    (void)unused;
    return true;
}

Test(storage, a_kill_is_planned_from_its_hit_on_and_not_before)
{
    victim v = {0};
    process_control process = {.owner = &v,
                               .pid = victim_pid,
                               .wait_exit = victim_ended,
                               .start = victim_started,
                               .expect_exit_if = victim_expects};
    fault_site site = {.data_directory = below("mnt"), .storage = mounted, .process = &process};
    fault f = {.kind = fault_kind_named("kill-at"), .seed = 1};
    int gate[2];
    fill_fallbacks(&f);
    cr_assert(pipe(gate) == 0);
    v.pid = fork();
    if (v.pid == 0) {
        char byte;
        if (read(gate[0], &byte, 1) == 1)
            close(open(below("mnt/file"), O_WRONLY | O_CREAT, 0600));
        pause();
        _exit(0);
    }
    cr_assert(f.kind->begin(&f, &site, &e), "%s", e.text);
    cr_assert_not_null(v.struck);
    cr_expect(!v.struck(v.with), "a death now is nobody's plan");
    cr_assert(write(gate[1], "x", 1) == 1);
    /* Counted as a hit a moment before: the daemon may rest in between. */
    while (!v.struck(v.with))
        usleep(1000);
    cr_expect(f.kind->hits(&f, &site) > 0);
    cr_assert(f.kind->end(&f, &site, &e), "%s", e.text);
    cr_expect_null(v.struck);
}

Test(storage, a_vanished_directory_comes_back)
{
    fault_site site = {.data_directory = below("mnt"), .storage = mounted};
    fault f = {.kind = fault_kind_named("no-entry"), .seed = 1};
    fill_fallbacks(&f);
    f.values[0].text = "/blobs";
    cr_assert(mkdir(below("mnt/blobs"), 0755) == 0);
    int fd = open(below("mnt/blobs/a"), O_WRONLY | O_CREAT, 0600);
    close(open(below("mnt/other"), O_WRONLY | O_CREAT, 0600));
    struct stat status;
    cr_assert(stat(below("mnt/blobs/a"), &status) == 0);
    cr_assert(f.kind->begin(&f, &site, &e), "%s", e.text);
    cr_expect(stat(below("mnt/blobs/a"), &status) == -1 && errno == ENOENT);
    cr_expect(open(below("mnt/blobs/b"), O_WRONLY | O_CREAT, 0600) == -1 && errno == ENOENT);
    cr_expect(stat(below("mnt/other"), &status) == 0);
    cr_expect(write(fd, "x", 1) == 1, "an open file lives on");
    cr_assert(f.kind->end(&f, &site, &e), "%s", e.text);
    cr_expect(stat(below("mnt/blobs/a"), &status) == 0 && status.st_size == 1);
    close(fd);
}

Test(storage, names_of_operations_are_parsed_and_unknown_ones_named)
{
    uint64_t mask;
    cr_expect(storage_operations_parse("write, fsync", &mask, &e));
    cr_expect(mask == (STORAGE_BIT(STORAGE_WRITE) | STORAGE_BIT(STORAGE_FSYNC)));
    cr_expect(!storage_operations_parse("write,fsnyc", &mask, &e));
    cr_expect_not_null(strstr(e.text, "'fsnyc'"));
}
