#include "reports/live_page.h"

#include <stdio.h>

#include "base/json_writer.h"
#include "engine/counters.h"
#include "history/operations.h"
#include "reports/page.h"

void live_page_write(const scenario *s, buffer *out)
{
    char title[256];
    char seed[24];
    buffer data = {0};
    json_writer w = writer_begin(&data);
    snprintf(title, sizeof title, "running: %.200s, ordeal", s->name);
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)s->seed);
    writer_object(&w);
    writer_put_text(&w, "scenario", s->name);
    writer_put_text(&w, "story", s->story);
    writer_put_text(&w, "target", s->target.name);
    writer_put_text(&w, "seed", seed);
    writer_key(&w, "edges");
    writer_array(&w);
    for (size_t i = 0; i < COUNTERS_BUCKETS - 1; i++)
        writer_whole(&w, counters_edges[i]);
    writer_array_end(&w);
    writer_key(&w, "failures");
    writer_array(&w);
    for (unsigned i = 0; i < COUNTERS_FAILURES; i++)
        writer_text(&w, failure_name(i));
    writer_array_end(&w);
    writer_object_end(&w);
    page_write(PAGE_LIVE, title, "This page needs scripts.", buffer_text(&data), out);
    buffer_free(&data);
}
