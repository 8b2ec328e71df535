#include "base/exposition.h"

void exposition_describe(buffer *out, const char *name, const char *type, const char *help)
{
    buffer_printf(out, "# HELP ordeal_%s %s\n# TYPE ordeal_%s %s\n", name, help, name, type);
}

void exposition_label(buffer *out, const char *name, const char *value)
{
    buffer_printf(out, "%s=\"", name);
    for (; *value != '\0'; value++) {
        if (*value == '\n')
            buffer_text_append(out, "\\n");
        else if (*value == '"' || *value == '\\')
            buffer_printf(out, "\\%c", *value);
        else
            buffer_append(out, value, 1);
    }
    buffer_text_append(out, "\"");
}
