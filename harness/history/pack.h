/* A record's 64 bytes on disk, little-endian, and back. Pack then unpack gives the record again,
 * except that `late` is kept in steps of 64 us up to 17 minutes and times up to 78 hours. */
#ifndef ORDEAL_HISTORY_PACK_H
#define ORDEAL_HISTORY_PACK_H

#include <stdbool.h>

#include "history/record.h"

#define HISTORY_RECORD_SIZE 64

void history_pack(const history_record *record, unsigned char bytes[HISTORY_RECORD_SIZE]);
/* False when the bytes cannot have come from history_pack. */
bool history_unpack(const unsigned char bytes[HISTORY_RECORD_SIZE], history_record *record);

#endif
