#include "readings/body_rules.h"

#include <ctype.h>
#include <string.h>

#define MOVES_MOST    1000
#define ACCOUNT_MOST  64
#define PASSWORD_MOST 128

/* Each member of the container is one of `names`; a NULL ends them. */
static bool has_only(const json_reading *r, const read_value *object, const char *const *names)
{
    size_t first = (size_t)(object - r->values) + 1;
    for (size_t i = first; i < object->end; i = r->values[i].end) {
        size_t at = 0;
        while (names[at] != NULL && !json_text_is(r, r->values[i].name, names[at]))
            at++;
        if (names[at] == NULL)
            return false;
    }
    return object->kind == READ_OBJECT;
}

static bool is_segment(const char *at, size_t length)
{
    return length > 0 && !(length == 1 && at[0] == '.') &&
           !(length == 2 && memcmp(at, "..", 2) == 0);
}

/* NAMES-1. That it is UTF-8 was seen when it was read. */
static bool is_name(const json_reading *r, const read_value *value)
{
    if (value == NULL || value->kind != READ_TEXT || value->text.length > BODY_NAME_MOST)
        return false;
    const char *at = json_text_of(r, value->text);
    const char *segment = at;
    for (;; at++) {
        if (*at == '/' || *at == '\0') {
            if (!is_segment(segment, (size_t)(at - segment)))
                return false;
            segment = at + 1;
        } else if (iscntrl((unsigned char)*at)) {
            return false;
        }
        if (*at == '\0')
            return true;
    }
}

static const char *move_broken(const json_reading *r, const read_value *move)
{
    static const char *const names[] = {"from", "to", NULL};
    if (!has_only(r, move, names) || move->members != 2)
        return "a move has 'from' and 'to' and nothing else";
    const read_value *one = move + 1;
    const read_value *other = move + 2;
    if (!is_name(r, one) || !is_name(r, other))
        return "'from' and 'to' are names";
    if (json_text_is(r, one->text, json_text_of(r, other->text)))
        return "a file moves to another name";
    return NULL;
}

static const char *moves_broken(const json_reading *r)
{
    static const char *const names[] = {"moves", "atomic", NULL};
    const read_value *moves = json_root_member(r, "moves");
    const read_value *atomic = json_root_member(r, "atomic");
    if (!has_only(r, r->values, names))
        return "it has 'moves' and perhaps 'atomic' and nothing else";
    if (atomic != NULL && atomic->kind != READ_BOOLEAN)
        return "'atomic' is true or false";
    if (moves == NULL || moves->kind != READ_ARRAY || moves->members == 0 ||
        moves->members > MOVES_MOST)
        return "'moves' is an array of 1 to 1000";
    const char *broken = NULL;
    size_t first = (size_t)(moves - r->values) + 1;
    for (size_t i = first; broken == NULL && i < moves->end; i = r->values[i].end)
        broken = move_broken(r, &r->values[i]);
    return broken;
}

static bool is_whole_to(const json_reading *r, const read_value *value, int64_t most)
{
    if (value == NULL)
        return true;
    return value->kind == READ_WHOLE && json_whole_of(r, value) >= 1 &&
           json_whole_of(r, value) <= most;
}

static const char *share_broken(const json_reading *r)
{
    static const char *const names[] = {"path", "expires_in", "max_downloads", NULL};
    if (!has_only(r, r->values, names))
        return "it has 'path', perhaps 'expires_in' and 'max_downloads', and nothing else";
    if (!is_name(r, json_root_member(r, "path")))
        return "'path' is a name";
    if (!is_whole_to(r, json_root_member(r, "expires_in"), BODY_LIFE_MOST))
        return "'expires_in' is a whole number from 1 to ten years";
    if (!is_whole_to(r, json_root_member(r, "max_downloads"), BODY_DOWNLOADS_MOST))
        return "'max_downloads' is a whole number from 1 to 1000000000";
    return NULL;
}

static bool is_account(const json_reading *r, const read_value *value)
{
    if (value == NULL || value->kind != READ_TEXT || value->text.length == 0 ||
        value->text.length > ACCOUNT_MOST)
        return false;
    for (const char *at = json_text_of(r, value->text); *at != '\0'; at++)
        if (!isascii(*at) ||
            (!isalnum((unsigned char)*at) && *at != '-' && *at != '_' && *at != '.'))
            return false;
    return true;
}

static bool is_plan(const json_reading *r, const read_value *value)
{
    static const char *const plans[] = {"Trial", "Free", "Plus", "Pro"};
    if (value == NULL)
        return true;
    for (size_t i = 0; i < sizeof plans / sizeof plans[0]; i++)
        if (value->kind == READ_TEXT && json_text_is(r, value->text, plans[i]))
            return true;
    return false;
}

static const char *credentials_broken(const json_reading *r, const char *const *names)
{
    const read_value *password = json_root_member(r, "password");
    if (!has_only(r, r->values, names))
        return "it has 'account' and 'password' and what the route knows besides";
    if (!is_account(r, json_root_member(r, "account")))
        return "'account' is 1 to 64 letters, digits, '-', '_' or '.'";
    if (password == NULL || password->kind != READ_TEXT || password->text.length < 8 ||
        password->text.length > PASSWORD_MOST)
        return "'password' has 8 to 128 bytes";
    return is_plan(r, json_root_member(r, "plan")) ? NULL : "'plan' is one of four";
}

static const char *register_broken(const json_reading *r)
{
    static const char *const names[] = {"account", "password", "plan", NULL};
    return credentials_broken(r, names);
}

static const char *login_broken(const json_reading *r)
{
    static const char *const names[] = {"account", "password", NULL};
    return credentials_broken(r, names);
}

const char *body_rule_broken(body_route way, const json_reading *r)
{
    static const char *(*const rules[BODY_ROUTES])(const json_reading *r) = {
        [BODY_MOVES] = moves_broken,
        [BODY_SHARE] = share_broken,
        [BODY_REGISTER] = register_broken,
        [BODY_LOGIN] = login_broken,
    };
    return rules[way](r);
}
