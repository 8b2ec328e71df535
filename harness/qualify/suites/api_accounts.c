/* Accounts of the storage API: who may ask, and how much may be stored. */
#include "qualify/exchange.h"

#define NOBODY     "Authorization: "
#define PASSWORD   "a long secret"
#define WHO(name)  "{\"account\": \"{u}" name "\", \"password\": \"" PASSWORD "\"}"
#define PLAN(name) "{\"account\": \"{u}\", \"password\": \"" PASSWORD "\", \"plan\": \"" name "\"}"
#define JOIN(plan)                                                                                 \
    {                                                                                              \
        .ask = "POST /v1/register", 201, "account={u} & used=0 & plan=" plan, PLAN(plan), NOBODY   \
    }
#define LOG_IN                                                                                     \
    {                                                                                              \
        .ask = "POST /v1/login", 200, "token_type=Bearer & Cache-Control: no-store", WHO(""),      \
        NOBODY, .keep = "token"                                                                    \
    }
#define AS  "Authorization: Bearer {token}"
#define TEN "0123456789"

CONVERSATION(who_registers_can_log_in,
             {.ask = "POST /v1/register",
              201,
              "account={u} & plan=Free & used=0 & quota=100000000 & max_file_size=10000000",
              WHO(""),
              NOBODY},
             {.ask = "POST /v1/register", 409, "code=conflict", WHO(""), NOBODY}, LOG_IN,
             {.ask = "GET /v1/usage",
              200,
              "account={u} & plan=Free & used=0 & quota=100000000",
              .fields = AS},
             {.ask = "POST /v1/login",
              401,
              "code=unauthorized & WWW-Authenticate: Bearer",
              WHO("x"),
              NOBODY},
             {.ask = "POST /v1/login",
              401,
              "code=unauthorized",
              "{\"account\": \"{u}\", \"password\": \"another secret\"}",
              NOBODY},
             {.ask = "GET /v1/usage", 200, "used=0", .fields = AS})

CONVERSATION(
    nobody_else_is_let_in,
    {.ask = "GET /v1/usage", 401, "code=unauthorized & WWW-Authenticate: Bearer", .fields = NOBODY},
    {.ask = "GET /v1/usage",
     401,
     "code=unauthorized & WWW-Authenticate: Bearer",
     .fields = "Authorization: Bearer x"},
    {.ask = "GET /v1/usage", 401, NULL, .fields = "Authorization: Basic eDp5"},
    {.ask = "GET /v1/files", 401, NULL, .fields = NOBODY},
    {.ask = "GET /v1/files/{u}", 401, NULL, .fields = NOBODY},
    {.ask = "HEAD /v1/files/{u}", 401, NULL, .fields = NOBODY},
    {.ask = "DELETE /v1/files/{u}", 401, NULL, .fields = NOBODY},
    {.ask = "PUT /v1/files/{u}", 401, NULL, "x", NOBODY},
    {.ask = "POST /v1/moves", 401, NULL, "{}", NOBODY},
    {.ask = "POST /v1/shares", 401, NULL, "{}", NOBODY},
    {.ask = "POST /v1/uploads", 401, NULL, "", NOBODY},
    {.ask = "GET /v1/changes", 401, NULL, .fields = NOBODY},
    {.ask = "POST /v1/channels/{u}/samples", 401, NULL, "{}", NOBODY},
    {.ask = "GET /v1/admin/stats", 401, NULL, .fields = NOBODY},
    {.ask = "GET /v1/admin/stats", 403, "code=forbidden"},
    {.ask = "POST /v1/admin/cleanup", 403, "code=forbidden"},
    {.ask = "POST /v1/admin/cache/warm", 403, "code=forbidden"},
    {.ask = "GET /readyz", 200, NULL, .fields = NOBODY},
    {.ask = "GET /metrics", 200, NULL, .fields = NOBODY},
    {.ask = "GET /v1/version", 200, NULL, .fields = NOBODY})

