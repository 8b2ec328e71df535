/* Mutations of what is read and written under single names. */
#include "judges/mutations/tape.h"

/* --- what to corrupt --- */

static bool is_read(const tape *t, size_t at)
{
    const history_record *r = &t->records[at];
    return tape_has(t, at, OPERATION_GET, OUTCOME_OK) && r->value != 0 && !(r->flags & FLAG_ABSENT);
}

static bool is_final_read(const tape *t, size_t at)
{
    return is_read(t, at) && (t->records[at].flags & FLAG_FINAL);
}

static bool own(const change *c)
{
    return !c->removes && !c->carries && c->finish != HISTORY_NEVER;
}

static uint64_t value_written(const tape *t, const change *c)
{
    const history_record *r = &t->records[c->origin];
    return value_of(r->client, r->sequence);
}

static uint64_t restart_after(const tape *t, uint64_t time)
{
    record_list events = index_events(t->index);
    uint64_t down = 0;
    for (size_t i = 0; i < events.count; i++) {
        history_record r = history_get(t->source, events.records[i]);
        if (r.type == EVENT_TARGET_EXIT && r.invoke > time)
            down = r.invoke;
        if (r.type == EVENT_TARGET_START && down > 0)
            return down;
    }
    return HISTORY_NEVER;
}

/* Where contents are also restored or moved, only its number tells which change a read shows; an
 * upload is told none. */
static bool is_told(const change_list *list, const change *c)
{
    return list->carried == 0 || c->version != 0;
}

/* A write that was acknowledged before the read began, and before which another was. */
typedef struct {
    size_t old;
    size_t latest;
} two_writes;

static bool find_two_writes(const tape *t, const change_list *list, size_t read, bool restarted,
                            two_writes *found)
{
    const history_record *r = &t->records[read];
    for (size_t i = 0; i < list->count; i++) {
        const change *latest = &list->all[i];
        if (!own(latest) || latest->finish >= r->invoke ||
            (restarted && restart_after(t, latest->finish) >= r->invoke))
            continue;
        for (size_t k = 0; k < list->count; k++) {
            if (!own(&list->all[k]) || list->all[k].finish >= latest->invoke ||
                !is_told(list, &list->all[k]))
                continue;
            *found = (two_writes){k, i};
            return true;
        }
    }
    return false;
}

static bool older_exists(const tape *t, size_t at, bool restarted)
{
    two_writes found;
    if (!is_read(t, at))
        return false;
    change_list list = changes_of_name(&t->in, t->records[at].key);
    bool exists = find_two_writes(t, &list, at, restarted, &found);
    changes_free(&list);
    return exists;
}

static bool older_than_write(const tape *t, size_t at)
{
    return older_exists(t, at, false);
}

static bool older_than_restart(const tape *t, size_t at)
{
    return older_exists(t, at, true);
}

static bool show_older(tape *t, random_stream *r, bool restarted)
{
    size_t at = tape_pick(t, r, restarted ? older_than_restart : older_than_write);
    if (at == SIZE_MAX)
        return false;
    two_writes found = {0};
    change_list list = changes_of_name(&t->in, t->records[at].key);
    (void)find_two_writes(t, &list, at, restarted, &found);
    t->records[at].value = value_written(t, &list.all[found.old]);
    t->records[at].version = list.all[found.old].version;
    tape_name(t, &t->records[at]);
    changes_free(&list);
    return true;
}

static bool stale_read(tape *t, random_stream *r)
{
    return show_older(t, r, false);
}

static bool rolled_back(tape *t, random_stream *r)
{
    return show_older(t, r, true);
}

/* --- what vanishes --- */

static bool must_be_there_after(const tape *t, size_t at, bool restarted)
{
    if (!is_read(t, at))
        return false;
    const history_record *r = &t->records[at];
    change_list list = changes_of_name(&t->in, r->key);
    bool must = false;
    for (size_t i = 0; i < list.count && !must; i++)
        must = own(&list.all[i]) && list.all[i].finish < r->invoke &&
               !changes_may_remove(&list, list.all[i].invoke, r->finish) &&
               (!restarted || restart_after(t, list.all[i].finish) < r->invoke);
    changes_free(&list);
    return must;
}

static bool must_be_there(const tape *t, size_t at)
{
    return must_be_there_after(t, at, false);
}

static bool must_have_survived(const tape *t, size_t at)
{
    return must_be_there_after(t, at, true);
}

static void find_nothing(history_record *r)
{
    r->flags |= FLAG_ABSENT;
    r->value = 0;
    r->size = 0;
    r->version = 0;
    r->status = 404;
}

static bool vanish(tape *t, random_stream *r, tape_fits fits)
{
    size_t at = tape_pick(t, r, fits);
    if (at == SIZE_MAX)
        return false;
    find_nothing(&t->records[at]);
    tape_name(t, &t->records[at]);
    return true;
}

