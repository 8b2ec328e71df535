/* Reads a target description (scenarios/targets/NAME.yaml) and finds its program. */
#ifndef ORDEAL_PLAN_TARGET_FILE_H
#define ORDEAL_PLAN_TARGET_FILE_H

#include "plan/fields.h"
#include "plan/scenario.h"

/* By auth_kind; ends in NULL. */
extern const char *const target_auth_words[];

/* `name`: a file, or the bare name of one in the scenario folders' targets/. */
node *target_file_read(loader *l, const char *name, const node *where);
/* "{here}" in its texts becomes the folder of its file, whole, for scripts that come along with it.
 */
bool target_file_place(loader *l, node *target);
bool target_file_parse(loader *l, const node *root, target_description *out);

/* Looks up `name` + ".yaml" under `subfolder` beside the present file, in ./scenarios, beside the
 * program and in the installed data folder. NULL: nowhere, and *e lists where it looked. */
const char *scenario_find(loader *l, const char *name, const char *subfolder);

/* The scenario that comes along whose name is nearest to `name`; NULL: none is near. */
const char *scenario_nearest(loader *l, const char *name);

#endif
