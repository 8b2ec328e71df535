#include "traffic/traffic.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/random.h"
#include "base/timing.h"
#include "base/units.h"
#include "base/utf8.h"
#include "engine/sizes.h"
#include "traffic/log_line.h"

#define PATHS_MOST    ((size_t)200000)
#define PATHS_WRITTEN ((size_t)2000)
#define SLOTS         ((size_t)1 << 19)
#define SAMPLE_MOST   ((size_t)100000)
#define WINDOWS       60
#define QUANTILES     10
#define NAME_LONGEST  200
#define CLIENTS_MOST  500.0
#define LONGEST       (72 * 3600.0) /* as long as a scenario may be */

typedef enum { KIND_GET, KIND_PUT, KIND_HEAD, KIND_RANGE, KIND_DELETE, KIND_LIST, KINDS } kind;
static const char *const kind_names[] = {"gets", "puts", "heads", "ranges", "deletes", "lists"};

typedef struct {
    const char *name;
    uint64_t count;
} path_row;

typedef struct {
    arena *names;
    path_row *rows;
    uint32_t *slots; /* row + 1 by hash */
    size_t row_count;
    uint64_t *sizes; /* a sample of those that came */
    uint64_t size_count;
    random_stream random;
    uint64_t kinds[KINDS];
    uint64_t windows[WINDOWS];
    double first;
    double last;
} traffic;

/* --- what an entry is --- */

/* Bytes of the character at `text`; 0: it is none that a scenario, which is YAML, can hold as it
 * is: not UTF-8, a control character, a line's end, or none that Unicode gives a meaning. */
static size_t plain_character(const char *text, size_t left)
{
    const unsigned char *at = (const unsigned char *)text;
    size_t length = utf8_length(at, left);
    uint32_t c = at[0];
    if (length == 2)
        c = (at[0] & 0x1fu) << 6 | (at[1] & 0x3fu);
    else if (length == 3)
        c = (at[0] & 0xfu) << 12 | (at[1] & 0x3fu) << 6 | (at[2] & 0x3fu);
    bool odd = c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029 || c == 0xfeff ||
               c == 0xfffe || c == 0xffff;
    return odd && length < 4 ? 0 : length;
}

/* The name of the file: unescaped, without the API's own prefix. False: it can be no name. */
static bool name_of(const char *path, char name[LOG_PATH_SIZE])
{
    static const char prefix[] = "/v1/files/";
    path += strncmp(path, prefix, sizeof prefix - 1) == 0 ? sizeof prefix - 1 : 1;
    size_t used = 0;
    for (; *path != '\0'; path++) {
        int c = (unsigned char)*path;
        if (c == '%' && hexadecimal(path[1]) >= 0 && hexadecimal(path[2]) >= 0) {
            c = hexadecimal(path[1]) * 16 + hexadecimal(path[2]);
            path += 2;
        }
        if (c == 0)
            return false;
        name[used++] = (char)c;
    }
    name[used] = '\0';
    for (size_t at = 0, length; at < used; at += length) {
        length = plain_character(name + at, used - at);
        if (length == 0)
            return false;
    }
    bool odd = used == 0 || used > NAME_LONGEST || strstr(name, "//") != NULL ||
               strstr(name, "./") != NULL || strchr("./", name[used - 1]) != NULL || name[0] == '/';
    return !odd;
}

/* KINDS: none of ours. Only what was served says how the service is used. */
static kind kind_of(const log_entry *entry)
{
    size_t length = strlen(entry->path);
    bool served = entry->status < 400 || entry->status == 404;
    bool folder = entry->path[length - 1] == '/' || strcmp(entry->path, "/v1/files") == 0;
    if (!served || entry->path[0] != '/')
        return KINDS;
    if (strcmp(entry->method, "GET") == 0)
        return folder ? KIND_LIST : entry->status == 206 ? KIND_RANGE : KIND_GET;
    if (folder)
        return KINDS;
    if (strcmp(entry->method, "PUT") == 0 || strcmp(entry->method, "POST") == 0)
        return KIND_PUT;
    if (strcmp(entry->method, "HEAD") == 0)
        return KIND_HEAD;
    return strcmp(entry->method, "DELETE") == 0 ? KIND_DELETE : KINDS;
}

