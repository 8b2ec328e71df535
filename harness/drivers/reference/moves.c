/* POST /v1/moves */
#include <stdlib.h>

#include "base/buffer.h"
#include "base/json_writer.h"
#include "client/operation.h"
#include "drivers/document.h"
#include "drivers/reference/reference.h"

static void write_batch(buffer *body, const move_pair *pairs, size_t count, bool atomic)
{
    json_writer w = writer_begin(body);
    writer_object(&w);
    writer_key(&w, "moves");
    writer_array(&w);
    for (size_t i = 0; i < count; i++) {
        writer_object(&w);
        writer_put_text(&w, "from", pairs[i].from);
        writer_put_text(&w, "to", pairs[i].to);
        writer_object_end(&w);
    }
    writer_array_end(&w);
    writer_key(&w, "atomic");
    writer_bool(&w, atomic);
    writer_object_end(&w);
}

/* One part a pair, with what the answer (NULL: none) says of it. False: it does not say. */
static bool take_pairs(operation *o, const json_t *answer, const move_pair *pairs, size_t count)
{
    const json_t *results = json_object_get(answer, "results");
    bool said = true;
    for (size_t i = 0; i < count; i++) {
        const json_t *result = json_array_get(results, i);
        uint64_t status = 0;
        uint64_t version = 0;
        bool has_status = document_whole(result, "status", &status);
        bool has_version = document_whole(result, "version", &version);
        said = said && has_status && has_version == (status < 300);
        operation_part(o, (history_record){.type = PART_MOVE,
                                           .key = operation_name(o, pairs[i].from),
                                           .detail = operation_name(o, pairs[i].to),
                                           .status = (uint16_t)status,
                                           .version = (uint32_t)version});
    }
    return said;
}

void reference_move(operation *o, const move_pair *pairs, size_t count, bool atomic)
{
    char url[ADDRESS_SIZE];
    buffer body = {0};
    address_make(o, "/v1/moves", "", url);
    exchange_request request = http_request("POST", url);
    write_batch(&body, pairs, count, atomic);
    json_t *answer = document_ask(o, &request, buffer_text(&body));
    bool said = take_pairs(o, answer, pairs, count);
    if (answer != NULL && !said)
        operation_malformed(o, "the results do not say of each move what came of it");
    json_decref(answer);
    buffer_free(&body);
}
