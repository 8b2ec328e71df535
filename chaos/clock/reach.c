#include "chaos/clock/reach.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/files.h"

#define PROC_MOST ((size_t)4 << 20)

/* True when /proc/PROGRAM/NAME can be read; what has ended meanwhile has none. */
static bool read_proc(pid_t program, const char *name, buffer *text)
{
    char path[128];
    error gone = {0};
    snprintf(path, sizeof path, "/proc/%d/%s", (int)program, name);
    return files_read(path, PROC_MOST, text, &gone);
}

/* Every program that Go has made begins the description of its build so. */
static bool made_by_go(const char *path)
{
    static const char mark[] = "\xff Go buildinf:";
    struct stat about;
    bool found = false;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0 && fstat(fd, &about) == 0 && about.st_size > 0) {
        size_t size = (size_t)about.st_size;
        void *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (bytes != MAP_FAILED) {
            found = memmem(bytes, size, mark, sizeof mark - 1) != NULL;
            munmap(bytes, size);
        }
    }
    if (fd >= 0)
        close(fd);
    return found;
}

static bool reaches(pid_t program, error *e)
{
    char path[64];
    char name[PATH_MAX];
    buffer maps = {0};
    snprintf(path, sizeof path, "/proc/%d/exe", (int)program);
    ssize_t length = readlink(path, name, sizeof name - 1);
    if (length < 0 || !read_proc(program, "maps", &maps) || maps.length == 0) {
        buffer_free(&maps);
        return true;
    }
    name[length] = '\0';
    bool loaded = strstr(buffer_text(&maps), "/libfaketime") != NULL;
    buffer_free(&maps);
    if (!loaded)
        return error_set(e, ERROR_UNABLE, name,
                         "libfaketime is not loaded into it, as into no static program: its clock "
                         "would be the real one");
    if (made_by_go(path))
        return error_set(e, ERROR_UNABLE, name,
                         "is a Go program, which asks the kernel for the time and not libfaketime: "
                         "its clock would be the real one");
    return true;
}

bool faketime_reaches(pid_t program, error *e)
{
    char name[64];
    buffer children = {0};
    if (!reaches(program, e))
        return false;
    snprintf(name, sizeof name, "task/%d/children", (int)program);
    bool fine = true;
    if (read_proc(program, name, &children)) {
        char *rest;
        for (const char *at = buffer_text(&children); fine && strtol(at, &rest, 10) > 0; at = rest)
            fine = faketime_reaches((pid_t)strtol(at, NULL, 10), e);
    }
    buffer_free(&children);
    return fine;
}
