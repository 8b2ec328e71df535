/* /v1/register, /v1/login, /v1/usage, and who may ask what.
 *
 * Passwords are kept as Argon2id hashes, tokens as hashes too: who reads the store cannot log in.
 * Hashing a password takes long on purpose; it is done with no lock and no connection held. */
#include "accounts.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/json_writer.h"
#include "base/timing.h"
#include "document.h"
#include "handlers.h"
#include "paths.h"

/* OWASP's figures for Argon2id: 12 MiB and 3 passes. The threads that serve bound how many are
 * made at once. */
#define PASSES          3
#define HASH_MEMORY     ((size_t)12 << 20)
#define PASSWORD_LEAST  8
#define PASSWORD_MOST   ((size_t)128)
#define TOKEN_BYTES     32
#define TOKEN_TEXT_SIZE 44

/* What nobody's password has, so that an account that is not there answers as late as one that is.
 */
static char nobody[crypto_pwhash_STRBYTES];

bool accounts_open(error *e)
{
    unsigned char secret[TOKEN_BYTES];
    randombytes_buf(secret, sizeof secret);
    return crypto_pwhash_str_alg(nobody, (const char *)secret, sizeof secret, PASSES, HASH_MEMORY,
                                 crypto_pwhash_ALG_ARGON2ID13) == 0 ||
           error_set(e, ERROR_LIMIT, "accounts", "there is no memory to hash a password");
}

/* --- tokens --- */

static void digest_of(const char *token, char digest[TOKEN_DIGEST_SIZE])
{
    unsigned char hash[crypto_generichash_BYTES];
    crypto_generichash(hash, sizeof hash, (const unsigned char *)token, strlen(token), NULL, 0);
    sodium_bin2hex(digest, TOKEN_DIGEST_SIZE, hash, sizeof hash);
}

