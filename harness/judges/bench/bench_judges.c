/* Judges histories of ten clients that never wait and prints how long it took, beside the goals of
 * ci/bench.d/judges. Arguments: operations, names, judge ("all": the whole catalogue). */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/random.h"
#include "base/timing.h"
#include "history/writer.h"
#include "judges/index.h"
#include "judges/judge.h"

#define CLIENTS     10
#define HALF_WINDOW ((uint64_t)5000)

static void write_history(const char *path, uint64_t operations, uint64_t names)
{
    error e = {0};
    history_writer *w = history_create(path, 1, &e);
    CHECK(w != NULL);
    random_stream r = random_named(1, "bench");
    uint64_t *current = memory_zeroed(names, sizeof *current);
    uint32_t *keys = memory_zeroed(names, sizeof *keys);
    for (uint64_t i = 0; i < names; i++) {
        char name[32];
        snprintf(name, sizeof name, "key-%" PRIu64, i);
        keys[i] = history_name(w, name, strlen(name));
    }
    /* Each takes effect at its number; ten are always under way around it. */
    for (uint64_t i = 0; i < operations; i++) {
        uint64_t name = random_below(&r, names);
        uint64_t point = (i + CLIENTS) * 1000;
        history_record op = {
            .kind = RECORD_OPERATION,
            .type = current[name] == 0 || i % 4 == 0 ? OPERATION_PUT : OPERATION_GET,
            .client = (uint32_t)(i % CLIENTS) + 1,
            .sequence = (uint32_t)(i / CLIENTS) + 1,
            .key = keys[name],
            .invoke = point - random_below(&r, HALF_WINDOW),
            .finish = point + random_below(&r, HALF_WINDOW),
            .size = 4096,
        };
        if (op.type == OPERATION_PUT)
            current[name] = value_of(op.client, op.sequence);
        op.value = current[name];
        history_append(w, 0, &op);
    }
    CHECK(history_close(w, &e));
    free(current);
    free(keys);
}

static double judge_all(const char *path, const char *wanted)
{
    error e = {0};
    uint64_t begin = timing_now();
    history *h = history_open(path, &e);
    CHECK(h != NULL && history_complete(h));
    history_index *x = history_index_build(h);
    for (size_t i = 0; i < judge_count; i++) {
        const judge *j = judges[i];
        if (strcmp(wanted, "all") != 0 && strcmp(wanted, j->name) != 0)
            continue;
        /* Bounds that a scenario must state are out of reach here. */
        parameter_value values[PARAMETERS_MOST] = {{.number = HISTORY_NEVER}};
        (void)parameters_fall_back(j->parameters, j->parameter_count, values);
        judge_finding finding = {.answer = ANSWER_NOT_PROVEN};
        judge_input in = {.history = h, .index = x, .values = values};
        uint64_t before = timing_now();
        j->examine(&in, &finding);
        fprintf(stderr, "%-20s %8.3f s  %s\n", j->name,
                (double)(timing_now() - before) / (double)NANOSECONDS_PER_SECOND, finding.sentence);
    }
    history_index_free(x);
    history_free(h);
    return (double)(timing_now() - begin) / (double)NANOSECONDS_PER_SECOND;
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fputs("usage: bench_judges OPERATIONS NAMES JUDGE\n", stderr);
        return 2;
    }
    char folder[] = "/tmp/ordeal-bench-XXXXXX";
    char path[64];
    CHECK(mkdtemp(folder) != NULL);
    snprintf(path, sizeof path, "%s/history.bin", folder);
    uint64_t operations = strtoull(argv[1], NULL, 10);
    uint64_t names = strtoull(argv[2], NULL, 10);
    CHECK(operations > 0 && names > 0);
    write_history(path, operations, names);
    double seconds = judge_all(path, argv[3]);
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    unlink(path);
    rmdir(folder);
    printf("%.3f %.0f\n", seconds, (double)used.ru_maxrss * 1024 / (double)operations);
    return 0;
}