CONVERSATION(accounts_do_not_see_each_other, {.ask = "PUT /v1/files/{u}", 201, NULL, "mine"},
             {.ask = "POST /v1/shares", 201, "path={u}", "{\"path\": \"{u}\"}", .keep = "token"},
             {.ask = "GET /v1/shares/{token}", 200, "path={u}", .keep = "url"},
             {.ask = "GET /v1/changes", 200, NULL, .keep = "cursor"},
             {.ask = "POST /v1/channels/{u}/samples", 200, NULL, "{\"timestamp\": 1}"},
             JOIN("Free"), LOG_IN,
             {.ask = "GET /v1/files/{u}", 404, "code=not_found", .fields = AS},
             {.ask = "GET /v1/versions/{u}", 404, NULL, .fields = AS},
             {.ask = "GET /v1/files", 200, "files.#=0", .fields = AS},
             {.ask = "DELETE /v1/files/{u}", 404, NULL, .fields = AS},
             {.ask = "GET /v1/channels/{u}/samples", 404, NULL, .fields = AS},
             {.ask = "GET /v1{url}", 404, NULL, .fields = AS},
             {.ask = "PUT /v1/files/{u}", 201, "path={u} & version=1", "theirs", AS},
             {.ask = "GET /v1/files", 200, "files.#=1 & files.0.path={u}", .fields = AS},
             {.ask = "GET /v1/files/{u}", 200, "'mine"},
             {.ask = "GET {url}", 200, "'mine", .fields = AS},
             {.ask = "GET /v1/changes?cursor={cursor}&wait=0", 200, "changes.#=0"})

CONVERSATION(
    what_is_used_is_counted, JOIN("Trial"), LOG_IN,
    {.ask = "PUT /v1/files/a", 201, NULL, TEN, AS, .times = 100},
    {.ask = "GET /v1/usage", 200, "used=1000", .fields = AS},
    {.ask = "PUT /v1/files/a", 200, NULL, TEN, AS, .times = 30},
    {.ask = "GET /v1/usage", 200, "used=300", .fields = AS},
    {.ask = "PUT /v1/files/b", 201, NULL, TEN, AS, .times = 5},
    {.ask = "POST /v1/moves", 200, NULL, "{\"moves\": [{\"from\": \"b\", \"to\": \"c\"}]}", AS},
    {.ask = "GET /v1/usage", 200, "used=350", .fields = AS},
    {.ask = "POST /v1/restore/a?version=1", 200, NULL, .fields = AS},
    {.ask = "GET /v1/usage", 200, "used=1050", .fields = AS},
    {.ask = "DELETE /v1/files/a", 204, NULL, .fields = AS},
    {.ask = "GET /v1/usage", 200, "used=50", .fields = AS},
    {.ask = "POST /v1/restore/a?version=2", 200, NULL, .fields = AS},
    {.ask = "GET /v1/usage", 200, "used=350", .fields = AS},
    {.ask = "POST /v1/uploads",
     201,
     NULL,
     TEN,
     AS "\nTus-Resumable: 1.0.0\nUpload-Length: 10\nUpload-Metadata: filename "
        "YWE=\nContent-Type: application/offset+octet-stream"},
    {.ask = "GET /v1/usage", 200, "used=360", .fields = AS})

CONVERSATION(
    a_quota_is_kept_to_the_byte, JOIN("Trial"), LOG_IN,
    {.ask = "GET /v1/usage", 200, "quota=1000000 & max_file_size=100000", .fields = AS},
    {.ask = "PUT /v1/files/large",
     413,
     "code=file_too_large & detail=File size (0.101 MB) exceeds the limit of plan Trial (0.1 MB)",
     TEN,
     AS,
     .times = 10001},
    {.ask = "PUT /v1/files/1", 201, NULL, TEN, AS, .times = 10000},
    {.ask = "PUT /v1/files/2", 201, NULL, TEN, AS, .times = 10000},
    {.ask = "PUT /v1/files/3", 201, NULL, TEN, AS, .times = 10000},
    {.ask = "PUT /v1/files/4", 201, NULL, TEN, AS, .times = 10000},
    {.ask = "PUT /v1/files/5", 201, NULL, TEN, AS, .times = 10000},
    {.ask = "PUT /v1/files/6", 201, NULL, TEN, AS, .times = 10000},
    {.ask = "PUT /v1/files/7", 201, NULL, TEN, AS, .times = 10000},
    {.ask = "PUT /v1/files/8", 201, NULL, TEN, AS, .times = 10000},
    {.ask = "PUT /v1/files/9", 201, NULL, TEN, AS, .times = 10000},
    {.ask = "PUT /v1/files/10", 201, NULL, TEN, AS, .times = 9999},
    {.ask = "GET /v1/usage", 200, "used=999990", .fields = AS},
    {.ask = "PUT /v1/files/11", 413, "code=quota_exceeded & retryable=false", TEN "1", AS},
    {.ask = "PUT /v1/files/11", 201, NULL, TEN, AS},
    {.ask = "GET /v1/usage", 200, "used=1000000", .fields = AS},
    {.ask = "PUT /v1/files/12", 413, "code=quota_exceeded", "1", AS},
    {.ask = "PUT /v1/files/12", 201, NULL, "", AS},
    {.ask = "PUT /v1/files/11", 200, NULL, "ten bytes!", AS},
    {.ask = "PUT /v1/files/11", 413, NULL, "eleven byte", AS},
    {.ask = "POST /v1/uploads",
     413,
     "code=file_too_large",
     "",
     AS "\nTus-Resumable: 1.0.0\nUpload-Length: 100001\nUpload-Metadata: filename YWE="},
    {.ask = "GET /v1/files/11", 200, "'ten bytes!", .fields = AS})

