#include "ranges.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/units.h"

#define DIGITS_MOST 19

/* Digits up to `end`; more of them than any file has bytes are as good as the largest number. */
static bool take_number(const char *at, const char *end, uint64_t *number)
{
    char text[DIGITS_MOST + 1];
    while (end - at > 1 && *at == '0')
        at++;
    size_t length = (size_t)(end - at);
    if (length == 0 || strspn(at, "0123456789") < length)
        return false;
    *number = UINT64_MAX;
    if (length > DIGITS_MOST)
        return true;
    memcpy(text, at, length);
    text[length] = '\0';
    return units_whole(text, number);
}

static range_answer take_suffix(const char *at, uint64_t size, uint64_t *first, uint64_t *length)
{
    uint64_t wanted;
    if (!take_number(at, at + strlen(at), &wanted))
        return RANGE_WHOLE;
    if (wanted == 0 || size == 0)
        return RANGE_OUTSIDE;
    *length = wanted < size ? wanted : size;
    *first = size - *length;
    return RANGE_PART;
}

range_answer range_parse(const char *header, uint64_t size, uint64_t *first, uint64_t *length)
{
    uint64_t last = UINT64_MAX;
    if (header == NULL || strncasecmp(header, "bytes=", 6) != 0)
        return RANGE_WHOLE;
    const char *at = header + 6;
    const char *dash = strchr(at, '-');
    if (dash == NULL || strchr(at, ',') != NULL)
        return RANGE_WHOLE;
    if (dash == at)
        return take_suffix(dash + 1, size, first, length);
    if (!take_number(at, dash, first))
        return RANGE_WHOLE;
    if (dash[1] != '\0' && (!take_number(dash + 1, dash + strlen(dash), &last) || last < *first))
        return RANGE_WHOLE;
    if (*first >= size)
        return RANGE_OUTSIDE;
    *length = last >= size ? size - *first : last - *first + 1;
    return RANGE_PART;
}
