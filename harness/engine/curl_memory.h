/* Memory for libcurl, which takes and gives back some thirty blocks at every small request: a fifth
 * of what it costs.
 *
 * Blocks given back are kept by the thread that does so, by size, and handed out again; never more
 * of a size than were in use at once. They go back to the system when the thread ends. */
#ifndef ORDEAL_ENGINE_CURL_MEMORY_H
#define ORDEAL_ENGINE_CURL_MEMORY_H

#include <stddef.h>

/* Prepares libcurl to use what stands below. Before anything else of libcurl's is called; once is
 * enough, more does no harm. */
void curl_memory_begin(void);

void *curl_memory_take(size_t size);
void *curl_memory_zeroed(size_t count, size_t size);
void *curl_memory_resize(void *old, size_t size);
char *curl_memory_text(const char *text);
void curl_memory_free(void *bytes);

#endif
