#include "client/accounts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "client/perform.h"
#include "engine/content.h"

static void account_name(const client *c, uint64_t account, char name[KEY_NAME_SIZE])
{
    char plain[40];
    snprintf(plain, sizeof plain, "account-%" PRIu64, account);
    keyspace_run_name(c->stage->keys, plain, name);
}

static operation begin(client *c, operation_type type, uint64_t account, char name[KEY_NAME_SIZE])
{
    operation o = perform_begin(c, type, NULL);
    account_name(c, account, name);
    o.record.key = history_name(c->stage->history, name, strlen(name));
    return o;
}

seen client_register(client *c, uint64_t account, const char *plan)
{
    char name[KEY_NAME_SIZE];
    c->token[0] = '\0';
    operation o = begin(c, OPERATION_REGISTER, account, name);
    c->stage->driver->sign_up(&o, name, plan);
    return perform_end(&o, NULL);
}

seen client_login(client *c, uint64_t account)
{
    char name[KEY_NAME_SIZE];
    c->token[0] = '\0';
    operation o = begin(c, OPERATION_LOGIN, account, name);
    c->stage->driver->sign_in(&o, name, c->token);
    return perform_end(&o, NULL);
}

seen client_usage(client *c, uint64_t account)
{
    char name[KEY_NAME_SIZE];
    operation o = begin(c, OPERATION_USAGE, account, name);
    c->stage->driver->usage(&o);
    return perform_end(&o, NULL);
}

/* --- files --- */

static key key_of(client *c, uint64_t account, uint64_t which)
{
    key k = {.index = SIZE_MAX};
    char name[KEY_NAME_SIZE];
    account_name(c, account, name);
    int length = snprintf(k.name, sizeof k.name, "quota/%.200s/%" PRIu64, name, which);
    k.number = history_name(c->stage->history, k.name, (size_t)length);
    k.hash = content_key_hash(k.name, (size_t)length);
    return k;
}

seen client_account_put(client *c, uint64_t account, uint64_t which, uint64_t size)
{
    key k = key_of(c, account, which);
    operation o = perform_begin(c, OPERATION_PUT, &k);
    read_result result = {.tag = ""};
    o.record.value = perform_value(&o);
    o.record.size = size;
    put_request request = {.name = k.name, .key_hash = k.hash, .size = size};
    c->stage->driver->put(&o, &request, &result);
    return perform_end(&o, result.tag);
}

seen client_account_get(client *c, uint64_t account, uint64_t which)
{
    key k = key_of(c, account, which);
    operation o = perform_begin(c, OPERATION_GET, &k);
    read_result result = {.tag = ""};
    c->stage->driver->get(&o, k.name, NULL, &result);
    return perform_end(&o, result.tag);
}

seen client_account_delete(client *c, uint64_t account, uint64_t which)
{
    key k = key_of(c, account, which);
    operation o = perform_begin(c, OPERATION_DELETE, &k);
    o.record.value = perform_value(&o);
    c->stage->driver->remove(&o, k.name);
    return perform_end(&o, NULL);
}
