/* login: has an account of its own, logs in again and again, and sees that it is let in. */
#include "client/accounts.h"
#include "history/record.h"

/* The first accounts are those of quota fillers. */
#define OWN_ACCOUNTS ((uint64_t)1000000)

typedef struct {
    bool registered;
} memory;

static void turn(client *c)
{
    memory *m = client_memory(c);
    uint64_t account = OWN_ACCOUNTS + c->number;
    if (!m->registered) {
        seen made = client_register(c, account, "Free");
        /* Registered by an answer that was lost, the name is taken the next time. */
        m->registered = made.outcome == OUTCOME_OK || made.status == 409;
    } else if (client_login(c, account).outcome == OUTCOME_OK && !client_over(c)) {
        client_usage(c, account);
    }
}

const behaviour behaviour_login = {
    .name = "login",
    .description = "registers, logs in again and again, and asks what the log-in is good for",
    .capabilities = CAPABILITY_ACCOUNTS,
    .operations = 1u << OPERATION_REGISTER | 1u << OPERATION_LOGIN | 1u << OPERATION_USAGE,
    .memory_size = sizeof(memory),
    .turn = turn,
};
