/* A second reading of a request's head, by the sentences of FRAMING-1 and FRAMING-2. */
#ifndef FUZZ_READINGS_HEAD_H
#define FUZZ_READINGS_HEAD_H

#include "wire.h"

/* 0: nothing is wrong with it; else the status that it must be refused with. */
unsigned head_reading(const wire_request *asked);

#endif
