/* Collections and moves: RFC 4918, WebDAV. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qualify/conformance.h"

#define HEADERS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define FIELD_SIZE   256

static const char text[] = "0123456789";
#define TEXT_LENGTH (sizeof text - 1)

static const reply *put(probe *p, const char *url, const char *content)
{
    return probe_ask(p, "PUT", url, NULL, content, strlen(content));
}

static const reply *ask(probe *p, const char *method, const char *url, const char *const *headers)
{
    return probe_ask(p, method, url, headers, NULL, 0);
}

static bool holds(probe *p, const char *url, const char *content)
{
    const reply *r = ask(p, "GET", url, NULL);
    return probe_expect(p, reply_is(r, content, strlen(content)),
                        "GET of %s says status %u with %zu bytes", url, r->status, r->body.length);
}

static bool is_gone(probe *p, const char *url)
{
    return probe_expect_status(p, ask(p, "GET", url, NULL), 404, 410, 0, 0);
}

/* A collection with a file "a" in it; false: the case is decided. */
static bool a_collection(probe *p, const char *name, const char **folder, const char **file)
{
    char inner[128];
    snprintf(inner, sizeof inner, "%s/", name);
    *folder = probe_file(p, inner);
    snprintf(inner, sizeof inner, "%s/a", name);
    *file = probe_file(p, inner);
    return probe_expect_status(p, ask(p, "MKCOL", *folder, NULL), 201, 0, 0, 0) &&
           probe_expect_status(p, put(p, *file, text), 201, 200, 204, 0);
}

static void mkcol_makes(probe *p)
{
    probe_expect_status(p, ask(p, "MKCOL", probe_file(p, "c/"), NULL), 201, 0, 0, 0);
}

static void mkcol_of_what_is_there_is_405(probe *p)
{
    const char *url = probe_file(p, "c/");
    ask(p, "MKCOL", url, NULL);
    probe_expect_status(p, ask(p, "MKCOL", url, NULL), 405, 0, 0, 0);
}

static void mkcol_without_parent_is_409(probe *p)
{
    probe_expect_status(p, ask(p, "MKCOL", probe_file(p, "none/c/"), NULL), 409, 0, 0, 0);
}

static void mkcol_with_unknown_content_is_415(probe *p)
{
    const reply *r =
        probe_ask(p, "MKCOL", probe_file(p, "c/"), HEADERS("Content-Type", "text/unknown"), "x", 1);
    probe_expect_status(p, r, 415, 0, 0, 0);
}

static void put_without_parent_is_409(probe *p)
{
    probe_expect_status(p, put(p, probe_file(p, "none/a"), text), 409, 0, 0, 0);
}

static void put_onto_a_collection_leaves_it(probe *p)
{
    const char *folder;
    const char *file;
    if (!a_collection(p, "c", &folder, &file))
        return;
    put(p, folder, "x");
    holds(p, file, text);
}

static void delete_of_a_collection_takes_all(probe *p)
{
    const char *folder;
    const char *file;
    if (!a_collection(p, "c", &folder, &file))
        return;
    probe_expect_status(p, ask(p, "DELETE", folder, NULL), 200, 202, 204, 207);
    is_gone(p, file);
}

static void move_takes_away_and_brings(probe *p)
{
    const char *from = probe_file(p, "from");
    const char *to = probe_file(p, "to");
    put(p, from, text);
    probe_expect_status(p, ask(p, "MOVE", from, HEADERS("Destination", to)), 201, 0, 0, 0);
    if (is_gone(p, from))
        holds(p, to, text);
}

static void move_onto_another_without_overwrite_is_412(probe *p)
{
    const char *from = probe_file(p, "from");
    const char *to = probe_file(p, "to");
    put(p, from, text);
    put(p, to, "other");
    const reply *r = ask(p, "MOVE", from, HEADERS("Destination", to, "Overwrite", "F"));
    probe_expect_status(p, r, 412, 0, 0, 0);
    if (holds(p, from, text))
        holds(p, to, "other");
}

static void move_onto_another_is_204(probe *p)
{
    const char *from = probe_file(p, "from");
    const char *to = probe_file(p, "to");
    put(p, from, text);
    put(p, to, "other");
    const reply *r = ask(p, "MOVE", from, HEADERS("Destination", to, "Overwrite", "T"));
    probe_expect_status(p, r, 204, 0, 0, 0);
    if (is_gone(p, from))
        holds(p, to, text);
}

