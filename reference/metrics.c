#include "metrics.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/timing.h"
#include "deadline.h"
#include "rate.h"
#include "routes.h"
#include "uploads.h"
#include "watchers.h"

#define LEAST_BOUND ((uint64_t)250000)
#define LEAST_SIZE  ((uint64_t)1024)

void metrics_count(metrics *m, const request *r, uint64_t nanoseconds)
{
    size_t which = routes_index(r->route);
    CHECK(which < METRICS_ROUTES_MOST && r->status < 600);
    size_t bucket = 0;
    while (bucket + 1 < METRICS_BUCKETS && nanoseconds > LEAST_BOUND << bucket)
        bucket++;
    atomic_fetch_add_explicit(&m->requests[which][r->status], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&m->latency[bucket], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&m->latency_sum, nanoseconds, memory_order_relaxed);
    atomic_fetch_add_explicit(&m->bytes_in, r->body_received, memory_order_relaxed);
    if (r->problem != PROBLEM_NONE)
        atomic_fetch_add_explicit(&m->problems[r->problem], 1, memory_order_relaxed);
}

void metrics_stored(metrics *m, uint64_t size)
{
    size_t bucket = 0;
    while (bucket + 1 < METRICS_SIZES && size > LEAST_SIZE << 2 * bucket)
        bucket++;
    atomic_fetch_add_explicit(&m->sizes[bucket], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&m->sizes_sum, size, memory_order_relaxed);
}

static void write_sizes(const metrics *m, buffer *out)
{
    uint64_t sum = 0;
    buffer_text_append(out, "# HELP ordeal_file_bytes Sizes of the files that were stored.\n# TYPE "
                            "ordeal_file_bytes histogram\n");
    for (size_t i = 0; i < METRICS_SIZES; i++) {
        sum += atomic_load(&m->sizes[i]);
        if (i + 1 < METRICS_SIZES)
            buffer_printf(out, "ordeal_file_bytes_bucket{le=\"%" PRIu64 "\"} %" PRIu64 "\n",
                          LEAST_SIZE << 2 * i, sum);
    }
    buffer_printf(out,
                  "ordeal_file_bytes_bucket{le=\"+Inf\"} %" PRIu64
                  "\nordeal_file_bytes_sum %" PRIu64 "\nordeal_file_bytes_count %" PRIu64 "\n",
                  sum, (uint64_t)atomic_load(&m->sizes_sum), sum);
}

static void write_requests(const metrics *m, buffer *out)
{
    buffer_text_append(out, "# HELP ordeal_requests_total Answers by route and status.\n# TYPE "
                            "ordeal_requests_total counter\n");
    for (size_t i = 0; i < routes_count(); i++) {
        const route *way = routes_at(i);
        for (unsigned status = 100; status < 600; status++) {
            uint64_t count = atomic_load(&m->requests[i][status]);
            if (count > 0)
                buffer_printf(
                    out,
                    "ordeal_requests_total{method=\"%s\",route=\"%s\",code=\"%u\"} %" PRIu64 "\n",
                    way->method, way->template, status, count);
        }
    }
}

static void write_latency(const metrics *m, buffer *out)
{
    uint64_t sum = 0;
    buffer_text_append(out, "# HELP ordeal_request_seconds Time from head to answer.\n# TYPE "
                            "ordeal_request_seconds histogram\n");
    for (size_t i = 0; i < METRICS_BUCKETS; i++) {
        sum += atomic_load(&m->latency[i]);
        if (i + 1 < METRICS_BUCKETS)
            buffer_printf(out, "ordeal_request_seconds_bucket{le=\"%g\"} %" PRIu64 "\n",
                          (double)(LEAST_BOUND << i) / 1e9, sum);
    }
    buffer_printf(out,
                  "ordeal_request_seconds_bucket{le=\"+Inf\"} %" PRIu64
                  "\nordeal_request_seconds_sum %g\n",
                  sum, (double)atomic_load(&m->latency_sum) / 1e9);
    buffer_printf(out, "ordeal_request_seconds_count %" PRIu64 "\n", sum);
}

