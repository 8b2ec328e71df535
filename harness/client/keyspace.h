/* The names that a run uses: shared ones, and a few of each client's own; told apart by index, made
 * on the fly.
 *
 * Nothing is stored but one bit a name: whether some client tried to write it, so that the final
 * reads know where to look. Indices run from 0: first the shared names, then keys_per_client for
 * each client. */
#ifndef ORDEAL_CLIENT_KEYSPACE_H
#define ORDEAL_CLIENT_KEYSPACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/random.h"
#include "history/writer.h"

#define KEY_NAME_SIZE 256

typedef struct keyspace keyspace;

typedef struct {
    size_t index;
    char name[KEY_NAME_SIZE];
    uint32_t number; /* in the history */
    uint64_t hash;   /* in contents */
} key;

/* Every name begins with `folder`, "" or one that ends in a slash: a server that is not new holds
 * the names of earlier runs. */
keyspace *keyspace_create(const char *folder, uint64_t shared, uint64_t per_client,
                          uint64_t clients, double zipf, bool awkward);
/* Gives the first shared names; `paths` must live as long. */
void keyspace_give_paths(keyspace *k, const char *const *paths, size_t count);
void keyspace_destroy(keyspace *k);
size_t keyspace_count(const keyspace *k);

uint64_t keyspace_shared_count(const keyspace *k);
uint64_t keyspace_client_count(const keyspace *k);

/* What all shared names, and all names of one client, begin with. */
void keyspace_shared_prefix(const keyspace *k, char prefix[KEY_NAME_SIZE]);
void keyspace_own_prefix(const keyspace *k, uint32_t client, char prefix[KEY_NAME_SIZE]);

/* For what is no file but lasts as one does (channels, accounts): `name` as this run alone calls
 * it, without a slash. */
void keyspace_run_name(const keyspace *k, const char *name, char out[KEY_NAME_SIZE]);

/* A shared name by popularity; with no shared names, one of the client's own. */
size_t keyspace_pick(const keyspace *k, uint32_t client, random_stream *r);
size_t keyspace_own(const keyspace *k, uint32_t client, uint64_t which);
uint64_t keyspace_own_count(const keyspace *k);
void keyspace_name(const keyspace *k, size_t index, char name[KEY_NAME_SIZE]);
void keyspace_key(const keyspace *k, size_t index, history_writer *w, key *out);

/* From any thread. */
void keyspace_touch(keyspace *k, size_t index);
bool keyspace_touched(const keyspace *k, size_t index);

#endif
