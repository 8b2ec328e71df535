#include "qualify/suites/tus_ask.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "drivers/address.h"

#define FIELDS_MOST 24

const char tus_text[] = "hello world";

void tus_metadata(probe *p, char out[TUS_FIELD])
{
    char name[256];
    char code[512];
    const probe_target *t = probe_where(p);
    out[0] = '\0';
    if (!t->upload_names)
        return;
    const char *file = t->files != NULL ? probe_file(p, "upload") : "upload";
    const char *slash = strrchr(file, '/');
    snprintf(name, sizeof name, "%s", slash != NULL ? slash + 1 : file);
    sodium_bin2base64(code, sizeof code, (const unsigned char *)name, strlen(name),
                      sodium_base64_VARIANT_ORIGINAL);
    snprintf(out, TUS_FIELD, "filename %s", code);
}

const reply *tus_create_with(probe *p, const char *const *fields, const char *content)
{
    char metadata[TUS_FIELD];
    const char *all[FIELDS_MOST] = {TUS_VERSION};
    size_t count = 2;
    tus_metadata(p, metadata);
    if (metadata[0] != '\0') {
        all[count++] = "Upload-Metadata";
        all[count++] = metadata;
    }
    for (; fields != NULL && *fields != NULL; fields++) {
        CHECK(count + 1 < FIELDS_MOST);
        all[count++] = *fields;
    }
    return probe_ask(p, "POST", probe_where(p)->uploads, all, content, strlen(content));
}

const reply *tus_create(probe *p, const char *length)
{
    return tus_create_with(p, TUS_FIELDS("Upload-Length", length), "");
}

bool tus_address(probe *p, const reply *created, char url[TUS_FIELD])
{
    char field[TUS_FIELD];
    if (!probe_expect_status(p, created, 201, 0, 0, 0))
        return false;
    reply_field(created, "Location", field, sizeof field);
    const probe_target *t = probe_where(p);
    char from[TUS_FIELD];
    snprintf(from, sizeof from, "%s%s", t->uploads[0] == '/' ? t->base : "", t->uploads);
    return probe_expect(p, address_resolve(from, field, url, TUS_FIELD), "Location: %s",
                        field[0] != '\0' ? field : "(none)");
}

bool tus_upload(probe *p, char url[TUS_FIELD])
{
    return tus_address(p, tus_create(p, "11"), url);
}

bool tus_whole(probe *p, char url[TUS_FIELD])
{
    return tus_upload(p, url) &&
           probe_expect_status(p, tus_patch(p, url, "0", tus_text), 204, 0, 0, 0);
}

const char *tus_never(probe *p, char url[TUS_FIELD])
{
    const char *uploads = probe_where(p)->uploads;
    size_t length = strlen(uploads);
    bool slashed = length > 0 && uploads[length - 1] == '/';
    snprintf(url, TUS_FIELD, "%.500s%s0123456789abcdef0123456789abcdef", uploads,
             slashed ? "" : "/");
    return url;
}

const reply *tus_patch(probe *p, const char *url, const char *offset, const char *content)
{
    return probe_ask(p, "PATCH", url,
                     TUS_FIELDS(TUS_VERSION, "Upload-Offset", offset, "Content-Type", TUS_PIECE),
                     content, strlen(content));
}

const reply *tus_head(probe *p, const char *url)
{
    return probe_ask(p, "HEAD", url, TUS_FIELDS(TUS_VERSION), NULL, 0);
}

const reply *tus_options(probe *p)
{
    return probe_ask(p, "OPTIONS", probe_where(p)->uploads, NULL, NULL, 0);
}

void tus_field_is(probe *p, const reply *r, const char *name, const char *wanted)
{
    char field[TUS_FIELD];
    reply_field(r, name, field, sizeof field);
    probe_expect(p, strcmp(field, wanted) == 0, "%s: %s", name,
                 field[0] != '\0' ? field : "(none)");
}

void tus_field_is_missing(probe *p, const reply *r, const char *name)
{
    char field[TUS_FIELD];
    reply_field(r, name, field, sizeof field);
    probe_expect(p, field[0] == '\0', "%s: %s", name, field);
}

void tus_offset_is(probe *p, const reply *r, unsigned long long wanted)
{
    char text[24];
    snprintf(text, sizeof text, "%llu", wanted);
    tus_field_is(p, r, "Upload-Offset", text);
}

bool tus_announces(probe *p, const char *extension)
{
    char field[TUS_FIELD];
    reply_field(tus_options(p), "Tus-Extension", field, sizeof field);
    for (char *rest = NULL, *one = strtok_r(field, ", ", &rest); one != NULL;
         one = strtok_r(NULL, ", ", &rest))
        if (strcmp(one, extension) == 0)
            return true;
    return false;
}

bool tus_offers(probe *p, const char *extension)
{
    if (tus_announces(p, extension))
        return true;
    probe_not_applicable(p, "the target does not announce the extension");
    return false;
}
