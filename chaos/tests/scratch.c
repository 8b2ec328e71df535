#include "chaos/tests/scratch.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/files.h"

error e;
storage_mount *mounted;

static char scratch[64];

char *below(const char *name)
{
    static char paths[8][256];
    static int next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", scratch, name);
    return path;
}

const char *scratch_path(void)
{
    return scratch;
}

void scratch_make(const char *parent)
{
    if (!storage_mount_possible(&e))
        cr_skip_test("%s: %s", e.place, e.text);
    snprintf(scratch, sizeof scratch, "%s/ordeal-chaos.XXXXXX", parent);
    cr_assert_not_null(mkdtemp(scratch));
}

void scratch_mount(const char *backing, bool snapshot)
{
    storage_mount_options options = {.program = getenv("ORDEAL_CHAOSFS"),
                                     .backing = below(backing),
                                     .mount = below("mnt"),
                                     .control = below("control"),
                                     .log = below("log"),
                                     .snapshot = snapshot ? below("snapshot") : NULL};
    mounted = storage_mount_start(&options, &e);
    cr_assert_not_null(mounted, "%s: %s", e.place, e.text);
}

void scratch_unmount(void)
{
    storage_mount *m = mounted;
    mounted = NULL;
    if (m != NULL)
        cr_expect(storage_mount_stop(m, &e), "%s: %s", e.place, e.text);
}

void scratch_remove(void)
{
    cr_expect(files_remove_tree(scratch, &e), "%s: %s", e.place, e.text);
}
