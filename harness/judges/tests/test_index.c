#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "history/writer.h"
#include "judges/index.h"

static char folder[] = "/tmp/ordeal-index.XXXXXX";
static char path[64];
static history_writer *writer;

static void begin(void)
{
    error e = {0};
    cr_assert(mkdtemp(folder) != NULL);
    snprintf(path, sizeof path, "%s/history.bin", folder);
    writer = history_create(path, 1, &e);
    cr_assert(writer != NULL, "%s", e.text);
}

static void ends(uint32_t client, uint32_t sequence)
{
    history_record r = {
        .kind = RECORD_OPERATION, .type = OPERATION_PUT, .client = client, .sequence = sequence};
    history_append(writer, 0, &r);
}

static history *written(void)
{
    error e = {0};
    cr_assert(history_close(writer, &e), "%s", e.text);
    history *h = history_open(path, &e);
    cr_assert(h != NULL && history_complete(h), "%s", e.text);
    unlink(path);
    rmdir(folder);
    return h;
}

static void finds(const history_index *x, uint32_t client, uint32_t sequence, size_t record)
{
    cr_assert_eq(index_writer(x, value_of(client, sequence)), record,
                 "operation %u of client %u is record %zu", sequence, client, record);
}

Test(index, finds_an_operation_by_its_value)
{
    begin();
    for (uint32_t i = 1; i <= 1000; i++) {
        ends(3, i);
        ends(7, i);
    }
    history *h = written();
    history_index *x = history_index_build(h);
    for (uint32_t i = 1; i <= 1000; i++) {
        finds(x, 3, i, 2 * i - 2);
        finds(x, 7, i, 2 * i - 1);
    }
    finds(x, 3, 0, SIZE_MAX);
    finds(x, 3, 1001, SIZE_MAX);
    finds(x, 4, 1, SIZE_MAX);
    finds(x, 8, 1, SIZE_MAX);
    finds(x, UINT32_MAX, 1, SIZE_MAX);
    history_index_free(x);
    history_free(h);
}

Test(index, finds_operations_that_ended_in_another_order)
{
    begin();
    for (uint32_t i = 0; i < 1000; i++)
        ends(1, 1 + i * 7 % 1000);
    history *h = written();
    history_index *x = history_index_build(h);
    for (uint32_t i = 0; i < 1000; i++)
        finds(x, 1, 1 + i * 7 % 1000, i);
    history_index_free(x);
    history_free(h);
}

Test(index, finds_operations_beside_missing_ones)
{
    begin();
    for (uint32_t i = 0; i < 1000; i++)
        ends(1, 5 + 3 * i);
    history *h = written();
    history_index *x = history_index_build(h);
    for (uint32_t i = 0; i < 3010; i++)
        finds(x, 1, i, i >= 5 && (i - 5) % 3 == 0 && i < 3005 ? (i - 5) / 3 : SIZE_MAX);
    history_index_free(x);
    history_free(h);
}

/* Together more than 2^32 operations might have had these numbers; there are only as many as there
 * are, and room is for these. */
Test(index, numbers_of_operations_cost_nothing)
{
    begin();
    for (uint32_t client = 1; client <= 60; client++) {
        ends(client, HISTORY_SEQUENCE_MOST);
        ends(client, 1);
    }
    history *h = written();
    history_index *x = history_index_build(h);
    for (uint32_t client = 1; client <= 60; client++) {
        finds(x, client, HISTORY_SEQUENCE_MOST, 2 * client - 2);
        finds(x, client, 1, 2 * client - 1);
        finds(x, client, 2, SIZE_MAX);
    }
    history_index_free(x);
    history_free(h);
}
