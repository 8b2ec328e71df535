/* Makes a run directory of any length without running anything: for tests of the reports.
 * Arguments: directory, operations, seconds, and pass, fail or invalid. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/files.h"
#include "base/random.h"
#include "base/timing.h"
#include "engine/trace.h"
#include "history/writer.h"

#define CLIENTS 40
#define KEYS    2000
#define SEED    7

typedef struct {
    history_writer *history;
    uint64_t length; /* nanoseconds of load */
    uint32_t keys[KEYS];
    uint64_t values[KEYS];
    uint32_t sequences[CLIENTS + 2];
    random_stream random;
} maker;

static const char run_json[] =
    "{\"schema\":1,\"ordeal\":\"test\",\"written\":\"2026-02-15T14:03:09.123Z\","
    "\"began_ns\":1771164189000000000,\"verdict\":null,\"seed\":7,\"target\":\"made\","
    "\"argv\":[\"run\",\"made.yaml\"],\"host\":{\"system\":\"Linux\",\"processors\":2},"
    "\"scenario\":{\"name\":\"made\",\"story\":\"A history that was made, not run.\","
    "\"target\":{\"name\":\"made\",\"driver\":\"reference\",\"url\":\"http://127.0.0.1:1\"},"
    "\"seed\":\"7\",\"duration\":\"%llus\",\"data\":{\"keys\":\"%d\",\"sizes\":\"4KiB\"},"
    "\"clients\":[{\"behaviour\":\"put-get\",\"count\":\"%d\"}],"
    "\"faults\":[{\"fault\":\"latency\",\"at\":\"%llus\",\"for\":\"%llums\"}],"
    "\"invariants\":[\"read-integrity\"],\"thresholds\":[\"error_rate < 20%%\"]}}\n";

static void add(maker *m, history_record r)
{
    history_append(m->history, 0, &r);
}

static void event(maker *m, event_type type, uint64_t at, uint64_t value)
{
    add(m, (history_record){.kind = RECORD_EVENT,
                            .type = (uint8_t)type,
                            .status = type == EVENT_TARGET_EXIT, /* planned */
                            .invoke = at,
                            .finish = at,
                            .value = value});
}

static void fault(maker *m, fault_record_type type, uint64_t at, uint64_t hits)
{
    add(m, (history_record){.kind = RECORD_FAULT,
                            .type = (uint8_t)type,
                            .key = history_name(m->history, "latency", 7),
                            .sequence = 1,
                            .invoke = at,
                            .finish = at,
                            .value = hits});
}

static void sample(maker *m, uint64_t at)
{
    uint64_t grown = at / 100000;
    add(m, (history_record){.kind = RECORD_SAMPLE,
                            .type = 1,
                            .invoke = at,
                            .finish = at,
                            .value = ((uint64_t)20 << 20) + grown,
                            .size = at / 3000,
                            .expected = grown * 40,
                            .version = 8,
                            .detail = 30 + (uint32_t)random_below(&m->random, 20),
                            .sequence = 1,
                            .client = (uint32_t)random_below(&m->random, 5)});
}

static bool inside_fault(const maker *m, uint64_t at)
{
    return at > m->length / 3 && at < m->length / 3 + m->length / 10;
}

static void operation(maker *m, uint64_t at)
{
    uint32_t client = 1 + (uint32_t)random_below(&m->random, CLIENTS);
    uint32_t key = (uint32_t)random_below(&m->random, KEYS);
    bool writes = m->values[key] == 0 || random_below(&m->random, 4) == 0;
    double usual = inside_fault(m, at) ? 40e6 : 800e3;
    uint64_t took = 20000 + (uint64_t)random_exponential(&m->random, usual);
    bool fails = random_below(&m->random, inside_fault(m, at) ? 20 : 2000) == 0;
    history_record r = {.kind = RECORD_OPERATION,
                        .type = writes ? OPERATION_PUT : OPERATION_GET,
                        .client = client,
                        .sequence = ++m->sequences[client],
                        .key = m->keys[key],
                        .invoke = at > took ? at - took : 0,
                        .finish = at,
                        .size = (uint64_t)512 << random_below(&m->random, 8),
                        .status = 200};
    if (fails) {
        r.outcome = writes ? OUTCOME_UNKNOWN : OUTCOME_FAILED;
        r.failure = FAILURE_TIMEOUT;
        r.status = 0;
    } else if (writes) {
        m->values[key] = value_of(r.client, r.sequence);
        r.version = 1;
    }
    r.value = writes && fails ? value_of(r.client, r.sequence) : fails ? 0 : m->values[key];
    add(m, r);
}

