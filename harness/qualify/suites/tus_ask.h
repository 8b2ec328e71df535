/* What the cases of tus ask with: requests that the protocol knows, and what is expected of their
 * answers. */
#ifndef ORDEAL_QUALIFY_SUITES_TUS_ASK_H
#define ORDEAL_QUALIFY_SUITES_TUS_ASK_H

#include <stdbool.h>

#include "qualify/conformance.h"

#define TUS_FIELD       1024
#define TUS_PIECE       "application/offset+octet-stream"
#define TUS_VERSION     "Tus-Resumable", "1.0.0"
#define TUS_FIELDS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* Of every upload's content: 11 bytes. */
extern const char tus_text[];
#define TUS_LENGTH 11

/* The metadata that the target needs, "" when none. */
void tus_metadata(probe *p, char out[TUS_FIELD]);
/* POST with the version, the needed metadata, and `fields` besides. */
const reply *tus_create_with(probe *p, const char *const *fields, const char *content);
const reply *tus_create(probe *p, const char *length);
/* The address that a creation was answered with; false: the case is decided. */
bool tus_address(probe *p, const reply *created, char url[TUS_FIELD]);
/* A new upload of 11 bytes, and one that has them; false: the case is decided. */
bool tus_upload(probe *p, char url[TUS_FIELD]);
bool tus_whole(probe *p, char url[TUS_FIELD]);
const char *tus_never(probe *p, char url[TUS_FIELD]);

const reply *tus_patch(probe *p, const char *url, const char *offset, const char *content);
const reply *tus_head(probe *p, const char *url);
const reply *tus_options(probe *p);

/* Expectations of an answer's field. */
void tus_offset_is(probe *p, const reply *r, unsigned long long wanted);
void tus_field_is(probe *p, const reply *r, const char *name, const char *wanted);
void tus_field_is_missing(probe *p, const reply *r, const char *name);

/* Is it among those that the target announces? Not applicable otherwise. */
bool tus_offers(probe *p, const char *extension);
bool tus_announces(probe *p, const char *extension);

#endif
