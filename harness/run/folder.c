#include "run/folder.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#include "base/files.h"

#define TWINS_MOST 1000

bool folder_make(const char *runs, const char *name, char *out, size_t size, error *e)
{
    char stamp[32];
    time_t now = time(NULL);
    struct tm parts;
    if (!files_make_directories(runs, 0755, e)) {
        e->kind = ERROR_USAGE; /* somebody chose it */
        return false;
    }
    if (gmtime_r(&now, &parts) == NULL ||
        strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", &parts) == 0)
        return error_set(e, ERROR_INTERNAL, runs, "cannot tell the time");
    for (int twin = 1; twin <= TWINS_MOST; twin++) {
        char suffix[16] = "";
        if (twin > 1)
            snprintf(suffix, sizeof suffix, "-%d", twin);
        int length = snprintf(out, size, "%s/%s-%s%s", runs, stamp, name, suffix);
        if (length < 0 || (size_t)length >= size)
            return error_set(e, ERROR_LIMIT, runs, "the path of the run's directory is too long");
        if (mkdir(out, 0755) == 0)
            return true;
        if (errno != EEXIST)
            return error_errno(e, out, "cannot make the run's directory");
    }
    return error_set(e, ERROR_LIMIT, runs, "%d runs of one second", TWINS_MOST);
}
