#include "routes.h"

#include <stdio.h>
#include <string.h>

#include "document.h"
#include "handlers.h"

const route route_none = {.method = "?", .template = "?", .operation = "none"};

/* Longer templates stand before those that begin like them. */
static const route routes[] = {
    {"GET", "/livez", "live", begin_live, NULL, NULL, NULL, FOR_ALL},
    {"GET", "/readyz", "ready", begin_ready, NULL, NULL, NULL, FOR_ALL},
    {"GET", "/metrics", "metrics", begin_metrics, NULL, NULL, NULL, FOR_ALL},
    {"GET", "/openapi.json", "openapi", begin_openapi, NULL, NULL, NULL, FOR_ALL},
    {"GET", "/v1/version", "version", begin_version, NULL, NULL, NULL, FOR_ALL},
    {"POST", "/v1/register", "register", begin_document, body_document, finish_register,
     abandon_document, FOR_GUESTS},
    {"POST", "/v1/login", "login", begin_document, body_document, finish_login, abandon_document,
     FOR_GUESTS},
    {"GET", "/v1/usage", "usage", begin_usage, NULL, NULL, NULL, FOR_ACCOUNTS},
    {"GET", "/v1/files", "list", begin_list, NULL, NULL, NULL, FOR_ACCOUNTS},
    {"PUT", "/v1/files/{path}", "put", begin_put, body_put, finish_put, abandon_put, FOR_ACCOUNTS},
    {"GET", "/v1/files/{path}", "get", begin_get, NULL, NULL, NULL, FOR_ACCOUNTS},
    {"HEAD", "/v1/files/{path}", "head", begin_get, NULL, NULL, NULL, FOR_ACCOUNTS},
    {"DELETE", "/v1/files/{path}", "delete", begin_delete, NULL, NULL, NULL, FOR_ACCOUNTS},
    {"GET", "/v1/versions/{path}", "versions", begin_versions, NULL, NULL, NULL, FOR_ACCOUNTS},
    {"POST", "/v1/restore/{path}", "restore", begin_restore, NULL, NULL, NULL, FOR_ACCOUNTS},
    {"POST", "/v1/moves", "moves", begin_document, body_document, finish_moves, abandon_document,
     FOR_ACCOUNTS},
    {"OPTIONS", "/v1/uploads", "upload-options", begin_tus_options, NULL, NULL, NULL, FOR_ACCOUNTS},
    {"POST", "/v1/uploads", "upload-create", begin_upload_create, body_upload, finish_upload,
     abandon_upload, FOR_ACCOUNTS},
    {"HEAD", "/v1/uploads/{id}", "upload-head", begin_upload_head, NULL, NULL, NULL, FOR_ACCOUNTS},
    {"PATCH", "/v1/uploads/{id}", "upload-patch", begin_upload_patch, body_upload, finish_upload,
     abandon_upload, FOR_ACCOUNTS},
    {"DELETE", "/v1/uploads/{id}", "upload-delete", begin_upload_delete, NULL, NULL, NULL,
     FOR_ACCOUNTS},
    {"POST", "/v1/shares", "share", begin_document, body_document, finish_share, abandon_document,
     FOR_ACCOUNTS},
    {"GET", "/v1/shares/{token}", "show-share", begin_show_share, NULL, NULL, NULL, FOR_ACCOUNTS},
    {"DELETE", "/v1/shares/{token}", "delete-share", begin_delete_share, NULL, NULL, NULL,
     FOR_ACCOUNTS},
    {"GET", "/s/{token}", "download", begin_download, NULL, NULL, NULL, FOR_GUESTS},
    {"HEAD", "/s/{token}", "download-head", begin_download, NULL, NULL, NULL, FOR_GUESTS},
    {"POST", "/v1/channels/{id}/samples", "append", begin_append, body_append, finish_append,
     abandon_append, FOR_ACCOUNTS},
    {"GET", "/v1/channels/{id}/samples", "read-samples", begin_read_samples, NULL, NULL, NULL,
     FOR_ACCOUNTS},
    {"GET", "/v1/changes", "changes", begin_changes, NULL, finish_changes, abandon_changes,
     FOR_ACCOUNTS},
    {"GET", "/v1/admin/stats", "stats", begin_stats, NULL, NULL, NULL, FOR_ADMINS},
    {"POST", "/v1/admin/cache/warm", "cache-warm", begin_warm, NULL, NULL, NULL, FOR_ADMINS},
    {"POST", "/v1/admin/cleanup", "cleanup", begin_cleanup, NULL, NULL, NULL, FOR_ADMINS},
};
#define ROUTES (sizeof routes / sizeof routes[0])

static bool path_fits(const char *template, const char *path, route_tail *tail)
{
    const char *brace = strchr(template, '{');
    if (brace == NULL)
        return strcmp(template, path) == 0;
    size_t before = (size_t)(brace - template);
    const char *behind = strchr(brace, '}') + 1;
    size_t length = strlen(path);
    size_t fixed = before + strlen(behind);
    if (length < fixed || strncmp(template, path, before) != 0 ||
        strcmp(path + length - strlen(behind), behind) != 0)
        return false;
    *tail = (route_tail){path + before, length - fixed};
    return true;
}

const route *routes_find(const char *method, const char *path, route_tail *tail, bool *known)
{
    *known = false;
    for (size_t i = 0; i < ROUTES; i++) {
        if (!path_fits(routes[i].template, path, tail))
            continue;
        *known = true;
        if (strcmp(routes[i].method, method) == 0)
            return &routes[i];
    }
    return NULL;
}

void routes_allowed(const char *path, char *out, size_t size)
{
    route_tail tail;
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < ROUTES && used < size; i++)
        if (path_fits(routes[i].template, path, &tail))
            used += (size_t)snprintf(out + used, size - used, "%s%s", used > 0 ? ", " : "",
                                     routes[i].method);
}

size_t routes_count(void)
{
    return ROUTES + 1;
}

const route *routes_at(size_t index)
{
    return index < ROUTES ? &routes[index] : &route_none;
}

size_t routes_index(const route *way)
{
    return way == &route_none ? ROUTES : (size_t)(way - routes);
}
