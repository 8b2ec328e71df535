/* A second reading of the rules of the bodies of four routes, from CONTRACT.md and openapi.yaml, on
 * what json_reading.h read. */
#ifndef FUZZ_BODY_RULES_H
#define FUZZ_BODY_RULES_H

#include "readings/json_reading.h"

typedef enum { BODY_MOVES, BODY_SHARE, BODY_REGISTER, BODY_LOGIN, BODY_ROUTES } body_route;

#define BODY_LIFE_MOST      INT64_C(315360000) /* of a share: ten years */
#define BODY_LIFE           86400              /* when it is not given */
#define BODY_DOWNLOADS_MOST INT64_C(1000000000)
#define BODY_NAME_MOST      1024

/* NULL: it keeps them all; else the one that it breaks. `r` was not refused. */
const char *body_rule_broken(body_route way, const json_reading *r);

#endif
