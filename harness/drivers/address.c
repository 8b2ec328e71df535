#include "drivers/address.h"

#include <curl/curl.h>
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

bool address_resolve(const char *url, const char *reference, char *out, size_t size)
{
    char *whole = NULL;
    CURLU *parts = curl_url();
    CHECK(parts != NULL);
    bool fine = reference[0] != '\0' &&
                curl_url_set(parts, CURLUPART_URL, url, CURLU_PATH_AS_IS) == CURLUE_OK &&
                curl_url_set(parts, CURLUPART_URL, reference, CURLU_PATH_AS_IS) == CURLUE_OK &&
                curl_url_get(parts, CURLUPART_URL, &whole, 0) == CURLUE_OK;
    fine = fine && (size_t)snprintf(out, size, "%s", whole) < size;
    curl_free(whole);
    curl_url_cleanup(parts);
    return fine;
}
