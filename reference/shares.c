/* /v1/shares, /s/{token}: a file for whoever has the token, so long and so often.
 *
 * Time is the wall's at the start of the server, counted on by the monotonic clock: a jump of the
 * wall clock while it runs neither ends nor lengthens a share. */
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/json_writer.h"
#include "base/timing.h"
#include "document.h"
#include "handlers.h"
#include "paths.h"

#define LIVES_MOST     ((json_int_t)10 * 365 * 86400)
#define DOWNLOADS_MOST ((json_int_t)1000000000)

static uint64_t time_now(const request *r)
{
    return timing_now() + r->service->wall_offset;
}

/* --- make, show, delete --- */

static void answer_share(request *r, unsigned status, const share *s)
{
    static const char *const states[] = {
        [SHARE_LIVE] = "live",
        [SHARE_EXPIRED] = "expired",
        [SHARE_EXHAUSTED] = "exhausted",
        [SHARE_DELETED] = "deleted",
    };
    char place[SHARE_TOKEN_SIZE + 8];
    char expires[32];
    buffer text = {0};
    json_writer w = writer_begin(&text);
    snprintf(place, sizeof place, "/s/%s", s->token);
    writer_object(&w);
    writer_put_text(&w, "token", s->token);
    writer_put_text(&w, "url", place);
    writer_put_text(&w, "path", path_unscoped(s->path));
    writer_put_text(&w, "expires_at", timing_wall_text(s->expires, expires));
    writer_put_whole(&w, "max_downloads", s->most);
    writer_put_whole(&w, "downloads", s->used);
    writer_put_text(&w, "state", states[share_state(s, time_now(r))]);
    writer_object_end(&w);
    const char *headers[] = {"Location", place, NULL};
    answer_text(r, status, "application/json", buffer_text(&text), text.length,
                status == 201 ? headers : NULL);
    buffer_free(&text);
}

/* A whole number from 1 to `most`, or `otherwise` when it is not given; 0: it is none. */
static uint64_t number_of(const json_t *root, const char *key, json_int_t most, uint64_t otherwise)
{
    const json_t *value = json_object_get(root, key);
    if (value == NULL)
        return otherwise;
    json_int_t number = json_integer_value(value);
    return number >= 1 && number <= most ? (uint64_t)number : 0;
}

static const char *read_share(const request *r, const json_t *root, share *s)
{
    const char *key;
    json_t *value;
    json_object_foreach(
        (json_t *)(uintptr_t)root, key,
        value) if (strcmp(key, "path") != 0 && strcmp(key, "expires_in") != 0 &&
                   strcmp(key, "max_downloads") !=
                       0) return "only 'path', 'expires_in' and 'max_downloads' are known";
    const char *path = json_string_value(json_object_get(root, "path"));
    if (path == NULL)
        return "'path' must be a text";
    const char *wrong = path_check(path, PATH_LONGEST + 1);
    if (wrong != NULL)
        return wrong;
    uint64_t seconds = number_of(root, "expires_in", LIVES_MOST, 86400);
    s->most = number_of(root, "max_downloads", DOWNLOADS_MOST, (uint64_t)DOWNLOADS_MOST);
    if (seconds == 0 || s->most == 0)
        return "'expires_in' (seconds) and 'max_downloads' must be whole numbers from 1 on";
    s->expires = time_now(r) + seconds * NANOSECONDS_PER_SECOND;
    snprintf(s->path, sizeof s->path, "%s%s", r->scope, path);
    return NULL;
}

static void new_token(char token[SHARE_TOKEN_SIZE])
{
    unsigned char bytes[24];
    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2base64(token, SHARE_TOKEN_SIZE, bytes, sizeof bytes,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

void finish_share(request *r)
{
    share s = {.used = 0};
    version v;
    json_t *root = document_read(r);
    if (root == NULL)
        return;
    const char *wrong = read_share(r, root, &s);
    json_decref(root);
    if (wrong != NULL) {
        answer_problem(r, PROBLEM_VALIDATION, wrong);
        return;
    }
    store_answer answer = store_find(r->service->store, s.path, 0, &v);
    new_token(s.token);
    if (answer == STORE_DONE)
        answer = store_share_add(r->service->store, &s, time_now(r));
    if (answer == STORE_DONE)
        answer_share(r, 201, &s);
    else
        answer_store(r, answer);
}

/* Others' shares are as good as none, but for their downloads. */
static store_answer find_own(const request *r, share *s)
{
    store_answer answer = store_share_find(r->service->store, r->tail, s);
    bool own = answer != STORE_DONE || strncmp(s->path, r->scope, strlen(r->scope)) == 0;
    return own ? answer : STORE_ABSENT;
}

static void answer_no_share(request *r, store_answer answer)
{
    if (answer == STORE_ABSENT)
        answer_problem(r, PROBLEM_NOT_FOUND, "there is no such share");
    else
        answer_store(r, answer);
}

void begin_show_share(request *r)
{
    share s;
    store_answer answer = find_own(r, &s);
    if (answer == STORE_DONE)
        answer_share(r, 200, &s);
    else
        answer_no_share(r, answer);
}

void begin_delete_share(request *r)
{
    share s;
    store_answer answer = find_own(r, &s);
    if (answer == STORE_DONE)
        answer = store_share_delete(r->service->store, r->tail, time_now(r));
    if (answer == STORE_DONE)
        answer_empty(r, 204, NULL);
    else
        answer_no_share(r, answer);
}

/* --- download --- */

static bool refuse_dead(request *r, const share *s)
{
    switch (share_state(s, time_now(r))) {
    case SHARE_LIVE:
        return false;
    case SHARE_EXPIRED:
        answer_problem(r, PROBLEM_SHARE_EXPIRED, "the time of this share is over");
        break;
    case SHARE_EXHAUSTED:
        answer_problem(r, PROBLEM_SHARE_EXHAUSTED, "this share was downloaded as often as it may");
        break;
    case SHARE_DELETED:
        answer_problem(r, PROBLEM_SHARE_DELETED, "this share was taken back");
        break;
    }
    return true;
}

static bool share_admits(request *r)
{
    share s;
    store_answer answer = store_share_take(r->service->store, r->tail, time_now(r), &s);
    if (answer == STORE_DONE)
        return true;
    /* A clock that moved on between the job and here still says dead: lives only end. */
    if (answer != STORE_REFUSED || !refuse_dead(r, &s))
        answer_no_share(r, answer);
    return false;
}

void begin_download(request *r)
{
    share s;
    version v;
    store_answer answer = store_share_find(r->service->store, r->tail, &s);
    if (answer != STORE_DONE) {
        answer_no_share(r, answer);
        return;
    }
    if (refuse_dead(r, &s))
        return;
    answer = store_find(r->service->store, s.path, 0, &v);
    if (answer == STORE_DONE)
        answer_content(r, &v, share_admits);
    else
        answer_store(r, answer);
}