static void move_without_parent_is_409(probe *p)
{
    const char *from = probe_file(p, "from");
    put(p, from, text);
    const reply *r = ask(p, "MOVE", from, HEADERS("Destination", probe_file(p, "none/to")));
    probe_expect_status(p, r, 409, 0, 0, 0);
    holds(p, from, text);
}

static void move_onto_itself_is_403(probe *p)
{
    const char *from = probe_file(p, "from");
    put(p, from, text);
    probe_expect_status(p, ask(p, "MOVE", from, HEADERS("Destination", from)), 403, 0, 0, 0);
    holds(p, from, text);
}

static void move_of_nothing_is_404(probe *p)
{
    const char *from = probe_file(p, "never");
    const reply *r = ask(p, "MOVE", from, HEADERS("Destination", probe_file(p, "to")));
    probe_expect_status(p, r, 404, 0, 0, 0);
}

static void copy_leaves_and_brings(probe *p)
{
    const char *from = probe_file(p, "from");
    const char *to = probe_file(p, "to");
    put(p, from, text);
    probe_expect_status(p, ask(p, "COPY", from, HEADERS("Destination", to)), 201, 0, 0, 0);
    if (holds(p, from, text))
        holds(p, to, text);
}

static void copy_without_overwrite_is_412(probe *p)
{
    const char *from = probe_file(p, "from");
    const char *to = probe_file(p, "to");
    put(p, from, text);
    put(p, to, "other");
    const reply *r = ask(p, "COPY", from, HEADERS("Destination", to, "Overwrite", "F"));
    probe_expect_status(p, r, 412, 0, 0, 0);
    holds(p, to, "other");
}

static void copy_of_a_collection_takes_all(probe *p)
{
    const char *folder;
    const char *file;
    if (!a_collection(p, "c", &folder, &file))
        return;
    const reply *r = ask(p, "COPY", folder, HEADERS("Destination", probe_file(p, "d/")));
    probe_expect_status(p, r, 201, 0, 0, 0);
    holds(p, probe_file(p, "d/a"), text);
}

static void propfind_is_207(probe *p)
{
    const char *url = probe_file(p, "a");
    put(p, url, text);
    const reply *r = ask(p, "PROPFIND", url, HEADERS("Depth", "0"));
    probe_expect_status(p, r, 207, 0, 0, 0);
    probe_expect(p, strstr(buffer_text(&r->body), "multistatus") != NULL, "no multistatus");
}

static void propfind_lists_what_is_in_a_collection(probe *p)
{
    const char *folder;
    const char *file;
    if (!a_collection(p, "c", &folder, &file))
        return;
    const reply *r = ask(p, "PROPFIND", folder, HEADERS("Depth", "1"));
    probe_expect_status(p, r, 207, 0, 0, 0);
    probe_expect(p, strstr(buffer_text(&r->body), "c/a") != NULL, "the listing lacks the file");
}

static void propfind_of_nothing_is_404(probe *p)
{
    const reply *r = ask(p, "PROPFIND", probe_file(p, "never"), HEADERS("Depth", "0"));
    probe_expect_status(p, r, 404, 0, 0, 0);
}

static void propfind_of_no_xml_is_400(probe *p)
{
    const char *url = probe_file(p, "a");
    put(p, url, text);
    const reply *r = probe_ask(
        p, "PROPFIND", url, HEADERS("Depth", "0", "Content-Type", "application/xml"), "<a><b>", 6);
    probe_expect_status(p, r, 400, 0, 0, 0);
}

static void propfind_tells_the_length(probe *p)
{
    const char *url = probe_file(p, "a");
    put(p, url, text);
    const reply *r = ask(p, "PROPFIND", url, HEADERS("Depth", "0"));
    const char *at = strstr(buffer_text(&r->body), "getcontentlength");
    const char *value = at != NULL ? strchr(at, '>') : NULL;
    probe_expect(p, value != NULL && strtoull(value + 1, NULL, 10) == TEXT_LENGTH,
                 "getcontentlength is not 10");
}

static void options_names_class_1(probe *p)
{
    char field[FIELD_SIZE];
    reply_field(ask(p, "OPTIONS", probe_file(p, ""), NULL), "DAV", field, sizeof field);
    probe_expect(p, strchr(field, '1') != NULL, "DAV: %s", field[0] != '\0' ? field : "(none)");
}

#define F (CAPABILITY_FILES | CAPABILITY_COLLECTIONS)
#define L (CAPABILITY_LIST | F)
#define M (CAPABILITY_MOVES | F)

