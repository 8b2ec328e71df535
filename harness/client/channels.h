/* Channels of samples. */
#ifndef ORDEAL_CLIENT_CHANNELS_H
#define ORDEAL_CLIENT_CHANNELS_H

#include "client/client.h"
#include "client/seen.h"

/* Channels have numbers; those of one run are the same for all clients. */
seen client_channel_append(client *c, uint64_t channel, uint64_t samples);
seen client_channel_read(client *c, uint64_t channel);

#endif
