#include "live/web.h"

#include "base/json_writer.h"
#include "history/operations.h"

static void write_counted(const counters_snapshot *c, json_writer *w)
{
    writer_put_whole(w, "done", c->done);
    writer_put_whole(w, "failed", c->failed);
    writer_put_whole(w, "clients", c->clients);
    writer_key(w, "failures");
    writer_array(w);
    for (unsigned i = 0; i < COUNTERS_FAILURES; i++)
        writer_whole(w, c->failures[i]);
    writer_array_end(w);
    writer_key(w, "buckets");
    writer_array(w);
    for (unsigned i = 0; i < COUNTERS_BUCKETS; i++)
        writer_whole(w, c->buckets[i]);
    writer_array_end(w);
}

static void write_target(const live_state *state, json_writer *w)
{
    writer_put_whole(w, "resident", state->target_resident);
    writer_put_whole(w, "own", state->own_resident);
    writer_put_whole(w, "processor_us", state->target_processor);
    writer_put_whole(w, "disk", state->target_disk);
    writer_put_whole(w, "threads", state->target_threads);
    writer_put_whole(w, "descriptors", state->target_descriptors);
    writer_put_whole(w, "temporary", state->target_temporary);
}

void web_write_state(const live_state *state, buffer *out)
{
    json_writer w = writer_begin(out);
    writer_object(&w);
    writer_put_whole(&w, "at", state->at);
    writer_put_text(&w, "phase", state->phase);
    writer_put_bool(&w, "timed", state->timed);
    writer_put_whole(&w, "elapsed", state->elapsed);
    writer_put_whole(&w, "length", state->length);
    write_counted(&state->counted, &w);
    write_target(state, &w);
    writer_put_text(&w, "faults", state->faults);
    writer_key(&w, "invariants");
    writer_array(&w);
    for (size_t i = 0; i < state->invariant_count; i++) {
        writer_object(&w);
        writer_put_text(&w, "name", state->invariants[i].name);
        writer_put_bool(&w, "watched", state->invariants[i].watched);
        writer_put_whole(&w, "broken", state->invariants[i].broken);
        writer_object_end(&w);
    }
    writer_array_end(&w);
    writer_object_end(&w);
}
