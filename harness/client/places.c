#include "client/places.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/arena.h"
#include "base/check.h"

#define CHAINS ((size_t)1 << 14)

typedef struct place {
    struct place *next;
    char *address;
    char name[];
} place;

struct places {
    pthread_mutex_t lock;
    place *chains[CHAINS];
};

places *places_create(void)
{
    places *p = memory_zeroed(1, sizeof *p);
    CHECK(pthread_mutex_init(&p->lock, NULL) == 0);
    return p;
}

void places_destroy(places *p)
{
    if (p == NULL)
        return;
    for (size_t i = 0; i < CHAINS; i++)
        for (place *at = p->chains[i], *next; at != NULL; at = next) {
            next = at->next;
            free(at->address);
            free(at);
        }
    pthread_mutex_destroy(&p->lock);
    free(p);
}

/* The place of a name, or where it would be linked. */
static place **find(places *p, const char *name)
{
    place **at = &p->chains[XXH3_64bits(name, strlen(name)) % CHAINS];
    while (*at != NULL && strcmp((*at)->name, name) != 0)
        at = &(*at)->next;
    return at;
}

void places_set(places *p, const char *name, const char *address)
{
    size_t length = strlen(name) + 1;
    char *copy = memory_text(address);
    pthread_mutex_lock(&p->lock);
    place **at = find(p, name);
    if (*at == NULL) {
        *at = memory_zeroed(1, sizeof **at + length);
        memcpy((*at)->name, name, length);
    }
    free((*at)->address);
    (*at)->address = copy;
    pthread_mutex_unlock(&p->lock);
}

bool places_find(places *p, const char *name, char *address, size_t size)
{
    pthread_mutex_lock(&p->lock);
    const place *found = *find(p, name);
    if (found != NULL)
        CHECK((size_t)snprintf(address, size, "%s", found->address) < size);
    pthread_mutex_unlock(&p->lock);
    return found != NULL;
}
