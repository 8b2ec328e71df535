/* The `clients` of a scenario: groups, their behaviours, and the stages of their arrival. */
#include <string.h>

#include "base/check.h"
#include "base/timing.h"
#include "base/units.h"
#include "plan/scenario.h"
#include "plan/scenario_parts.h"

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))
#define NAMES_MOST      128
#define STAGES_MOST     1000
#define GROUP_NAME_MOST 64
#define RATE_LEAST      0.0001

/* An arrival as far as it has been read; `end` holds its length until placed. */
typedef struct {
    arrival arrival;
    bool has_form;
    bool has_rate;
    bool has_rate_end;
    bool has_period;
    bool has_think;
    bool has_clients;
    bool has_clients_end;
} draft;

/* The readers of an arrival's fields take it for a draft alone. */
typedef struct {
    draft draft;
    client_group *group;
    const node *stages; /* NULL: the group has one arrival of its own */
} group_draft;

/* --- fields of a group that has one arrival, and of each stage --- */

static bool read_form(loader *l, const node *n, void *target)
{
    draft *d = target;
    size_t form;
    d->has_form = true;
    if (!fields_word(l, n, arrival_names, &form))
        return false;
    d->arrival.form = (arrival_form)form;
    return true;
}

static bool read_turns(loader *l, const node *n, double *out)
{
    return fields_real(l, n, out) &&
           (*out == 0 || (*out >= RATE_LEAST && *out <= 1e6) ||
            node_error(n, l->e, "%s must be 0, or from 0.0001 to a million turns a second",
                       n->key));
}

static bool read_rate(loader *l, const node *n, void *target)
{
    draft *d = target;
    d->has_rate = true;
    return read_turns(l, n, &d->arrival.rate);
}

static bool read_rate_end(loader *l, const node *n, void *target)
{
    draft *d = target;
    d->has_rate_end = true;
    return read_turns(l, n, &d->arrival.rate_end);
}

static bool read_period(loader *l, const node *n, void *target)
{
    draft *d = target;
    d->has_period = true;
    return fields_duration(l, n, &d->arrival.period) &&
           (d->arrival.period >= 10 * NANOSECONDS_PER_MILLISECOND ||
            node_error(n, l->e, "period must be at least 10ms"));
}

static bool read_think(loader *l, const node *n, void *target)
{
    draft *d = target;
    d->has_think = true;
    return fields_duration(l, n, &d->arrival.think);
}

static bool read_stage_length(loader *l, const node *n, void *target)
{
    draft *d = target;
    return fields_duration(l, n, &d->arrival.end) &&
           (d->arrival.end > 0 || node_error(n, l->e, "for must be above 0"));
}

static bool read_stage_clients(loader *l, const node *n, void *target)
{
    draft *d = target;
    d->has_clients = true;
    return fields_whole(l, n, 0, SCENARIO_CLIENTS_MOST, &d->arrival.clients);
}

static bool read_stage_clients_end(loader *l, const node *n, void *target)
{
    draft *d = target;
    d->has_clients_end = true;
    return fields_whole(l, n, 0, SCENARIO_CLIENTS_MOST, &d->arrival.clients_end);
}

#define ARRIVAL_FIELDS                                                                             \
    {"arrival", read_form, "arrival", "closed: after a think time; the others: at a rate"},        \
        {"rate", read_rate, "real", "open: turns a second of the whole group"},                    \
        {"rate_end", read_rate_end, "real",                                                        \
         "ramp: rate at the end; diurnal: at night; burst: between bursts"},                       \
        {"period", read_period, "duration",                                                        \
         "diurnal: a day; burst: from one to the next, a tenth of it the burst"},                  \
    {                                                                                              \
        "think", read_think, "duration", "closed: mean pause between turns"                        \
    }

static const field stage_rows[] = {
    {"for", read_stage_length, "duration", "how long the stage lasts"},
    {"clients", read_stage_clients, "whole", "closed: how many of the group are at work"},
    {"clients_end", read_stage_clients_end, "whole", "closed: how many at the end; straight line"},
    ARRIVAL_FIELDS,
};
const field_table stage_table = {stage_rows, COUNT_OF(stage_rows)};

/* --- what single fields cannot say --- */