/* --- the first time through --- */

static uint64_t hash_of(const char *name)
{
    uint64_t hash = 0;
    for (; *name != '\0'; name++)
        hash = random_mix(hash ^ (unsigned char)*name);
    return hash;
}

static void count_path(traffic *t, const char *name)
{
    size_t slot = hash_of(name) % SLOTS;
    while (t->slots[slot] != 0 && strcmp(t->rows[t->slots[slot] - 1].name, name) != 0)
        slot = (slot + 1) % SLOTS;
    if (t->slots[slot] != 0) {
        t->rows[t->slots[slot] - 1].count++;
        return;
    }
    const char *copy = t->row_count < PATHS_MOST ? arena_text(t->names, name, strlen(name)) : NULL;
    if (copy == NULL)
        return;
    t->rows[t->row_count++] = (path_row){copy, 1};
    t->slots[slot] = (uint32_t)t->row_count;
}

/* Every size that came has the same chance to be in the sample. A scenario has no larger files than
 * SIZES_MOST. */
static void count_size(traffic *t, uint64_t size, traffic_figures *figures)
{
    if (size > SIZES_MOST) {
        figures->too_large++;
        size = SIZES_MOST;
    }
    uint64_t place =
        t->size_count < SAMPLE_MOST ? t->size_count : random_below(&t->random, t->size_count + 1);
    t->size_count++;
    if (place < SAMPLE_MOST)
        t->sizes[place] = size;
}

/* KINDS: left out. A listing has no name. */
static kind kind_with_name(const log_entry *entry, char name[LOG_PATH_SIZE])
{
    kind what = kind_of(entry);
    return what == KINDS || what == KIND_LIST || name_of(entry->path, name) ? what : KINDS;
}

static void count_entry(traffic *t, const log_entry *entry, traffic_figures *figures)
{
    char name[LOG_PATH_SIZE];
    kind what = kind_with_name(entry, name);
    if (what == KINDS) {
        figures->left_out++;
        return;
    }
    t->kinds[what]++;
    if (what != KIND_LIST)
        count_path(t, name);
    if (what == KIND_GET && entry->status == 200 && entry->sent != NO_BYTES)
        count_size(t, entry->sent, figures);
    if (what == KIND_PUT && entry->received != NO_BYTES)
        count_size(t, entry->received, figures);
    t->first = t->first > 0 && t->first < entry->at ? t->first : entry->at;
    t->last = t->last > entry->at ? t->last : entry->at;
}

/* --- the second: when --- */

static void count_moment(traffic *t, const log_entry *entry)
{
    char name[LOG_PATH_SIZE];
    double span = t->last - t->first;
    if (kind_with_name(entry, name) == KINDS || entry->at < t->first || entry->at > t->last)
        return;
    size_t window = span > 0 ? (size_t)((entry->at - t->first) / span * WINDOWS) : 0;
    t->windows[window < WINDOWS ? window : WINDOWS - 1]++;
}

/* False at the end. `whole` is false when the line is longer than any may be; the rest of it is
 * passed over. */
static bool next_line(FILE *log, char *line, bool *whole)
{
    if (fgets(line, (int)LOG_LINE_SIZE, log) == NULL)
        return false;
    size_t length = strcspn(line, "\n");
    *whole = length + 1 < LOG_LINE_SIZE;
    for (int c = *whole ? '\n' : 0; c != '\n' && c != EOF;)
        c = getc_unlocked(log);
    line[strcspn(line, "\r\n")] = '\0';
    return true;
}

static bool read_log(const char *path, traffic *t, traffic_figures *figures, error *e)
{
    FILE *log = fopen(path, "re");
    bool whole;
    if (log == NULL)
        return error_set(e, ERROR_USAGE, path, "cannot be read: %s", strerror(errno));
    char *line = memory_take(LOG_LINE_SIZE);
    while (next_line(log, line, &whole)) {
        log_entry entry;
        bool fine = whole && log_line_parse(line, &entry);
        if (figures == NULL) {
            if (fine)
                count_moment(t, &entry);
            continue;
        }
        figures->lines++;
        figures->understood += fine;
        if (fine)
            count_entry(t, &entry, figures);
        else if (figures->first_bad == 0)
            figures->first_bad = figures->lines;
    }
    free(line);
    bool fine = ferror(log) == 0 || error_errno(e, path, "cannot be read");
    fclose(log);
    return fine;
}

