#include "commands/flags.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/suggest.h"

#define FLAGS_MOST 32

static flag *find(flag *flags, size_t count, const char *name, size_t length)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(flags[i].name) == length && strncmp(flags[i].name, name, length) == 0)
            return &flags[i];
    return NULL;
}

static bool unknown(const flag *flags, size_t count, const char *text, error *e)
{
    const char *names[FLAGS_MOST];
    CHECK(count <= FLAGS_MOST);
    for (size_t i = 0; i < count; i++)
        names[i] = flags[i].name;
    const char *near = suggest_nearest(text + 2, names, count);
    return error_set(e, ERROR_USAGE, text, "unknown flag%s%s%s",
                     near != NULL ? "; did you mean --" : "", near != NULL ? near : "",
                     near != NULL ? "?" : "");
}

static bool keep(flag *f, const char *value, error *e)
{
    char name[64];
    snprintf(name, sizeof name, "--%s", f->name);
    if (f->count > 0 && f->value != NULL && !f->again)
        return error_set(e, ERROR_USAGE, name, "given twice: '%.80s' and '%.80s'", f->given[0],
                         value);
    if (f->count == FLAG_TIMES_MOST)
        return error_set(e, ERROR_USAGE, name, "given more than %d times", FLAG_TIMES_MOST);
    f->given[f->count++] = value;
    return true;
}

static bool read_flag(flag *flags, size_t count, int argc, char **argv, int *at, error *e)
{
    const char *text = argv[*at];
    const char *equals = strchr(text, '=');
    size_t length = equals != NULL ? (size_t)(equals - text - 2) : strlen(text) - 2;
    flag *f = find(flags, count, text + 2, length);
    if (f == NULL)
        return unknown(flags, count, text, e);
    if (f->value == NULL)
        return equals == NULL ? keep(f, "", e)
                              : error_set(e, ERROR_USAGE, text, "this flag takes no value");
    if (equals != NULL)
        return keep(f, equals + 1, e);
    if (*at + 1 >= argc)
        return error_set(e, ERROR_USAGE, text, "needs a value: --%s %s", f->name, f->value);
    return keep(f, argv[++*at], e);
}

bool flags_read(flag *flags, size_t count, int argc, char **argv, int *operands, error *e)
{
    int kept = 1;
    bool only_operands = false;
    for (int at = 1; at < argc; at++) {
        if (!only_operands && strcmp(argv[at], "--") == 0)
            only_operands = true;
        else if (!only_operands && strncmp(argv[at], "--", 2) == 0) {
            if (!read_flag(flags, count, argc, argv, &at, e))
                return false;
        } else if (!only_operands && argv[at][0] == '-' && argv[at][1] != '\0')
            return error_set(e, ERROR_USAGE, argv[at],
                             "flags begin with two dashes; --help shows them");
        else
            argv[kept++] = argv[at];
    }
    *operands = kept - 1;
    return true;
}

void flags_help(const flag *flags, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char left[64];
        snprintf(left, sizeof left, "--%s %s", flags[i].name,
                 flags[i].value != NULL ? flags[i].value : "");
        printf("  %-22s %s\n", left, flags[i].description);
    }
}
