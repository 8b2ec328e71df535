/* webdav: plain HTTP files in collections (RFC 4918): PUT, GET, HEAD, DELETE, MKCOL, PROPFIND,
 * MOVE.
 *
 * Some servers want the collections of a name to be there before it is written: a PUT that is
 * answered with 409 (or, by some, 404) makes them and is sent once more, within the same operation,
 * since it is certain to have had no effect. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "client/operation.h"
#include "drivers/address.h"
#include "drivers/body.h"
#include "drivers/http_files.h"
#include "drivers/xml.h"

#define PLACE            "/"
#define COLLECTIONS_MOST 10000

/* --- files --- */

static void make_collections(operation *o, const char *name)
{
    char url[ADDRESS_SIZE];
    char folder[RESOURCE_SIZE * 2];
    for (const char *slash = strchr(name, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        snprintf(folder, sizeof folder, "%.*s/", (int)(slash - name), name);
        address_make(o, PLACE, folder, url);
        exchange_request request = http_request("MKCOL", url);
        operation_exchange(o, &request);
    }
}

static void put_file(operation *o, const put_request *in, read_result *result)
{
    http_put(o, PLACE, in, result);
    if (o->answer.failure != FAILURE_NONE || (o->answer.status != 409 && o->answer.status != 404) ||
        strchr(in->name, '/') == NULL)
        return;
    uint64_t invoke = o->record.invoke;
    make_collections(o, in->name);
    o->record.failure = FAILURE_NONE;
    o->record.detail = 0;
    http_put(o, PLACE, in, result);
    o->record.invoke = invoke;
}

static void get_file(operation *o, const char *name, const exchange_manners *manners,
                     read_result *result)
{
    http_get(o, PLACE, name, manners, result);
}

static void head_file(operation *o, const char *name, read_result *result)
{
    http_head(o, PLACE, name, result);
}

static void remove_file(operation *o, const char *name)
{
    http_remove(o, PLACE, name);
}

static void get_range(operation *o, const char *name, uint64_t offset, uint64_t length)
{
    http_get_range(o, PLACE, name, offset, length);
}

/* --- listing: PROPFIND of a collection and, level by level, of those in it --- */

typedef struct {
    operation *operation;
    const char *base; /* the path of the target's own address */
    const char *wrong;
    buffer folders; /* names of collections still to be asked, each with a NUL */
    char asked[RESOURCE_SIZE * 2];
    char name[RESOURCE_SIZE * 2];
    uint64_t size;
    bool collection;
} listing;

static bool decode(const char *raw, char *out, size_t size)
{
    size_t used = 0;
    for (const char *at = raw; *at != '\0'; at++) {
        if (used + 1 >= size)
            return false;
        if (*at == '%' && isxdigit((unsigned char)at[1]) && isxdigit((unsigned char)at[2])) {
            char pair[3] = {at[1], at[2], '\0'};
            out[used++] = (char)strtoul(pair, NULL, 16);
            at += 2;
        } else {
            out[used++] = *at;
        }
    }
    out[used] = '\0';
    return true;
}

/* "http://host:1/base/own/1/a" and "/base/own/1/a" are the name "own/1/a". */
static bool name_of(const listing *l, const char *href, char *out, size_t size)
{
    const char *scheme = strstr(href, "://");
    const char *path = scheme != NULL ? strchr(scheme + 3, '/') : href;
    if (path == NULL || strncmp(path, l->base, strlen(l->base)) != 0)
        return false;
    path += strlen(l->base);
    while (*path == '/')
        path++;
    return decode(path, out, size);
}

static void on_begin(void *owner, const char *name)
{
    listing *l = owner;
    if (strcmp(name, "response") == 0) {
        l->name[0] = '\0';
        l->size = 0;
        l->collection = false;
    } else if (strcmp(name, "collection") == 0) {
        l->collection = true;
    }
}

static void take_response(listing *l)
{
    size_t length = strlen(l->name);
    bool slashed = length > 0 && l->name[length - 1] == '/';
    if (strcmp(l->name, l->asked) == 0)
        return;
    if (l->collection || slashed) {
        if (!slashed)
            strncat(l->name, "/", sizeof l->name - length - 1);
        if (strcmp(l->name, l->asked) != 0)
            buffer_append(&l->folders, l->name, strlen(l->name) + 1);
        return;
    }
    if (!operation_part(l->operation, (history_record){.type = PART_ENTRY,
                                                       .key = operation_name(l->operation, l->name),
                                                       .size = l->size}))
        l->wrong = "the listing has more entries than one record can hold";
}

static void on_end(void *owner, const char *name, const char *text)
{
    listing *l = owner;
    if (strcmp(name, "href") == 0 && !name_of(l, text, l->name, sizeof l->name))
        l->wrong = "an href of the listing is not below the address of the server";
    else if (strcmp(name, "getcontentlength") == 0)
        l->size = strtoull(text, NULL, 10);
    else if (strcmp(name, "response") == 0)
        take_response(l);
}

static bool parse(listing *l, const buffer *answer)
{
    xml_reader reader = {.begin = on_begin, .end = on_end, .owner = l};
    if (!xml_read(answer, &reader) && l->wrong == NULL)
        l->wrong = "the listing is no well-formed XML";
    return l->wrong == NULL;
}

/* One collection; false ends the listing. */
static bool ask_folder(listing *l, const char *folder)
{
    char url[ADDRESS_SIZE];
    buffer answer;
    operation *o = l->operation;
    snprintf(l->asked, sizeof l->asked, "%s", folder);
    address_make(o, PLACE, folder, url);
    exchange_request request = http_request("PROPFIND", url);
    request.headers[request.header_count++] = (exchange_header){"Depth", "1"};
    body_ask(o, &request, NULL, NULL, &answer);
    bool gone = o->answer.failure == FAILURE_NONE && o->answer.status == 404;
    bool fine = gone || (o->record.outcome == OUTCOME_OK && parse(l, &answer));
    buffer_free(&answer);
    if (gone) {
        o->record.outcome = OUTCOME_OK;
        o->record.failure = FAILURE_NONE;
        o->record.detail = 0;
    } else if (l->wrong != NULL) {
        operation_malformed(o, l->wrong);
    }
    return fine;
}

/* The names below the deepest collection that `prefix` names. */
static void list_files(operation *o, const char *prefix)
{
    const char *host = strstr(operation_base_url(o), "://");
    const char *base = host != NULL ? strchr(host + 3, '/') : NULL;
    listing l = {.operation = o, .base = base != NULL ? base : ""};
    char folder[RESOURCE_SIZE * 2];
    const char *slash = strrchr(prefix, '/');
    snprintf(folder, sizeof folder, "%.*s", slash != NULL ? (int)(slash - prefix + 1) : 0, prefix);
    bool goes_on = ask_folder(&l, folder);
    uint64_t invoke = o->record.invoke;
    uint64_t requests = 1;
    for (size_t at = 0; goes_on && at < l.folders.length; requests++) {
        snprintf(folder, sizeof folder, "%s", l.folders.bytes + at);
        at += strlen(folder) + 1;
        goes_on = ask_folder(&l, folder);
        if (goes_on && requests == COLLECTIONS_MOST) {
            operation_malformed(o, "the listing has more collections than anybody asks for");
            goes_on = false;
        }
    }
    buffer_free(&l.folders);
    o->record.invoke = invoke;
    o->record.expected = requests;
    o->record.size = o->part_count;
}

/* --- moves: one at a time --- */

static void move_files(operation *o, const move_pair *pairs, size_t count, bool atomic)
{
    char from[ADDRESS_SIZE];
    char to[ADDRESS_SIZE];
    uint64_t invoke = 0;
    bool goes_on = true;
    (void)atomic;
    for (size_t i = 0; i < count; i++) {
        if (goes_on) {
            address_make(o, PLACE, pairs[i].from, from);
            address_make(o, PLACE, pairs[i].to, to);
            exchange_request request = http_request("MOVE", from);
            request.headers[request.header_count++] = (exchange_header){"Destination", to};
            request.headers[request.header_count++] = (exchange_header){"Overwrite", "F"};
            operation_exchange(o, &request);
            invoke = i == 0 ? o->record.invoke : invoke;
            goes_on = o->answer.failure == FAILURE_NONE;
        }
        operation_part(o, (history_record){.type = PART_MOVE,
                                           .key = operation_name(o, pairs[i].from),
                                           .detail = operation_name(o, pairs[i].to),
                                           .status = goes_on ? (uint16_t)o->answer.status : 0});
    }
    operation_conclude(o);
    o->record.invoke = invoke;
    o->record.flags &= (uint8_t)~FLAG_ATOMIC;
}

/* WebDAV has no question for it: whoever answers, if only with a refusal, serves. */
static void ask_ready(operation *o)
{
    char url[ADDRESS_SIZE];
    address_make(o, PLACE, "", url);
    exchange_request request = http_request("OPTIONS", url);
    operation_exchange(o, &request);
    operation_conclude(o);
    bool serves = o->answer.failure == FAILURE_NONE && o->answer.status != 0 &&
                  (o->answer.status < 500 || o->answer.status == 501);
    if (serves) {
        o->record.outcome = OUTCOME_OK;
        o->record.failure = FAILURE_NONE;
        o->record.detail = 0;
    }
    o->record.size = serves;
}

const driver driver_webdav = {
    .name = "webdav",
    .description = "plain HTTP files and WebDAV collections (RFC 9110, RFC 4918)",
    .capabilities = CAPABILITY_FILES | CAPABILITY_CONDITIONS | CAPABILITY_RANGES | CAPABILITY_LIST |
                    CAPABILITY_MOVES | CAPABILITY_COLLECTIONS,
    .put = put_file,
    .get = get_file,
    .head = head_file,
    .remove = remove_file,
    .get_range = get_range,
    .list = list_files,
    .move = move_files,
    .ready = ask_ready,
};
