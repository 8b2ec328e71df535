#include <criterion/criterion.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/files.h"
#include "base/random.h"
#include "history/operations.h"
#include "history/pack.h"
#include "history/reader.h"
#include "history/writer.h"

static char folder[64];
static char path[128];
static char cut[128];

static void make_folder(void)
{
    strcpy(folder, "/tmp/ordeal-history.XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/history.bin", folder);
    snprintf(cut, sizeof cut, "%s/cut.bin", folder);
}

static void remove_folder(void)
{
    error e = {0};
    files_remove_tree(folder, &e);
}

TestSuite(history, .init = make_folder, .fini = remove_folder);

static history_record some_record(random_stream *r)
{
    history_record record = {
        .kind = RECORD_OPERATION,
        .type = (uint8_t)random_between(r, 1, OPERATION_COUNT - 1),
        .outcome = (uint8_t)random_below(r, 3),
        .flags = (uint8_t)random_below(r, 256),
        .client = (uint32_t)random_below(r, HISTORY_CLIENTS_MOST),
        .sequence = (uint32_t)random_below(r, HISTORY_SEQUENCE_MOST),
        .invoke = random_below(r, (uint64_t)1 << 47),
        .value = random_bits(r),
        .size = random_below(r, (uint64_t)1 << 40),
        .expected = random_bits(r),
        .late = random_below(r, 1000000) * 64000,
        .version = (uint32_t)random_bits(r),
        .status = (uint16_t)random_below(r, 600),
        .failure = (uint8_t)random_below(r, FAILURE_INTERRUPTED + 1),
    };
    record.finish =
        random_chance(r, 0.1) ? HISTORY_NEVER : record.invoke + random_below(r, (uint64_t)1 << 46);
    return record;
}

Test(history, a_record_survives_packing)
{
    random_stream r = random_named(1, "pack");
    for (int i = 0; i < 20000; i++) {
        history_record before = some_record(&r);
        history_record after;
        unsigned char bytes[HISTORY_RECORD_SIZE];
        history_pack(&before, bytes);
        cr_assert(history_unpack(bytes, &after));
        cr_assert_eq(before.finish, after.finish);
        cr_assert_eq(before.late, after.late);
        cr_assert_eq(before.size, after.size);
        cr_assert_eq(before.failure, after.failure);
        cr_assert_eq(before.status, after.status);
        cr_assert_eq(before.invoke, after.invoke);
        cr_assert_eq(before.value, after.value);
        cr_assert_eq(before.expected, after.expected);
        cr_assert_eq(before.version, after.version);
        cr_assert_eq(before.client, after.client);
        cr_assert_eq(before.sequence, after.sequence);
    }
}

/* Those who read a history look an operation up in tables by its type. */
Test(history, an_operation_that_no_client_can_make_is_no_record)
{
    random_stream r = random_named(1, "types");
    history_record operation = some_record(&r);
    history_record after;
    unsigned char bytes[HISTORY_RECORD_SIZE];
    operation.type = OPERATION_COUNT - 1;
    history_pack(&operation, bytes);
    cr_assert(history_unpack(bytes, &after));
    bytes[1] = OPERATION_COUNT;
    cr_assert_not(history_unpack(bytes, &after));
    bytes[0] = RECORD_EVENT; /* of which later versions may know more */
    cr_assert(history_unpack(bytes, &after));
}

static void write_history(int operations)
{
    error e = {0};
    history_writer *w = history_create(path, 2, &e);
    cr_assert_not_null(w, "%s", e.text);
    for (int i = 0; i < operations; i++) {
        char name[32];
        int length = snprintf(name, sizeof name, "key %d", i % 50);
        history_record r = {.kind = RECORD_OPERATION,
                            .type = OPERATION_PUT,
                            .client = 1,
                            .sequence = (uint32_t)i + 1};
        history_record part = {
            .kind = RECORD_PART, .type = PART_MISMATCH, .client = 1, .sequence = (uint32_t)i + 1};
        r.key = history_name(w, name, (size_t)length);
        r.invoke = history_now(w);
        r.finish = history_now(w);
        history_append_group(w, (unsigned)i % 2, &part, i % 3 == 0, &r);
        if (i % 100 == 0)
            history_flush(w, true);
    }
    cr_assert(history_close(w, &e), "%s", e.text);
}

Test(history, what_was_written_is_read_back_with_its_names)
{
    error e = {0};
    write_history(10000);
    history *h = history_open(path, &e);
    cr_assert_not_null(h, "%s", e.text);
    cr_assert(history_complete(h));
    cr_assert_null(history_damage(h));
    cr_assert_eq(history_name_count(h), 50);
    size_t operations = 0;
    for (size_t i = 0; i < history_count(h); i++) {
        history_record r = history_get(h, i);
        if (r.kind != RECORD_OPERATION)
            continue;
        char name[32];
        snprintf(name, sizeof name, "key %u", (r.sequence - 1) % 50);
        cr_assert_str_eq(history_text(h, r.key), name);
        operations++;
    }
    cr_assert_eq(operations, 10000);
    history_free(h);
}

