/* history.bin: the reader on damaged files, and every judge on records that no run would write.
 *
 * The first byte chooses: the input is the file itself; or so with the checksums set right, which
 * no fuzzer guesses, and with judges that read what is accepted or, as they take most of the time,
 * without; or it is cut into records, which the writer writes, so that the judges see them. The
 * reader gets a file not as pages, whose last one has zeroes behind the file's end, but as so many
 * bytes, behind which the sanitizer looks.
 *
 * Oracles: an accepted file's records, their names and all names can be read; what the writer wrote
 * is complete and comes back as it was packed; a judge gives one of three answers, and its evidence
 * are records of the history. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/arena.h"
#include "base/files.h"
#include "fuzz.h"
#include "history/format.h"
#include "history/operations.h"
#include "history/pack.h"
#include "history/writer.h"
#include "judges/index.h"
#include "judges/judge.h"

#define RECORDS_MOST 400

void *__real_mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset);
void *__wrap_mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset);
int __real_munmap(void *address, size_t length);
int __wrap_munmap(void *address, size_t length);
int __real_madvise(void *address, size_t length, int advice);
int __wrap_madvise(void *address, size_t length, int advice);

static void *mapped; /* the history's bytes; one is open at a time */

void *__wrap_mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset)
{
    if (fd < 0 || flags != MAP_PRIVATE)
        return __real_mmap(address, length, protection, flags, fd, offset);
    ORACLE(mapped == NULL);
    mapped = memory_take(length);
    ORACLE(pread(fd, mapped, length, offset) == (ssize_t)length);
    return mapped;
}

int __wrap_munmap(void *address, size_t length)
{
    if (address != mapped)
        return __real_munmap(address, length);
    free(mapped);
    mapped = NULL;
    return 0;
}

int __wrap_madvise(void *address, size_t length, int advice)
{
    return address == mapped ? 0 : __real_madvise(address, length, advice);
}

static void read_all(const history *h)
{
    for (size_t i = 0; i < history_count(h); i++) {
        history_record r = history_get(h, i);
        history_text(h, r.key);
        if (r.kind != RECORD_SAMPLE)
            history_text(h, r.detail);
    }
    for (uint32_t i = 0; i <= history_name_count(h); i++)
        ORACLE(strlen(history_text(h, i)) <= history_text_length(h, i));
}

static void ask_judges(const history *h)
{
    history_index *x = history_index_build(h);
    for (size_t i = 0; i < judge_count; i++) {
        const judge *j = judges[i];
        parameter_value values[PARAMETERS_MOST];
        judge_finding found = {.answer = ANSWER_NOT_PROVEN};
        if (!parameters_fall_back(j->parameters, j->parameter_count, values))
            continue;
        judge_input in = {.history = h, .index = x, .values = values, .run_directory = "/"};
        j->examine(&in, &found);
        ORACLE(found.answer <= ANSWER_NOT_PROVEN);
        ORACLE(found.step_count <= EVIDENCE_MOST);
        for (size_t k = 0; k < found.step_count; k++)
            ORACLE(found.steps[k].record == EVIDENCE_NO_RECORD ||
                   found.steps[k].record < history_count(h));
        ORACLE(found.answer != ANSWER_VIOLATED || found.violations > 0);
    }
    history_index_free(x);
}

static void read_file(const uint8_t *bytes, size_t length, bool judged)
{
    char path[64];
    error e = {0};
    int fd = memfd_create("history.bin", MFD_CLOEXEC);
    ORACLE(fd >= 0 && files_write_all(fd, bytes, length));
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    history *h = history_open(path, &e);
    if (h != NULL) {
        read_all(h);
        if (judged)
            ask_judges(h);
    } else {
        ORACLE(e.kind != ERROR_NONE);
    }
    history_free(h);
    close(fd);
}

static void read_mended(const uint8_t *bytes, size_t length, bool judged)
{
    uint8_t *mended = memory_take(length + 1);
    block_head head;
    memcpy(mended, bytes, length);
    for (size_t at = sizeof(file_head); at < length && length - at >= sizeof head;) {
        memcpy(&head, mended + at, sizeof head);
        size_t payload = at + sizeof head;
        if (head.length > length - payload)
            break;
        head.checksum = XXH3_64bits_withSeed(mended + payload, head.length, block_seed(&head));
        memcpy(mended + at, &head, sizeof head);
        at = payload + head.length;
    }
    read_file(mended, length, judged);
    free(mended);
}