/* It is read twice, and from its text. */
static bool is_log(const char *path, error *e)
{
    struct stat found;
    unsigned char begin[4] = {0};
    if (stat(path, &found) != 0)
        return error_set(e, ERROR_USAGE, path, "cannot be read: %s", strerror(errno));
    if (!S_ISREG(found.st_mode))
        return error_set(e, ERROR_USAGE, path, "is not a file; a log is read twice");
    FILE *log = fopen(path, "re");
    size_t length = log != NULL ? fread(begin, 1, sizeof begin, log) : 0;
    if (log != NULL)
        fclose(log);
    if (length == 0 && log != NULL)
        return error_set(e, ERROR_USAGE, path, "is empty");
    bool packed = (begin[0] == 0x1f && begin[1] == 0x8b) || memcmp(begin, "BZh", 3) == 0 ||
                  memcmp(begin,
                         "\xfd"
                         "7zX",
                         4) == 0 ||
                  memcmp(begin, "\x28\xb5\x2f\xfd", 4) == 0;
    return !packed || error_set(e, ERROR_USAGE, path, "is compressed: unpack it first");
}

static bool enough(const char *path, const traffic *t, const traffic_options *options,
                   const traffic_figures *figures, error *e)
{
    uint64_t used = figures->understood - figures->left_out;
    if (used == 0 || figures->understood * 2 < figures->lines)
        return error_set(e, ERROR_USAGE, path,
                         "line %" PRIu64 " is neither of the combined log format nor JSON with "
                         "time, method, path and status; %" PRIu64 " of %" PRIu64
                         " lines are requests for files",
                         figures->first_bad > 0 ? figures->first_bad : 1, used, figures->lines);
    if (t->row_count == 0)
        return error_set(e, ERROR_USAGE, path, "names no file: every request is a listing");
    return options->within > 0 || t->last - t->first <= LONGEST ||
           error_set(e, ERROR_USAGE, path,
                     "its requests are %.0f hours apart and a scenario lasts at most 72: give "
                     "--within",
                     (t->last - t->first) / 3600);
}

/* --- the scenario --- */

static int by_count(const void *a, const void *b)
{
    const path_row *x = a;
    const path_row *y = b;
    return x->count != y->count ? (x->count < y->count) - (x->count > y->count)
                                : strcmp(x->name, y->name);
}

