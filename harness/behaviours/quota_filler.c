/* quota-filler: clients that share accounts fill their quotas to the brim, all at once, and make
 * room by overwriting and deleting. */
#include "client/accounts.h"
#include "history/record.h"

static const parameter parameters[] = {
    {"accounts", PARAMETER_WHOLE, "2", "that the clients of the group share", NULL},
    {"files", PARAMETER_WHOLE, "30", "names in each account", NULL},
    {"plan", PARAMETER_TEXT, "Trial", "that the accounts have", NULL},
    {"deletes", PARAMETER_FRACTION, "15%", "of the turns delete a file", NULL},
};
enum { ACCOUNTS, FILES, PLAN, DELETES };

#define LOGIN_TRIES 20

typedef struct {
    bool logged_in; /* once at least */
} memory;

static uint64_t account_of(const client *c)
{
    uint64_t accounts = client_value(c, ACCOUNTS)->number;
    return accounts > 0 ? c->number % accounts : 0;
}

/* Whoever comes first registers; the others are told that the name is taken. */
static bool log_in(client *c, uint64_t account, bool registered)
{
    if (!registered)
        client_register(c, account, client_value(c, PLAN)->text);
    return client_login(c, account).outcome == OUTCOME_OK;
}

static void turn(client *c)
{
    memory *m = client_memory(c);
    random_stream *r = client_random(c);
    uint64_t account = account_of(c);
    uint64_t files = client_value(c, FILES)->number;
    uint64_t which = random_below(r, files > 0 ? files : 1);
    if (c->token[0] == '\0' && !log_in(c, account, m->logged_in))
        return;
    m->logged_in = true;
    if (random_unit(r) < client_value(c, DELETES)->real)
        client_account_delete(c, account, which);
    else if (client_account_put(c, account, which, client_pick_size(c)).status == 413 &&
             !client_over(c))
        client_account_delete(c, account, random_below(r, files > 0 ? files : 1));
    if (!client_over(c) && client_usage(c, account).status == 401)
        c->token[0] = '\0';
}

/* Every name, and then what the account is said to use: they must agree. */
static void settle(client *c)
{
    uint64_t accounts = client_value(c, ACCOUNTS)->number;
    for (uint64_t account = 0; account < accounts; account++) {
        for (int tries = 0; tries < LOGIN_TRIES && c->token[0] == '\0'; tries++)
            log_in(c, account, true);
        for (uint64_t which = 0; which < client_value(c, FILES)->number; which++)
            client_account_get(c, account, which);
        client_usage(c, account);
        c->token[0] = '\0';
    }
}

const behaviour behaviour_quota_filler = {
    .name = "quota-filler",
    .description = "shares accounts with others and fills their quotas to the brim",
    .parameters = parameters,
    .parameter_count = sizeof parameters / sizeof parameters[0],
    .capabilities = CAPABILITY_FILES | CAPABILITY_ACCOUNTS,
    .operations = 1u << OPERATION_REGISTER | 1u << OPERATION_LOGIN | 1u << OPERATION_PUT |
                  1u << OPERATION_DELETE | 1u << OPERATION_USAGE,
    .memory_size = sizeof(memory),
    .turn = turn,
    .settle = settle,
};
