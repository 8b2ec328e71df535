/* main for a target without a fuzzing engine: runs each file named, or each file in each directory
 * named, once; with --time SECONDS first, again and again for so long, and prints how many a
 * second. This is how a finding is seen again, how ci/test replays the corpora, and how speed is
 * measured. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/buffer.h"
#include "base/files.h"
#include "base/timing.h"
#include "base/units.h"
#include "fuzz.h"

#define INPUT_MOST ((size_t)16 << 20)

static bool run_file(const char *path, error *e)
{
    buffer input = {0};
    bool fine = files_read(path, INPUT_MOST, &input, e);
    if (fine)
        LLVMFuzzerTestOneInput((const uint8_t *)buffer_text(&input), input.length);
    buffer_free(&input);
    return fine;
}

static bool run_directory(const char *path, unsigned *count, error *e)
{
    char file[4096];
    bool fine = true;
    DIR *all = opendir(path);
    if (all == NULL)
        return error_errno(e, path, "cannot be listed");
    for (const struct dirent *one; fine && (one = readdir(all)) != NULL;) {
        if (one->d_name[0] == '.')
            continue;
        fine = files_join(file, sizeof file, path, one->d_name, e) && run_file(file, e);
        *count += fine;
    }
    closedir(all);
    return fine;
}

static bool run_all(int count, char **names, unsigned *inputs, error *e)
{
    struct stat what;
    bool fine = true;
    for (int i = 0; fine && i < count; i++) {
        if (stat(names[i], &what) == 0 && S_ISDIR(what.st_mode)) {
            fine = run_directory(names[i], inputs, e);
        } else {
            fine = run_file(names[i], e);
            *inputs += fine;
        }
    }
    return fine;
}

/* Not timing_now, which some targets step. */
static uint64_t true_time(void)
{
    struct timespec now;
    CHECK(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    return (uint64_t)now.tv_sec * NANOSECONDS_PER_SECOND + (uint64_t)now.tv_nsec;
}

static bool run_for(uint64_t nanoseconds, int count, char **names, error *e)
{
    unsigned inputs = 0;
    uint64_t began = true_time();
    uint64_t taken = 0;
    bool fine = true;
    while (fine && taken < nanoseconds) {
        fine = run_all(count, names, &inputs, e);
        taken = true_time() - began;
    }
    printf("%.0f executions a second\n", (double)inputs * 1e9 / (double)taken);
    return fine;
}

int main(int argc, char **argv)
{
    unsigned inputs = 0;
    error e = {0};
    char line[700];
    uint64_t length = 0;
    bool timed = argc > 3 && strcmp(argv[1], "--time") == 0;
    bool fine = argc > 1 || error_set(&e, ERROR_USAGE, argv[0], "name files or directories");
    if (timed && !units_duration(argv[2], &length))
        fine =
            error_set(&e, ERROR_USAGE, argv[0], "--time %s is no duration, such as 10s", argv[2]);
    if (fine)
        fine = timed ? run_for(length, argc - 3, argv + 3, &e)
                     : run_all(argc - 1, argv + 1, &inputs, &e);
    if (!fine) {
        fprintf(stderr, "%s\n", error_line(&e, line, sizeof line));
        return 2;
    }
    if (!timed)
        printf("%u inputs, nothing wrong\n", inputs);
    return 0;
}
