#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/files.h"
#include "base/log.h"

static char folder[64];

static void make_folder(void)
{
    strcpy(folder, "/tmp/ordeal-files.XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
}

static void remove_folder(void)
{
    error e = {0};
    cr_assert(files_remove_tree(folder, &e), "%s", e.text);
}

TestSuite(files, .init = make_folder, .fini = remove_folder);

static const char *in_folder(const char *name)
{
    static char path[200];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static int count_entries(const char *path)
{
    int count = 0;
    DIR *d = opendir(path);
    cr_assert_not_null(d);
    while (readdir(d) != NULL)
        count++;
    closedir(d);
    return count - 2;
}

Test(files, a_replaced_file_is_whole_and_leaves_nothing_beside_it)
{
    error e = {0};
    buffer b = {0};
    cr_assert(files_replace(in_folder("a"), "first", 5, &e));
    cr_assert(files_replace(in_folder("a"), "second", 6, &e));
    cr_assert(files_read(in_folder("a"), 100, &b, &e));
    cr_assert_str_eq(buffer_text(&b), "second");
    cr_assert_eq(count_entries(folder), 1);
    buffer_free(&b);
}

Test(files, reading_names_the_path_and_the_bound)
{
    error e = {0};
    buffer b = {0};
    cr_assert_not(files_read(in_folder("none"), 10, &b, &e));
    cr_assert_not_null(strstr(e.place, "none"));
    error_clear(&e);
    cr_assert(files_replace(in_folder("long"), "0123456789", 10, &e));
    cr_assert_not(files_read(in_folder("long"), 9, &b, &e));
    cr_assert_eq(e.kind, ERROR_LIMIT);
    error_clear(&e);
    cr_assert_not(files_read(folder, 9, &b, &e));
    error_clear(&e);
    buffer_free(&b);
    b.limit = 9;
    cr_assert_not(files_read(in_folder("long"), 100, &b, &e));
    cr_assert_eq(e.kind, ERROR_LIMIT);
    buffer_free(&b);
}

Test(files, a_tree_is_copied_emptied_and_removed)
{
    error e = {0};
    char from[200], to[200], path[300];
    snprintf(from, sizeof from, "%s/from/x/y", folder);
    snprintf(to, sizeof to, "%s/to", folder);
    cr_assert(files_make_directories(from, 0755, &e) && files_make_directories(to, 0755, &e));
    snprintf(path, sizeof path, "%s/file", from);
    cr_assert(files_replace(path, "bytes", 5, &e));
    cr_assert_eq(symlink("file", in_folder("from/x/link")), 0);
    cr_assert(files_copy_tree(in_folder("from"), to, &e), "%s", e.text);
    cr_assert_eq(access(in_folder("to/x/y/file"), R_OK), 0);
    struct stat status;
    cr_assert(lstat(in_folder("to/x/link"), &status) == 0 && S_ISLNK(status.st_mode));
    cr_assert(files_remove_content(to, &e));
    cr_assert_eq(count_entries(to), 0);
    cr_assert(files_remove_tree(in_folder("nothing-there"), &e));
    cr_assert_not(files_make_directories(in_folder("from/x/y/file/z"), 0755, &e));
}

Test(files, log_lines_are_json_when_asked)
{
    int ends[2];
    char text[4096];
    cr_assert_eq(pipe(ends), 0);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(ends[1], STDERR_FILENO);
        log_setup("test", LOG_JSON, LOG_INFO);
        log_line(LOG_DEBUG, "too fine to be seen");
        log_line(LOG_WARNING, "a \"quoted\" word");
        _exit(0);
    }
    close(ends[1]);
    ssize_t length = read(ends[0], text, sizeof text - 1);
    cr_assert_gt(length, 0);
    text[length] = '\0';
    close(ends[0]);
    waitpid(pid, NULL, 0);
    cr_assert_not_null(strstr(text, "\"message\":\"a \\\"quoted\\\" word\"}\n"));
    cr_assert_null(strstr(text, "too fine"));
}