/* An operation's client and sequence name it, so they are never given twice. */
static history_record next_record(fuzz_input *in, uint32_t names, uint32_t sequence)
{
    history_record r = {
        .kind = (uint8_t)(1 + fuzz_byte(in) % 5),
        .type = (uint8_t)(fuzz_byte(in) % OPERATION_COUNT),
        .outcome = (uint8_t)(fuzz_byte(in) % 3),
        .flags = fuzz_byte(in),
        .client = 1 + fuzz_byte(in) % 4u,
        .sequence = sequence,
        .key = fuzz_byte(in) % (names + 1u),
        .detail = fuzz_byte(in) % (names + 1u),
        .version = fuzz_byte(in),
        .failure = fuzz_byte(in) % 10,
        .status = (uint16_t)(fuzz_byte(in) * 4),
        .invoke = fuzz_number(in, 2) * 1000000,
    };
    r.finish = r.invoke + fuzz_number(in, 2) * 100000;
    r.value = value_of(1 + fuzz_byte(in) % 4u, 1 + fuzz_byte(in));
    if (r.kind == RECORD_OPERATION && operation_row_of(r.type)->writes)
        r.value = value_of(r.client, r.sequence);
    r.expected = fuzz_number(in, 2);
    r.size = fuzz_number(in, 2);
    r.late = r.size << (r.kind == RECORD_SAMPLE ? 20 : 10);
    if (r.flags % 32 == 7)
        r.finish = HISTORY_NEVER;
    return r;
}

/* Of `late` is kept what record.h says. */
static void check_same(const history_record *wrote, const history_record *got)
{
    ORACLE(got->kind == wrote->kind && got->type == wrote->type);
    ORACLE(got->outcome == wrote->outcome && got->failure == wrote->failure);
    ORACLE(got->flags == wrote->flags && got->status == wrote->status);
    ORACLE(got->client == wrote->client && got->sequence == wrote->sequence);
    ORACLE(got->key == wrote->key && got->detail == wrote->detail);
    ORACLE(got->invoke == wrote->invoke && got->finish == wrote->finish);
    ORACLE(got->value == wrote->value && got->expected == wrote->expected);
    ORACLE(got->size == wrote->size && got->version == wrote->version);
    uint64_t rounded = wrote->kind == RECORD_SAMPLE ? (uint64_t)1 << 20 : 64000;
    ORACLE(got->late <= wrote->late && wrote->late - got->late < rounded);
}

static void write_records(fuzz_input *in)
{
    char path[320];
    error e = {0};
    static const char *const texts[] = {"own/1/a", "own/1/b",   "shared/c",
                                        "",        "disk_full", "x no-trace"};
    uint32_t names = 0;
    snprintf(path, sizeof path, "%s/history.bin", fuzz_directory());
    history_writer *w = history_create(path, 1, &e);
    ORACLE(w != NULL);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        uint32_t number = history_name(w, texts[i], strlen(texts[i]));
        names = number > names ? number : names;
    }
    static history_record wrote[RECORDS_MOST];
    size_t count = 0;
    for (; in->left > 0 && count < RECORDS_MOST; count++) {
        wrote[count] = next_record(in, names, (uint32_t)count + 1);
        history_append(w, 0, &wrote[count]);
    }
    ORACLE(history_close(w, &e));
    history *h = history_open(path, &e);
    ORACLE(h != NULL && history_complete(h) && history_count(h) == count);
    read_all(h);
    for (size_t i = 0; i < count; i++) {
        history_record got = history_get(h, i);
        check_same(&wrote[i], &got);
    }
    ask_judges(h);
    history_free(h);
    unlink(path);
}

/* What a mutation would have to guess at once: each number of a whole file, at and beyond its
 * bounds, with the checksums mended. All of it is aligned to four bytes, as long as the names are.
 */
static void damage_each_number(void)
{
    static const uint32_t numbers[] = {
        0,          0x7fffffff, 0x80000000, 0xffffffff,           0x10000000,           0x20000000,
        0x20000001, 0x40000000, 0x40000001, HISTORY_CLIENTS_MOST, HISTORY_SEQUENCE_MOST};
    char path[320];
    error e = {0};
    buffer whole = {0};
    snprintf(path, sizeof path, "%s/history.bin", fuzz_directory());
    history_writer *w = history_create(path, 1, &e);
    ORACLE(w != NULL);
    history_name(w, "own/1/a", 7);
    history_name(w, "own", 3);
    for (unsigned kind = RECORD_OPERATION; kind <= RECORD_EVENT; kind++) {
        history_record r = {
            .kind = (uint8_t)kind, .client = 1, .sequence = kind, .key = 2, .detail = 2};
        history_append(w, 0, &r);
    }
    ORACLE(history_close(w, &e) && files_read(path, SIZE_MAX, &whole, &e));
    unlink(path);
    for (size_t at = sizeof(file_head); at + 4 <= whole.length; at += 4) {
        uint32_t right;
        memcpy(&right, whole.bytes + at, 4);
        for (size_t i = 0; i < sizeof numbers / sizeof numbers[0] + 2; i++) {
            uint32_t wrong = i == 0 ? right + 1 : i == 1 ? right - 1 : numbers[i - 2];
            memcpy(whole.bytes + at, &wrong, 4);
            read_mended((const uint8_t *)whole.bytes, whole.length, true);
        }
        memcpy(whole.bytes + at, &right, 4);
    }
    buffer_free(&whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static bool damaged;
    if (!damaged)
        damage_each_number();
    damaged = true;
    fuzz_input in = {bytes, length};
    uint8_t form = fuzz_byte(&in);
    if (form % 2 == 1)
        write_records(&in);
    else if (form % 4 == 2)
        read_mended(in.at, in.left, form % 8 == 6);
    else
        read_file(in.at, in.left, false);
    return 0;
}
