#include "client/uploads.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/timing.h"
#include "client/files.h"
#include "client/perform.h"
#include "engine/content.h"

#define TRIES 20
#define PAUSE (50 * NANOSECONDS_PER_MILLISECOND)

/* For whoever serves the disk of this run later, under another address. */
static void note_place(operation *o, const char *address)
{
    const stage *s = o->client->stage;
    size_t base = strlen(s->base_url);
    if (s->log_position != NULL && o->record.outcome == OUTCOME_OK &&
        strncmp(address, s->base_url, base) == 0)
        o->record.detail = history_name(s->history, address + base, strlen(address + base));
}

seen client_upload_create(client *c, size_t key_index, uint64_t size, notice *upload)
{
    CHECK(size > 0);
    key k = perform_key(c, key_index);
    keyspace_touch(c->stage->keys, key_index);
    operation o = perform_begin(c, OPERATION_UPLOAD_CREATE, &k);
    o.record.value = perform_value(&o);
    o.record.size = size;
    *upload = (notice){.what = {.value = o.record.value, .size = size, .key_hash = k.hash},
                       .key_index = key_index};
    c->stage->driver->upload_create(&o, k.name, &upload->what);
    note_place(&o, upload->what.address);
    return perform_end(&o, NULL);
}

static operation begin(client *c, operation_type type, const notice *upload)
{
    key k = {.number = 0};
    if (upload->name != NULL)
        k.number = history_name(c->stage->history, upload->name, strlen(upload->name));
    else
        k = perform_key(c, upload->key_index);
    operation o = perform_begin(c, type, &k);
    o.record.value = upload->what.value;
    return o;
}

static seen send(client *c, notice *upload, uint64_t length, const exchange_manners *manners)
{
    uint64_t left = upload->what.size - upload->what.offset;
    operation o = begin(c, OPERATION_UPLOAD_PATCH, upload);
    c->stage->driver->upload_patch(&o, &upload->what, length > 0 && length < left ? length : left,
                                   manners);
    return perform_end(&o, NULL);
}

seen client_upload_piece(client *c, notice *upload, uint64_t length)
{
    return send(c, upload, length, NULL);
}

seen client_upload_cut_piece(client *c, notice *upload, uint64_t length, uint64_t cut)
{
    exchange_manners manners = EXCHANGE_POLITE;
    manners.cut_send_at = cut;
    return send(c, upload, length, &manners);
}

seen client_upload_offset(client *c, notice *upload)
{
    operation o = begin(c, OPERATION_UPLOAD_HEAD, upload);
    c->stage->driver->upload_head(&o, &upload->what);
    return perform_end(&o, NULL);
}

seen client_upload_cancel(client *c, notice *upload)
{
    operation o = begin(c, OPERATION_UPLOAD_CANCEL, upload);
    c->stage->driver->upload_cancel(&o, &upload->what);
    return perform_end(&o, NULL);
}

bool client_upload_rest(client *c, notice *upload, uint64_t piece)
{
    for (int tries = 0; upload->what.offset < upload->what.size && tries < TRIES;) {
        if (client_over(c))
            return false;
        if (client_upload_piece(c, upload, piece).outcome == OUTCOME_OK)
            continue;
        tries++;
        client_pause(c, PAUSE);
        if (client_over(c) || client_upload_offset(c, upload).absent)
            return false;
    }
    return upload->what.offset == upload->what.size;
}

void client_upload_take_over(client *c, const char *name, const char *place, const resource *what)
{
    notice upload = {.what = *what, .name = name};
    int length = snprintf(upload.what.address, sizeof upload.what.address, "%s%s",
                          c->stage->base_url, place);
    CHECK(length > 0 && (size_t)length < sizeof upload.what.address);
    upload.what.key_hash = content_key_hash(name, strlen(name));
    seen found = client_upload_offset(c, &upload);
    if (found.outcome == OUTCOME_OK && !found.absent && client_upload_rest(c, &upload, 0))
        client_get_named(c, name);
}