static uint64_t resident_bytes(void)
{
    char text[128];
    FILE *file = fopen("/proc/self/statm", "re");
    if (file == NULL)
        return 0;
    size_t length = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[length] = '\0';
    const char *second = strchr(text, ' ');
    return second != NULL ? strtoull(second, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE) : 0;
}

static void write_number(buffer *out, const char *name, const char *type, const char *help,
                         uint64_t value)
{
    buffer_printf(out, "# HELP %s %s\n# TYPE %s %s\n%s %" PRIu64 "\n", name, help, name, type, name,
                  value);
}

static void write_cache(service *s, buffer *out)
{
    cache_figures figures = cache_look(s->cache);
    write_number(out, "ordeal_cache_bytes", "gauge", "Contents kept in memory.", figures.bytes);
    write_number(out, "ordeal_cache_files", "gauge", "Files kept in memory.", figures.files);
    write_number(out, "ordeal_cache_hits_total", "counter", "Contents found in memory.",
                 figures.hits);
    write_number(out, "ordeal_cache_misses_total", "counter", "Contents read from files.",
                 figures.misses);
}

void metrics_write(service *s, buffer *out)
{
    metrics *m = s->metrics;
    store_figures figures = store_look(s->store);
    write_requests(m, out);
    write_latency(m, out);
    write_sizes(m, out);
    buffer_text_append(
        out,
        "# HELP ordeal_problems_total Errors by kind.\n# TYPE ordeal_problems_total counter\n");
    for (unsigned i = 1; i < PROBLEM_COUNT; i++)
        buffer_printf(out, "ordeal_problems_total{kind=\"%s\"} %" PRIu64 "\n",
                      problem_of((problem_code)i)->code, (uint64_t)atomic_load(&m->problems[i]));
    write_number(out, "ordeal_requests_in_work", "gauge", "Requests in work now.",
                 atomic_load(&m->in_work));
    write_number(out, "ordeal_requests_abandoned_total", "counter", "Clients that went away.",
                 atomic_load(&m->abandoned));
    write_number(out, "ordeal_received_bytes_total", "counter", "Body bytes received.",
                 atomic_load(&m->bytes_in));
    write_number(out, "ordeal_blob_temporary_files", "gauge", "Blobs being written.",
                 blob_temporary_count(s->blobs));
    write_number(out, "ordeal_store_readers", "gauge", "Connections of the read pool.",
                 figures.readers);
    write_number(out, "ordeal_store_readers_in_use", "gauge", "Connections in use.",
                 figures.readers_in_use);
    write_number(out, "ordeal_store_readers_idle", "gauge", "Connections not in use.",
                 figures.readers - figures.readers_in_use);
    write_number(out, "ordeal_store_jobs_waiting", "gauge", "Writes that wait or are being done.",
                 figures.jobs_waiting);
    write_number(out, "ordeal_store_queries_timed_out_total", "counter",
                 "Questions to the store that took too long.", figures.queries_timed_out);
    write_number(out, "ordeal_store_waits_timed_out_total", "counter",
                 "Waits for the store that took too long.", figures.waits_timed_out);
    write_number(out, "ordeal_store_commits_total", "counter", "Transactions committed.",
                 figures.commits);
    write_number(out, "ordeal_store_jobs_total", "counter", "Writes done or refused.",
                 figures.jobs);
    write_number(out, "ordeal_store_failures_total", "counter", "Writes that failed.",
                 figures.failures);
    write_number(out, "ordeal_deadline_closed_total", "counter",
                 "Connections closed because a request took too long.",
                 deadline_count(s->deadline));
    write_number(out, "ordeal_watchers", "gauge", "Clients that wait for changes.",
                 watchers_count(s->watchers));
    write_number(out, "ordeal_changes_total", "counter", "Changes since the store was made.",
                 watchers_newest(s->watchers));
    write_cache(s, out);
    write_number(out, "ordeal_upload_sessions", "gauge",
                 "Uploads that are begun and not over, as of a second ago.",
                 uploads_count(s->uploads));
    write_number(out, "ordeal_rate_buckets", "gauge", "Clients whose token bucket is not full.",
                 s->rate != NULL ? rate_count(s->rate, timing_now()) : 0);
    write_number(out, "process_resident_memory_bytes", "gauge", "Resident memory.",
                 resident_bytes());
}
