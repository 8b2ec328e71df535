/* The incidents that come along: scenarios/incidents/<id>/ with story.md, scenario.yaml and
 * defect.patch.
 *
 * A story begins with a YAML head between two lines "---": number, incident (the folder's name),
 * title, system, date, invariant (the judge that would have caught it). Everything lives in the
 * catalogue's arena. */
#ifndef ORDEAL_INCIDENTS_CATALOGUE_H
#define ORDEAL_INCIDENTS_CATALOGUE_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "judges/judge.h"

typedef struct {
    uint64_t number;
    const char *id;
    const char *title;
    const char *system;
    const char *date;
    const judge *invariant;
    const char *folder;
    const char *scenario;
    const char *patch;
} incident;

typedef struct {
    arena *memory;
    const char *folder;  /* .../scenarios/incidents */
    incident *incidents; /* by number */
    size_t count;
} catalogue;

/* The folder of incidents in the order in which scenarios are looked for. NULL on error: what is
 * wrong with which story, ERROR_USAGE. */
catalogue *catalogue_open(error *e);
void catalogue_close(catalogue *c);
/* ERROR_USAGE names the nearest one that there is. */
const incident *catalogue_find(const catalogue *c, const char *id, error *e);
/* ERROR_USAGE when the patch changes no source of the server: still the template, or no patch. */
bool incident_patch_sound(const incident *i, error *e);

#endif
