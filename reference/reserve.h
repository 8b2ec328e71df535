/* Room on the disk for what makes room: deleting needs a little of it, and on a full disk nobody
 * could delete. A file that is given up when that happens, and made again when there is enough. */
#ifndef REFERENCE_RESERVE_H
#define REFERENCE_RESERVE_H

#include <stdbool.h>

typedef struct reserve reserve;

/* A disk that is full already has none yet. */
reserve *reserve_open(const char *data);
void reserve_close(reserve *r);
/* From any thread. False: there is none left to give. */
bool reserve_give(reserve *r);
void reserve_fill(reserve *r);

#endif
