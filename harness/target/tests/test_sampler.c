#include <criterion/criterion.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/files.h"
#include "target/sampler.h"

#define TOUCHED     ((size_t)32 << 20)
#define DESCRIPTORS 20
#define THREADS     3

static void *sleep_for_ever(void *unused)
{
    for (;;)
        pause();
    return unused;
}

/* A grandchild that uses a known amount of everything, and says so by a byte. */
static void use_things(int ready)
{
    char *memory = mmap(NULL, TOUCHED, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(memory, 7, TOUCHED);
    for (int i = 0; i < DESCRIPTORS; i++)
        (void)!open("/dev/null", O_RDONLY);
    for (int i = 0; i < THREADS; i++) {
        pthread_t thread;
        pthread_create(&thread, NULL, sleep_for_ever, NULL);
    }
    while (clock() < CLOCKS_PER_SEC / 4)
        memory[(size_t)clock() % TOUCHED]++;
    (void)!write(ready, "x", 1);
    sleep_for_ever(NULL);
}

/* Each ends with its parent, so that a failing assertion leaves nobody behind. */
static pid_t start_tree(int ready)
{
    pid_t root = fork();
    if (root != 0)
        return root;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (fork() == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        use_things(ready);
    }
    sleep_for_ever(NULL);
    return 0;
}

Test(sampler, sees_the_whole_tree_of_any_process)
{
    int ready[2];
    char said;
    cr_assert(pipe2(ready, O_CLOEXEC) == 0);
    pid_t root = start_tree(ready[1]);
    cr_assert_eq(read(ready[0], &said, 1), 1);
    sampler *s = sampler_create(NULL);
    resource_sample taken;
    cr_assert(sampler_take(s, root, &taken));
    cr_assert_eq(taken.processes, 2);
    cr_assert_geq(taken.resident, TOUCHED);
    cr_assert_lt(taken.resident, 4 * TOUCHED);
    cr_assert_geq(taken.proportional, TOUCHED);
    cr_assert_leq(taken.proportional, taken.resident);
    cr_assert_eq(taken.threads, 2 + THREADS);
    cr_assert_geq(taken.descriptors, DESCRIPTORS + 6);
    cr_assert_geq(taken.processor, 200000, "%lu us", taken.processor);
    kill(root, SIGKILL);
    waitpid(root, NULL, 0);
    cr_assert_not(sampler_take(s, root, &taken), "a process that has ended is gone");
    sampler_destroy(s);
}

static void put_file(const char *folder, const char *name, size_t size)
{
    char path[128];
    char bytes[8192] = {1};
    error e = {0};
    snprintf(path, sizeof path, "%s/%s", folder, name);
    cr_assert(files_replace(path, bytes, size, &e), "%s", e.text);
}

Test(sampler, counts_the_bytes_and_the_temporary_files_of_the_data_directory)
{
    char folder[] = "/tmp/ordeal-sampler.XXXXXX";
    char path[64];
    error e = {0};
    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/tmp", folder);
    cr_assert(files_make_directories(path, 0755, &e));
    put_file(folder, "blob", 8192);
    put_file(folder, "other.tmp", 100);
    put_file(folder, ".tmp-1", 100);
    put_file(folder, "upload.part", 100);
    put_file(path, "anything", 100);
    sampler *s = sampler_create(folder);
    resource_sample taken;
    cr_assert(sampler_take(s, getpid(), &taken));
    cr_assert_eq(taken.temporary_files, 4);
    cr_assert_geq(taken.disk, 8192);
    cr_assert_leq(taken.disk, 8192 + 4 * 8192);
    sampler_destroy(s);
    files_remove_tree(folder, &e);
}

Test(sampler, sees_the_data_directory_anew_when_told_to_however_large_it_is)
{
    char folder[] = "/tmp/ordeal-sampler.XXXXXX";
    error e = {0};
    cr_assert_not_null(mkdtemp(folder));
    for (int i = 0; i < 2000; i++) {
        char name[24];
        snprintf(name, sizeof name, "%d.part", i);
        put_file(folder, name, 1);
    }
    sampler *s = sampler_create(folder);
    resource_sample taken;
    cr_assert(sampler_take(s, getpid(), &taken));
    cr_assert_eq(taken.temporary_files, 2000);
    cr_assert(files_remove_content(folder, &e), "%s", e.text);
    sampler_scan_next(s);
    cr_assert(sampler_take(s, getpid(), &taken));
    cr_assert_eq(taken.temporary_files, 0);
    sampler_destroy(s);
    files_remove_tree(folder, &e);
}
