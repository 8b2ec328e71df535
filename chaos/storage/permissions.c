/* Who may do what, for callers that are not root: a server that gave up its rights is refused here
 * as it would be on the bare directory.
 *
 * The kernel could do this (default_permissions), but asks for a directory's attributes anew after
 * every name made in it: three round trips more for each file that is written. Only access(2)
 * always says yes. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "chaos/storage/filesystem.h"

#define GROUPS_MOST 64

enum { MAY_EXECUTE = 1, MAY_WRITE = 2, MAY_READ = 4 };

static bool in_group(fuse_req_t request, gid_t wanted)
{
    gid_t groups[GROUPS_MOST];
    bool found = fuse_req_ctx(request)->gid == wanted;
    int count = found ? 0 : fuse_req_getgroups(request, GROUPS_MOST, groups);
    for (int i = 0; i < count && i < GROUPS_MOST && !found; i++)
        found = groups[i] == wanted;
    return found;
}

static bool may(fuse_req_t request, const struct stat *status, unsigned wanted)
{
    unsigned allowed = status->st_mode;
    if (fuse_req_ctx(request)->uid == status->st_uid)
        allowed >>= 6;
    else if (in_group(request, status->st_gid))
        allowed >>= 3;
    return (allowed & wanted) == wanted;
}

/* In a directory such as /tmp everybody removes only what is his. */
static bool may_remove(fuse_req_t request, const inode *directory, const struct stat *status,
                       const char *name)
{
    struct stat file;
    uid_t caller = fuse_req_ctx(request)->uid;
    return (status->st_mode & S_ISVTX) == 0 || status->st_uid == caller ||
           fstatat(directory->fd, name, &file, AT_SYMLINK_NOFOLLOW) != 0 || file.st_uid == caller;
}

static int ask_directory(fuse_req_t request, const inode *directory, const char *name, bool removes)
{
    struct stat status;
    if (fstat(directory->fd, &status) != 0)
        return errno;
    if (!may(request, &status, MAY_WRITE | MAY_EXECUTE))
        return EACCES;
    return removes && !may_remove(request, directory, &status, name) ? EPERM : 0;
}

static int ask(fuse_req_t request, const inode *one, unsigned wanted)
{
    struct stat status;
    if (fstat(one->fd, &status) != 0)
        return errno;
    return may(request, &status, wanted) ? 0 : EACCES;
}

static int ask_owner(fuse_req_t request, const inode *one)
{
    struct stat status;
    if (fstat(one->fd, &status) != 0)
        return errno;
    return status.st_uid == fuse_req_ctx(request)->uid ? 0 : EPERM;
}

/* The kernel walks the names that it still knows without asking us: the way is looked at here. */
static bool reaches(fuse_req_t request, const filesystem *fs, const inode *one)
{
    char path[PATH_MAX];
    struct stat status;
    const inode *root = inodes_root(fs->inodes);
    inodes_path(fs->inodes, one, path, sizeof path);
    bool reached = fstat(root->fd, &status) == 0 && may(request, &status, MAY_EXECUTE);
    char *slash = path[0] == '\0' ? NULL : strchr(path + 1, '/');
    for (; slash != NULL && reached; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        reached = fstatat(root->fd, path + 1, &status, AT_SYMLINK_NOFOLLOW) != 0 ||
                  may(request, &status, MAY_EXECUTE);
        *slash = '/';
    }
    return reached;
}

int permissions_ask(fuse_req_t request, storage_operation kind, const inode *one, const char *name,
                    const inode *other, const char *other_name)
{
    int refused = 0;
    if (!reaches(request, fuse_req_userdata(request), one))
        return EACCES;
    switch (kind) {
    case STORAGE_LOOKUP:
        return ask(request, one, MAY_EXECUTE);
    case STORAGE_OPEN_READ:
    case STORAGE_READDIR:
        return ask(request, one, MAY_READ);
    case STORAGE_OPEN_WRITE:
    case STORAGE_TRUNCATE:
        return ask(request, one, MAY_WRITE);
    case STORAGE_SETATTR:
        return ask_owner(request, one);
    case STORAGE_CREATE:
    case STORAGE_MKDIR:
    case STORAGE_MKNOD:
    case STORAGE_SYMLINK:
    case STORAGE_LINK:
        return ask_directory(request, one, name, false);
    case STORAGE_UNLINK:
    case STORAGE_RMDIR:
        return ask_directory(request, one, name, true);
    case STORAGE_RENAME:
        refused = ask_directory(request, one, name, true);
        return refused != 0 ? refused : ask_directory(request, other, other_name, true);
    default:
        return 0;
    }
}