#define BAD(body)                                                                                  \
    {                                                                                              \
        .ask = "POST /v1/register", 400, "code=validation_error", body, NOBODY                     \
    }
CONVERSATION(
    accounts_that_are_none_are_refused, BAD("x"), BAD("[]"), BAD("{}"),
    BAD("{\"account\": \"{u}\"}"), BAD("{\"account\": \"{u}\", \"password\": \"7 bytes\"}"),
    BAD("{\"account\": \"\", \"password\": \"" PASSWORD "\"}"),
    BAD("{\"account\": \"{u}/\", \"password\": \"" PASSWORD "\"}"),
    BAD("{\"account\": 5, \"password\": \"" PASSWORD "\"}"),
    BAD("{\"account\": \"" TEN TEN TEN TEN TEN TEN "12345\", \"password\": \"" PASSWORD "\"}"),
    BAD("{\"account\": \"{u}\", \"password\": 12345678}"), BAD(PLAN("Gold")),
    BAD("{\"account\": \"{u}\", \"password\": \"" PASSWORD "\", \"plan\": 5}"),
    BAD("{\"account\": \"{u}\", \"password\": \"" PASSWORD "\", \"more\": 5}"),
    BAD("{\"account\": \"{u}\", \"password\": \"" TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
        "123456789\"}"),
    {.ask = "POST /v1/login", 400, "code=validation_error", PLAN("Free"), NOBODY},
    {.ask = "POST /v1/register",
     201,
     NULL,
     "{\"account\": \"{u}\", \"password\": \"8 bytes!\"}",
     NOBODY},
    {.ask = "POST /v1/register",
     201,
     "plan=Plus & quota=10000000000",
     "{\"account\": \"{u}-1\", \"password\": \"8 bytes!\", \"plan\": \"Plus\"}",
     NOBODY})

/* `--no-auth` leaves the feature out; that is no failure. */
static bool has_accounts(const probe_target *target, const driver *d)
{
    return speaks_storage_api(target, d) && target->bearer != NULL;
}

#define CASE(number, section, requires, run)                                                       \
    {                                                                                              \
        "api-accounts/" number, LEVEL_MUST, CAPABILITY_ACCOUNTS, "CONTRACT.md, " section,          \
            requires, run                                                                          \
    }

static const conformance_case cases[] = {
    CASE("login/1", "ACCOUNTS-1", "who registers can log in", who_registers_can_log_in),
    CASE("login/2", "ACCOUNTS-2", "nobody else is let in", nobody_else_is_let_in),
    CASE("own/1", "ACCOUNTS-3", "accounts do not see each other", accounts_do_not_see_each_other),
    CASE("quota/1", "ACCOUNTS-5", "what is used is the sum of the present versions",
         what_is_used_is_counted),
    CASE("quota/2", "ACCOUNTS-5", "a quota is kept to the byte", a_quota_is_kept_to_the_byte),
    CASE("form/1", "openapi.yaml", "accounts that are none are refused",
         accounts_that_are_none_are_refused),
};

const suite suite_api_accounts = {"api-accounts", "the storage API: accounts", cases,
                                  sizeof cases / sizeof cases[0], has_accounts};