/* One byte of one read is wrong. */
static void wrong_read(maker *m, const char *directory)
{
    static const char sentence[] = "a wrong byte at 1000; expected ca 50 5a df 39 40 99 94, saw ca "
                                   "50 5a df 39 41 99 94";
    char path[600];
    char trace[33];
    char line[200];
    error e = {0};
    uint64_t at = m->length / 3 + m->length / 20;
    uint32_t key = 0;
    while (m->values[key] == 0)
        key++;
    uint32_t sequence = ++m->sequences[1];
    history_record part = {.kind = RECORD_PART,
                           .type = PART_MISMATCH,
                           .client = 1,
                           .sequence = sequence,
                           .key = m->keys[key],
                           .invoke = at - 3000000,
                           .finish = at,
                           .size = 1000,
                           .detail = history_name(m->history, sentence, strlen(sentence))};
    history_record read = {.kind = RECORD_OPERATION,
                           .type = OPERATION_GET,
                           .outcome = OUTCOME_FAILED,
                           .failure = FAILURE_CONTENT,
                           .client = 1,
                           .sequence = sequence,
                           .key = m->keys[key],
                           .invoke = at - 3000000,
                           .finish = at,
                           .value = m->values[key],
                           .size = 4096,
                           .status = 200};
    history_append_group(m->history, 0, &part, 1, &read);
    snprintf(line, sizeof line,
             "{\"event\":\"request\",\"trace_id\":\"%s\",\"note\":\"</script><b>\"}\n",
             trace_id(SEED, 1, sequence, trace));
    CHECK(files_join(path, sizeof path, directory, "target.log", &e) &&
          files_replace(path, line, strlen(line), &e));
}

static void name_keys(maker *m)
{
    for (uint32_t i = 0; i < KEYS; i++) {
        char name[32];
        int length = snprintf(name, sizeof name, "shared/%u", i);
        m->keys[i] = history_name(m->history, name, (size_t)length);
    }
}

static void make_history(maker *m, uint64_t operations, uint64_t hits)
{
    uint64_t sampled = 0;
    uint64_t begin = m->length / 3;
    uint64_t end = begin + m->length / 10;
    bool begun = false;
    bool ended = false;
    event(m, EVENT_TARGET_START, 0, 4711);
    event(m, EVENT_TARGET_READY, 1000000, 0);
    event(m, EVENT_LOAD_BEGIN, 2000000, 0);
    for (uint64_t i = 0; i < operations; i++) {
        uint64_t at = 3000000 + (uint64_t)((double)m->length * ((double)i / (double)operations));
        operation(m, at);
        if (at - sampled > 500 * NANOSECONDS_PER_MILLISECOND)
            sample(m, sampled = at);
        if (!begun && at > begin && (begun = true))
            fault(m, FAULT_RECORD_BEGIN, begin, 0);
        if (!ended && at > end && (ended = true))
            fault(m, FAULT_RECORD_END, end, hits);
    }
    event(m, EVENT_LOAD_END, m->length + 4000000, 0);
    event(m, EVENT_QUIET, m->length + 30000000, 26000000);
    event(m, EVENT_FINAL_READS, m->length + 31000000, 0);
    event(m, EVENT_TARGET_EXIT, m->length + 40000000, 0);
}

int main(int argc, char **argv)
{
    char path[600];
    char text[2048];
    error e = {0};
    if (argc != 5) {
        fputs("usage: make_run DIRECTORY OPERATIONS SECONDS pass|fail|invalid\n", stderr);
        return 2;
    }
    unsigned long long operations = strtoull(argv[2], NULL, 10);
    unsigned long long seconds = strtoull(argv[3], NULL, 10);
    maker *m = calloc(1, sizeof *m);
    CHECK(m != NULL && operations > 0 && seconds > 0);
    m->length = seconds * NANOSECONDS_PER_SECOND;
    m->random = random_named(SEED, "made");
    snprintf(text, sizeof text, run_json, seconds, KEYS, CLIENTS, seconds / 3, seconds * 100);
    CHECK(files_make_directories(argv[1], 0755, &e) &&
          files_join(path, sizeof path, argv[1], "run.json", &e) &&
          files_replace(path, text, strlen(text), &e) &&
          files_join(path, sizeof path, argv[1], "history.bin", &e));
    m->history = history_create(path, 1, &e);
    CHECK(m->history != NULL);
    name_keys(m);
    /* A fault that never bit proves nothing. */
    make_history(m, operations, strcmp(argv[4], "invalid") == 0 ? 0 : 123);
    if (strcmp(argv[4], "fail") == 0)
        wrong_read(m, argv[1]);
    CHECK(history_close(m->history, &e));
    free(m);
    return 0;
}
