/* Access logs as scenarios (ordeal import).
 *
 * Oracles: a line that is understood has a time, a method, a path and a status within their rules;
 * the lines of log_known.c are read as it is known; what a log is made into is a scenario that
 * loads, and names no more lines than there were. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/files.h"
#include "fuzz.h"
#include "log_known.h"
#include "plan/scenario.h"
#include "traffic/log_line.h"
#include "traffic/traffic.h"

static int memory_file(const void *bytes, size_t length, char path[64])
{
    int fd = memfd_create("log", MFD_CLOEXEC);
    ORACLE(fd >= 0 && files_write_all(fd, bytes, length));
    snprintf(path, 64, "/proc/self/fd/%d", fd);
    return fd;
}

static void check_lines(const uint8_t *bytes, size_t length)
{
    for (size_t at = 0; at < length;) {
        const uint8_t *end = memchr(bytes + at, '\n', length - at);
        size_t size = end != NULL ? (size_t)(end - (bytes + at)) : length - at;
        char *line = memory_take(size + 1);
        memcpy(line, bytes + at, size);
        line[size] = '\0';
        log_entry entry = {.at = 0};
        if (log_line_parse(line, &entry)) {
            ORACLE(isfinite(entry.at) && entry.method[0] != '\0' && entry.path[0] != '\0');
            ORACLE(entry.status >= 100 && entry.status <= 999);
        }
        free(line);
        at += size + 1;
    }
}

static void check_scenario(const buffer *text)
{
    char path[64];
    error e = {0};
    int fd = memory_file(buffer_text(text), text->length, path);
    scenario_request request = {.file = path};
    scenario *s = scenario_load(&request, &e);
    if (s == NULL)
        fprintf(stderr, "%s: %s\n%s", e.place, e.text, buffer_text(text));
    ORACLE(s != NULL);
    scenario_free(s);
    close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    char path[64];
    error e = {0};
    buffer text = {0};
    traffic_figures figures = {0};
    traffic_options options = {.name = "recorded", .target = "reference"};
    static bool known;
    if (!known)
        log_known_check();
    known = true;
    check_lines(bytes, length);
    int fd = memory_file(bytes, length, path);
    if (traffic_import(path, &options, &figures, &text, &e)) {
        ORACLE(figures.understood <= figures.lines && figures.left_out <= figures.understood);
        ORACLE(figures.lines <= length);
        check_scenario(&text);
    } else {
        ORACLE(e.kind == ERROR_USAGE && e.text[0] != '\0');
    }
    buffer_free(&text);
    close(fd);
    return 0;
}
