/* disk-full and quota: no bytes are left, or `free` of them. A write that only partly fits is
 * short, the next one fails; overwriting, renaming and deleting still work; deleting gives bytes
 * back. disk-full also shows in statfs. */
#include <errno.h>

#include "chaos/storage/storage_fault.h"

static const parameter rows[] = {
    {.name = "free",
     .type = PARAMETER_SIZE,
     .fallback = "0",
     .description = "bytes that may still be added after the begin"},
};

static bool feels_full(const probe_sight *sight)
{
    return sight->errors[STORAGE_CREATE] == ENOSPC && sight->free_bytes == 0;
}

static bool feels_quota(const probe_sight *sight)
{
    return sight->errors[STORAGE_CREATE] == EDQUOT && sight->free_bytes > 0;
}

const fault_kind fault_disk_full = STORAGE_KIND(
    "disk-full", rows, "ENOSPC for what would add bytes or names, also shown by statfs");
const storage_fault storage_disk_full = {
    .kind = &fault_disk_full, .limits = true, .error_number = ENOSPC, .felt = feels_full};

const fault_kind fault_quota =
    STORAGE_KIND("quota", rows, "EDQUOT for what would add bytes or names; statfs shows nothing");
const storage_fault storage_quota = {
    .kind = &fault_quota, .limits = true, .error_number = EDQUOT, .felt = feels_quota};
