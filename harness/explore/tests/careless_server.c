/* careless-server: a file server of our own for the tests of `ordeal crash` and `ordeal sweep`, as
 * careful with the disk as it is told. It speaks just enough of reference/openapi.yaml: PUT, GET
 * and HEAD of /v1/files/NAME, /readyz.
 *
 *   careless-server --port 0 --data DIRECTORY [--skip-file-sync] [--skip-directory-sync]
 *                   [--two-renames] [--early-answer] [--half-on-error]
 *
 * A file is DIRECTORY/NAME.data; --two-renames keeps its length apart in NAME.size, which is
 * renamed after it. --early-answer syncs only after the answer. --half-on-error leaves a broken
 * file in place when the disk fails. */
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <microhttpd.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/files.h"
#include "base/units.h"

static struct {
    const char *data;
    uint64_t port;
    int skip_file_sync;
    int skip_directory_sync;
    int two_renames;
    int early_answer;
    int half_on_error;
} settings;

typedef struct {
    buffer body;
    char name[256];
    bool unsynced;
} request;

static void path_of(char path[PATH_MAX], const char *name, const char *ending)
{
    snprintf(path, PATH_MAX, "%s/%s%s", settings.data, name, ending);
}

static bool write_temporary(const char *path, const char *bytes, size_t length)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return false;
    /* Two writes, so that a program can die in between. */
    size_t half = length / 2;
    bool done = files_write_all(fd, bytes, half) &&
                files_write_all(fd, bytes + half, length - half) &&
                (settings.skip_file_sync || settings.early_answer || fsync(fd) == 0);
    return close(fd) == 0 && done;
}

static bool replace(const char *name, const char *ending, const char *bytes, size_t length)
{
    char path[PATH_MAX];
    char temporary[PATH_MAX];
    path_of(path, name, ending);
    path_of(temporary, name, ".temporary");
    if (settings.half_on_error)
        return write_temporary(path, bytes, length);
    if (write_temporary(temporary, bytes, length) && rename(temporary, path) == 0)
        return true;
    unlink(temporary);
    return false;
}

static bool sync_directory(void)
{
    error ignored = {0};
    return settings.skip_directory_sync || settings.early_answer ||
           files_sync_directory(settings.data, &ignored);
}

static bool store(request *r)
{
    char size[32];
    int digits = snprintf(size, sizeof size, "%zu", r->body.length);
    bool done = replace(r->name, ".data", buffer_text(&r->body), r->body.length) &&
                (!settings.two_renames || replace(r->name, ".size", size, (size_t)digits));
    r->unsynced = settings.early_answer != 0;
    return done && sync_directory();
}

/* The length that was stored beside it must be the file's. */
static bool whole(const char *name, size_t length)
{
    char path[PATH_MAX];
    buffer text = {0};
    error none = {0};
    uint64_t told = 0;
    path_of(path, name, ".size");
    bool read = !settings.two_renames ||
                (files_read(path, 32, &text, &none) && units_whole(buffer_text(&text), &told));
    buffer_free(&text);
    return read && (!settings.two_renames || told == length);
}

static enum MHD_Result answer(struct MHD_Connection *connection, unsigned status, const char *bytes,
                              size_t length)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(length, (void *)(uintptr_t)bytes, MHD_RESPMEM_MUST_COPY);
    MHD_add_response_header(response, "ETag", "\"none\"");
    enum MHD_Result queued = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return queued;
}

static enum MHD_Result serve(struct MHD_Connection *connection, const char *name)
{
    char path[PATH_MAX];
    buffer bytes = {0};
    error none = {0};
    struct stat status;
    path_of(path, name, ".data");
    if (stat(path, &status) != 0)
        return answer(connection, 404, "", 0);
    bool good = files_read(path, 64u << 20, &bytes, &none) && whole(name, bytes.length);
    enum MHD_Result result =
        good ? answer(connection, 200, bytes.bytes, bytes.length) : answer(connection, 500, "", 0);
    buffer_free(&bytes);
    return result;
}

static bool take_name(request *r, const char *url)
{
    const char *name = url + strlen("/v1/files/");
    if (strncmp(url, "/v1/files/", strlen("/v1/files/")) != 0 || strlen(name) > 200)
        return false;
    snprintf(r->name, sizeof r->name, "%s", name);
    for (char *at = r->name; *at != '\0'; at++)
        *at = *at == '/' ? '_' : *at;
    return true;
}

static enum MHD_Result handle(void *unused, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *upload,
                              size_t *upload_size, void **state)
{
    (void)unused;
    (void)version;
    request *r = *state;
    if (r == NULL) {
        *state = calloc(1, sizeof *r);
        return *state != NULL ? MHD_YES : MHD_NO;
    }
    if (*upload_size > 0) {
        buffer_append(&r->body, upload, *upload_size);
        *upload_size = 0;
        return MHD_YES;
    }
    if (strcmp(url, "/readyz") == 0)
        return answer(connection, 200, "", 0);
    if (!take_name(r, url))
        return answer(connection, 404, "", 0);
    if (strcmp(method, "PUT") == 0)
        return answer(connection, store(r) ? 201 : 500, "", 0);
    return serve(connection, r->name);
}

static void sync_late(const request *r)
{
    char path[PATH_MAX];
    error ignored = {0};
    path_of(path, r->name, ".data");
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    fsync(fd);
    close(fd);
    files_sync_directory(settings.data, &ignored);
}

static void forget(void *unused, struct MHD_Connection *connection, void **state,
                   enum MHD_RequestTerminationCode why)
{
    (void)unused;
    (void)connection;
    (void)why;
    request *r = *state;
    if (r == NULL)
        return;
    if (r->unsynced)
        sync_late(r);
    buffer_free(&r->body);
    free(r);
}

static bool read_settings(int count, char **words)
{
    static const struct option options[] = {
        {"port", required_argument, NULL, 'p'},
        {"data", required_argument, NULL, 'd'},
        {"skip-file-sync", no_argument, &settings.skip_file_sync, 1},
        {"skip-directory-sync", no_argument, &settings.skip_directory_sync, 1},
        {"two-renames", no_argument, &settings.two_renames, 1},
        {"early-answer", no_argument, &settings.early_answer, 1},
        {"half-on-error", no_argument, &settings.half_on_error, 1},
        {NULL, 0, NULL, 0},
    };
    int option;
    while ((option = getopt_long(count, words, "", options, NULL)) != -1) {
        if (option == 'd')
            settings.data = optarg;
        else if (option == 'p' && (!units_whole(optarg, &settings.port) || settings.port > 65535))
            return false;
        else if (option == '?')
            return false;
    }
    return settings.data != NULL;
}

int main(int count, char **words)
{
    sigset_t ending;
    int number;
    if (!read_settings(count, words))
        return 2;
    sigemptyset(&ending);
    sigaddset(&ending, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &ending, NULL);
    struct MHD_Daemon *daemon = MHD_start_daemon(
        MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL, (uint16_t)settings.port, NULL, NULL, handle,
        NULL, MHD_OPTION_NOTIFY_COMPLETED, forget, NULL, MHD_OPTION_END);
    if (daemon == NULL)
        return 1;
    printf("listening on 127.0.0.1:%u\n",
           MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
    fflush(stdout);
    sigwait(&ending, &number);
    MHD_stop_daemon(daemon);
    return 0;
}