static void put_file(const char *where, const char *bytes, size_t length)
{
    int fd = open(where, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    cr_assert(fd >= 0 && files_write_all(fd, bytes, length));
    close(fd);
}

Test(history, a_file_cut_at_any_byte_reads_as_an_incomplete_prefix)
{
    error e = {0};
    buffer whole = {0};
    size_t last = 0;
    write_history(300);
    cr_assert(files_read(path, 1 << 20, &whole, &e));
    for (size_t length = 16; length < whole.length; length++) {
        put_file(cut, whole.bytes, length);
        history *h = history_open(cut, &e);
        cr_assert_not_null(h, "at %zu: %s", length, e.text);
        cr_assert_not(history_complete(h));
        cr_assert_geq(history_count(h), last);
        last = history_count(h);
        history_free(h);
    }
    put_file(cut, whole.bytes, 15);
    cr_assert_null(history_open(cut, &e));
    buffer_free(&whole);
}

Test(history, any_flipped_bit_is_noticed)
{
    error e = {0};
    buffer whole = {0};
    random_stream r = random_named(2, "flips");
    write_history(300);
    cr_assert(files_read(path, 1 << 20, &whole, &e));
    for (size_t at = 0; at < whole.length; at += 1 + (size_t)random_below(&r, 5)) {
        char bit = (char)(1 << random_below(&r, 8));
        whole.bytes[at] ^= bit;
        put_file(cut, whole.bytes, whole.length);
        whole.bytes[at] ^= bit;
        error_clear(&e);
        history *h = history_open(cut, &e);
        cr_assert(h == NULL || !history_complete(h), "flip at %zu passed", at);
        history_free(h);
    }
    buffer_free(&whole);
}

Test(history, a_full_disk_is_told)
{
    error e = {0};
    history_writer *w = history_create(path, 1, &e);
    cr_assert_not_null(w);
    /* The writer's descriptor is the lowest free one; /dev/full in its place fails every write. */
    int full = open("/dev/full", O_WRONLY);
    char link[64];
    char target[256];
    for (int fd = 3; fd < full; fd++) {
        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        ssize_t length = readlink(link, target, sizeof target - 1);
        target[length > 0 ? length : 0] = '\0';
        if (strcmp(target, path) == 0)
            cr_assert_geq(dup2(full, fd), 0);
    }
    close(full);
    history_record r = {.kind = RECORD_EVENT, .type = EVENT_NOTE};
    history_append(w, 0, &r);
    history_flush(w, true);
    cr_assert(history_failed(w, &e));
    error_clear(&e);
    cr_assert_not(history_close(w, &e));
    cr_assert_not_null(strstr(e.text, "No space left"));
}

typedef struct {
    history_writer *writer;
    unsigned slot;
} job;

static void *record_many(void *argument)
{
    job *j = argument;
    for (uint32_t i = 1; i <= 20000; i++) {
        char name[32];
        int length = snprintf(name, sizeof name, "shared %u", i % 100);
        history_record r = {
            .kind = RECORD_OPERATION, .type = OPERATION_GET, .client = j->slot, .sequence = i};
        r.key = history_name(j->writer, name, (size_t)length);
        history_append(j->writer, j->slot, &r);
    }
    return NULL;
}

Test(history, threads_record_at_once_without_losing_anything)
{
    error e = {0};
    history_writer *w = history_create(path, 4, &e);
    pthread_t threads[4];
    job jobs[4];
    for (unsigned i = 0; i < 4; i++) {
        jobs[i] = (job){w, i};
        cr_assert_eq(pthread_create(&threads[i], NULL, record_many, &jobs[i]), 0);
    }
    for (int i = 0; i < 20; i++)
        history_flush(w, false);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    cr_assert(history_close(w, &e));
    history *h = history_open(path, &e);
    cr_assert_eq(history_count(h), 80000);
    cr_assert_eq(history_name_count(h), 100);
    uint32_t last[4] = {0};
    for (size_t i = 0; i < history_count(h); i++) {
        history_record r = history_get(h, i);
        cr_assert_eq(r.sequence, last[r.client] + 1);
        last[r.client] = r.sequence;
    }
    history_free(h);
}

Test(operations, every_type_has_a_name_of_its_own)
{
    for (unsigned i = 1; i < OPERATION_COUNT; i++)
        cr_assert_eq(operation_named(operation_row_of(i)->name), i);
    cr_assert_eq(operation_named("nonsense"), OPERATION_NONE);
}
