#include "body_state.h"

#include <stdio.h>
#include <string.h>

#include "base/json_writer.h"
#include "base/timing.h"
#include "fuzz.h"
#include "talk.h"

#define INPUTS_MOST 20000
#define MOVES_MOST  200000 /* each is a row of the store */
#define FILES       2

typedef struct {
    char names[FILES][BODY_NAME_MOST + 1];
} file_names;

static file_names files;
static size_t moves_done;

/* --- requests of our own --- */

static void send_text(void *owner, uint64_t offset, void *bytes, size_t length)
{
    memcpy(bytes, (const char *)owner + offset, length);
}

static void ask(service_kind kind, const char *method, const char *target, const char *text,
                unsigned wanted)
{
    wire_answer answer;
    wire_request asked = {.method = method,
                          .target = target,
                          .port = service_port(kind),
                          .length = strlen(text),
                          .send = send_text,
                          .owner = (void *)(uintptr_t)text,
                          .goes_at = UINT64_MAX,
                          .address = 0x7f000001};
    talk_ask(&asked, false, &answer);
    ORACLE(answer.status == wanted);
    wire_release(&answer);
}

void state_prepare(void)
{
    static unsigned inputs;
    bool full = inputs == INPUTS_MOST || moves_done > MOVES_MOST;
    if (inputs++ > 0 && !full)
        return;
    if (full)
        service_renew();
    inputs = 1;
    moves_done = 0;
    files = (file_names){{STATE_FILE, STATE_OTHER}};
    ask(SERVICE_OPEN, "PUT", "/v1/files/" STATE_FILE, "one", 201);
    ask(SERVICE_OPEN, "PUT", "/v1/files/" STATE_OTHER, "other", 201);
    ask(SERVICE_ACCOUNTS, "POST", "/v1/register",
        "{\"account\":\"" STATE_ACCOUNT "\",\"password\":\"" STATE_PASSWORD "\"}", 201);
}

static void put_move(json_writer *w, const char *from, const char *to)
{
    writer_object(w);
    writer_put_text(w, "from", from);
    writer_put_text(w, "to", to);
    writer_object_end(w);
}

/* By way of names that no file has, for one may stand where the other was. */
static void undo_moves(void)
{
    static const char *const first[FILES] = {STATE_FILE, STATE_OTHER};
    char aside[FILES][BODY_NAME_MOST + 1];
    buffer text = {0};
    json_writer w = writer_begin(&text);
    writer_object(&w);
    writer_key(&w, "moves");
    writer_array(&w);
    for (unsigned i = 0; i < FILES; i++) {
        unsigned number = 0;
        do
            snprintf(aside[i], sizeof aside[i], "aside-%u-%u", i, number++);
        while (strcmp(aside[i], files.names[0]) == 0 || strcmp(aside[i], files.names[1]) == 0);
        put_move(&w, files.names[i], aside[i]);
    }
    for (unsigned i = 0; i < FILES; i++)
        put_move(&w, aside[i], first[i]);
    writer_array_end(&w);
    writer_object_end(&w);
    ask(SERVICE_OPEN, "POST", "/v1/moves", buffer_text(&text), 200);
    buffer_free(&text);
    files = (file_names){{STATE_FILE, STATE_OTHER}};
}

/* --- answers --- */

static const json_reading *read_answer(const wire_answer *answer)
{
    static json_reading said;
    json_read(&said, answer->body.bytes, answer->body.length);
    ORACLE(said.refusal == NULL && said.values[0].kind == READ_OBJECT);
    return &said;
}

static const char *text_in(const json_reading *r, const read_value *object, const char *key)
{
    const read_value *value = json_member(r, object, key);
    ORACLE(value != NULL && value->kind == READ_TEXT);
    return json_text_of(r, value->text);
}

static bool says(const json_reading *r, const read_value *object, const char *key,
                 const char *wanted)
{
    return strcmp(text_in(r, object, key), wanted) == 0;
}

static int64_t whole(const json_reading *r, const read_value *object, const char *key)
{
    const read_value *value = json_member(r, object, key);
    ORACLE(value != NULL && value->kind == READ_WHOLE);
    return json_whole_of(r, value);
}

static unsigned move_one(file_names *now, const char *from, const char *to)
{
    for (unsigned i = 0; i < FILES; i++) {
        if (strcmp(now->names[i], from) != 0)
            continue;
        if (strcmp(now->names[FILES - 1 - i], to) == 0)
            return 409;
        snprintf(now->names[i], sizeof now->names[i], "%s", to);
        return 200;
    }
    return 404;
}

static void check_result(const json_reading *said, const read_value *result, unsigned status,
                         const char *from, const char *to)
{
    ORACLE(whole(said, result, "status") == (int64_t)status);
    ORACLE(says(said, result, "from", from) && says(said, result, "to", to));
    if (status == 200)
        ORACLE(whole(said, result, "version") > 0 && text_in(said, result, "etag")[0] != '\0');
    else
        ORACLE(says(said, result, "code", status == 404 ? "not_found" : "conflict"));
}

static const char *name_in(const json_reading *r, const read_value *one, const char *key)
{
    return json_text_of(r, json_member(r, one, key)->text);
}

static void check_results(const json_reading *r, const read_value *moves, const wire_answer *answer)
{
    const json_reading *said = read_answer(answer);
    const read_value *results = json_member(said, said->values, "results");
    ORACLE(results != NULL && results->kind == READ_ARRAY && results->members == moves->members);
    const read_value *result = results + 1;
    int64_t moved = 0;
    for (const read_value *one = moves + 1; one < r->values + moves->end;
         one = r->values + one->end, result = said->values + result->end) {
        const char *from = name_in(r, one, "from");
        const char *to = name_in(r, one, "to");
        unsigned status = move_one(&files, from, to);
        moved += status == 200;
        check_result(said, result, status, from, to);
    }
    ORACLE(whole(said, said->values, "moved") == moved);
    moves_done += (size_t)moved;
    if (moved > 0)
        undo_moves();
}

