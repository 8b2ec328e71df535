#include "plan/scenario_parts.h"

#include <string.h>

#include "base/check.h"
#include "base/timing.h"
#include "base/units.h"
#include "plan/scenario.h"

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))
#define NAMES_MOST      128

/* --- clock --- */

static bool read_clock_rate(loader *l, const node *n, void *target)
{
    scenario *s = target;
    return fields_real(l, n, &s->clock_rate) &&
           ((s->clock_rate >= 0.01 && s->clock_rate <= 1440) ||
            node_error(n, l->e, "rate must be from 0.01 to 1440"));
}

static bool read_clock_offset(loader *l, const node *n, void *target)
{
    static const parameter row = {"offset", PARAMETER_OFFSET, NULL, "", NULL};
    parameter_value value = {0};
    if (!fields_parameter(l, n, &row, &value))
        return false;
    ((scenario *)target)->clock_offset = value.offset;
    return true;
}

bool read_clock(loader *l, const node *n, void *target)
{
    static const field fields[] = {{"rate", read_clock_rate}, {"offset", read_clock_offset}};
    return fields_read(l, n, "clock", fields, COUNT_OF(fields), NULL, target);
}

/* --- data --- */

static bool read_keys(loader *l, const node *n, void *target)
{
    return fields_whole(l, n, 0, SCENARIO_KEYS_MOST, &((data_shape *)target)->keys);
}

static bool read_keys_per_client(loader *l, const node *n, void *target)
{
    return fields_whole(l, n, 0, 10000, &((data_shape *)target)->keys_per_client);
}

static bool read_sizes(loader *l, const node *n, void *target)
{
    const char *text;
    return fields_text(l, n, &text) &&
           (sizes_parse(text, &((data_shape *)target)->sizes) ||
            node_error(n, l->e, "sizes: '%.60s' is not 4KiB, 1KiB..64KiB, ladder or production",
                       text));
}

static bool read_popularity(loader *l, const node *n, void *target)
{
    data_shape *d = target;
    const char *text;
    if (!fields_text(l, n, &text))
        return false;
    if (strcmp(text, "uniform") == 0)
        d->zipf = 0;
    else if (strncmp(text, "zipf ", 5) != 0 || !units_real(text + 5, &d->zipf) || d->zipf <= 0 ||
             d->zipf > 5)
        return node_error(
            n, l->e,
            "popularity: '%.60s' is not uniform, or zipf with an exponent such as zipf 0.99", text);
    return true;
}

static bool read_names(loader *l, const node *n, void *target)
{
    static const char *const words[] = {"plain", "awkward", NULL};
    static const parameter row = {"names", PARAMETER_WORD, NULL, "", words};
    parameter_value value = {0};
    if (!fields_parameter(l, n, &row, &value))
        return false;
    ((data_shape *)target)->awkward_names = value.number == 1;
    return true;
}

bool read_data(loader *l, const node *n, void *target)
{
    static const field fields[] = {{"keys", read_keys},
                                   {"keys_per_client", read_keys_per_client},
                                   {"sizes", read_sizes},
                                   {"popularity", read_popularity},
                                   {"names", read_names}};
    return fields_read(l, n, "data", fields, COUNT_OF(fields), NULL, &((scenario *)target)->data);
}

/* --- clients --- */