static void new_token(char token[TOKEN_TEXT_SIZE])
{
    unsigned char bytes[TOKEN_BYTES];
    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2base64(token, TOKEN_TEXT_SIZE, bytes, sizeof bytes,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

static uint64_t time_now(const request *r)
{
    return timing_now() + r->service->wall_offset;
}

/* --- who asks --- */

static bool is_admin(const request *r, const char *token)
{
    char given[TOKEN_DIGEST_SIZE];
    char wanted[TOKEN_DIGEST_SIZE];
    if (r->service->admin_token == NULL)
        return false;
    digest_of(token, given);
    digest_of(r->service->admin_token, wanted);
    return sodium_memcmp(given, wanted, sizeof given) == 0;
}

static const char *bearer(request *r)
{
    const char *given = request_header(r, "Authorization");
    return given != NULL && strncmp(given, "Bearer ", 7) == 0 ? given + 7 : NULL;
}

static void answer_unauthorized(request *r, problem_code code, const char *detail)
{
    static const char *const challenge[] = {"WWW-Authenticate", "Bearer", NULL};
    r->headers = challenge;
    answer_problem(r, code, detail);
}

static void admit(request *r, const char *token)
{
    char digest[TOKEN_DIGEST_SIZE];
    uint64_t expires = 0;
    digest_of(token, digest);
    store_answer answer = store_token_find(r->service->store, digest, &r->account, &expires);
    if (answer == STORE_ABSENT)
        answer_unauthorized(r, PROBLEM_UNAUTHORIZED, "this token is not known");
    else if (answer != STORE_DONE)
        answer_store(r, answer);
    else if (time_now(r) >= expires)
        answer_unauthorized(r, PROBLEM_TOKEN_EXPIRED, "the time of this token is over: log in");
    else
        snprintf(r->scope, sizeof r->scope, "%s%c", r->account.name, SCOPE_END);
}

bool accounts_admit(request *r)
{
    route_access access = r->route->access;
    if (!r->service->accounts || access <= FOR_GUESTS)
        return true;
    const char *token = bearer(r);
    if (token == NULL)
        answer_unauthorized(r, PROBLEM_UNAUTHORIZED, "a bearer token is needed: log in");
    else if (access == FOR_ACCOUNTS)
        admit(r, token);
    else if (!is_admin(r, token))
        answer_problem(r, PROBLEM_FORBIDDEN, "only --admin-token may ask this");
    return !r->answered;
}

/* --- what an account may store --- */

uint64_t accounts_file_size_most(const request *r)
{
    const plan *p = r->scope[0] != '\0' ? plan_named(r->account.plan) : NULL;
    uint64_t most = r->service->limits.file_size_most;
    return p != NULL && p->file_size_most < most ? p->file_size_most : most;
}

void accounts_answer_too_large(request *r, uint64_t size)
{
    char detail[200];
    const plan *p = r->scope[0] != '\0' ? plan_named(r->account.plan) : NULL;
    if (p != NULL && size > p->file_size_most)
        plan_refusal(p, size, detail, sizeof detail);
    else
        snprintf(detail, sizeof detail, "the file is larger than this server takes");
    answer_problem(r, PROBLEM_TOO_LARGE, detail);
}

bool accounts_fits(request *r, const char *path, uint64_t size)
{
    version now;
    const account *a = &r->account;
    if (r->scope[0] == '\0' || a->used + size <= a->quota)
        return true;
    /* It may replace something. The store decides; this only spares the sending. */
    bool found = store_find(r->service->store, path, 0, &now) == STORE_DONE;
    uint64_t freed = found ? now.size : 0;
    if (size <= freed || a->used + size - freed <= a->quota)
        return true;
    answer_store(r, STORE_OVER_QUOTA);
    return false;
}

/* --- register --- */

static const char *check_account(const char *name)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    size_t length = name != NULL ? strlen(name) : 0;
    if (length == 0 || length >= ACCOUNT_SIZE || strspn(name, letters) != length)
        return "'account' must be 1 to 64 letters of a-z, A-Z, 0-9, '-', '_' and '.'";
    return NULL;
}

/* What both documents have. The texts are the document's. */
typedef struct {
    const char *account;
    const char *password;
    const plan *plan;
} credentials;

static const char *read_credentials(const json_t *root, bool with_plan, credentials *out)
{
    const json_t *named = json_object_get(root, "plan");
    size_t known = (size_t)2 + (named != NULL && with_plan);
    out->account = json_string_value(json_object_get(root, "account"));
    out->password = json_string_value(json_object_get(root, "password"));
    out->plan = plan_named(named == NULL           ? "Free"
                           : json_is_string(named) ? json_string_value(named)
                                                   : "");
    if (json_object_size(root) != known)
        return with_plan ? "'account', 'password' and perhaps 'plan' are needed, and nothing else"
                         : "'account' and 'password' are needed, and nothing else";
    const char *wrong = check_account(out->account);
    size_t length = out->password != NULL ? strlen(out->password) : 0;
    if (wrong == NULL && (length < PASSWORD_LEAST || length > PASSWORD_MOST))
        wrong = "'password' must be a text of 8 to 128 bytes";
    if (wrong == NULL && out->plan == NULL)
        wrong = "'plan' must be Trial, Free, Plus or Pro";
    return wrong;
}

/* False: the answer is given. */
static bool take_credentials(request *r, bool with_plan, json_t **root, credentials *out)
{
    *root = document_read(r);
    if (*root == NULL)
        return false;
    const char *wrong = read_credentials(*root, with_plan, out);
    if (!r->service->accounts)
        answer_problem(r, PROBLEM_NOT_FOUND,
                       "there are no accounts: the server runs with --no-auth");
    else if (wrong != NULL)
        answer_problem(r, PROBLEM_VALIDATION, wrong);
    else
        return true;
    json_decref(*root);
    return false;
}

static void answer_account(request *r, unsigned status, const account *a)
{
    const plan *p = plan_named(a->plan);
    buffer text = {0};
    json_writer w = writer_begin(&text);
    writer_object(&w);
    writer_put_text(&w, "account", a->name);
    writer_put_text(&w, "plan", a->plan);
    writer_put_whole(&w, "used", a->used);
    writer_put_whole(&w, "quota", a->quota);
    writer_put_whole(&w, "max_file_size", p != NULL ? p->file_size_most : 0);
    writer_object_end(&w);
    answer_text(r, status, "application/json", buffer_text(&text), text.length, NULL);
    buffer_free(&text);
}

void finish_register(request *r)
{
    json_t *root;
    credentials given;
    account a = {.used = 0};
    if (!take_credentials(r, true, &root, &given))
        return;
    snprintf(a.name, sizeof a.name, "%s", given.account);
    snprintf(a.plan, sizeof a.plan, "%s", given.plan->name);
    a.quota = given.plan->quota;
    bool hashed = crypto_pwhash_str_alg(a.hash, given.password, strlen(given.password), PASSES,
                                        HASH_MEMORY, crypto_pwhash_ALG_ARGON2ID13) == 0;
    json_decref(root);
    store_answer answer = hashed ? store_account_add(r->service->store, &a) : STORE_BUSY;
    if (answer == STORE_DONE)
        answer_account(r, 201, &a);
    else if (answer == STORE_REFUSED)
        answer_problem(r, PROBLEM_CONFLICT, "the name of the account is taken");
    else
        answer_store(r, answer);
}

/* --- log in --- */

static void give_token(request *r, const account *a)
{
    char token[TOKEN_TEXT_SIZE];
    char digest[TOKEN_DIGEST_SIZE];
    char expires[32];
    uint64_t now = time_now(r);
    uint64_t until = now + r->service->token_life;
    new_token(token);
    digest_of(token, digest);
    store_answer answer = store_token_add(r->service->store, digest, a->name, now, until);
    if (answer != STORE_DONE) {
        answer_store(r, answer);
        return;
    }
    buffer text = {0};
    json_writer w = writer_begin(&text);
    writer_object(&w);
    writer_put_text(&w, "token", token);
    writer_put_text(&w, "token_type", "Bearer");
    writer_put_whole(&w, "expires_in", r->service->token_life / NANOSECONDS_PER_SECOND);
    writer_put_text(&w, "expires_at", timing_wall_text(until, expires));
    writer_object_end(&w);
    const char *headers[] = {"Cache-Control", "no-store", NULL};
    answer_text(r, 200, "application/json", buffer_text(&text), text.length, headers);
    buffer_free(&text);
}

void finish_login(request *r)
{
    json_t *root;
    credentials given;
    account a;
    if (!take_credentials(r, false, &root, &given))
        return;
    store_answer found = store_account_find(r->service->store, given.account, &a);
    bool asked = found == STORE_DONE || found == STORE_ABSENT;
    const char *hash = found == STORE_DONE ? a.hash : nobody;
    bool right = asked &&
                 crypto_pwhash_str_verify(hash, given.password, strlen(given.password)) == 0 &&
                 found == STORE_DONE;
    json_decref(root);
    if (!asked)
        answer_store(r, found);
    else if (!right)
        answer_unauthorized(r, PROBLEM_UNAUTHORIZED, "no such account with this password");
    else
        give_token(r, &a);
}

void begin_usage(request *r)
{
    if (r->service->accounts)
        answer_account(r, 200, &r->account);
    else
        answer_problem(r, PROBLEM_NOT_FOUND,
                       "there are no accounts: the server runs with --no-auth");
}
