/* When declared faults were on or the target was down, for judges that must not blame the target
 * for them. The stop at the end of a run is none. The caller frees `windows`. */
#ifndef ORDEAL_JUDGES_FAULT_WINDOWS_H
#define ORDEAL_JUDGES_FAULT_WINDOWS_H

#include "judges/index.h"
#include "judges/judge.h"

typedef struct {
    uint64_t begin;
    uint64_t end;
} fault_window;

typedef struct {
    fault_window *windows;
    size_t count;
} fault_windows;

/* Each is widened by `grace` behind its end. */
fault_windows fault_windows_find(const judge_input *in, uint64_t grace);
/* Of the declared faults whose names are wanted; a target that is down is none. The array has room
 * for as many as fault_windows_find returns. */
fault_windows fault_windows_named(const judge_input *in, uint64_t grace,
                                  bool (*wanted)(const char *fault));
bool fault_windows_touch(const fault_windows *f, uint64_t from, uint64_t to);

#endif
