#include "chaos/fault.h"

#include <string.h>

/* One row a kind. */
extern const fault_kind fault_kill;
extern const fault_kind fault_pause;

const fault_kind *const fault_kinds[] = {
    &fault_kill,
    &fault_pause,
};
const size_t fault_kind_count = sizeof fault_kinds / sizeof fault_kinds[0];

const fault_kind *fault_kind_named(const char *name)
{
    for (size_t i = 0; i < fault_kind_count; i++)
        if (strcmp(fault_kinds[i]->name, name) == 0)
            return fault_kinds[i];
    return NULL;
}