static bool vanished(tape *t, random_stream *r)
{
    return vanish(t, r, must_be_there);
}

static bool lost_by_restart(tape *t, random_stream *r)
{
    return vanish(t, r, must_have_survived);
}

/* A later read of what this read shows, which nothing may have removed. */
static size_t later_read(const tape *t, size_t at)
{
    const history_record *seen = &t->records[at];
    record_list list = index_of_key(t->index, seen->key);
    size_t writer = index_writer(t->index, seen->value);
    if (writer == SIZE_MAX || t->records[writer].type != OPERATION_PUT ||
        t->records[writer].key != seen->key || t->records[writer].outcome == OUTCOME_FAILED)
        return SIZE_MAX;
    change_list changes = changes_of_name(&t->in, seen->key);
    size_t found = SIZE_MAX;
    for (size_t i = 0; i < list.count && changes.carried == 0; i++) {
        const history_record *r = &t->records[list.records[i]];
        if (is_read(t, list.records[i]) && r->invoke > seen->finish &&
            !changes_may_remove(&changes, t->records[writer].invoke, r->finish))
            found = list.records[i];
    }
    changes_free(&changes);
    return found;
}

static bool has_later_read(const tape *t, size_t at)
{
    return is_read(t, at) && later_read(t, at) != SIZE_MAX;
}

/* That the write was not acknowledged takes nothing from the history; that it goes does. */
static bool undone(tape *t, random_stream *r)
{
    size_t at = tape_pick(t, r, has_later_read);
    if (at == SIZE_MAX)
        return false;
    size_t later = later_read(t, at);
    t->records[index_writer(t->index, t->records[at].value)].outcome = OUTCOME_UNKNOWN;
    find_nothing(&t->records[later]);
    tape_name(t, &t->records[later]);
    return true;
}

/* --- whose content it is --- */

static bool unmoved_read(const tape *t, size_t at)
{
    return is_read(t, at) && index_moves_of_key(t->index, t->records[at].key).count == 0;
}

static bool acknowledged_put(const tape *t, size_t at)
{
    return tape_has(t, at, OPERATION_PUT, OUTCOME_OK);
}

static bool foreign_content(tape *t, random_stream *r)
{
    size_t at = tape_pick(t, r, unmoved_read);
    size_t other = tape_pick(t, r, acknowledged_put);
    if (at == SIZE_MAX || other == SIZE_MAX || t->records[at].key == t->records[other].key)
        return false;
    t->records[at].value = t->records[other].value;
    tape_name(t, &t->records[at]);
    return true;
}

static bool content_of_nobody(tape *t, random_stream *r)
{
    size_t at = tape_pick(t, r, is_read);
    if (at == SIZE_MAX)
        return false;
    t->records[at].value = value_of(t->records[at].client, (uint32_t)t->count + 1);
    tape_name(t, &t->records[at]);
    return true;
}

static bool written_later(const tape *t, size_t at)
{
    size_t writer = is_read(t, at) ? index_writer(t->index, t->records[at].value) : SIZE_MAX;
    return writer != SIZE_MAX && t->records[writer].key == t->records[at].key;
}

static bool too_early(tape *t, random_stream *r)
{
    size_t at = tape_pick(t, r, written_later);
    if (at == SIZE_MAX)
        return false;
    history_record *write = &t->records[index_writer(t->index, t->records[at].value)];
    write->invoke = t->records[at].finish + 1;
    if (write->finish < write->invoke)
        write->finish = write->invoke + 1;
    tape_name(t, &t->records[at]);
    tape_name(t, write);
    return true;
}

static bool cut_short(tape *t, random_stream *r)
{
    size_t at = tape_pick(t, r, is_final_read);
    if (at == SIZE_MAX)
        return false;
    t->records[at].outcome = OUTCOME_FAILED;
    t->records[at].failure = FAILURE_TRUNCATED;
    t->records[at].size /= 2;
    tape_name(t, &t->records[at]);
    return true;
}

static bool phantom(tape *t, random_stream *r)
{
    size_t at = tape_pick(t, r, written_later);
    if (at == SIZE_MAX)
        return false;
    history_record *write = &t->records[index_writer(t->index, t->records[at].value)];
    write->outcome = OUTCOME_FAILED;
    write->failure = FAILURE_STATUS;
    write->status = 503;
    tape_name(t, write);
    return true;
}

/* --- conditions and versions --- */

static size_t rival(const tape *t, size_t at)
{
    const history_record *r = &t->records[at];
    record_list list = index_of_key(t->index, r->key);
    for (size_t i = 0; i < list.count; i++) {
        const history_record *other = &t->records[list.records[i]];
        if (list.records[i] != at && acknowledged_put(t, list.records[i]) &&
            (other->flags & FLAG_IF_MATCH) && other->expected == r->expected)
            return list.records[i];
    }
    return SIZE_MAX;
}

