#include "qualify/login.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "qualify/exchange.h"

const char *login(const probe_target *target, const driver *d, const char *run,
                  char token[LOGIN_TOKEN_SIZE])
{
    char who[256];
    char whom[300];
    token[0] = '\0';
    if (!speaks_storage_api(target, d))
        return NULL;
    probe *p = probe_open(target, run);
    snprintf(who, sizeof who, "{\"account\": \"%s\", \"password\": \"a long secret\"}", run);
    snprintf(whom, sizeof whom,
             "{\"account\": \"%s\", \"password\": \"a long secret\", \"plan\": \"Pro\"}", run);
    if (probe_ask(p, "POST", "/v1/register", NULL, whom, strlen(whom))->status == 201) {
        const reply *r = probe_ask(p, "POST", "/v1/login", NULL, who, strlen(who));
        json_t *root = json_loadb(buffer_text(&r->body), r->body.length, 0, NULL);
        const char *given = json_string_value(json_object_get(root, "token"));
        if (given != NULL && strlen(given) < LOGIN_TOKEN_SIZE)
            snprintf(token, LOGIN_TOKEN_SIZE, "%s", given);
        json_decref(root);
    }
    probe_close(p);
    return token[0] != '\0' ? token : NULL;
}
