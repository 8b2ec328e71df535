/* The network kinds: each fills one rule of the proxy; what they share is below it.
 *
 * Every kind has the same first parameters (direction, share, request), so that a table row says
 * the rest. */
#include <stdlib.h>

#include "base/check.h"
#include "base/timing.h"
#include "chaos/fault.h"
#include "chaos/network/probe.h"
#include "chaos/network/proxy.h"

static const char *const directions[] = {"both", "to-target", "to-client", NULL};
static const unsigned direction_masks[] = {PROXY_BOTH, PROXY_TO_TARGET, PROXY_TO_CLIENT};

#define COMMON                                                                                     \
    {"direction", PARAMETER_WORD, "both", "which way", directions},                                \
        {"share", PARAMETER_FRACTION, "100%", "of connections", NULL},                             \
    {                                                                                              \
        "request", PARAMETER_TEXT, "", "only requests that begin so, such as: PATCH /v1/uploads",  \
            NULL                                                                                   \
    }
#define COMMON_COUNT 3

static proxy_rule common(const fault *f)
{
    return (proxy_rule){.directions = direction_masks[f->values[0].number],
                        .share = f->values[1].real,
                        .request = f->values[2].text,
                        .seed = f->seed};
}

static const parameter latency_parameters[] = {
    COMMON,
    {"delay", PARAMETER_DURATION, "100ms", "before each piece goes on", NULL},
    {"jitter", PARAMETER_DURATION, "0s", "up to so much more", NULL},
};
static const parameter bandwidth_parameters[] = {
    COMMON,
    {"rate", PARAMETER_SIZE, "64KiB", "bytes a second, each connection and direction", NULL},
};
static const parameter slicer_parameters[] = {
    COMMON,
    {"slice", PARAMETER_SIZE, "64", "bytes at once, a millisecond apart", NULL},
};
static const parameter reset_parameters[] = {
    COMMON,
    {"after", PARAMETER_SIZE, "0", "bytes of a request or answer that still pass", NULL},
};
static const parameter first_parameters[] = {
    COMMON,
    {"count", PARAMETER_WHOLE, "1", "requests whose connection is reset", NULL},
};
static const parameter black_hole_parameters[] = {COMMON};
static const char *const ends[] = {"client", "target", NULL};
static const parameter half_open_parameters[] = {
    COMMON,
    {"gone", PARAMETER_WORD, "target", "the end that is no longer there; the other is not told",
     ends},
};
static const parameter slow_close_parameters[] = {
    COMMON,
    {"delay", PARAMETER_DURATION, "1s", "before one end learns that the other closed", NULL},
    {"jitter", PARAMETER_DURATION, "0s", "up to so much more", NULL},
};

/* The rule of each kind, told apart by its own parameters. */
static proxy_rule rule_of(const fault *f)
{
    proxy_rule rule = common(f);
    const parameter_value *own = &f->values[COMMON_COUNT];
    if (f->kind->parameters == latency_parameters) {
        rule.delay = own[0].number;
        rule.jitter = own[1].number;
    } else if (f->kind->parameters == bandwidth_parameters) {
        rule.rate = own[0].number;
    } else if (f->kind->parameters == slicer_parameters) {
        rule.slice = own[0].number;
    } else if (f->kind->parameters == reset_parameters) {
        rule.action = PROXY_RESET;
        rule.after = own[0].number;
    } else if (f->kind->parameters == first_parameters) {
        rule.action = PROXY_RESET;
        rule.directions = PROXY_TO_TARGET;
        rule.first = own[0].number;
    } else if (f->kind->parameters == half_open_parameters) {
        rule.action = PROXY_LOSE;
        rule.gone = (unsigned)own[0].number;
    } else if (f->kind->parameters == slow_close_parameters) {
        rule.action = PROXY_SLOW_CLOSE;
        rule.delay = own[0].number;
        rule.jitter = own[1].number;
    } else {
        rule.action = PROXY_SWALLOW;
    }
    return rule;
}

/* The same fault, strong enough to be seen on one small request. */
static proxy_rule rule_for_probe(const fault *f)
{
    proxy_rule rule = rule_of(f);
    rule.directions = PROXY_BOTH;
    rule.share = 1;
    rule.request = "";
    rule.after = 0;
    if (rule.rate > 0)
        rule.rate = 200;
    else if (rule.slice > 0)
        rule.slice = 1;
    else if (rule.action == PROXY_SLOW || rule.action == PROXY_SLOW_CLOSE)
        rule.delay = 200 * NANOSECONDS_PER_MILLISECOND;
    return rule;
}

static bool probe_network(fault *f, const fault_site *site, error *e)
{
    proxy_rule rule = rule_for_probe(f);
    if (site->network == NULL)
        return error_set(e, ERROR_UNABLE, f->kind->name,
                         "no proxy stands before the target; its url must be plain http on "
                         "127.0.0.1");
    return network_probe(f->kind->name, &rule, e);
}

/* --- in a run --- */

static bool begin_network(fault *f, const fault_site *site, error *e)
{
    proxy_rule rule = rule_of(f);
    int slot = proxy_arm(site->network, &rule, e);
    if (slot < 0)
        return false;
    f->state = malloc(sizeof slot);
    CHECK(f->state != NULL);
    *(int *)f->state = slot;
    return true;
}

static bool end_network(fault *f, const fault_site *site, error *e)
{
    (void)e;
    proxy_disarm(site->network, *(int *)f->state);
    free(f->state);
    f->state = NULL;
    return true;
}

static uint64_t network_hits(const fault *f, const fault_site *site)
{
    return f->state != NULL ? proxy_hits(site->network, *(const int *)f->state) : 0;
}

#define NETWORK_KIND(variable, called, does, rows)                                                 \
    const fault_kind variable = {                                                                  \
        .name = (called),                                                                          \
        .family = "network",                                                                       \
        .description = (does),                                                                     \
        .parameters = (rows),                                                                      \
        .parameter_count = sizeof(rows) / sizeof((rows)[0]),                                       \
        .needs = FAULT_NEEDS_NETWORK,                                                              \
        .probe = probe_network,                                                                    \
        .begin = begin_network,                                                                    \
        .end = end_network,                                                                        \
        .hits = network_hits,                                                                      \
    }

NETWORK_KIND(fault_latency, "latency", "each piece of data goes on late", latency_parameters);
NETWORK_KIND(fault_bandwidth, "bandwidth", "a slow line", bandwidth_parameters);
NETWORK_KIND(fault_slicer, "slicer", "data comes in small pieces", slicer_parameters);
NETWORK_KIND(fault_connection_reset, "connection-reset",
             "the connection is reset after so many bytes of a request or answer",
             reset_parameters);
NETWORK_KIND(fault_fail_first, "fail-first", "the first requests have their connections reset",
             first_parameters);
NETWORK_KIND(fault_black_hole, "black-hole", "data vanishes, connections stay open",
             black_hole_parameters);
NETWORK_KIND(fault_half_open, "half-open", "one end of a connection is gone, the other is not told",
             half_open_parameters);
NETWORK_KIND(fault_slow_close, "slow-close", "a closed connection is felt late at the other end",
             slow_close_parameters);
