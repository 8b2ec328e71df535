/* The bins as JSON: one array a figure, so that 600 bins of everything stay under 300 KB. */
#include <stdio.h>

#include "history/operations.h"
#include "reports/series.h"

#define ROW_STEPS (SERIES_OCTAVE / 4) /* the heat map has four rows an octave */

typedef uint64_t (*figure_of_bin)(const series_bin *bin);

static void write_figure(const series *s, json_writer *w, const char *name, figure_of_bin figure_of)
{
    writer_key(w, name);
    writer_array(w);
    for (size_t i = 0; i < s->count; i++)
        writer_whole(w, figure_of(&s->bins[i]));
    writer_array_end(w);
}

static uint64_t ok_of(const series_bin *bin)
{
    return bin->outcomes[OUTCOME_OK];
}

static uint64_t failed_of(const series_bin *bin)
{
    return bin->outcomes[OUTCOME_FAILED];
}

static uint64_t unknown_of(const series_bin *bin)
{
    return bin->outcomes[OUTCOME_UNKNOWN];
}

static uint64_t sent_of(const series_bin *bin)
{
    return bin->sent;
}

static uint64_t received_of(const series_bin *bin)
{
    return bin->received;
}

static uint64_t slowest_of(const series_bin *bin)
{
    return bin->slowest / 1000;
}

/* Samples are null where a bin has none. */
static void write_samples(const series *s, json_writer *w, const char *name,
                          figure_of_bin figure_of)
{
    writer_key(w, name);
    writer_array(w);
    for (size_t i = 0; i < s->count; i++)
        s->bins[i].sample.taken ? writer_whole(w, figure_of(&s->bins[i])) : writer_null(w);
    writer_array_end(w);
}

static uint64_t resident_of(const series_bin *bin)
{
    return bin->sample.resident;
}

static uint64_t disk_of(const series_bin *bin)
{
    return bin->sample.disk;
}

static uint64_t processor_of(const series_bin *bin)
{
    return bin->sample.processor;
}

static uint64_t threads_of(const series_bin *bin)
{
    return bin->sample.threads;
}

static uint64_t descriptors_of(const series_bin *bin)
{
    return bin->sample.descriptors;
}

static uint64_t processes_of(const series_bin *bin)
{
    return bin->sample.processes;
}

static uint64_t temporary_of(const series_bin *bin)
{
    return bin->sample.temporary;
}

/* Null where nobody looked. */
static void write_own(const series *s, json_writer *w)
{
    writer_key(w, "own");
    writer_array(w);
    for (size_t i = 0; i < s->count; i++)
        s->bins[i].own > 0 ? writer_whole(w, s->bins[i].own) : writer_null(w);
    writer_array_end(w);
}

static void write_errors(const series *s, json_writer *w)
{
    writer_key(w, "errors");
    writer_array(w);
    for (size_t row = 0; row < SERIES_ERRORS; row++) {
        bool rest = row == SERIES_ERRORS - 1;
        char name[48] = "other";
        uint64_t all = 0;
        for (size_t i = 0; i < s->count; i++)
            all += s->bins[i].errors[row];
        if (all == 0 || (row >= s->error_count && !rest))
            continue;
        if (!rest && s->errors[row].status != 0)
            snprintf(name, sizeof name, "%s %u", failure_name(s->errors[row].failure),
                     s->errors[row].status);
        else if (!rest)
            snprintf(name, sizeof name, "%s", failure_name(s->errors[row].failure));
        writer_object(w);
        writer_put_text(w, "name", name);
        writer_key(w, "values");
        writer_array(w);
        for (size_t i = 0; i < s->count; i++)
            writer_whole(w, s->bins[i].errors[row]);
        writer_array_end(w);
        writer_object_end(w);
    }
    writer_array_end(w);
}

static uint64_t row_count(const series_bin *bin, size_t row)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < ROW_STEPS; i++)
        sum += bin->latency[row * ROW_STEPS + i];
    return sum;
}

/* For each bin: row, count, row, count ... of the rows that are not empty. */
static void write_heat(const series *s, json_writer *w)
{
    writer_put_whole(w, "heat_least_power", SERIES_LEAST_POWER);
    writer_put_whole(w, "heat_octave", SERIES_OCTAVE / ROW_STEPS);
    writer_key(w, "heat");
    writer_array(w);
    for (size_t i = 0; i < s->count; i++) {
        writer_array(w);
        for (size_t row = 0; row < SERIES_STEPS / ROW_STEPS; row++) {
            uint64_t count = row_count(&s->bins[i], row);
            if (count == 0)
                continue;
            writer_whole(w, row);
            writer_whole(w, count);
        }
        writer_array_end(w);
    }
    writer_array_end(w);
}

static void write_sessions(const series *s, json_writer *w)
{
    int64_t level = 0;
    if (!s->has_sessions)
        return;
    writer_key(w, "sessions");
    writer_array(w);
    for (size_t i = 0; i < s->count; i++)
        writer_signed(w, level += s->bins[i].sessions);
    writer_array_end(w);
}

void series_write(const series *s, json_writer *w)
{
    writer_object(w);
    writer_put_whole(w, "width_ns", s->width);
    writer_put_whole(w, "count", s->count);
    write_figure(s, w, "ok", ok_of);
    write_figure(s, w, "failed", failed_of);
    write_figure(s, w, "unknown", unknown_of);
    write_figure(s, w, "sent", sent_of);
    write_figure(s, w, "received", received_of);
    write_errors(s, w);
    write_heat(s, w);
    write_figure(s, w, "slowest_us", slowest_of);
    write_samples(s, w, "resident", resident_of);
    write_samples(s, w, "disk", disk_of);
    write_samples(s, w, "processor_us", processor_of);
    write_samples(s, w, "threads", threads_of);
    write_samples(s, w, "descriptors", descriptors_of);
    write_samples(s, w, "processes", processes_of);
    write_samples(s, w, "temporary", temporary_of);
    write_own(s, w);
    write_sessions(s, w);
    writer_key(w, "sizes");
    writer_array(w);
    for (size_t i = 0; i < SERIES_SIZES; i++)
        writer_whole(w, s->sizes[i]);
    writer_array_end(w);
    writer_object_end(w);
}