/* A restore or a move may bring an ETag back. */
static bool carried(const tape *t, uint32_t key)
{
    change_list list = changes_of_name(&t->in, key);
    bool any = list.carried > 0;
    changes_free(&list);
    return any;
}

static bool lost_the_race(const tape *t, size_t at)
{
    const history_record *r = &t->records[at];
    return tape_has(t, at, OPERATION_PUT, OUTCOME_FAILED) && (r->flags & FLAG_IF_MATCH) &&
           r->expected != 0 && !carried(t, r->key) && rival(t, at) != SIZE_MAX;
}

static bool two_winners(tape *t, random_stream *r)
{
    size_t at = tape_pick(t, r, lost_the_race);
    if (at == SIZE_MAX)
        return false;
    t->records[at].outcome = OUTCOME_OK;
    t->records[at].failure = FAILURE_NONE;
    t->records[at].status = 200;
    tape_name(t, &t->records[at]);
    return true;
}

static size_t numbered_otherwise(const tape *t, size_t at)
{
    const history_record *r = &t->records[at];
    record_list list = index_of_key(t->index, r->key);
    for (size_t i = 0; i < list.count; i++) {
        const history_record *other = &t->records[list.records[i]];
        if (acknowledged_put(t, list.records[i]) && other->version != 0 &&
            other->version != r->version && other->value != r->value)
            return list.records[i];
    }
    return SIZE_MAX;
}

static bool numbered_put(const tape *t, size_t at)
{
    return acknowledged_put(t, at) && t->records[at].version != 0 &&
           numbered_otherwise(t, at) != SIZE_MAX;
}

static bool repeated_version(tape *t, random_stream *r)
{
    size_t at = tape_pick(t, r, numbered_put);
    if (at == SIZE_MAX)
        return false;
    t->records[at].version = t->records[numbered_otherwise(t, at)].version;
    tape_name(t, &t->records[at]);
    return true;
}

/* Of a version that a put was told. */
static bool old_read(const tape *t, size_t at)
{
    const history_record *r = &t->records[at];
    size_t writer = r->value != 0 ? index_writer(t->index, r->value) : SIZE_MAX;
    return tape_has(t, at, OPERATION_GET_VERSION, OUTCOME_OK) && writer != SIZE_MAX &&
           acknowledged_put(t, writer) && t->records[writer].key == r->key &&
           t->records[writer].version == r->expected && numbered_otherwise(t, at) != SIZE_MAX;
}

static bool wrong_version(tape *t, random_stream *r)
{
    size_t at = tape_pick(t, r, old_read);
    if (at == SIZE_MAX)
        return false;
    t->records[at].value = t->records[numbered_otherwise(t, at)].value;
    tape_name(t, &t->records[at]);
    return true;
}

static bool two_rows(const tape *t, size_t at)
{
    return tape_has(t, at, OPERATION_VERSIONS, OUTCOME_OK) &&
           index_parts(t->index, (uint32_t)at).count > 1;
}

static bool rows_swapped(tape *t, random_stream *r)
{
    size_t at = tape_pick(t, r, two_rows);
    if (at == SIZE_MAX)
        return false;
    history_record *first = &t->records[index_parts(t->index, (uint32_t)at).first];
    uint32_t version = first[0].version;
    first[0].version = first[1].version;
    first[1].version = version;
    tape_name(t, &t->records[at]);
    return true;
}

static const mutation rows[] = {
    {"linearizable", "a read shows an older write", NULL, stale_read},
    {"linearizable", "a read finds nothing", NULL, vanished},
    {"durability", "a read after a restart shows an older write", NULL, rolled_back},
    {"durability", "a read after a restart finds nothing", NULL, lost_by_restart},
    {"recovered-writes", "an unknown write that was read is gone", NULL, undone},
    {"read-integrity", "a read brings another name's content", NULL, foreign_content},
    {"read-integrity", "a read brings what nobody wrote", NULL, content_of_nobody},
    {"read-integrity", "a read brings what was written later", NULL, too_early},
    {"read-integrity", "a final read is cut short", NULL, cut_short},
    {"no-phantom", "a refused write is read", NULL, phantom},
    {"cas-exclusive", "a second conditional write succeeds", NULL, two_winners},
    {"version-order", "a version number is given twice", NULL, repeated_version},
    {"version-order", "an old version brings another's content", NULL, wrong_version},
    {"version-order", "two rows of a version list are swapped", NULL, rows_swapped},
};
const mutation_table name_mutations = {rows, sizeof rows / sizeof rows[0]};
