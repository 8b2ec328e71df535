/* Forking and executing the target; the small parts of the supervisor that hold no state. */
#ifndef ORDEAL_TARGET_LAUNCH_H
#define ORDEAL_TARGET_LAUNCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "target/supervisor.h"

/* The child in its own process group, output appended to options->log_path; 0 on error. */
pid_t launch_process(const supervisor_options *options, uint16_t port, error *e);
/* `text` with {port} and {data} replaced; false when it does not fit. */
bool launch_fill(char *out, size_t size, const char *text, uint16_t port, const char *data);
/* A loopback port that was free a moment ago. */
bool launch_free_port(uint16_t *port, error *e);
/* "exited with code 2", "was killed by signal 11 (Segmentation fault)". */
void launch_describe_exit(int wait_status, char *text, size_t size);

#endif
