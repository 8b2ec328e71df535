#include "explore/site_map.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"

const char *story_phase_name(story_phase phase)
{
    static const char *const names[PHASES] = {"story", "recovery"};
    CHECK(phase < PHASES);
    return names[phase];
}

void site_map_add(site_map *m, size_t kind, const story_end *end)
{
    uint64_t struck = 0;
    CHECK(kind < m->kind_count);
    for (storage_operation o = 0; o < STORAGE_OPERATIONS; o++)
        struck += end->fired[PHASE_STORY][o];
    for (story_phase p = 0; p < PHASES; p++)
        for (storage_operation o = 0; o < STORAGE_OPERATIONS; o++) {
            site *s = &m->sites[kind][p][o];
            /* Somebody who tries again and again on a dead disk reaches nothing new. */
            if (struck <= 1 && end->seen[p][o] > m->most[p][o])
                m->most[p][o] = end->seen[p][o];
            s->injected += end->fired[p][o];
            if (end->invariant[0] == '\0')
                s->survived += end->fired[p][o];
        }
}

static void print_sites(const site_map *m, story_phase phase, storage_operation o)
{
    for (size_t k = 0; k < m->kind_count; k++) {
        const site *s = &m->sites[k][phase][o];
        if (s->injected > 0)
            printf("            %-34s %6llu injected, %6llu survived%s\n", m->kinds[k],
                   (unsigned long long)s->injected, (unsigned long long)s->survived,
                   s->survived < s->injected ? "  <--" : "");
    }
}

void site_map_print(const site_map *m)
{
    for (story_phase p = 0; p < PHASES; p++) {
        printf("in the %s\n", story_phase_name(p));
        for (storage_operation o = 0; o < STORAGE_OPERATIONS; o++) {
            if (m->reached[p][o] == 0 && m->most[p][o] == 0)
                continue;
            printf("  %-10s reached %llu times", storage_operation_name(o),
                   (unsigned long long)m->reached[p][o]);
            if (m->most[p][o] > m->reached[p][o])
                printf(", up to %llu after a fault", (unsigned long long)m->most[p][o]);
            putchar('\n');
            print_sites(m, p, o);
        }
    }
}

static void write_sites(const site_map *m, story_phase phase, storage_operation o, json_writer *w)
{
    writer_key(w, "faults");
    writer_array(w);
    for (size_t k = 0; k < m->kind_count; k++) {
        const site *s = &m->sites[k][phase][o];
        if (s->injected == 0)
            continue;
        writer_object(w);
        writer_put_text(w, "fault", m->kinds[k]);
        writer_put_whole(w, "injected", s->injected);
        writer_put_whole(w, "survived", s->survived);
        writer_object_end(w);
    }
    writer_array_end(w);
}

void site_map_write(const site_map *m, json_writer *w)
{
    writer_key(w, "map");
    writer_array(w);
    for (story_phase p = 0; p < PHASES; p++)
        for (storage_operation o = 0; o < STORAGE_OPERATIONS; o++) {
            if (m->reached[p][o] == 0 && m->most[p][o] == 0)
                continue;
            writer_object(w);
            writer_put_text(w, "phase", story_phase_name(p));
            writer_put_text(w, "operation", storage_operation_name(o));
            writer_put_whole(w, "reached", m->reached[p][o]);
            writer_put_whole(w, "most", m->most[p][o]);
            write_sites(m, p, o, w);
            writer_object_end(w);
        }
    writer_array_end(w);
}

/* --- reading --- */

static bool read_sites(site_map *m, story_phase phase, storage_operation o, const json_t *in)
{
    for (size_t i = 0; i < json_array_size(in); i++) {
        const json_t *one = json_array_get(in, i);
        const char *name = json_string_value(json_object_get(one, "fault"));
        size_t k = 0;
        while (k < m->kind_count && (name == NULL || strcmp(m->kinds[k], name) != 0))
            k++;
        if (k == m->kind_count)
            return false;
        m->sites[k][phase][o] =
            (site){(uint64_t)json_integer_value(json_object_get(one, "injected")),
                   (uint64_t)json_integer_value(json_object_get(one, "survived"))};
    }
    return true;
}

static bool find_site(const json_t *in, story_phase *phase, storage_operation *o)
{
    const char *phase_text = json_string_value(json_object_get(in, "phase"));
    const char *name = json_string_value(json_object_get(in, "operation"));
    if (phase_text == NULL || name == NULL)
        return false;
    *phase = 0;
    *o = 0;
    while (*phase < PHASES && strcmp(story_phase_name(*phase), phase_text) != 0)
        ++*phase;
    while (*o < STORAGE_OPERATIONS && strcmp(storage_operation_name(*o), name) != 0)
        ++*o;
    return *phase < PHASES && *o < STORAGE_OPERATIONS;
}

bool site_map_read(site_map *m, const json_t *in)
{
    for (size_t i = 0; i < json_array_size(in); i++) {
        const json_t *one = json_array_get(in, i);
        story_phase phase;
        storage_operation o;
        if (!find_site(one, &phase, &o) || !read_sites(m, phase, o, json_object_get(one, "faults")))
            return false;
        m->reached[phase][o] = (uint64_t)json_integer_value(json_object_get(one, "reached"));
        m->most[phase][o] = (uint64_t)json_integer_value(json_object_get(one, "most"));
    }
    return true;
}
