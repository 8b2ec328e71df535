/* Storage faults by watching system calls: a small program that enters sees exactly the effect, and
 * nothing after. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/files.h"
#include "base/timing.h"
#include "chaos/fault.h"
#include "chaos/storage/mount.h"

#define WRITES 5

static char scratch[] = "/tmp/ordeal-watch.XXXXXX";
static char data[64];
static storage_mount *watched;
static error e;

static void set_up(void)
{
    if (!storage_mount_possible_by_calls(&e))
        cr_skip_test("%s: %s", e.place, e.text);
    cr_assert_not_null(mkdtemp(scratch));
    char control[64];
    snprintf(data, sizeof data, "%s/data", scratch);
    snprintf(control, sizeof control, "%s/control", scratch);
    storage_mount_options options = {.mount = data, .control = control, .by_calls = true};
    watched = storage_mount_start(&options, &e);
    cr_assert_not_null(watched, "%s: %s", e.place, e.text);
}

static void tear_down(void)
{
    if (watched == NULL)
        return;
    cr_expect(storage_mount_stop(watched, &e), "%s: %s", e.place, e.text);
    cr_expect(files_remove_tree(scratch, &e), "%s: %s", e.place, e.text);
}

TestSuite(watch, .init = set_up, .fini = tear_down);

/* What the small program saw; 0 or an errno each. */
typedef struct {
    bool entered;
    int opened;
    int writes[WRITES];
    int elsewhere;
    int synced;
    int renamed;
    uint64_t nanoseconds;
} sight;

static int said(long result)
{
    return result < 0 ? errno : 0;
}

/* By relative names in the directory, as a program would that was started there. */
static void be_the_program(sight *s)
{
    s->entered = storage_mount_join(watched);
    if (!s->entered || chdir(data) != 0)
        _exit(1);
    uint64_t began = timing_now();
    int fd = open("file", O_WRONLY | O_CREAT | O_TRUNC, 0600);
    int other = open("../elsewhere", O_WRONLY | O_CREAT, 0600);
    s->opened = said(fd);
    for (int i = 0; i < WRITES; i++) {
        s->writes[i] = said(write(fd, "x", 1));
        s->elsewhere |= said(write(other, "x", 1));
    }
    s->synced = said(fsync(fd));
    s->renamed = said(rename("file", "renamed"));
    s->nanoseconds = timing_now() - began;
    _exit(0);
}

/* Under one rule; without operations: none. The wait status. */
static int run_program(const storage_rule *rule, sight *out)
{
    sight *shared =
        mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int status = 0;
    int slot = -1;
    int gate[2];
    cr_assert(shared != MAP_FAILED && pipe(gate) == 0);
    pid_t child = fork();
    if (child == 0) {
        char byte;
        if (read(gate[0], &byte, 1) == 1)
            be_the_program(shared);
        _exit(1);
    }
    if (rule->operations != 0) {
        storage_rule armed = *rule;
        armed.pid = child;
        slot = storage_mount_arm(watched, &armed, &e);
        cr_assert(slot >= 0, "%s", e.text);
    }
    cr_assert(write(gate[1], "g", 1) == 1);
    cr_assert(waitpid(child, &status, 0) == child);
    if (slot >= 0)
        cr_expect(storage_mount_disarm(watched, slot, &e));
    if (storage_mount_crashed(watched))
        cr_expect(storage_mount_reopen(watched, &e));
    *out = *shared;
    cr_expect(out->entered);
    munmap(shared, sizeof *shared);
    close(gate[0]);
    close(gate[1]);
    return status;
}

static void expect_nothing_wrong(void)
{
    sight s;
    storage_rule none = {.operations = 0};
    cr_expect(run_program(&none, &s) == 0);
    for (int i = 0; i < WRITES; i++)
        cr_expect(s.writes[i] == 0);
    cr_expect(s.opened == 0 && s.elsewhere == 0 && s.synced == 0 && s.renamed == 0);
}

Test(watch, exactly_the_nth_write_is_refused_and_nothing_elsewhere_or_after)
{
    sight s;
    storage_rule rule = {.operations = STORAGE_BIT(STORAGE_WRITE),
                         .pattern = "/file",
                         .skip = 2,
                         .count = 1,
                         .probability = 1,
                         .action = STORAGE_ERROR,
                         .error_number = ENOSPC};
    cr_expect(run_program(&rule, &s) == 0);
    for (int i = 0; i < WRITES; i++)
        cr_expect(s.writes[i] == (i == 2 ? ENOSPC : 0), "write %d: %d", i, s.writes[i]);
    cr_expect(s.opened == 0 && s.elsewhere == 0 && s.synced == 0 && s.renamed == 0);
    expect_nothing_wrong();
}

Test(watch, a_sync_takes_as_long_as_the_disk_is_slow)
{
    sight s;
    storage_rule rule = {.operations = STORAGE_SYNCING,
                         .probability = 1,
                         .action = STORAGE_DELAY,
                         .argument = 200 * NANOSECONDS_PER_MILLISECOND};
    cr_expect(run_program(&rule, &s) == 0);
    cr_expect(s.synced == 0);
    cr_expect(s.nanoseconds >= rule.argument);
    expect_nothing_wrong();
}

Test(watch, a_program_is_killed_before_its_rename_which_is_not_made)
{
    sight s;
    struct stat status;
    char renamed[80];
    snprintf(renamed, sizeof renamed, "%s/renamed", data);
    storage_rule rule = {.operations = STORAGE_BIT(STORAGE_RENAME),
                         .probability = 1,
                         .count = 1,
                         .action = STORAGE_KILL_BEFORE};
    int code = run_program(&rule, &s);
    cr_expect(WIFSIGNALED(code) && WTERMSIG(code) == SIGKILL);
    cr_expect(s.synced == 0);
    cr_expect(stat(renamed, &status) != 0 && errno == ENOENT);
    expect_nothing_wrong();
    cr_expect(stat(renamed, &status) == 0);
}

Test(watch, what_cannot_be_done_to_a_call_is_refused_by_name)
{
    storage_rule rule = {
        .operations = STORAGE_BIT(STORAGE_READ), .probability = 1, .action = STORAGE_BIT_FLIP};
    cr_expect(storage_mount_arm(watched, &rule, &e) < 0);
    cr_expect(e.kind == ERROR_UNABLE && strstr(e.text, "chaosfs") != NULL);
    cr_expect(!storage_mount_limit(watched, 1000, ENOSPC, &e) && e.kind == ERROR_UNABLE);
}

static pid_t no_pid(void *owner)
{
    (void)owner;
    return 0;
}

Test(watch, every_kind_that_refuses_or_delays_is_felt_and_the_others_say_what_they_need)
{
    process_control process = {.pid = no_pid};
    fault_site site = {.data_directory = data, .storage = watched, .process = &process};
    size_t felt = 0;
    for (size_t i = 0; i < fault_kind_count; i++) {
        fault f = {.kind = fault_kinds[i], .seed = 7};
        if (strcmp(f.kind->family, "storage") != 0)
            continue;
        for (size_t p = 0; p < f.kind->parameter_count; p++)
            cr_assert(parameter_parse(&f.kind->parameters[p], f.kind->parameters[p].fallback,
                                      &f.values[p], &e));
        error_clear(&e);
        bool works = f.kind->probe(&f, &site, &e);
        cr_expect(works || e.kind == ERROR_UNABLE, "%s: %s: %s", f.kind->name, e.place, e.text);
        felt += works;
    }
    cr_expect(felt >= 7, "only %zu", felt);
}
