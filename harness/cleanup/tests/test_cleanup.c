#include <criterion/criterion.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/files.h"
#include "base/timing.h"
#include "cleanup/marker.h"

static char folder[64];
static int told;

static void make_folder(void)
{
    strcpy(folder, "/tmp/ordeal-cleanup.XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    setenv("XDG_RUNTIME_DIR", folder, 1);
}

static void remove_folder(void)
{
    error e = {0};
    cr_assert(files_remove_tree(folder, &e), "%s", e.text);
}

TestSuite(cleanup, .init = make_folder, .fini = remove_folder);

static void count_told(void *owner, const char *sentence)
{
    (void)owner;
    (void)sentence;
    told++;
}

static void clean(void)
{
    error e = {0};
    told = 0;
    cr_assert(stale_cleanup(count_told, NULL, &e), "%s: %s", e.place, e.text);
}

static const char *in_folder(const char *name)
{
    static char path[200];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static bool exists(const char *name)
{
    struct stat status;
    return lstat(in_folder(name), &status) == 0;
}

static bool runs(pid_t pid)
{
    unsigned long long start;
    return process_started(pid, &start);
}

/* A harness in a process of its own that is killed by SIGKILL once `work` is done. Returns what it
 * reported. */
static pid_t killed_harness(pid_t (*work)(marker *m))
{
    int news[2];
    pid_t reported = 0;
    cr_assert_eq(pipe(news), 0);
    pid_t pid = fork();
    if (pid == 0) {
        error e = {0};
        marker *m = marker_create(&e);
        pid_t result = m != NULL ? work(m) : -1;
        (void)!write(news[1], &result, sizeof result);
        for (;;)
            pause();
    }
    close(news[1]);
    cr_assert_eq(read(news[0], &reported, sizeof reported), sizeof reported);
    close(news[0]);
    cr_assert_geq(reported, 0);
    kill(pid, SIGKILL);
    cr_assert_eq(waitpid(pid, NULL, 0), pid);
    return reported;
}

/* Waits until exec is behind it: only then does /proc show the new environment. */
static pid_t start_sleeper(bool leaves_group)
{
    int news[2];
    char byte;
    if (pipe2(news, O_CLOEXEC) != 0)
        return -1;
    pid_t pid = fork();
    if (pid == 0) {
        if (leaves_group)
            setsid();
        execlp("sleep", "sleep", "300", (char *)NULL);
        _exit(127);
    }
    close(news[1]);
    (void)!read(news[0], &byte, 1);
    close(news[0]);
    return pid;
}

static pid_t leave_child(marker *m)
{
    (void)m;
    return start_sleeper(true);
}

Test(cleanup, a_child_that_left_its_group_is_killed_after_its_harness)
{
    pid_t child = killed_harness(leave_child);
    cr_assert(runs(child));
    clean();
    cr_assert_not(runs(child));
    cr_assert_eq(told, 1);
}

/* Forked without exec: its environment is not the marker's, so only the line names it. */
static pid_t leave_forked(marker *m)
{
    error e = {0};
    char number[16];
    pid_t pid = fork();
    if (pid == 0)
        for (;;)
            pause();
    snprintf(number, sizeof number, "%d", (int)pid);
    return marker_add(m, RESOURCE_PROCESS, number, &e) ? pid : -1;
}

Test(cleanup, a_named_process_is_killed_after_its_harness)
{
    pid_t child = killed_harness(leave_forked);
    cr_assert(runs(child));
    clean();
    cr_assert_not(runs(child));
}

static pid_t leave_directory(marker *m)
{
    error e = {0};
    char inner[300];
    snprintf(inner, sizeof inner, "%s/data/a/b", folder);
    return files_make_directories(inner, 0755, &e) &&
                   marker_add(m, RESOURCE_DIRECTORY, in_folder("data"), &e)
               ? 0
               : -1;
}

Test(cleanup, a_directory_is_removed_after_its_harness_and_only_once)
{
    killed_harness(leave_directory);
    cr_assert(exists("data"));
    clean();
    cr_assert_not(exists("data"));
    cr_assert_eq(told, 1);
    clean();
    cr_assert_eq(told, 0);
}

Test(cleanup, a_directory_made_anew_under_the_old_name_is_left_alone)
{
    killed_harness(leave_directory);
    char old[200];
    snprintf(old, sizeof old, "%s/moved", folder);
    cr_assert_eq(rename(in_folder("data"), old), 0);
    cr_assert_eq(mkdir(in_folder("data"), 0755), 0);
    clean();
    cr_assert(exists("data"));
    cr_assert_eq(told, 0);
}

static pid_t leave_kept_directory(marker *m)
{
    error e = {0};
    return leave_directory(m) == 0 && marker_remove(m, RESOURCE_DIRECTORY, in_folder("data"), &e)
               ? 0
               : -1;
}

Test(cleanup, what_was_taken_off_the_marker_is_kept)
{
    killed_harness(leave_kept_directory);
    clean();
    cr_assert(exists("data"));
}

Test(cleanup, what_a_living_run_owns_is_left_alone)
{
    error e = {0};
    marker *m = marker_create(&e);
    cr_assert_not_null(m, "%s", e.text);
    cr_assert_eq(leave_directory(m), 0);
    pid_t child = start_sleeper(false);
    clean();
    cr_assert(exists("data"));
    cr_assert(runs(child));
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    marker_close(m);
}

Test(cleanup, a_process_without_our_marker_is_left_alone)
{
    pid_t stranger = start_sleeper(true);
    pid_t child = killed_harness(leave_child);
    clean();
    cr_assert_not(runs(child));
    cr_assert(runs(stranger));
    kill(stranger, SIGKILL);
    waitpid(stranger, NULL, 0);
}

Test(cleanup, a_marker_that_is_closed_leaves_no_file)
{
    error e = {0};
    char path[512];
    marker *m = marker_create(&e);
    cr_assert_not_null(m);
    snprintf(path, sizeof path, "%s", getenv(MARKER_VARIABLE));
    cr_assert_eq(access(path, F_OK), 0);
    marker_close(m);
    cr_assert_eq(access(path, F_OK), -1);
    cr_assert_null(getenv(MARKER_VARIABLE));
}

Test(cleanup, a_half_written_line_is_not_acted_upon)
{
    error e = {0};
    char markers[400], path[600], identity[IDENTITY_SIZE];
    cr_assert_eq(mkdir(in_folder("data"), 0755), 0);
    cr_assert(resource_identity(RESOURCE_DIRECTORY, in_folder("data"), identity));
    cr_assert(marker_folder(markers, sizeof markers, &e));
    snprintf(path, sizeof path, "%s/2-1", markers);
    FILE *file = fopen(path, "w");
    fprintf(file, "nonsense\n+ directory\n\n+ directory %s %s", identity, in_folder("data"));
    fclose(file);
    clean();
    cr_assert(exists("data"));
    cr_assert_eq(access(path, F_OK), -1);
}

Test(cleanup, a_folder_that_others_may_write_is_refused)
{
    error e = {0};
    cr_assert_eq(mkdir(in_folder("ordeal"), 0700), 0);
    cr_assert_eq(chmod(in_folder("ordeal"), 0777), 0);
    cr_assert_null(marker_create(&e));
    cr_assert_eq(e.kind, ERROR_USAGE);
}

static pid_t leave_mount(marker *m)
{
    error e = {0};
    return mkdir(in_folder("a point"), 0755) == 0 &&
                   mount("none", in_folder("a point"), "tmpfs", 0, "size=64k") == 0 &&
                   marker_add(m, RESOURCE_MOUNT, in_folder("a point"), &e) &&
                   marker_add(m, RESOURCE_DIRECTORY, in_folder("a point"), &e)
               ? 0
               : -1;
}

Test(cleanup, a_mount_is_ended_after_its_harness)
{
    char identity[IDENTITY_SIZE];
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
        cr_skip_test("mounting needs root here");
    killed_harness(leave_mount);
    cr_assert(resource_identity(RESOURCE_MOUNT, in_folder("a point"), identity));
    clean();
    cr_assert_not(resource_identity(RESOURCE_MOUNT, in_folder("a point"), identity));
}
