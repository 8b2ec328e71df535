#include "client/uploads.h"

#include "base/check.h"
#include "base/timing.h"
#include "client/perform.h"

#define TRIES 20
#define PAUSE (50 * NANOSECONDS_PER_MILLISECOND)

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
    return perform_end(&o, NULL);
}

static operation begin(client *c, operation_type type, const notice *upload)
{
    key k = perform_key(c, upload->key_index);
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
