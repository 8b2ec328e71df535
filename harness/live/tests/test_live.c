#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/timing.h"
#include "live/metrics.h"
#include "live/screen.h"

static live_state some_state(void)
{
    live_state s = {.scenario = "storm",
                    .seed = 7,
                    .phase = "load",
                    .timed = true,
                    .elapsed = 3 * NANOSECONDS_PER_SECOND,
                    .length = 10 * NANOSECONDS_PER_SECOND,
                    .target_resident = 32u << 20,
                    .own_resident = 16u << 20,
                    .faults = "kill, pause",
                    .invariants = {{"read-integrity", true, 2}, {"durability", false, 0}},
                    .invariant_count = 2};
    s.counted.done = 500;
    s.counted.failed = 15;
    s.counted.failures[FAILURE_CONNECT] = 12;
    s.counted.failures[FAILURE_TIMEOUT] = 3;
    s.counted.clients = 10;
    return s;
}

static screen_view some_view(void)
{
    return (screen_view){.columns = 100,
                         .rows = 24,
                         .rate = 123,
                         .sparks = {1, 2, 3, 4, 5, 6, 7, 8},
                         .spark_count = 8};
}

#define SHOWS(text, part)                                                                          \
    cr_assert_not_null(strstr(buffer_text(&(text)), part), "no '%s' in:\n%s", part,                \
                       buffer_text(&(text)))

/* Columns of the widest row, escape sequences left out. */
static size_t widest(const char *text)
{
    size_t most = 0, columns = 0;
    for (; *text != '\0'; text++) {
        if (*text == '\n') {
            most = columns > most ? columns : most;
            columns = 0;
        } else if (*text == '\033') {
            text += strcspn(text, "mKJHA");
        } else if (((unsigned char)*text & 0xC0) != 0x80) {
            columns++;
        }
    }
    return most;
}

Test(screen, shows_everything_a_person_asks_for)
{
    live_state s = some_state();
    screen_view v = some_view();
    buffer text = {0};
    cr_assert_eq(screen_compose(&v, &s, &text), 7);
    SHOWS(text, " 30 %");
    SHOWS(text, "7 s left of 10 s");
    SHOWS(text, "123/s");
    SHOWS(text, "500 done, 15 not ok, 10 sessions");
    SHOWS(text, "connect 12, timeout 3");
    SHOWS(text, "kill, pause");
    SHOWS(text, "target 32.0 MiB");
    SHOWS(text, "read-integrity broken 2 times");
    SHOWS(text, "1 judged at the end");
    SHOWS(text, "_.-~=+*#");
    buffer_free(&text);
}

Test(screen, has_no_colours_unless_asked_for)
{
    live_state s = some_state();
    screen_view v = some_view();
    buffer text = {0};
    screen_compose(&v, &s, &text);
    for (const char *at = strchr(buffer_text(&text), '\033'); at != NULL;
         at = strchr(at + 1, '\033'))
        cr_assert_eq(strncmp(at, "\033[K", 3), 0);
    buffer_clear(&text);
    v.colour = true;
    screen_compose(&v, &s, &text);
    SHOWS(text, "\033[31;1mconnect 12");
    buffer_free(&text);
}

Test(screen, fits_any_terminal)
{
    live_state s = some_state();
    buffer text = {0};
    for (size_t columns = 20; columns < 120; columns += 7) {
        for (size_t rows = 3; rows < 12; rows++) {
            screen_view v = some_view();
            v.columns = columns;
            v.rows = rows;
            v.unicode = true;
            v.colour = true;
            buffer_clear(&text);
            cr_assert_lt(screen_compose(&v, &s, &text), rows);
            cr_assert_lt(widest(buffer_text(&text)), columns);
        }
    }
    buffer_free(&text);
}

Test(screen, a_name_cannot_steer_the_terminal)
{
    live_state s = some_state();
    screen_view v = some_view();
    buffer text = {0};
    strcpy(s.scenario, "x\033[2Jy");
    screen_compose(&v, &s, &text);
    SHOWS(text, "x?[2Jy");
    buffer_free(&text);
}

Test(screen, a_plain_line_is_one_line_without_escapes)
{
    live_state s = some_state();
    screen_view v = some_view();
    buffer text = {0};
    screen_plain(&v, &s, &text);
    SHOWS(text, "load 30 %, 7 s left, 123/s, 500 done, 15 not ok (connect 12, timeout 3)");
    cr_assert_eq(strchr(buffer_text(&text), '\n') - buffer_text(&text), (long)text.length - 1);
    cr_assert_null(strchr(buffer_text(&text), '\033'));
    buffer_free(&text);
}

