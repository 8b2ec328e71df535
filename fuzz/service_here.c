#include "service_here.h"

#include <dirent.h>
#include <sanitizer/lsan_interface.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/files.h"
#include "base/log.h"
#include "base/timing.h"
#include "faults.h"
#include "fuzz.h"
#include "server.h"
#include "service.h"

typedef struct {
    service service;
    server *server; /* NULL: not opened */
    char data[320];
} place;

static place places[SERVICE_KINDS];
static unsigned lives = 1;

static bool open_place(service_kind kind, error *e)
{
    place *p = &places[kind];
    bool accounts = kind == SERVICE_ACCOUNTS;
    snprintf(p->data, sizeof p->data, "%s/data-%d", fuzz_directory(), (int)kind);
    service_options what = {.data = p->data,
                            .readers = 2,
                            .limits = {(uint64_t)1 << 20, 4096},
                            .accounts = accounts,
                            .token_life = SERVICE_TOKEN_LIFE * NANOSECONDS_PER_SECOND,
                            .admin_token = accounts ? SERVICE_ADMIN : NULL,
                            .query_most = 10 * NANOSECONDS_PER_SECOND,
                            .changes_kept = 20,
                            .watchers_most = 1,
                            .cache = 65536,
                            .upload_life = SERVICE_UPLOAD_LIFE * NANOSECONDS_PER_SECOND};
    server_options how = {.host = "127.0.0.1",
                          .threads = 1,
                          .connections_most = 16,
                          .idle_seconds = 30,
                          .grace_seconds = 86400,
                          .least_rate = 1};
    if (service_open(&p->service, &what, e))
        p->server = server_start(&how, &p->service, e);
    if (p->server == NULL)
        service_close(&p->service);
    return p->server != NULL;
}

static void close_place(service_kind kind)
{
    place *p = &places[kind];
    if (p->server == NULL)
        return;
    server_stop(p->server, 0);
    p->server = NULL;
    service_close(&p->service);
}

static void close_all(void)
{
    error e = {0};
    for (service_kind i = 0; i < SERVICE_KINDS; i++) {
        bool opened = places[i].server != NULL;
        close_place(i);
        if (opened)
            files_remove_tree(places[i].data, &e);
    }
}

service *service_of_process(service_kind kind)
{
    static bool ready;
    if (!ready) {
        CHECK(sodium_init() >= 0);
        log_setup("fuzz", LOG_JSON, LOG_NOTHING);
        fuzz_directory();
        atexit(close_all);
        ready = true;
    }
    error e = {0};
    bool open = places[kind].server != NULL || open_place(kind, &e);
    /* What kept it from coming up tells more than that it did not. */
    if (!open)
        fprintf(stderr, "the service does not open: %s: %s\n", e.place, e.text);
    CHECK(open);
    return &places[kind].service;
}

uint16_t service_port(service_kind kind)
{
    service_of_process(kind);
    return server_port(places[kind].server);
}

bool service_restart(service_kind kind)
{
    error e = {0};
    close_place(kind);
    return open_place(kind, &e);
}

#pragma weak __lsan_do_recoverable_leak_check

static bool leaked(void)
{
    if (__lsan_do_recoverable_leak_check == NULL || __lsan_do_recoverable_leak_check() == 0)
        return false;
    fputs("an input since the servers began leaks; -detect_leaks=1 looks behind each one\n",
          stderr);
    return true;
}

void service_renew(void)
{
    close_all();
    faults_clocks_begin();
    CHECK(!leaked());
    lives++;
}

unsigned service_lives(void)
{
    return lives;
}

unsigned service_upload_files(service_kind kind)
{
    char path[sizeof places[kind].data + 16];
    unsigned count = 0;
    snprintf(path, sizeof path, "%s/uploads", places[kind].data);
    DIR *all = opendir(path);
    CHECK(all != NULL);
    for (const struct dirent *one; (one = readdir(all)) != NULL;)
        count += one->d_name[0] != '.';
    closedir(all);
    return count;
}
