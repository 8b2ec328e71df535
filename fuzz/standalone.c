/* main for a target without a fuzzing engine: runs each file named, or each file in each directory
 * named, once; with --time SECONDS first, reads them all and runs them again and again for so long,
 * and prints how many a second of the processor's time, whoever else uses the machine. This is how
 * a finding is seen again, how ci/test replays the corpora, and how speed is measured. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/files.h"
#include "base/timing.h"
#include "base/units.h"
#include "fuzz.h"

#define INPUT_MOST ((size_t)16 << 20)
#define KEPT_MOST  4096

typedef struct {
    bool keeps; /* instead of running each as it comes */
    unsigned count;
    buffer *kept;
} inputs;

static void run(const buffer *input)
{
    LLVMFuzzerTestOneInput((const uint8_t *)buffer_text(input), input->length);
}

static bool take_file(inputs *all, const char *path, error *e)
{
    buffer input = {0};
    if (!files_read(path, INPUT_MOST, &input, e)) {
        buffer_free(&input);
        return false;
    }
    if (!all->keeps) {
        run(&input);
        buffer_free(&input);
    } else if (all->count == KEPT_MOST) {
        buffer_free(&input);
        return error_set(e, ERROR_LIMIT, path, "comes after %d inputs; --time takes no more",
                         KEPT_MOST);
    } else {
        all->kept[all->count] = input;
    }
    all->count++;
    return true;
}

static bool take_directory(inputs *all, const char *path, error *e)
{
    char file[4096];
    bool fine = true;
    DIR *listed = opendir(path);
    if (listed == NULL)
        return error_errno(e, path, "cannot be listed");
    for (const struct dirent *one; fine && (one = readdir(listed)) != NULL;)
        if (one->d_name[0] != '.')
            fine = files_join(file, sizeof file, path, one->d_name, e) && take_file(all, file, e);
    closedir(listed);
    return fine;
}

static bool take_all(inputs *all, int count, char **names, error *e)
{
    struct stat what;
    bool fine = true;
    for (int i = 0; fine && i < count; i++)
        fine = stat(names[i], &what) == 0 && S_ISDIR(what.st_mode)
                   ? take_directory(all, names[i], e)
                   : take_file(all, names[i], e);
    return fine;
}

/* Not timing_now, which some targets step. */
static uint64_t clock_reads(clockid_t clock)
{
    struct timespec now;
    CHECK(clock_gettime(clock, &now) == 0);
    return (uint64_t)now.tv_sec * NANOSECONDS_PER_SECOND + (uint64_t)now.tv_nsec;
}

static void run_for(uint64_t nanoseconds, const inputs *all)
{
    unsigned runs = 0;
    uint64_t began = clock_reads(CLOCK_MONOTONIC);
    uint64_t worked = clock_reads(CLOCK_PROCESS_CPUTIME_ID);
    uint64_t passed = 0;
    while (passed < nanoseconds) {
        for (unsigned i = 0; i < all->count; i++, runs++)
            run(&all->kept[i]);
        passed = clock_reads(CLOCK_MONOTONIC) - began;
    }
    worked = clock_reads(CLOCK_PROCESS_CPUTIME_ID) - worked;
    printf("%.0f executions a second of the processor, %.0f a second\n",
           (double)runs * 1e9 / (double)worked, (double)runs * 1e9 / (double)passed);
}

static bool measure(uint64_t nanoseconds, int count, char **names, error *e)
{
    inputs all = {.keeps = true, .kept = memory_zeroed(KEPT_MOST, sizeof(buffer))};
    bool fine = take_all(&all, count, names, e);
    if (fine && all.count == 0)
        fine = error_set(e, ERROR_USAGE, names[0], "has no input");
    if (fine)
        run_for(nanoseconds, &all);
    for (unsigned i = 0; i < all.count; i++)
        buffer_free(&all.kept[i]);
    free(all.kept);
    return fine;
}

int main(int argc, char **argv)
{
    inputs all = {0};
    error e = {0};
    char line[700];
    uint64_t length = 0;
    bool timed = argc > 3 && strcmp(argv[1], "--time") == 0;
    bool fine = argc > 1 || error_set(&e, ERROR_USAGE, argv[0], "name files or directories");
    if (timed && !units_duration(argv[2], &length))
        fine =
            error_set(&e, ERROR_USAGE, argv[0], "--time %s is no duration, such as 10s", argv[2]);
    if (fine)
        fine = timed ? measure(length, argc - 3, argv + 3, &e)
                     : take_all(&all, argc - 1, argv + 1, &e);
    if (!fine) {
        fprintf(stderr, "%s\n", error_line(&e, line, sizeof line));
        return 2;
    }
    if (!timed)
        printf("%u inputs, nothing wrong\n", all.count);
    return 0;
}
