/* ListObjectsV2, page by page */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/operation.h"
#include "drivers/s3/s3.h"

#define TOKEN_SIZE 600

typedef struct {
    operation *operation;
    const char *wrong;
    bool in_entry;
    bool truncated;
    uint64_t size;
    char key[RESOURCE_SIZE * 2];
    char token[TOKEN_SIZE];
} listing;

static void on_begin(void *owner, const char *name)
{
    listing *l = owner;
    if (strcmp(name, "Contents") != 0)
        return;
    l->in_entry = true;
    l->key[0] = '\0';
    l->size = 0;
}

static void on_end(void *owner, const char *name, const char *text)
{
    listing *l = owner;
    if (l->in_entry && strcmp(name, "Key") == 0)
        snprintf(l->key, sizeof l->key, "%s", text);
    else if (l->in_entry && strcmp(name, "Size") == 0)
        l->size = strtoull(text, NULL, 10);
    else if (strcmp(name, "IsTruncated") == 0)
        l->truncated = strcmp(text, "true") == 0;
    else if (strcmp(name, "NextContinuationToken") == 0)
        snprintf(l->token, sizeof l->token, "%s", text);
    if (strcmp(name, "Contents") != 0)
        return;
    l->in_entry = false;
    if (!operation_part(l->operation, (history_record){.type = PART_ENTRY,
                                                       .key = operation_name(l->operation, l->key),
                                                       .size = l->size}))
        l->wrong = "the listing has more entries than one record can hold";
}

static bool ask_page(listing *l, const char *prefix)
{
    char url[ADDRESS_SIZE];
    xml_reader reader = {.begin = on_begin, .end = on_end, .owner = l};
    s3_address(l->operation, NULL, "", url);
    if (l->token[0] != '\0') {
        strncat(url, "continuation-token=", ADDRESS_SIZE - strlen(url) - 1);
        address_add_value(url, l->token);
        strncat(url, "&", ADDRESS_SIZE - strlen(url) - 1);
    }
    strncat(url, "list-type=2&prefix=", ADDRESS_SIZE - strlen(url) - 1);
    address_add_value(url, prefix);
    l->truncated = false;
    l->token[0] = '\0';
    exchange_request request = http_request("GET", url);
    if (!s3_ask(l->operation, &request, NULL, &reader))
        return false;
    if (l->truncated && l->token[0] == '\0')
        l->wrong = "a page that is not the last does not say how to go on";
    if (l->wrong != NULL)
        operation_malformed(l->operation, l->wrong);
    return l->wrong == NULL;
}

void s3_list(operation *o, const char *prefix)
{
    listing l = {.operation = o};
    uint64_t requests = 1;
    bool fine = ask_page(&l, prefix);
    uint64_t invoke = o->record.invoke;
    for (; fine && l.truncated; requests++)
        fine = ask_page(&l, prefix);
    o->record.invoke = invoke;
    o->record.expected = requests;
    o->record.size = o->part_count;
}
