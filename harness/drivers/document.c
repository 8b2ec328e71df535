#include "drivers/document.h"

static const char type[] = "application/json";

static json_t *take_document(operation *o, const buffer *answer)
{
    json_t *root = json_loadb(buffer_text(answer), answer->length, JSON_REJECT_DUPLICATES, NULL);
    if (json_is_object(root))
        return root;
    operation_malformed(o, "the answer is no JSON object");
    json_decref(root);
    return NULL;
}

json_t *document_ask(operation *o, const exchange_request *asked, const char *body)
{
    buffer answer;
    json_t *root = body_ask(o, asked, type, body, &answer) ? take_document(o, &answer) : NULL;
    buffer_free(&answer);
    return root;
}

json_t *document_ask_from(operation *o, const exchange_request *asked, const body_source *source)
{
    buffer answer;
    json_t *root =
        body_ask_from(o, asked, type, source, &answer) ? take_document(o, &answer) : NULL;
    buffer_free(&answer);
    return root;
}

bool document_whole(const json_t *object, const char *name, uint64_t *value)
{
    const json_t *member = json_object_get(object, name);
    if (!json_is_integer(member) || json_integer_value(member) < 0)
        return false;
    *value = (uint64_t)json_integer_value(member);
    return true;
}

const char *document_text(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}
