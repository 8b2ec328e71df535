#include "target/sampler.h"

#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/timing.h"

#define PSS_PAUSE      (5 * NANOSECONDS_PER_SECOND)
#define PROCESSES_MOST 256
/* Places in /proc/PID/stat, counted as proc(5) does. */
#define STAT_USER    14
#define STAT_SYSTEM  15
#define STAT_THREADS 20
#define DEPTH_MOST   8
#define ENTRIES_MOST 2000000 /* of the data directory looked at per scan */
/* After hours a data directory has so many files that looking at each takes seconds: it is looked
 * at again after so many times as long as it took, and till then it is as it was. */
#define SCAN_PAUSE 20

struct sampler {
    char data[512];
    uint64_t last_proportional;
    uint64_t next_scan;
    uint64_t disk; /* at the last scan */
    uint32_t temporary_files;
    uint64_t page;
    double ticks;
};

sampler *sampler_create(const char *data_directory)
{
    sampler *s = memory_zeroed(1, sizeof *s);
    if (data_directory != NULL)
        snprintf(s->data, sizeof s->data, "%s", data_directory);
    s->page = (uint64_t)sysconf(_SC_PAGESIZE);
    s->ticks = (double)sysconf(_SC_CLK_TCK);
    return s;
}

void sampler_destroy(sampler *s)
{
    free(s);
}

static size_t read_proc(pid_t pid, const char *name, char *text, size_t size)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return 0;
    size_t length = fread(text, 1, size - 1, file);
    fclose(file);
    text[length] = '\0';
    return length;
}

/* Newer kernels tell the number of open descriptors as the directory's size; others have them
 * counted. */
static uint32_t count_descriptors(pid_t pid)
{
    char path[64];
    struct stat status;
    snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
    if (stat(path, &status) == 0 && status.st_size > 0)
        return (uint32_t)status.st_size;
    DIR *directory = opendir(path);
    uint32_t count = 0;
    while (directory != NULL && readdir(directory) != NULL)
        count++;
    if (directory != NULL)
        closedir(directory);
    return count > 2 ? count - 2 : 0;
}

static uint64_t read_proportional(pid_t pid)
{
    char text[2048];
    if (read_proc(pid, "smaps_rollup", text, sizeof text) == 0)
        return 0;
    const char *line = strstr(text, "\nPss:");
    return line != NULL ? strtoull(line + 5, NULL, 10) * 1024 : 0;
}

static bool add_process(sampler *s, pid_t pid, bool proportional, resource_sample *out)
{
    char text[1024];
    if (read_proc(pid, "statm", text, sizeof text) == 0)
        return false;
    char *rest = strchr(text, ' ');
    out->resident += rest != NULL ? strtoull(rest, NULL, 10) * s->page : 0;
    if (read_proc(pid, "stat", text, sizeof text) == 0)
        return false;
    uint64_t user = 0;
    uint64_t system = 0;
    uint64_t threads = 0;
    char *rest_of_stat = strrchr(text, ')');
    if (rest_of_stat == NULL)
        return false;
    for (int place = 2; rest_of_stat != NULL; place++) {
        const char *field = strsep(&rest_of_stat, " ");
        user = place == STAT_USER ? strtoull(field, NULL, 10) : user;
        system = place == STAT_SYSTEM ? strtoull(field, NULL, 10) : system;
        threads = place == STAT_THREADS ? strtoull(field, NULL, 10) : threads;
    }
    out->processor += (uint64_t)((double)(user + system) / s->ticks * 1e6);
    out->threads += (uint32_t)threads;
    out->descriptors += count_descriptors(pid);
    out->processes++;
    if (proportional)
        out->proportional += read_proportional(pid);
    return true;
}

static void add_tree(sampler *s, pid_t pid, bool proportional, int depth, resource_sample *out)
{
    char text[4096];
    char name[64];
    if (depth > DEPTH_MOST || out->processes >= PROCESSES_MOST ||
        !add_process(s, pid, proportional, out))
        return;
    snprintf(name, sizeof name, "task/%d/children", (int)pid);
    if (read_proc(pid, name, text, sizeof text) == 0)
        return;
    char *rest = text;
    for (char *word = strsep(&rest, " "); word != NULL; word = strsep(&rest, " "))
        if (*word != '\0')
            add_tree(s, (pid_t)strtol(word, NULL, 10), proportional, depth + 1, out);
}

static bool looks_temporary(const char *name, bool in_temporary)
{
    size_t length = strlen(name);
    return in_temporary || strncmp(name, ".tmp", 4) == 0 || strncmp(name, "tmp-", 4) == 0 ||
           strstr(name, ".tmp.") != NULL ||
           (length > 4 && strcmp(name + length - 4, ".tmp") == 0) ||
           (length > 5 && strcmp(name + length - 5, ".part") == 0);
}

/* Folders where servers keep what is not yet, or no longer, a file of somebody's. */
static bool holds_temporary(const char *name)
{
    static const char *const names[] = {"tmp", "temp", "uploads", "_uploads"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

static void add_directory(const char *path, bool in_temporary, int depth, uint64_t *left,
                          resource_sample *out)
{
    DIR *directory = opendir(path);
    if (directory == NULL)
        return;
    for (struct dirent *entry; *left > 0 && (entry = readdir(directory)) != NULL; --*left) {
        char child[1024];
        struct stat status;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        int length = snprintf(child, sizeof child, "%s/%s", path, entry->d_name);
        if (length < 0 || (size_t)length >= sizeof child || lstat(child, &status) != 0)
            continue;
        if (S_ISDIR(status.st_mode) && depth < DEPTH_MOST)
            add_directory(child, in_temporary || holds_temporary(entry->d_name), depth + 1, left,
                          out);
        if (!S_ISREG(status.st_mode))
            continue;
        out->disk += (uint64_t)status.st_blocks * 512;
        out->temporary_files += looks_temporary(entry->d_name, in_temporary);
    }
    closedir(directory);
}

static void scan(sampler *s)
{
    uint64_t begin = timing_now();
    resource_sample seen = {0};
    uint64_t left = ENTRIES_MOST;
    add_directory(s->data, false, 0, &left, &seen);
    s->disk = seen.disk;
    s->temporary_files = seen.temporary_files;
    uint64_t end = timing_now();
    s->next_scan = end + SCAN_PAUSE * (end - begin);
}

void sampler_scan_next(sampler *s)
{
    s->next_scan = 0;
}

bool sampler_take(sampler *s, pid_t root, resource_sample *out)
{
    *out = (resource_sample){0};
    uint64_t now = timing_now();
    bool proportional = now - s->last_proportional >= PSS_PAUSE;
    if (root > 0)
        add_tree(s, root, proportional, 0, out);
    if (proportional)
        s->last_proportional = now;
    if (s->data[0] != '\0' && now >= s->next_scan)
        scan(s);
    out->disk = s->disk;
    out->temporary_files = s->temporary_files;
    return out->processes > 0;
}

uint64_t sampler_own_resident(void)
{
    char text[128];
    if (read_proc(getpid(), "statm", text, sizeof text) == 0)
        return 0;
    char *rest = strchr(text, ' ');
    return rest != NULL ? strtoull(rest, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE) : 0;
}
