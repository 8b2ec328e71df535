/* The story of a known incident, when the run is of its scenario. */
#ifndef ORDEAL_REPORTS_INCIDENT_STORY_H
#define ORDEAL_REPORTS_INCIDENT_STORY_H

#include <stdbool.h>

#include "base/buffer.h"

/* Appends the section of incidents/<name>/story.md that has this heading, without it; looks in
 * ./scenarios, beside the program and in the installed data folder. False: there is none. */
bool incident_story(const char *name, const char *heading, buffer *out);

#endif