static const conformance_case cases[] = {
    {"dav/mkcol/1", LEVEL_MUST, F, "RFC 4918, 9.3.1", "MKCOL makes a collection: 201", mkcol_makes},
    {"dav/mkcol/2", LEVEL_MUST, F, "RFC 4918, 9.3", "MKCOL of what is there is 405",
     mkcol_of_what_is_there_is_405},
    {"dav/mkcol/3", LEVEL_MUST, F, "RFC 4918, 9.3.1", "MKCOL without the parent collection is 409",
     mkcol_without_parent_is_409},
    {"dav/mkcol/4", LEVEL_MUST, F, "RFC 4918, 9.3.1",
     "MKCOL with content of an unknown type is 415", mkcol_with_unknown_content_is_415},
    {"dav/put/1", LEVEL_MUST, F, "RFC 4918, 9.7.1", "PUT without the parent collection is 409",
     put_without_parent_is_409},
    {"dav/put/2", LEVEL_MUST, F, "RFC 4918, 9.7.2", "PUT onto a collection leaves what is in it",
     put_onto_a_collection_leaves_it},
    {"dav/delete/1", LEVEL_MUST, F, "RFC 4918, 9.6.1",
     "DELETE of a collection deletes all that is in it", delete_of_a_collection_takes_all},
    {"dav/options/1", LEVEL_MUST, F, "RFC 4918, 10.1", "OPTIONS has DAV with class 1",
     options_names_class_1},
    {"dav/propfind/1", LEVEL_MUST, L, "RFC 4918, 9.1",
     "PROPFIND is answered with 207 and multistatus", propfind_is_207},
    {"dav/propfind/2", LEVEL_MUST, L, "RFC 4918, 9.1",
     "PROPFIND of a collection with Depth 1 lists what is in it",
     propfind_lists_what_is_in_a_collection},
    {"dav/propfind/3", LEVEL_MUST, L, "RFC 4918, 9.1", "PROPFIND of what is not there is 404",
     propfind_of_nothing_is_404},
    {"dav/propfind/4", LEVEL_MUST, L, "RFC 4918, 8.2", "PROPFIND with broken XML is 400",
     propfind_of_no_xml_is_400},
    {"dav/propfind/5", LEVEL_MUST, L, "RFC 4918, 15.4",
     "getcontentlength is the Content-Length of GET", propfind_tells_the_length},
    {"dav/move/1", LEVEL_MUST, M, "RFC 4918, 9.9", "MOVE takes the file away and brings it: 201",
     move_takes_away_and_brings},
    {"dav/9.9.4/1", LEVEL_MUST, M, "RFC 4918, 9.9.4",
     "MOVE onto what is there with Overwrite: F is 412, and both stay",
     move_onto_another_without_overwrite_is_412},
    {"dav/9.9.4/2", LEVEL_MUST, M, "RFC 4918, 9.9.4",
     "MOVE onto what is there with Overwrite: T is 204, and replaces it", move_onto_another_is_204},
    {"dav/9.9.4/3", LEVEL_MUST, M, "RFC 4918, 9.9.4",
     "MOVE below a collection that is not there is 409, and the file stays",
     move_without_parent_is_409},
    {"dav/9.9.4/4", LEVEL_MUST, M, "RFC 4918, 9.9.4", "MOVE onto itself is 403, and the file stays",
     move_onto_itself_is_403},
    {"dav/move/2", LEVEL_MUST, M, "RFC 9110, 15.5.5", "MOVE of what is not there is 404",
     move_of_nothing_is_404},
    {"dav/copy/1", LEVEL_MUST, M, "RFC 4918, 9.8", "COPY leaves the file and brings another: 201",
     copy_leaves_and_brings},
    {"dav/9.8.5/1", LEVEL_MUST, M, "RFC 4918, 9.8.5",
     "COPY onto what is there with Overwrite: F is 412, and changes nothing",
     copy_without_overwrite_is_412},
    {"dav/copy/2", LEVEL_MUST, M, "RFC 4918, 9.8.3", "COPY of a collection takes all that is in it",
     copy_of_a_collection_takes_all},
};

static bool applies(const probe_target *target, const driver *d)
{
    return target->files != NULL && strcmp(d->name, "webdav") == 0;
}

const suite suite_dav = {"dav", "RFC 4918, WebDAV", cases, sizeof cases / sizeof cases[0], applies};