static int by_number(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Least squares of log(count) over log(rank): how steep popularity falls. */
static double zipf_of(const traffic *t)
{
    double n = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;
    for (size_t i = 0; i < t->row_count && t->rows[i].count > 1; i++) {
        double x = log((double)i + 1);
        double y = log((double)t->rows[i].count);
        n++;
        sx += x;
        sy += y;
        sxx += x * x;
        sxy += x * y;
    }
    double below = n * sxx - sx * sx;
    return n < 3 || below <= 0 ? 0 : -(n * sxy - sx * sy) / below;
}

/* Of the name of a log, what is no plain character is not shown. */
static void write_quoted(const char *text, buffer *out)
{
    buffer_text_append(out, "\"");
    for (size_t left = strlen(text), length; left > 0; left -= length, text += length) {
        length = plain_character(text, left);
        if (length == 0)
            buffer_text_append(out, "?");
        if (*text == '"' || *text == '\\')
            buffer_text_append(out, "\\");
        buffer_append(out, text, length);
        length = length > 0 ? length : 1;
    }
    buffer_text_append(out, "\"");
}

static void write_story(const char *log, buffer *out)
{
    buffer story = {0};
    buffer_printf(&story, "The traffic of %s: its timing, sizes, paths and mix.", log);
    write_quoted(buffer_text(&story), out);
    buffer_free(&story);
}

static void write_data(traffic *t, buffer *out)
{
    double zipf = zipf_of(t);
    size_t count = (size_t)(t->size_count < SAMPLE_MOST ? t->size_count : SAMPLE_MOST);
    qsort(t->sizes, count, sizeof *t->sizes, by_number);
    buffer_printf(out, "data:\n  keys: %zu\n  keys_per_client: 0\n", t->row_count);
    if (zipf >= 0.05)
        buffer_printf(out, "  popularity: zipf %.2f\n", zipf < 3 ? zipf : 3);
    if (count > 0) {
        buffer_text_append(out, "  sizes: quantiles");
        for (size_t q = 0; q <= QUANTILES; q++)
            buffer_printf(out, " %" PRIu64, t->sizes[(count - 1) * q / QUANTILES]);
        buffer_text_append(out, "\n");
    }
    buffer_text_append(out, "  paths: # as they were asked for, most often first\n");
    for (size_t i = 0; i < t->row_count && i < PATHS_WRITTEN; i++) {
        buffer_text_append(out, "    - ");
        write_quoted(t->rows[i].name, out);
        buffer_text_append(out, "\n");
    }
}

static void write_clients(const traffic *t, double seconds, buffer *out)
{
    double peak = 0;
    double each = seconds / WINDOWS;
    for (size_t i = 0; i < WINDOWS; i++)
        peak = fmax(peak, (double)t->windows[i] / each);
    buffer_printf(out, "clients:\n  - behaviour: mixed\n    name: recorded\n    count: %.0f\n",
                  fmin(CLIENTS_MOST, fmax(4, ceil(peak / 5))));
    for (size_t k = 0; k < KINDS; k++)
        buffer_printf(out, "    %s: %" PRIu64 "\n", kind_names[k], t->kinds[k]);
    buffer_text_append(out, "    stages:\n");
    for (size_t i = 0; i < WINDOWS; i++)
        buffer_printf(out, "      - {for: %.0fms, rate: %.3f}\n", each * 1000,
                      fmax((double)t->windows[i] / each, 0.001));
}

static void write_scenario(const char *path, traffic *t, const traffic_options *options,
                           const traffic_figures *figures, buffer *out)
{
    /* A log of one moment is a second. */
    double recorded = fmax(t->last - t->first, 1);
    double seconds =
        options->within > 0 ? (double)options->within / (double)NANOSECONDS_PER_SECOND : recorded;
    const char *file = strrchr(path, '/');
    /* Every stage is whole milliseconds long. */
    seconds = ceil(seconds * 1000 / WINDOWS) * WINDOWS / 1000;
    buffer_printf(out, "# Made by ordeal import of %" PRIu64 " requests in %.0f s.\n",
                  figures->understood - figures->left_out, recorded);
    buffer_printf(out, "name: %s\nstory: ", options->name);
    write_story(file != NULL ? file + 1 : path, out);
    buffer_text_append(out, "\ntarget: ");
    write_quoted(options->target, out);
    buffer_printf(out, "\nduration: %.0fms\n", seconds * 1000);
    write_data(t, out);
    write_clients(t, seconds, out);
    buffer_text_append(out, "invariants:\n  - read-integrity\n  - linearizable\n");
}

bool traffic_import(const char *path, const traffic_options *options, traffic_figures *figures,
                    buffer *out, error *e)
{
    traffic *t = memory_zeroed(1, sizeof *t);
    *figures = (traffic_figures){0};
    t->names = arena_create("paths of a log", PATHS_MOST * 64);
    t->rows = memory_zeroed(PATHS_MOST, sizeof *t->rows);
    t->slots = memory_zeroed(SLOTS, sizeof *t->slots);
    t->sizes = memory_zeroed(SAMPLE_MOST, sizeof *t->sizes);
    t->random = random_named(1, "import");
    bool fine = is_log(path, e) && read_log(path, t, figures, e) &&
                enough(path, t, options, figures, e) && read_log(path, t, NULL, e);
    if (fine) {
        figures->paths = t->row_count;
        qsort(t->rows, t->row_count, sizeof *t->rows, by_count);
        write_scenario(path, t, options, figures, out);
    }
    arena_destroy(t->names);
    free(t->rows);
    free(t->slots);
    free(t->sizes);
    free(t);
    return fine;
}
