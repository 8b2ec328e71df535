/* What the cases of HTTP ask with. */
#ifndef ORDEAL_QUALIFY_SUITES_HTTP_ASK_H
#define ORDEAL_QUALIFY_SUITES_HTTP_ASK_H

#include <stdbool.h>
#include <stddef.h>

#include "qualify/conformance.h"

#define HTTP_FIELDS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define HTTP_FIELD       256

#define HTTP_TEXT_LENGTH  ((size_t)36)
#define HTTP_OTHER_LENGTH ((size_t)15)
extern const char http_text[HTTP_TEXT_LENGTH + 1];
extern const char http_other[HTTP_OTHER_LENGTH + 1];

const reply *http_ask_put(probe *p, const char *url, const char *const *headers,
                          const char *content);
const reply *http_ask_get(probe *p, const char *url, const char *const *headers);
/* A file with http_text in it; NULL: the case is decided. */
const char *http_file(probe *p);
/* Its ETag; false when it has none, which other cases are about. */
bool http_tag(probe *p, const char *url, char tag[HTTP_FIELD]);
void http_still_holds(probe *p, const char *url, const char *content, size_t length);

#endif
