#include "plan/scenario_parts.h"

#include <string.h>

#include "base/check.h"
#include "base/timing.h"
#include "base/units.h"
#include "plan/scenario.h"

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))
#define NAMES_MOST      128
#define PATH_MOST       200

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

/* As clock_way has them. */
static const char *const clock_ways[] = {"auto", "vdso", "faketime", NULL};

static bool read_clock_way(loader *l, const node *n, void *target)
{
    size_t way;
    if (!fields_word(l, n, clock_ways, &way))
        return false;
    ((scenario *)target)->clock_way = (unsigned)way;
    return true;
}

static const field clock_rows[] = {
    {"rate", read_clock_rate, "real", "how many times as fast the target's clock runs"},
    {"offset", read_clock_offset, "offset", "how far the target's clock is off"},
    {"way", read_clock_way, "text", "auto, vdso or faketime"},
};
const field_table clock_table = {clock_rows, COUNT_OF(clock_rows)};

bool read_clock(loader *l, const node *n, void *target)
{
    return fields_read(l, n, "clock", &clock_table, NULL, target);
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
            node_error(n, l->e,
                       "sizes: '%.60s' is not 4KiB, 1KiB..64KiB, ladder, production or "
                       "quantiles with rising sizes, at most 16 GiB",
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

const char *const name_forms[] = {"plain", "awkward", NULL};

static bool read_names(loader *l, const node *n, void *target)
{
    size_t form;
    if (!fields_word(l, n, name_forms, &form))
        return false;
    ((data_shape *)target)->awkward_names = form == 1;
    return true;
}

/* As any server that keeps files by path would take it, and none of a folder above. */
static bool is_plain_path(const char *text)
{
    for (const char *at = text;; at++) {
        size_t length = strcspn(at, "/");
        bool dots = strncmp(at, "..", length) == 0 && length <= 2;
        if (dots)
            return false;
        at += length;
        if (*at == '\0')
            break;
    }
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; at++)
        if (*at < 0x20 || *at == 0x7f)
            return false;
    return true;
}

static bool is_listed_before(const node *list, const node *item)
{
    const node *other = list->first;
    while (other != item && strcmp(other->text, item->text) != 0)
        other = other->next;
    return other != item;
}

static bool read_paths(loader *l, const node *n, void *target)
{
    data_shape *d = target;
    if (!fields_texts(l, n, &d->paths))
        return false;
    for (const node *item = n->first; item != NULL; item = item->next) {
        if (strlen(item->text) == 0 || strlen(item->text) > PATH_MOST)
            return node_error(item, l->e, "paths: a name has 1 to %d bytes", PATH_MOST);
        if (!is_plain_path(item->text))
            return node_error(item, l->e,
                              "paths: '%.60s' is not a path such as a/b.txt: no '/' at its ends, "
                              "no empty, '.' or '..' part, no control characters",
                              item->text);
        if (is_listed_before(n, item))
            return node_error(item, l->e, "paths: '%.60s' is listed twice", item->text);
    }
    d->path_count = n->count;
    return true;
}

static const field data_rows[] = {
    {"keys", read_keys, "whole", "names that all clients share (100)"},
    {"keys_per_client", read_keys_per_client, "whole", "names of each client's own (4)"},
    {"sizes", read_sizes, "sizes",
     "of files: 4KiB, 1KiB..64KiB, ladder, production, or quantiles SIZE SIZE ..."},
    {"popularity", read_popularity, "popularity", "of shared names: uniform, or zipf 0.99"},
    {"paths", read_paths, "texts", "the first of the shared names, as they are"},
    {"names", read_names, "names", "plain, or awkward: blanks, %, umlauts, quotes"},
};
const field_table data_table = {data_rows, COUNT_OF(data_rows)};

bool read_data(loader *l, const node *n, void *target)
{
    return fields_read(l, n, "data", &data_table, NULL, &((scenario *)target)->data);
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
        return node_error(n, l->e, "at: '%.60s' is not a time such as 2s or 2s..4s, with units",
                          text);
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
    return fields_switch(l, n, &((planned_fault *)target)->optional);
}

static const field fault_rows[] = {
    {"fault", fields_skip, "fault", "the kind"},
    {"at", read_at, "moment", "when it begins: 2s, or 2s..4s drawn from the seed"},
    {"for", read_for, "duration", "how long it lasts"},
    {"every", read_every, "duration", "again and again at this distance (once)"},
    {"optional", read_optional, "switch", "where the machine cannot, the run is still valid"},
};
const field_table fault_table = {fault_rows, COUNT_OF(fault_rows)};

static bool read_fault_parameter(loader *l, const node *n, void *target)
{
    planned_fault *f = target;
    const fault_kind *k = f->fault.kind;
    int index = parameter_index(k->parameters, k->parameter_count, n->key);
    if (index >= 0)
        return fields_parameter(l, n, &k->parameters[index], &f->fault.values[index]);
    return fields_unknown_key(l, n, "a fault", &fault_table, k->parameters, k->parameter_count);
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
        !fields_read(l, n, "a fault", &fault_table, read_fault_parameter, f))
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
           read_bounds(l, bounds, out) &&
           fields_fallbacks(l, bounds, bounds->key, out->judge->parameters,
                            out->judge->parameter_count, out->values, bounds);
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

static bool read_bound(loader *l, const node *n, void *target)
{
    error problem = {0};
    const char *text;
    return fields_text(l, n, &text) &&
           (threshold_parse(text, target, &problem) || node_error(n, l->e, "%s", problem.text));
}

static bool read_abort(loader *l, const node *n, void *target)
{
    return fields_switch(l, n, &((threshold *)target)->abort);
}

static bool read_after(loader *l, const node *n, void *target)
{
    return fields_duration(l, n, &((threshold *)target)->after);
}

static const field threshold_rows[] = {
    {"bound", read_bound, "bound", "such as p95(get) < 1s"},
    {"abort", read_abort, "switch", "end the run as soon as it is broken"},
    {"after", read_after, "duration", "with abort: not before the load is this old (0s)"},
};
const field_table threshold_table = {threshold_rows, COUNT_OF(threshold_rows)};

/* "- p95(get) < 1s" or "- {bound: p95(get) < 1s, abort: true, after: 5s}" */
static bool read_threshold(loader *l, const node *n, threshold *out)
{
    *out = (threshold){0};
    if (n->kind == NODE_SCALAR)
        return read_bound(l, n, out);
    if (n->kind == NODE_LIST)
        return node_error(
            n, l->e, "a threshold is a text such as p95(get) < 1s, or {bound: that, abort: true}");
    if (node_child(n, "bound") == NULL)
        return node_error(n, l->e, "a threshold needs 'bound', such as bound: p95(get) < 1s");
    if (!fields_read(l, n, "a threshold", &threshold_table, NULL, out))
        return false;
    if (out->after > 0 && !out->abort)
        return node_error(n, l->e, "'after' goes with 'abort: true'");
    return !out->abort || out->figure != FIGURE_COUNT || out->comparison < COMPARE_ABOVE ||
           node_error(n, l->e,
                      "a count that must be reached is known at the end only; leave "
                      "'abort' out");
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
