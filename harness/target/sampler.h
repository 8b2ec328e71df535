/* What the target uses: memory, processor, threads, descriptors, disk, temporary files, for its
 * process tree. */
#ifndef ORDEAL_TARGET_SAMPLER_H
#define ORDEAL_TARGET_SAMPLER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct {
    uint64_t resident;     /* bytes, summed over the tree */
    uint64_t proportional; /* PSS bytes; 0 when not taken this time (at most every 5 s) */
    uint64_t processor;    /* microseconds used so far, user and system */
    uint32_t processes;
    uint32_t threads;
    uint32_t descriptors;
    uint64_t disk;            /* bytes in the data directory */
    uint32_t temporary_files; /* names in it that look temporary: *.tmp, *.part, .tmp-*, tmp/ ... */
} resource_sample;

typedef struct sampler sampler;
/* `data_directory` may be NULL. */
sampler *sampler_create(const char *data_directory);
void sampler_destroy(sampler *s);
/* False when the process is gone. Disk and temporary files are those of the last scan of the data
 * directory, which may be old when the directory is large. */
bool sampler_take(sampler *s, pid_t root, resource_sample *out);
/* The next sample scans the data directory, however long that takes. */
void sampler_scan_next(sampler *s);
/* Resident bytes of this very process, for the harness's own bound. */
uint64_t sampler_own_resident(void);

#endif
