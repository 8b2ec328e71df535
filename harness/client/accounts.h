/* Accounts, which have numbers, and the files that they own: "quota/ACCOUNT/...". */
#ifndef ORDEAL_CLIENT_ACCOUNTS_H
#define ORDEAL_CLIENT_ACCOUNTS_H

#include "client/client.h"
#include "client/seen.h"

/* Refused when somebody else has registered it already, which does no harm. */
seen client_register(client *c, uint64_t account, const char *plan);
/* When ok, the client acts for that account from now on. */
seen client_login(client *c, uint64_t account);
/* size: bytes used */
seen client_usage(client *c, uint64_t account);

/* File number `which` of the account that the client acts for. */
seen client_account_put(client *c, uint64_t account, uint64_t which, uint64_t size);
seen client_account_get(client *c, uint64_t account, uint64_t which);
seen client_account_delete(client *c, uint64_t account, uint64_t which);

#endif