static bool check_open(loader *l, const node *n, const draft *d)
{
    const arrival *a = &d->arrival;
    const char *form = arrival_names[a->form];
    bool two = a->form >= ARRIVAL_RAMP;
    bool round = a->form >= ARRIVAL_DIURNAL;
    if (!d->has_rate)
        return node_error(n, l->e,
                          "arrival: %s needs 'rate', turns a second of the whole group, such as "
                          "rate: 50",
                          form);
    if (two != d->has_rate_end)
        return node_error(n, l->e, "arrival: %s %s", form,
                          two ? "needs 'rate_end' too, such as rate_end: 10"
                              : "has one rate; 'rate_end' belongs to ramp, diurnal and burst");
    if (round != d->has_period)
        return node_error(n, l->e, "arrival: %s %s", form,
                          round ? "needs 'period' too, such as period: 20s"
                                : "has no 'period'; it belongs to diurnal and burst");
    if (a->rate <= 0 && a->rate_end <= 0)
        return node_error(n, l->e, "rate must be above 0");
    if (d->has_think)
        return node_error(n, l->e,
                          "'think' belongs to closed arrival; at a rate, clients do not think");
    return (!d->has_clients && !d->has_clients_end) ||
           node_error(n, l->e,
                      "'clients' of a stage belongs to closed arrival; at a rate, the "
                      "whole group shares the turns");
}

static bool check_arrival(loader *l, const node *n, draft *d)
{
    if (!d->has_form && d->has_rate)
        d->arrival.form = ARRIVAL_CONSTANT;
    if (arrival_is_open(&d->arrival))
        return check_open(l, n, d);
    const char *open_only = d->has_rate       ? "rate"
                            : d->has_rate_end ? "rate_end"
                            : d->has_period   ? "period"
                                              : NULL;
    return open_only == NULL ||
           node_error(n, l->e,
                      "'%s' belongs to arrival: constant, ramp, diurnal or burst, not to closed",
                      open_only);
}

static bool check_presence(loader *l, const node *n, draft *d, uint64_t count)
{
    arrival *a = &d->arrival;
    if (!d->has_clients)
        a->clients = count;
    if (!d->has_clients_end)
        a->clients_end = a->clients;
    return (a->clients <= count && a->clients_end <= count) ||
           node_error(n, l->e, "a stage of more clients than the group's count");
}

/* --- stages --- */

static bool read_stage(loader *l, const node *n, uint64_t begin, uint64_t count, arrival *out)
{
    draft d = {0};
    if (!fields_read(l, n, "a stage", &stage_table, NULL, &d))
        return false;
    if (d.arrival.end == 0)
        return node_error(n, l->e, "a stage needs 'for', how long it lasts, such as for: 10s");
    if (!check_arrival(l, n, &d) || !check_presence(l, n, &d, count))
        return false;
    *out = d.arrival;
    out->begin = begin;
    out->end = begin + d.arrival.end;
    return true;
}

static bool read_stages(loader *l, const node *n, client_group *g)
{
    if (!fields_list(n, l->e))
        return false;
    if (n->count == 0 || n->count > STAGES_MOST)
        return node_error(n, l->e, "stages: from 1 to %d of them", STAGES_MOST);
    g->stages = loader_take(l, n->count, sizeof *g->stages);
    uint64_t begin = g->from;
    if (g->stages == NULL)
        return false;
    for (const node *item = n->first; item != NULL; item = item->next) {
        if (!read_stage(l, item, begin, g->count, &g->stages[g->stage_count]))
            return false;
        begin = g->stages[g->stage_count++].end;
    }
    return true;
}

/* A group without `stages` has one, as long as the group is there. */
static bool take_one_stage(loader *l, const node *n, draft *d, client_group *g)
{
    if (!check_arrival(l, n, d) || !check_presence(l, n, d, g->count))
        return false;
    g->stages = loader_take(l, 1, sizeof *g->stages);
    if (g->stages == NULL)
        return false;
    g->stages[g->stage_count++] = d->arrival;
    return true;
}

bool place_stages(loader *l, const node *root, client_group *g, uint64_t duration)
{
    node where = *root;
    where.line = where.key_line = g->line;
    uint64_t until = g->until > 0 && g->until < duration ? g->until : duration;
    arrival *last = &g->stages[g->stage_count - 1];
    if (g->from >= duration)
        return node_error(&where, l->e, "this group joins when the load is over");
    if (!g->staged) {
        last->begin = g->from;
        last->end = until;
        return true;
    }
    char length[32];
    return last->end <= until ||
           node_error(&where, l->e, "the stages end at %s, after the load or the group does",
                      units_show_duration(last->end, length));
}

/* --- a group --- */

