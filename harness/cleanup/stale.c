/* Ends what killed runs left behind. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/files.h"
#include "base/timing.h"
#include "cleanup/marker.h"

#define MARKER_MOST      ((size_t)4 << 20)
#define ENVIRONMENT_MOST ((size_t)4 << 20)
#define PASSES_MOST      500
#define PASS_PAUSE       (10 * NANOSECONDS_PER_MILLISECOND)

typedef struct {
    resource_kind kind;
    char *identity; /* both within the marker's text */
    char *text;
} owned;

typedef struct {
    const char *path; /* of the marker */
    buffer text;
    owned *things;
    size_t count;
    void (*tell)(void *owner, const char *sentence);
    void *owner;
} stale;

/* --- children that carry the marker's path --- */

static bool carries(pid_t pid, const char *wanted, size_t length)
{
    char path[64];
    buffer text = {0};
    error ignored = {0};
    bool found = false;
    snprintf(path, sizeof path, "/proc/%d/environ", (int)pid);
    /* Processes of others cannot be read, and those that end meanwhile are gone anyway. */
    if (files_read(path, ENVIRONMENT_MOST, &text, &ignored)) {
        const char *at = buffer_text(&text);
        const char *end = at + text.length;
        for (; !found && at < end; at += strlen(at) + 1)
            found = strlen(at) == length && memcmp(at, wanted, length) == 0;
    }
    buffer_free(&text);
    return found;
}

/* One pass over all processes; *killed is how many carried the marker. */
static bool kill_carriers_once(const stale *s, const char *wanted, size_t *killed, error *e)
{
    bool fine = true;
    DIR *all = opendir("/proc");
    if (all == NULL)
        return error_errno(e, "/proc", "cannot list processes");
    for (struct dirent *entry = readdir(all); fine && entry != NULL; entry = readdir(all)) {
        char *end, said[160];
        long pid = strtol(entry->d_name, &end, 10);
        unsigned long long start;
        if (*end != '\0' || pid < 2 || (pid_t)pid == getpid() ||
            !process_started((pid_t)pid, &start) || !carries((pid_t)pid, wanted, strlen(wanted)))
            continue;
        fine = process_kill((pid_t)pid, start, e);
        (*killed)++;
        snprintf(said, sizeof said, "killed process %ld, left by a killed run", pid);
        if (fine && s->tell != NULL)
            s->tell(s->owner, said);
    }
    closedir(all);
    return fine;
}

/* Again until none is found: what forks while it is looked for is found by the next pass. */
static bool kill_carriers(const stale *s, error *e)
{
    char wanted[600];
    snprintf(wanted, sizeof wanted, "%s=%s", MARKER_VARIABLE, s->path);
    for (int pass = 0; pass < PASSES_MOST; pass++) {
        size_t killed = 0;
        if (!kill_carriers_once(s, wanted, &killed, e))
            return false;
        if (killed == 0)
            return true;
        timing_sleep(PASS_PAUSE);
    }
    return error_set(e, ERROR_LIMIT, s->path, "its processes multiply faster than they are killed");
}

/* --- things by name --- */

static void take_line(stale *s, char *line)
{
    char *rest = line + 2;
    char *kind = line[0] != '\0' && line[1] == ' ' ? strsep(&rest, " ") : NULL;
    char *identity = strsep(&rest, " ");
    owned thing = {kind != NULL ? resource_kind_named(kind) : RESOURCE_KINDS, identity, rest};
    if (thing.kind == RESOURCE_KINDS || identity == NULL || rest == NULL)
        return;
    if (line[0] == '+') {
        s->things = memory_resize(s->things, (s->count + 1) * sizeof *s->things);
        s->things[s->count++] = thing;
        return;
    }
    for (size_t i = 0; i < s->count; i++)
        if (s->things[i].kind == thing.kind && strcmp(s->things[i].text, thing.text) == 0)
            s->things[i].kind = RESOURCE_KINDS;
}

static void take_lines(stale *s)
{
    char *rest = s->text.bytes;
    /* What stands behind the last line break was not written to its end. */
    for (char *end = rest != NULL ? strchr(rest, '\n') : NULL; end != NULL;
         end = strchr(rest, '\n')) {
        *end = '\0';
        take_line(s, rest);
        rest = end + 1;
    }
}

static bool release(const stale *s, const owned *thing, error *e)
{
    char now[IDENTITY_SIZE];
    if (!resource_identity(thing->kind, thing->text, now) || strcmp(now, thing->identity) != 0)
        return true;
    if (!resource_release(thing->kind, thing->text, e))
        return false;
    buffer said = {0};
    buffer_printf(&said, "removed %s %s, left by a killed run", resource_kind_name(thing->kind),
                  thing->text);
    if (s->tell != NULL)
        s->tell(s->owner, buffer_text(&said));
    buffer_free(&said);
    return true;
}

/* The last made of a kind goes first: it may lie within an earlier one. */
static bool release_all(const stale *s, error *e)
{
    bool fine = true;
    for (int kind = 0; kind < RESOURCE_KINDS; kind++)
        for (size_t i = s->count; i > 0; i--)
            if ((int)s->things[i - 1].kind == kind && !release(s, &s->things[i - 1], e))
                fine = false;
    return fine;
}

/* --- markers --- */

/* What is not named as a marker is none of ours and counts as alive. */
static bool owner_lives(const char *name)
{
    char *end;
    unsigned long long now;
    long pid = strtol(name, &end, 10);
    if (*end != '-' || pid < 2)
        return true;
    unsigned long long start = strtoull(end + 1, &end, 10);
    return *end != '\0' || (process_started((pid_t)pid, &now) && now == start);
}

static bool clean_one(stale *s, error *e)
{
    struct stat status;
    int fd = open(s->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return errno == ENOENT || error_errno(e, s->path, "cannot open the run marker");
    /* Another run may be at it, or be done with it since we listed it. */
    bool mine = flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &status) == 0 && status.st_nlink > 0;
    bool fine = true;
    if (mine) {
        fine = files_read(s->path, MARKER_MOST, &s->text, e);
        if (fine)
            take_lines(s);
        fine = fine && kill_carriers(s, e) && release_all(s, e);
        if (fine && unlink(s->path) != 0)
            fine = error_errno(e, s->path, "cannot remove the run marker");
    }
    close(fd);
    free(s->things);
    buffer_free(&s->text);
    return fine;
}

bool stale_cleanup(void (*tell)(void *owner, const char *sentence), void *owner, error *e)
{
    char folder[400], path[512];
    bool fine = true;
    if (!marker_folder(folder, sizeof folder, e))
        return false;
    DIR *all = opendir(folder);
    if (all == NULL)
        return error_errno(e, folder, "cannot list the run markers");
    for (struct dirent *entry = readdir(all); entry != NULL; entry = readdir(all)) {
        if (entry->d_name[0] == '.' || owner_lives(entry->d_name))
            continue;
        stale s = {.path = path, .tell = tell, .owner = owner};
        if (!files_join(path, sizeof path, folder, entry->d_name, e) || !clean_one(&s, e))
            fine = false;
    }
    closedir(all);
    return fine;
}
