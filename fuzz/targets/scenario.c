/* Scenario files.
 *
 * Oracles: a refused one says where (file:line) and is the writer's to mend; an accepted one,
 * printed as run.json has it and loaded again, prints the same; before anything else the scenarios
 * of scenario_known.h are read as it is known. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/files.h"
#include "base/json_writer.h"
#include "fuzz.h"
#include "plan/scenario.h"
#include "scenario_known.h"

static void print(const scenario *s, buffer *out)
{
    json_writer w = writer_begin(out);
    node_write_json(s->tree, &w);
}

static void check_printed(const scenario *s)
{
    buffer once = {0};
    buffer twice = {0};
    error e = {0};
    print(s, &once);
    scenario *again = scenario_from_json("printed", buffer_text(&once), once.length, &e);
    ORACLE(again != NULL);
    print(again, &twice);
    ORACLE(strcmp(buffer_text(&once), buffer_text(&twice)) == 0);
    ORACLE(scenario_client_count(s) == scenario_client_count(again));
    ORACLE(s->seed == again->seed && s->duration == again->duration);
    scenario_free(again);
    buffer_free(&once);
    buffer_free(&twice);
}

static scenario *load(const void *bytes, size_t length, error *e)
{
    char path[64];
    int fd = memfd_create("scenario.yaml", MFD_CLOEXEC);
    ORACLE(fd >= 0 && files_write_all(fd, bytes, length));
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    scenario_request request = {.file = path};
    scenario *s = scenario_load(&request, e);
    close(fd);
    return s;
}

static void read_known(const char *text, size_t length, unsigned wrong_line)
{
    error e = {0};
    scenario *s = load(text, length, &e);
    const char *colon = strrchr(e.place, ':');
    bool as_known = wrong_line == 0
                        ? s != NULL
                        : s == NULL && colon != NULL && strtoul(colon + 1, NULL, 10) == wrong_line;
    if (!as_known)
        fprintf(stderr, "line %u is wrong in:\n%sbut: %s: %s\n", wrong_line, text, e.place, e.text);
    ORACLE(as_known);
    scenario_free(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static bool known;
    error e = {0};
    if (!known)
        scenario_known_each(read_known);
    known = true;
    scenario *s = load(bytes, length, &e);
    if (s == NULL) {
        ORACLE(e.kind == ERROR_USAGE || e.kind == ERROR_LIMIT || e.kind == ERROR_IO);
        ORACLE(e.text[0] != '\0' && e.place[0] != '\0');
    } else {
        check_printed(s);
    }
    scenario_free(s);
    return 0;
}
