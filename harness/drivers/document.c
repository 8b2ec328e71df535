#include "drivers/document.h"

#include "drivers/body.h"

json_t *document_ask(operation *o, const exchange_request *asked, const char *body)
{
    buffer answer;
    json_t *root = NULL;
    if (body_ask(o, asked, "application/json", body, &answer)) {
        root = json_loadb(buffer_text(&answer), answer.length, JSON_REJECT_DUPLICATES, NULL);
        if (!json_is_object(root)) {
            operation_malformed(o, "the answer is no JSON object");
            json_decref(root);
            root = NULL;
        }
    }
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
