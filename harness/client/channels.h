/* Channels of samples. */
#ifndef ORDEAL_CLIENT_CHANNELS_H
#define ORDEAL_CLIENT_CHANNELS_H

#include "client/client.h"
#include "client/seen.h"

/* Channels have numbers; those of one run are the same for all clients. */
/* `invalid`: what the last sample has instead of a timestamp; such an append must be refused. */
typedef enum { SAMPLES_VALID, TIMESTAMP_ZERO, TIMESTAMP_MISSING, TIMESTAMP_NAN } sample_fault;
seen client_channel_append(client *c, uint64_t channel, uint64_t samples, uint64_t bytes,
                           sample_fault invalid);
seen client_channel_read(client *c, uint64_t channel);

#endif