static bool take_behaviour(loader *l, const node *map, client_group *g)
{
    const node *named = node_child(map, "behaviour");
    const char *name;
    if (named == NULL)
        return node_error(map, l->e, "a client group needs 'behaviour'");
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

static bool read_nothing(loader *l, const node *n, void *target)
{
    (void)l;
    (void)n;
    (void)target;
    return true;
}

static bool read_group_name(loader *l, const node *n, void *target)
{
    return fields_text(l, n, &((client_group *)target)->name);
}

static bool read_count(loader *l, const node *n, void *target)
{
    return fields_whole(l, n, 1, SCENARIO_CLIENTS_MOST, &((client_group *)target)->count);
}

static bool read_think(loader *l, const node *n, void *target)
{
    return fields_duration(l, n, &((client_group *)target)->arrival.think);
}

static bool positive(loader *l, const node *n, double *out)
{
    return fields_real(l, n, out) &&
           ((*out > 0 && *out <= 1e6) ||
            node_error(n, l->e, "%s must be above 0 and at most a million a second", n->key));
}

static bool read_rate(loader *l, const node *n, void *target)
{
    client_group *g = target;
    if (g->arrival.form == ARRIVAL_CLOSED)
        g->arrival.form = ARRIVAL_CONSTANT;
    return positive(l, n, &g->arrival.rate);
}

static bool read_rate_end(loader *l, const node *n, void *target)
{
    return positive(l, n, &((client_group *)target)->arrival.rate_end);
}

static bool read_period(loader *l, const node *n, void *target)
{
    client_group *g = target;
    return fields_duration(l, n, &g->arrival.period) &&
           (g->arrival.period > 0 || node_error(n, l->e, "period must be above 0"));
}

static bool read_arrival(loader *l, const node *n, void *target)
{
    static const char *const words[] = {"closed", "constant", "ramp", "diurnal", "burst", NULL};
    static const parameter row = {"arrival", PARAMETER_WORD, NULL, "", words};
    parameter_value value = {0};
    if (!fields_parameter(l, n, &row, &value))
        return false;
    ((client_group *)target)->arrival.form = (arrival_form)value.number;
    return true;
}

static bool read_from(loader *l, const node *n, void *target)
{
    return fields_duration(l, n, &((client_group *)target)->from);
}

static bool read_until(loader *l, const node *n, void *target)
{
    return fields_duration(l, n, &((client_group *)target)->until);
}

static const field group_fields[] = {
    {"behaviour", read_nothing}, {"name", read_group_name}, {"count", read_count},
    {"think", read_think},       {"arrival", read_arrival}, {"rate", read_rate},
    {"rate_end", read_rate_end}, {"period", read_period},   {"from", read_from},
    {"until", read_until},
};

/* Words that would have been right: the group's own and its behaviour's. */
static bool read_group_parameter(loader *l, const node *n, void *target)
{
    client_group *g = target;
    const behaviour *b = g->behaviour;
    int index = parameter_index(b->parameters, b->parameter_count, n->key);
    if (index >= 0)
        return fields_parameter(l, n, &b->parameters[index], &g->values[index]);
    const char *names[NAMES_MOST];
    size_t count = 0;
    for (size_t i = 0; i < COUNT_OF(group_fields); i++)
        names[count++] = group_fields[i].name;
    for (size_t i = 0; i < b->parameter_count; i++)
        names[count++] = b->parameters[i].name;
    node key = *n;
    key.line = n->key_line;
    return fields_unknown(&key, l->e, "key in a client group", n->key, names, count);
}

static bool check_group(loader *l, const node *n, client_group *g)
{
    arrival *a = &g->arrival;
    if (a->form != ARRIVAL_CLOSED && a->rate <= 0)
        return node_error(
            n, l->e, "arrival other than closed needs 'rate', turns a second of the whole group");
    if (a->form >= ARRIVAL_RAMP && a->rate_end <= 0)
        return node_error(n, l->e, "this arrival needs 'rate_end' too");
    if (a->form >= ARRIVAL_DIURNAL && a->period == 0)
        return node_error(n, l->e, "this arrival needs 'period'");
    if (g->until > 0 && g->until <= g->from)
        return node_error(n, l->e, "until must be after from");
    return true;
}

static bool read_group(loader *l, const node *n, client_group *g)
{
    *g = (client_group){.count = 1, .line = n->line};
    return fields_map(n, l->e) && take_behaviour(l, n, g) &&
           fields_read(l, n, "a client group", group_fields, COUNT_OF(group_fields),
                       read_group_parameter, g) &&
           check_group(l, n, g);
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

/* --- faults --- */

/* "2s" or "2s..4s": then the moment is drawn from the seed. */
static bool read_at(loader *l, const node *n, void *target)
{
    planned_fault *f = target;
    const char *text;
    if (!fields_text(l, n, &text))
        return false;
    const char *dots = strstr(text, "..");
    char first[32];
    size_t length = dots != NULL ? (size_t)(dots - text) : strlen(text);
    if (length >= sizeof first)
        return node_error(n, l->e, "at: '%.60s' is too long", text);
    memcpy(first, text, length);
    first[length] = '\0';
    if (!units_duration(first, &f->at) || (dots != NULL && !units_duration(dots + 2, &f->until_at)))
        return node_error(n, l->e, "at: '%.60s' is not a time such as 2s or 2s..4s", text);
    if (dots == NULL)
        f->until_at = f->at;
    return f->until_at >= f->at || node_error(n, l->e, "at: the end is before the beginning");
}

static bool read_for(loader *l, const node *n, void *target)
{
    return fields_duration(l, n, &((planned_fault *)target)->length);
}

static bool read_every(loader *l, const node *n, void *target)
{
    planned_fault *f = target;
    return fields_duration(l, n, &f->every) && (f->every >= 10 * NANOSECONDS_PER_MILLISECOND ||
                                                node_error(n, l->e, "every must be at least 10ms"));
}

static bool read_optional(loader *l, const node *n, void *target)
{
    static const parameter row = {"optional", PARAMETER_SWITCH, NULL, "", NULL};
    parameter_value value = {0};
    if (!fields_parameter(l, n, &row, &value))
        return false;
    ((planned_fault *)target)->optional = value.number == 1;
    return true;
}

static const field fault_fields[] = {
    {"fault", read_nothing},     {"at", read_at}, {"for", read_for}, {"every", read_every},
    {"optional", read_optional},
};

static bool read_fault_parameter(loader *l, const node *n, void *target)
{
    planned_fault *f = target;
    const fault_kind *k = f->fault.kind;
    int index = parameter_index(k->parameters, k->parameter_count, n->key);
    if (index >= 0)
        return fields_parameter(l, n, &k->parameters[index], &f->fault.values[index]);
    const char *names[NAMES_MOST];
    size_t count = 0;
    for (size_t i = 0; i < COUNT_OF(fault_fields); i++)
        names[count++] = fault_fields[i].name;
    for (size_t i = 0; i < k->parameter_count; i++)
        names[count++] = k->parameters[i].name;
    node key = *n;
    key.line = n->key_line;
    return fields_unknown(&key, l->e, "key in a fault", n->key, names, count);
}

static bool take_kind(loader *l, const node *map, planned_fault *f)
{
    const node *named = node_child(map, "fault");
    const char *name;
    if (named == NULL)
        return node_error(map, l->e, "each fault needs 'fault', the name of its kind");
    if (!fields_text(l, named, &name))
        return false;
    f->fault.kind = fault_kind_named(name);
    const char *names[NAMES_MOST];
    CHECK(fault_kind_count <= NAMES_MOST);
    for (size_t i = 0; i < fault_kind_count; i++)
        names[i] = fault_kinds[i]->name;
    if (f->fault.kind == NULL)
        return fields_unknown(named, l->e, "fault", name, names, fault_kind_count);
    return fields_fallbacks(l, map, name, f->fault.kind->parameters, f->fault.kind->parameter_count,
                            f->fault.values, map);
}

static bool read_fault(loader *l, const node *n, planned_fault *f)
{
    error problem = {0};
    *f = (planned_fault){.line = n->line};
    if (!fields_map(n, l->e) || !take_kind(l, n, f) ||
        !fields_read(l, n, "a fault", fault_fields, COUNT_OF(fault_fields), read_fault_parameter,
                     f))
        return false;
    if (node_child(n, "at") == NULL)
        return node_error(n, l->e, "fault %s needs 'at', when it begins", f->fault.kind->name);
    if (f->every > 0 && f->every <= f->length)
        return node_error(n, l->e, "every must be longer than for");
    return f->fault.kind->check == NULL || f->fault.kind->check(&f->fault, &problem) ||
           node_error(n, l->e, "%s", problem.text);
}

bool read_faults(loader *l, const node *n, void *target)
{
    scenario *s = target;
    if (!fields_list(n, l->e))
        return false;
    s->faults = loader_take(l, n->count, sizeof *s->faults);
    if (s->faults == NULL)
        return false;
    for (const node *item = n->first; item != NULL; item = item->next)
        if (!read_fault(l, item, &s->faults[s->fault_count++]))
            return false;
    return true;
}

/* --- invariants and thresholds --- */

static bool find_judge(loader *l, const node *n, const char *name, planned_invariant *out)
{
    const char *names[NAMES_MOST];
    CHECK(judge_count <= NAMES_MOST);
    for (size_t i = 0; i < judge_count; i++)
        names[i] = judges[i]->name;
    *out = (planned_invariant){.judge = judge_named(name)};
    return out->judge != NULL || fields_unknown(n, l->e, "invariant", name, names, judge_count);
}

static bool read_bounds(loader *l, const node *map, planned_invariant *out)
{
    const judge *j = out->judge;
    for (const node *child = map != NULL ? map->first : NULL; child != NULL; child = child->next) {
        int index = parameter_index(j->parameters, j->parameter_count, child->key);
        const char *names[PARAMETERS_MOST];
        for (size_t i = 0; i < j->parameter_count; i++)
            names[i] = j->parameters[i].name;
        if (index < 0)
            return fields_unknown(child, l->e, "bound of this invariant", child->key, names,
                                  j->parameter_count);
        if (!fields_parameter(l, child, &j->parameters[index], &out->values[index]))
            return false;
    }
    return true;
}

/* "- durability" or "- durability: {bound: 3}" */
static bool read_invariant(loader *l, const node *n, planned_invariant *out)
{
    if (n->kind == NODE_SCALAR)
        return find_judge(l, n, n->text, out) &&
               fields_fallbacks(l, n, n->text, out->judge->parameters, out->judge->parameter_count,
                                out->values, NULL);
    if (n->kind != NODE_MAP || n->count != 1)
        return node_error(n, l->e, "an invariant is a name, or a name with a map of its bounds");
    const node *bounds = n->first;
    return find_judge(l, bounds, bounds->key, out) && fields_map(bounds, l->e) &&
           fields_fallbacks(l, bounds, bounds->key, out->judge->parameters,
                            out->judge->parameter_count, out->values, bounds) &&
           read_bounds(l, bounds, out);
}

bool read_invariants(loader *l, const node *n, void *target)
{
    scenario *s = target;
    if (!fields_list(n, l->e))
        return false;
    s->invariants = loader_take(l, n->count, sizeof *s->invariants);
    if (s->invariants == NULL)
        return false;
    for (const node *item = n->first; item != NULL; item = item->next) {
        planned_invariant *now = &s->invariants[s->invariant_count];
        if (!read_invariant(l, item, now))
            return false;
        for (size_t i = 0; i < s->invariant_count; i++)
            if (s->invariants[i].judge == now->judge)
                return node_error(item, l->e, "invariant %s is listed twice", now->judge->name);
        s->invariant_count++;
    }
    return true;
}

static bool read_threshold(loader *l, const node *n, threshold *out)
{
    error problem = {0};
    const node *text = n->kind == NODE_MAP ? node_child(n, "bound") : n;
    if (text == NULL || text->kind != NODE_SCALAR)
        return node_error(
            n, l->e, "a threshold is a text such as p95(get) < 1s, or {bound: that, abort: true}");
    if (!threshold_parse(text->text, out, &problem))
        return node_error(text, l->e, "%s", problem.text);
    const node *abort = n->kind == NODE_MAP ? node_child(n, "abort") : NULL;
    out->abort = abort != NULL && abort->kind == NODE_SCALAR && strcmp(abort->text, "true") == 0;
    return true;
}

bool read_thresholds(loader *l, const node *n, void *target)
{
    scenario *s = target;
    if (!fields_list(n, l->e))
        return false;
    s->thresholds = loader_take(l, n->count, sizeof *s->thresholds);
    if (s->thresholds == NULL)
        return false;
    for (const node *item = n->first; item != NULL; item = item->next)
        if (!read_threshold(l, item, &s->thresholds[s->threshold_count++]))
            return false;
    return true;
}
