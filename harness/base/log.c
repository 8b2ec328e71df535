#include "base/log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/timing.h"

static struct {
    const char *program;
    log_form form;
    log_level least;
} settings = {.program = "ordeal", .form = LOG_PLAIN, .least = LOG_INFO};

static const char *const level_names[] = {"debug", "info", "warning", "error"};

void log_setup(const char *program, log_form form, log_level least)
{
    CHECK(program != NULL);
    settings.program = program;
    settings.form = form;
    settings.least = least;
}

/* One write per line keeps lines of threads and processes apart. Nobody can be told when standard
 * error itself is gone, so that failure alone is dropped. */
static void emit(buffer *line)
{
    buffer_append(line, "\n", 1);
    size_t done = 0;
    while (done < line->length) {
        ssize_t n = write(STDERR_FILENO, line->bytes + done, line->length - done);
        if (n < 0 && errno != EINTR)
            break;
        done += n > 0 ? (size_t)n : 0;
    }
    buffer_free(line);
}

static void put_head(json_writer *w, log_level level, const char *name)
{
    char time[32];
    writer_object(w);
    writer_put_text(w, "time", timing_wall_text(timing_wall(), time));
    writer_put_text(w, "level", level_names[level]);
    writer_put_text(w, "event", name);
}

void log_line(log_level level, const char *format, ...)
{
    if (level < settings.least)
        return;
    char sentence[1024];
    va_list values;
    va_start(values, format);
    vsnprintf(sentence, sizeof sentence, format, values);
    va_end(values);
    if (settings.form == LOG_JSON) {
        log_event event;
        log_event_begin(&event, level, "message");
        writer_put_text(&event.fields, "message", sentence);
        log_event_end(&event);
        return;
    }
    buffer line = {0};
    if (level == LOG_INFO)
        buffer_printf(&line, "%s: %s", settings.program, sentence);
    else
        buffer_printf(&line, "%s: %s: %s", settings.program, level_names[level], sentence);
    emit(&line);
}

void log_error(const error *e)
{
    char line[700];
    log_line(LOG_ERROR, "%s", error_line(e, line, sizeof line));
}

void log_event_begin(log_event *event, log_level level, const char *name)
{
    *event = (log_event){.level = level};
    event->fields = writer_begin(&event->text);
    if (settings.form == LOG_PLAIN) {
        buffer_printf(&event->text, "%s: %s ", settings.program, name);
        writer_object(&event->fields);
    } else {
        put_head(&event->fields, level, name);
    }
}

void log_event_end(log_event *event)
{
    writer_object_end(&event->fields);
    CHECK(event->fields.depth == 0);
    if (event->level >= settings.least)
        emit(&event->text);
    buffer_free(&event->text);
}
