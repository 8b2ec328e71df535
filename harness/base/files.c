#include "base/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"

bool files_write_all(int fd, const void *bytes, size_t length)
{
    const char *at = bytes;
    while (length > 0) {
        ssize_t n = write(fd, at, length);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        at += n;
        length -= (size_t)n;
    }
    return true;
}

static bool read_open_file(int fd, const char *path, size_t limit, buffer *out, error *e)
{
    struct stat status;
    if (fstat(fd, &status) != 0)
        return error_errno(e, path, "cannot look at the file");
    if (!S_ISREG(status.st_mode))
        return error_set(e, ERROR_IO, path, "is not a regular file");
    if ((size_t)status.st_size > limit)
        return error_set(e, ERROR_LIMIT, path, "is %lld bytes long; at most %zu are taken",
                         (long long)status.st_size, limit);
    size_t taken = 0;
    char chunk[65536];
    for (;;) {
        ssize_t n = read(fd, chunk, sizeof chunk);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_errno(e, path, "cannot read");
        if (n == 0)
            return true;
        taken += (size_t)n;
        if (taken > limit)
            return error_set(e, ERROR_LIMIT, path, "grew past %zu bytes while being read", limit);
        if (!buffer_append(out, chunk, (size_t)n))
            return error_set(e, ERROR_LIMIT, path, "does not fit into the %zu bytes left for it",
                             out->limit - out->length);
    }
}

bool files_read(const char *path, size_t limit, buffer *out, error *e)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return error_errno(e, path, "cannot open");
    bool fine = read_open_file(fd, path, limit, out, e);
    close(fd);
    return fine;
}

bool files_sync_directory(const char *path, error *e)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return error_errno(e, path, "cannot open the directory");
    bool fine = fsync(fd) == 0 || error_errno(e, path, "cannot fsync the directory");
    close(fd);
    return fine;
}

static bool fill_and_sync(int fd, const char *path, const void *bytes, size_t length, error *e)
{
    if (!files_write_all(fd, bytes, length))
        return error_errno(e, path, "cannot write");
    if (fsync(fd) != 0)
        return error_errno(e, path, "cannot fsync");
    return true;
}

bool files_replace(const char *path, const void *bytes, size_t length, error *e)
{
    char temporary[PATH_MAX];
    int needed = snprintf(temporary, sizeof temporary, "%s.XXXXXX", path);
    if (needed < 0 || (size_t)needed >= sizeof temporary)
        return error_set(e, ERROR_LIMIT, path, "path too long");
    int fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0)
        return error_errno(e, path, "cannot make a temporary file beside it");
    bool fine = fill_and_sync(fd, path, bytes, length, e);
    if (fine && fchmod(fd, 0644) != 0)
        fine = error_errno(e, path, "cannot set permissions");
    if (close(fd) != 0 && fine)
        fine = error_errno(e, path, "cannot close");
    if (fine && rename(temporary, path) != 0)
        fine = error_errno(e, path, "cannot rename into place");
    if (!fine) {
        unlink(temporary);
        return false;
    }
    char *slash = strrchr(temporary, '/');
    if (slash == NULL)
        return files_sync_directory(".", e);
    slash[slash == temporary] = '\0';
    return files_sync_directory(temporary, e);
}

bool files_make_directories(const char *path, mode_t mode, error *e)
{
    char partial[PATH_MAX];
    size_t length = strlen(path);
    if (length == 0)
        return error_set(e, ERROR_USAGE, path, "the name of a directory is empty");
    if (length >= sizeof partial)
        return error_set(e, ERROR_LIMIT, path, "path too long");
    memcpy(partial, path, length + 1);
    for (size_t i = 1; i <= length; i++) {
        if (partial[i] != '/' && partial[i] != '\0')
            continue;
        partial[i] = '\0';
        if (mkdir(partial, mode) != 0 && errno != EEXIST)
            return error_errno(e, partial, "cannot make the directory");
        if (i < length)
            partial[i] = '/';
    }
    struct stat status;
    if (stat(path, &status) != 0 || !S_ISDIR(status.st_mode))
        return error_set(e, ERROR_IO, path, "exists and is not a directory");
    return true;
}

