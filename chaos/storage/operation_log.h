/* Appends log records (log_format.h) from any thread; one thread of its own writes them out.
 *
 * Memory is bounded by two buffers; appending waits while both are full. Without a path nothing is
 * stored and only the sequence counts on. */
#ifndef ORDEAL_CHAOS_STORAGE_OPERATION_LOG_H
#define ORDEAL_CHAOS_STORAGE_OPERATION_LOG_H

#include "base/error.h"
#include "chaos/storage/log_format.h"
#include "chaos/storage/rules.h"

typedef struct operation_log operation_log;

/* `path` may be NULL. `control` gets sequence, logged and log_error. */
operation_log *operation_log_open(const char *path, storage_control *control, error *e);
/* Fills in magic, lengths, sequence and checksum. `name`, `second` and `data` may be NULL. */
void operation_log_append(operation_log *log, log_record record, const char *name,
                          const char *second, const void *data, uint32_t data_length);
/* The sequence that an operation about to start may rely on. */
uint64_t operation_log_sequence(const operation_log *log);
/* Writes out what is left. */
void operation_log_close(operation_log *log);

#endif
