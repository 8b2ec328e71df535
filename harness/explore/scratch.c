#include "explore/scratch.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/files.h"
#include "base/log.h"

#define ROOM_LEAST ((uint64_t)1 << 30)

static const char *roomy_folder(void)
{
    struct statvfs numbers;
    const char *temporary = getenv("TMPDIR");
    if (temporary != NULL && temporary[0] != '\0')
        return temporary;
    if (access("/dev/shm", W_OK) == 0 && statvfs("/dev/shm", &numbers) == 0 &&
        (uint64_t)numbers.f_bavail * numbers.f_frsize >= ROOM_LEAST)
        return "/dev/shm";
    return "/tmp";
}

static void tell_cleaned(void *owner, const char *sentence)
{
    (void)owner;
    log_line(LOG_INFO, "%s", sentence);
}

bool scratch_make(scratch *s, error *e)
{
    error problem = {0};
    *s = (scratch){.path = ""};
    if (!stale_cleanup(tell_cleaned, NULL, &problem))
        log_error(&problem);
    s->marker = marker_create(e);
    if (s->marker == NULL)
        return false;
    snprintf(s->path, sizeof s->path, "%s/ordeal-explore.XXXXXX", roomy_folder());
    if (mkdtemp(s->path) != NULL)
        return marker_add(s->marker, RESOURCE_DIRECTORY, s->path, e);
    error_errno(e, s->path, "cannot make a directory");
    s->path[0] = '\0';
    return false;
}

bool scratch_remove(scratch *s, error *e)
{
    bool done = s->path[0] == '\0' || files_remove_tree(s->path, e);
    if (s->marker != NULL)
        marker_close(s->marker);
    return done;
}
