#include "client/keyspace.h"

#include <inttypes.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "engine/content.h"

struct keyspace {
    char folder[64];
    uint64_t shared;
    uint64_t per_client;
    uint64_t clients;
    double zipf;
    double zipf_scale;
    bool awkward;
    const char *const *paths; /* of the first shared names */
    size_t path_count;
    atomic_uchar *touched;
};

/* What names in production hold and careless servers trip over; all legal in the contract. */
static const char *const awkward_parts[] = {
    " with blanks ",
    "per%cent",
    "a+b&c=d",
    "\xc3\xbcml\xc3\xa4ut",
    "what?",
    "#hash",
    "-dash",
    "..dots..",
    "quote'\"",
    "back\\slash",
    "\xe6\x97\xa5\xe6\x9c\xac",
    "semi;colon",
    "~tilde",
    "%2F",
    "tail.",
    "{curly}",
};
#define AWKWARD_PARTS (sizeof awkward_parts / sizeof awkward_parts[0])

/* Integral of x^-s from 1 to x: the continuous Zipf that needs no table (Hoermann and Derflinger's
 * idea). */
static double zipf_integral(double s, double x)
{
    return fabs(s - 1) < 1e-9 ? log(x) : (pow(x, 1 - s) - 1) / (1 - s);
}

static double zipf_inverse(double s, double area)
{
    return fabs(s - 1) < 1e-9 ? exp(area) : pow(1 + area * (1 - s), 1 / (1 - s));
}

keyspace *keyspace_create(const char *folder, uint64_t shared, uint64_t per_client,
                          uint64_t clients, double zipf, bool awkward)
{
    CHECK(shared + per_client > 0 && clients > 0);
    keyspace *k = memory_zeroed(1, sizeof *k);
    CHECK(strlen(folder) < sizeof k->folder);
    snprintf(k->folder, sizeof k->folder, "%s", folder);
    k->shared = shared;
    k->per_client = per_client;
    k->clients = clients;
    k->zipf = zipf;
    k->zipf_scale = zipf_integral(zipf, (double)shared + 1);
    k->awkward = awkward;
    k->touched = memory_zeroed(keyspace_count(k) / 8 + 1, 1);
    return k;
}

void keyspace_give_paths(keyspace *k, const char *const *paths, size_t count)
{
    k->paths = paths;
    k->path_count = count < k->shared ? count : (size_t)k->shared;
}

void keyspace_destroy(keyspace *k)
{
    if (k == NULL)
        return;
    free(k->touched);
    free(k);
}

size_t keyspace_count(const keyspace *k)
{
    return (size_t)(k->shared + k->per_client * k->clients);
}

uint64_t keyspace_shared_count(const keyspace *k)
{
    return k->shared;
}

uint64_t keyspace_client_count(const keyspace *k)
{
    return k->clients;
}

void keyspace_shared_prefix(const keyspace *k, char prefix[KEY_NAME_SIZE])
{
    snprintf(prefix, KEY_NAME_SIZE, "%sshared/", k->folder);
}

void keyspace_run_name(const keyspace *k, const char *name, char out[KEY_NAME_SIZE])
{
    int length = snprintf(out, KEY_NAME_SIZE, "%.*s%s%s", (int)strcspn(k->folder, "/"), k->folder,
                          k->folder[0] != '\0' ? "-" : "", name);
    CHECK(length > 0 && length < KEY_NAME_SIZE);
}

void keyspace_own_prefix(const keyspace *k, uint32_t client, char prefix[KEY_NAME_SIZE])
{
    snprintf(prefix, KEY_NAME_SIZE, "%sown/%" PRIu32 "/", k->folder, client);
}

size_t keyspace_pick(const keyspace *k, uint32_t client, random_stream *r)
{
    if (k->shared == 0)
        return keyspace_own(k, client, random_below(r, k->per_client));
    if (k->zipf <= 0)
        return (size_t)random_below(r, k->shared);
    size_t rank = (size_t)zipf_inverse(k->zipf, random_unit(r) * k->zipf_scale) - 1;
    return rank < k->shared ? rank : (size_t)k->shared - 1;
}

size_t keyspace_own(const keyspace *k, uint32_t client, uint64_t which)
{
    CHECK(which < k->per_client && client >= 1 && client <= k->clients);
    return (size_t)(k->shared + (client - 1) * k->per_client + which);
}

uint64_t keyspace_own_count(const keyspace *k)
{
    return k->per_client;
}

void keyspace_name(const keyspace *k, size_t index, char name[KEY_NAME_SIZE])
{
    CHECK(index < keyspace_count(k));
    if (index < k->path_count) {
        snprintf(name, KEY_NAME_SIZE, "%s%s", k->folder, k->paths[index]);
        return;
    }
    const char *part = k->awkward ? awkward_parts[index % AWKWARD_PARTS] : "";
    uint64_t own = index - k->shared;
    if (index < k->shared)
        keyspace_shared_prefix(k, name);
    else
        keyspace_own_prefix(k, (uint32_t)(own / k->per_client) + 1, name);
    size_t used = strlen(name);
    if (index < k->shared)
        snprintf(name + used, KEY_NAME_SIZE - used, "%s%06zu", part, index);
    else
        snprintf(name + used, KEY_NAME_SIZE - used, "%s%" PRIu64, part, own % k->per_client);
}

void keyspace_key(const keyspace *k, size_t index, history_writer *w, key *out)
{
    out->index = index;
    keyspace_name(k, index, out->name);
    size_t length = strlen(out->name);
    out->number = history_name(w, out->name, length);
    out->hash = content_key_hash(out->name, length);
}

void keyspace_touch(keyspace *k, size_t index)
{
    CHECK(index < keyspace_count(k));
    atomic_fetch_or(&k->touched[index / 8], (unsigned char)(1u << (index % 8)));
}

bool keyspace_touched(const keyspace *k, size_t index)
{
    CHECK(index < keyspace_count(k));
    return (atomic_load(&k->touched[index / 8]) >> (index % 8) & 1) != 0;
}