/* MOVES-1 to MOVES-3. */
static void check_moves(const json_reading *r, const wire_request *asked, const wire_answer *answer)
{
    (void)asked;
    const read_value *moves = json_root_member(r, "moves");
    const read_value *atomic = json_root_member(r, "atomic");
    file_names now = files;
    unsigned status = 200;
    for (const read_value *one = moves + 1;
         (atomic == NULL || atomic->truth) && status == 200 && one < r->values + moves->end;
         one = r->values + one->end)
        status = move_one(&now, name_in(r, one, "from"), name_in(r, one, "to"));
    ORACLE(answer->status == status);
    if (status == 200)
        check_results(r, moves, answer);
}

/* By the server's clock, of an answer that was made within the last minute. */
static bool ends_in(service_kind kind, const char *said, int64_t seconds)
{
    char least[32];
    char most[32];
    uint64_t now = timing_now() + service_of_process(kind)->wall_offset;
    uint64_t end = now + (uint64_t)seconds * NANOSECONDS_PER_SECOND;
    timing_wall_text(end - 60 * NANOSECONDS_PER_SECOND, least);
    timing_wall_text(end, most);
    return strcmp(said, least) >= 0 && strcmp(said, most) <= 0;
}

static void check_share(const json_reading *r, const wire_request *asked, const wire_answer *answer)
{
    (void)asked;
    const read_value *life = json_root_member(r, "expires_in");
    const read_value *downloads = json_root_member(r, "max_downloads");
    const char *path = json_text_of(r, json_root_member(r, "path")->text);
    bool there = strcmp(path, STATE_FILE) == 0 || strcmp(path, STATE_OTHER) == 0;
    ORACLE(answer->status == (there ? 201 : 404));
    if (!there)
        return;
    char place[128] = "";
    const json_reading *said = read_answer(answer);
    const read_value *root = said->values;
    ORACLE(talk_field(answer, "Location", place, sizeof place) && says(said, root, "url", place));
    ORACLE(strncmp(place, "/s/", 3) == 0 && says(said, root, "token", place + 3));
    ORACLE(says(said, root, "path", path) && says(said, root, "state", "live"));
    ORACLE(whole(said, root, "downloads") == 0);
    ORACLE(whole(said, root, "max_downloads") ==
           (downloads != NULL ? json_whole_of(r, downloads) : BODY_DOWNLOADS_MOST));
    ORACLE(ends_in(SERVICE_OPEN, text_in(said, root, "expires_at"),
                   life != NULL ? json_whole_of(r, life) : BODY_LIFE));
}

/* Others' names may be taken by former inputs. */
static void check_register(const json_reading *r, const wire_request *asked,
                           const wire_answer *answer)
{
    static const struct {
        const char *plan;
        int64_t file_most;
        int64_t quota;
    } plans[] = {{"Trial", 100000, 1000000},
                 {"Free", 10000000, 100000000},
                 {"Plus", 100000000, 10000000000},
                 {"Pro", 5000000000, 1000000000000}};
    const char *named = json_text_of(r, json_root_member(r, "account")->text);
    const read_value *plan = json_root_member(r, "plan");
    ORACLE(answer->status == 409 || (answer->status == 201 && strcmp(named, STATE_ACCOUNT) != 0));
    if (answer->status != 201)
        return;
    const json_reading *said = read_answer(answer);
    const read_value *root = said->values;
    const char *wanted = plan != NULL ? json_text_of(r, plan->text) : "Free";
    ORACLE(says(said, root, "account", named) && says(said, root, "plan", wanted) &&
           whole(said, root, "used") == 0);
    for (size_t i = 0; i < sizeof plans / sizeof plans[0]; i++)
        ORACLE(strcmp(plans[i].plan, wanted) != 0 ||
               (whole(said, root, "quota") == plans[i].quota &&
                whole(said, root, "max_file_size") == plans[i].file_most));
    wire_answer again;
    talk_ask(asked, false, &again);
    ORACLE(again.status == 409);
    wire_release(&again);
}

static void check_login(const json_reading *r, const wire_request *asked, const wire_answer *answer)
{
    (void)asked;
    bool ours = json_text_is(r, json_root_member(r, "account")->text, STATE_ACCOUNT);
    bool right = json_text_is(r, json_root_member(r, "password")->text, STATE_PASSWORD);
    ORACLE(answer->status == 200 || answer->status == 401);
    ORACLE(!ours || (answer->status == 200) == right);
    if (answer->status != 200)
        return;
    const json_reading *said = read_answer(answer);
    const read_value *root = said->values;
    ORACLE(strlen(text_in(said, root, "token")) > 20 && says(said, root, "token_type", "Bearer"));
    ORACLE(whole(said, root, "expires_in") == SERVICE_TOKEN_LIFE);
    ORACLE(ends_in(SERVICE_ACCOUNTS, text_in(said, root, "expires_at"), SERVICE_TOKEN_LIFE));
}

void state_check(body_route way, const json_reading *r, const wire_request *asked,
                 const wire_answer *answer)
{
    static void (*const checks[BODY_ROUTES])(const json_reading *r, const wire_request *asked,
                                             const wire_answer *answer) = {
        [BODY_MOVES] = check_moves,
        [BODY_SHARE] = check_share,
        [BODY_REGISTER] = check_register,
        [BODY_LOGIN] = check_login,
    };
    checks[way](r, asked, answer);
}