static bool take_behaviour(loader *l, const node *map, client_group *g)
{
    const node *named = node_child(map, "behaviour");
    const char *name;
    if (named == NULL)
        return node_error(map, l->e,
                          "a client group needs 'behaviour', such as behaviour: put-get; 'ordeal "
                          "list behaviours' shows the kinds");
    if (!fields_text(l, named, &name))
        return false;
    g->behaviour = behaviour_named(name);
    const char *names[NAMES_MOST];
    CHECK(behaviour_count <= NAMES_MOST);
    for (size_t i = 0; i < behaviour_count; i++)
        names[i] = behaviours[i]->name;
    if (g->behaviour == NULL)
        return fields_unknown(named, l->e, "behaviour", name, names, behaviour_count);
    g->name = g->behaviour->name;
    return fields_fallbacks(l, map, name, g->behaviour->parameters, g->behaviour->parameter_count,
                            g->values, map);
}

static bool read_group_name(loader *l, const node *n, void *target)
{
    client_group *g = ((group_draft *)target)->group;
    if (!fields_text(l, n, &g->name))
        return false;
    for (const char *at = g->name; *at != '\0'; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            return node_error(n, l->e, "name: a control character is in it");
    return strlen(g->name) <= GROUP_NAME_MOST ||
           node_error(n, l->e, "name: at most %d bytes", GROUP_NAME_MOST);
}

static bool read_count(loader *l, const node *n, void *target)
{
    return fields_whole(l, n, 1, SCENARIO_CLIENTS_MOST, &((group_draft *)target)->group->count);
}

static bool read_from(loader *l, const node *n, void *target)
{
    return fields_duration(l, n, &((group_draft *)target)->group->from);
}

static bool read_until(loader *l, const node *n, void *target)
{
    client_group *g = ((group_draft *)target)->group;
    return fields_duration(l, n, &g->until) &&
           (g->until > 0 || node_error(n, l->e, "until must be above 0"));
}

/* They need the group's count and beginning, which may come later in the file. */
static bool note_stages(loader *l, const node *n, void *target)
{
    (void)l;
    ((group_draft *)target)->stages = n;
    return true;
}

static const field group_rows[] = {
    {"behaviour", fields_skip, "behaviour", "what each of these clients does"},
    {"name", read_group_name, "text", "of the group; the behaviour's without it"},
    {"count", read_count, "whole", "how many clients"},
    {"from", read_from, "duration", "they join then"},
    {"until", read_until, "duration", "they leave then"},
    {"stages", note_stages, "stages", "several phases of arrival, one after the other"},
    ARRIVAL_FIELDS,
};
const field_table group_table = {group_rows, COUNT_OF(group_rows)};

/* Words that would have been right: the group's own and its behaviour's. */
static bool read_group_parameter(loader *l, const node *n, void *target)
{
    client_group *g = ((group_draft *)target)->group;
    const behaviour *b = g->behaviour;
    int index = parameter_index(b->parameters, b->parameter_count, n->key);
    if (index >= 0)
        return fields_parameter(l, n, &b->parameters[index], &g->values[index]);
    return fields_unknown_key(l, n, "a client group", &group_table, b->parameters,
                              b->parameter_count);
}

static bool read_group(loader *l, const node *n, client_group *g)
{
    group_draft d = {.group = g};
    *g = (client_group){.count = 1, .line = n->line};
    if (!fields_map(n, l->e) || !take_behaviour(l, n, g) ||
        !fields_read(l, n, "a client group", &group_table, read_group_parameter, &d))
        return false;
    if (g->until > 0 && g->until <= g->from)
        return node_error(n, l->e, "until must be after from");
    g->staged = d.stages != NULL;
    if (!g->staged)
        return take_one_stage(l, n, &d.draft, g);
    const draft *own = &d.draft;
    if (own->has_form || own->has_rate || own->has_rate_end || own->has_period || own->has_think)
        return node_error(n, l->e,
                          "arrival, rate, rate_end, period and think beside 'stages': "
                          "write them into the stages");
    return read_stages(l, d.stages, g);
}

bool read_clients(loader *l, const node *n, void *target)
{
    scenario *s = target;
    if (!fields_list(n, l->e))
        return false;
    s->groups = loader_take(l, n->count, sizeof *s->groups);
    if (s->groups == NULL)
        return false;
    for (const node *item = n->first; item != NULL; item = item->next)
        if (!read_group(l, item, &s->groups[s->group_count++]))
            return false;
    return true;
}
