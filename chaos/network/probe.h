/* Shows on one request through a proxy of its own, to a socket of its own, that a rule is felt and
 * is gone again after. */
#ifndef ORDEAL_CHAOS_NETWORK_PROBE_H
#define ORDEAL_CHAOS_NETWORK_PROBE_H

#include <stdbool.h>

#include "base/error.h"
#include "chaos/network/proxy.h"

/* `rule` as strong as it takes to be seen on one small request within 40 ms. */
bool network_probe(const char *name, const proxy_rule *rule, error *e);

#endif