static history_record lasted(uint64_t nanoseconds, outcome what, failure why)
{
    return (history_record){
        .invoke = 5, .finish = 5 + nanoseconds, .outcome = (uint8_t)what, .failure = (uint8_t)why};
}

Test(counters, percentiles_lie_within_the_bucket_that_holds_them)
{
    counters c = {0};
    for (unsigned i = 0; i < 99; i++) {
        history_record r = lasted(1500000, OUTCOME_OK, FAILURE_NONE);
        counters_record(&c, &r);
    }
    history_record slow = lasted(3 * NANOSECONDS_PER_SECOND, OUTCOME_UNKNOWN, FAILURE_TIMEOUT);
    counters_record(&c, &slow);
    counters_snapshot s = counters_read(&c);
    cr_assert_eq(s.done, 100);
    cr_assert_eq(s.failed, 1);
    cr_assert_eq(s.failures[FAILURE_TIMEOUT], 1);
    cr_assert_geq(counters_percentile(&s, 50), 1000000);
    cr_assert_leq(counters_percentile(&s, 50), 2000000);
    cr_assert_geq(counters_percentile(&s, 100), 2 * NANOSECONDS_PER_SECOND);
    cr_assert_leq(counters_percentile(&s, 100), 5 * NANOSECONDS_PER_SECOND);
    counters_snapshot later = counters_since(&s, &s);
    cr_assert_eq(later.done, 0);
    cr_assert_eq(counters_percentile(&later, 99), 0);
}

Test(counters, latency_counts_from_the_intended_start)
{
    counters c = {0};
    history_record r = lasted(1000, OUTCOME_OK, FAILURE_NONE);
    r.late = 2 * NANOSECONDS_PER_SECOND;
    counters_record(&c, &r);
    counters_snapshot s = counters_read(&c);
    cr_assert_gt(counters_percentile(&s, 50), NANOSECONDS_PER_SECOND);
}

Test(metrics, are_well_formed_and_complete)
{
    live_state s = some_state();
    buffer text = {0};
    strcpy(s.scenario, "a\"b\\c");
    s.counted.buckets[0] = 4;
    s.counted.buckets[COUNTERS_BUCKETS - 1] = 1;
    metrics_write(&s, &text);
    SHOWS(text, "ordeal_run_info{scenario=\"a\\\"b\\\\c\",phase=\"load\",seed=\"7\"} 1\n");
    SHOWS(text, "ordeal_operations_total 500\n");
    SHOWS(text, "ordeal_failures_total{kind=\"connect\"} 12\n");
    SHOWS(text, "ordeal_latency_seconds_bucket{le=\"10\"} 4\n");
    SHOWS(text, "ordeal_latency_seconds_bucket{le=\"+Inf\"} 5\n");
    SHOWS(text, "ordeal_faults_active 2\n");
    SHOWS(text, "ordeal_invariant_broken_total{invariant=\"read-integrity\"} 2\n");
    buffer_free(&text);
}

static size_t collect(char *bytes, size_t size, size_t count, void *owner)
{
    return buffer_append(owner, bytes, size * count) ? size * count : 0;
}

static long fetch(uint16_t port, const char *path, buffer *out)
{
    char url[128];
    long status = 0;
    CURL *easy = curl_easy_init();
    snprintf(url, sizeof url, "http://127.0.0.1:%u%s", port, path);
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, collect);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, out);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT, 10L);
    cr_assert_eq(curl_easy_perform(easy), CURLE_OK);
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_cleanup(easy);
    return status;
}

Test(metrics, are_served_as_they_were_last_set)
{
    error e = {0};
    buffer text = {0};
    live_state s = some_state();
    metrics_server *m = metrics_serve(0, &e);
    cr_assert_not_null(m, "%s", e.text);
    uint16_t port = metrics_server_port(m);
    metrics_set(m, &s);
    s.counted.done = 501;
    metrics_set(m, &s);
    cr_assert_eq(fetch(port, "/metrics", &text), 200);
    SHOWS(text, "ordeal_operations_total 501\n");
    cr_assert_eq(fetch(port, "/other", &text), 404);
    cr_assert_null(metrics_serve(port, &e));
    cr_assert_eq(e.kind, ERROR_USAGE);
    metrics_stop(m);
    buffer_free(&text);
}
