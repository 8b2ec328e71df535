/* channel-writer: appends samples to channels that others write too (ten windows on one channel),
 * and reads them. */
#include "client/channels.h"
#include "history/record.h"

static const parameter parameters[] = {
    {"channels", PARAMETER_WHOLE, "1", "that all clients of the group share", NULL},
    {"samples", PARAMETER_WHOLE, "20", "of one append at most", NULL},
    {"reads", PARAMETER_FRACTION, "30%", "of the turns end with a read", NULL},
    {"invalid", PARAMETER_FRACTION, "0%", "of the appends have a sample that must be refused",
     NULL},
    {"bytes", PARAMETER_SIZE, "0B", "that each sample carries besides", NULL},
};
enum { CHANNELS, SAMPLES, READS, INVALID, BYTES };

static uint64_t at_least_one(const client *c, size_t index)
{
    uint64_t number = client_value(c, index)->number;
    return number > 0 ? number : 1;
}

static void turn(client *c)
{
    random_stream *r = client_random(c);
    uint64_t channel = random_below(r, at_least_one(c, CHANNELS));
    uint64_t samples = random_between(r, 1, at_least_one(c, SAMPLES));
    sample_fault invalid = SAMPLES_VALID;
    if (random_unit(r) < client_value(c, INVALID)->real)
        invalid = (sample_fault)random_between(r, TIMESTAMP_ZERO, TIMESTAMP_NAN);
    client_channel_append(c, channel, samples, client_value(c, BYTES)->number, invalid);
    if (random_unit(r) < client_value(c, READS)->real && !client_over(c))
        client_channel_read(c, channel);
}

static void settle(client *c)
{
    for (uint64_t channel = 0; channel < at_least_one(c, CHANNELS); channel++)
        client_channel_read(c, channel);
}

const behaviour behaviour_channel_writer = {
    .name = "channel-writer",
    .description = "appends samples to channels that others write too, and reads them",
    .parameters = parameters,
    .parameter_count = sizeof parameters / sizeof parameters[0],
    .capabilities = CAPABILITY_CHANNELS,
    .operations = 1u << OPERATION_CHANNEL_APPEND | 1u << OPERATION_CHANNEL_READ,
    .turn = turn,
    .settle = settle,
};
