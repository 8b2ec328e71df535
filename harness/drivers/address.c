#include "drivers/address.h"

#include <stdio.h>

#include "base/check.h"
#include "base/percent.h"

void address_make(const operation *o, const char *place, const char *name, char url[ADDRESS_SIZE])
{
    int used = snprintf(url, ADDRESS_SIZE, "%s%s", operation_base_url(o), place);
    CHECK(used > 0 && used < ADDRESS_SIZE);
    percent_append(url, ADDRESS_SIZE, name, "-_.~/");
}

void address_add_value(char url[ADDRESS_SIZE], const char *text)
{
    percent_append(url, ADDRESS_SIZE, text, "-_.~");
}