/* What somebody else removes meanwhile is gone as well. */
static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *where)
{
    (void)status;
    (void)type;
    (void)where;
    return remove(path) != 0 && errno != ENOENT ? -1 : 0;
}

bool files_remove_tree(const char *path, error *e)
{
    if (nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT) != 0 && errno != ENOENT)
        return error_errno(e, path, "cannot remove the tree");
    return true;
}

static bool is_dots(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

bool files_remove_content(const char *path, error *e)
{
    DIR *directory = opendir(path);
    if (directory == NULL)
        return error_errno(e, path, "cannot open the directory");
    bool fine = true;
    for (struct dirent *entry; fine && (entry = readdir(directory)) != NULL;) {
        char child[PATH_MAX];
        fine = is_dots(entry->d_name) || (files_join(child, sizeof child, path, entry->d_name, e) &&
                                          files_remove_tree(child, e));
    }
    closedir(directory);
    return fine;
}

static bool copy_file(const char *from, const char *to, mode_t mode, error *e)
{
    int in = open(from, O_RDONLY | O_CLOEXEC);
    if (in < 0)
        return error_errno(e, from, "cannot open");
    int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    bool fine = out >= 0 || error_errno(e, to, "cannot make");
    char chunk[65536];
    ssize_t n = 1;
    while (fine && n > 0) {
        n = read(in, chunk, sizeof chunk);
        if (n < 0)
            fine = error_errno(e, from, "cannot read");
        else if (!files_write_all(out, chunk, (size_t)n))
            fine = error_errno(e, to, "cannot write");
    }
    close(in);
    if (out >= 0 && close(out) != 0 && fine)
        fine = error_errno(e, to, "cannot close");
    return fine;
}

static bool copy_link(const char *from, const char *to, error *e)
{
    char text[PATH_MAX];
    ssize_t length = readlink(from, text, sizeof text - 1);
    if (length < 0)
        return error_errno(e, from, "cannot read the link");
    text[length] = '\0';
    return symlink(text, to) == 0 || error_errno(e, to, "cannot make the link");
}

static bool copy_entry(const char *from, const char *to, error *e)
{
    struct stat status;
    if (lstat(from, &status) != 0)
        return error_errno(e, from, "cannot look at it");
    if (S_ISDIR(status.st_mode))
        return files_make_directories(to, status.st_mode & 07777, e) &&
               files_copy_tree(from, to, e);
    if (S_ISLNK(status.st_mode))
        return copy_link(from, to, e);
    if (S_ISREG(status.st_mode))
        return copy_file(from, to, status.st_mode & 07777, e);
    return error_set(e, ERROR_IO, from, "is neither file, directory nor link");
}

bool files_copy_tree(const char *from, const char *to, error *e)
{
    DIR *directory = opendir(from);
    if (directory == NULL)
        return error_errno(e, from, "cannot open the directory");
    bool fine = true;
    for (struct dirent *entry; fine && (entry = readdir(directory)) != NULL;) {
        char source[PATH_MAX];
        char copy[PATH_MAX];
        fine = is_dots(entry->d_name) ||
               (files_join(source, sizeof source, from, entry->d_name, e) &&
                files_join(copy, sizeof copy, to, entry->d_name, e) && copy_entry(source, copy, e));
    }
    closedir(directory);
    return fine;
}

bool files_join(char *out, size_t size, const char *directory, const char *name, error *e)
{
    int needed = snprintf(out, size, "%s/%s", directory, name);
    if (needed < 0 || (size_t)needed >= size)
        return error_set(e, ERROR_LIMIT, directory, "path too long with '%s' behind it", name);
    return true;
}

bool files_beside_program(char *out, size_t size, const char *name, const char *override, error *e)
{
    char own[PATH_MAX];
    const char *said = getenv(override);
    if (said != NULL && said[0] != '\0') {
        int length = snprintf(out, size, "%s", said);
        return (length > 0 && (size_t)length < size) ||
               error_set(e, ERROR_USAGE, override, "the path is too long");
    }
    ssize_t length = readlink("/proc/self/exe", own, sizeof own - 1);
    if (length < 0)
        return error_errno(e, "/proc/self/exe", "cannot be read");
    own[length] = '\0';
    *strrchr(own, '/') = '\0';
    return files_join(out, size, own, name, e);
}
