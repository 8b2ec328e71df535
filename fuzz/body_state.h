/* What the servers of the target `document` hold besides nothing, so that bodies also succeed: two
 * files, and one account. An input leaves them as they were. */
#ifndef FUZZ_BODY_STATE_H
#define FUZZ_BODY_STATE_H

#include "readings/body_rules.h"
#include "wire.h"

#define STATE_FILE     "here"
#define STATE_OTHER    "there"
#define STATE_ACCOUNT  "owner"
#define STATE_PASSWORD "a long password"

/* Makes them, with empty disks besides, before the first input and after many: so that a long
 * campaign does not slow down. */
void state_prepare(void);
/* What must be true of the answer to a body that keeps all rules, the state too: ORACLEs. A move
 * that happened is undone. */
void state_check(body_route way, const json_reading *r, const wire_request *asked,
                 const wire_answer *answer);

#endif
