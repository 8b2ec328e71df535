#include "chaos/fault.h"

#include <string.h>

/* One row a kind. */
extern const fault_kind fault_kill;
extern const fault_kind fault_pause;
extern const fault_kind fault_terminate;
extern const fault_kind fault_restart;
extern const fault_kind fault_fd_limit;
extern const fault_kind fault_memory_limit;
extern const fault_kind fault_cpu_pin;
extern const fault_kind fault_latency;
extern const fault_kind fault_bandwidth;
extern const fault_kind fault_slicer;
extern const fault_kind fault_connection_reset;
extern const fault_kind fault_fail_first;
extern const fault_kind fault_black_hole;
extern const fault_kind fault_half_open;
extern const fault_kind fault_slow_close;
extern const fault_kind fault_clock_skew;
extern const fault_kind fault_clock_jump;
extern const fault_kind fault_clock_drift;
extern const fault_kind fault_clock_rate;
extern const fault_kind fault_clock_strobe;
extern const fault_kind fault_disk_full;
extern const fault_kind fault_disk_full_real;
extern const fault_kind fault_quota;
extern const fault_kind fault_io_error;
extern const fault_kind fault_no_entry;
extern const fault_kind fault_read_only;
extern const fault_kind fault_too_many_files;
extern const fault_kind fault_fsync_fails_once;
extern const fault_kind fault_slow_disk;
extern const fault_kind fault_stalled_disk;
extern const fault_kind fault_bit_rot;
extern const fault_kind fault_misdirected_write;
extern const fault_kind fault_lost_write;
extern const fault_kind fault_torn_write;
extern const fault_kind fault_short_write;
extern const fault_kind fault_kill_at;
extern const fault_kind fault_power_cut;

const fault_kind *const fault_kinds[] = {
    &fault_kill,
    &fault_pause,
    &fault_terminate,
    &fault_restart,
    &fault_fd_limit,
    &fault_memory_limit,
    &fault_cpu_pin,
    &fault_latency,
    &fault_bandwidth,
    &fault_slicer,
    &fault_connection_reset,
    &fault_fail_first,
    &fault_black_hole,
    &fault_half_open,
    &fault_slow_close,
    &fault_clock_skew,
    &fault_clock_jump,
    &fault_clock_drift,
    &fault_clock_rate,
    &fault_clock_strobe,
    &fault_disk_full,
    &fault_disk_full_real,
    &fault_quota,
    &fault_io_error,
    &fault_no_entry,
    &fault_read_only,
    &fault_too_many_files,
    &fault_fsync_fails_once,
    &fault_slow_disk,
    &fault_stalled_disk,
    &fault_bit_rot,
    &fault_misdirected_write,
    &fault_lost_write,
    &fault_torn_write,
    &fault_short_write,
    &fault_kill_at,
    &fault_power_cut,
};
const size_t fault_kind_count = sizeof fault_kinds / sizeof fault_kinds[0];

const fault_kind *fault_kind_named(const char *name)
{
    for (size_t i = 0; i < fault_kind_count; i++)
        if (strcmp(fault_kinds[i]->name, name) == 0)
            return fault_kinds[i];
    return NULL;
}
