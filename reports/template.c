#include "reports/template.h"

#include <string.h>

#include "base/check.h"

static const char *value_of_name(const template_value *values, size_t count, const char *name,
                                 size_t length)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(values[i].name) == length && strncmp(values[i].name, name, length) == 0)
            return values[i].value;
    return NULL;
}

void template_fill(const char *text, const template_value *values, size_t count, buffer *out)
{
    for (;;) {
        const char *open = strstr(text, "{{");
        if (open == NULL)
            break;
        const char *close = strstr(open, "}}");
        CHECK(close != NULL);
        const char *value = value_of_name(values, count, open + 2, (size_t)(close - open) - 2);
        CHECK(value != NULL);
        buffer_append(out, text, (size_t)(open - text));
        buffer_text_append(out, value);
        text = close + 2;
    }
    buffer_text_append(out, text);
}
