/* openapi.yaml as JSON, made at build time by openapi_to_c.c. */
#ifndef REFERENCE_OPENAPI_H
#define REFERENCE_OPENAPI_H

#include <stddef.h>

extern const char openapi_json[];
extern const size_t openapi_json_size;

#endif
