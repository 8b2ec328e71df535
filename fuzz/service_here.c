#include "service_here.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/files.h"
#include "base/log.h"
#include "base/timing.h"
#include "fuzz.h"
#include "server.h"
#include "service.h"

static char data[320];
static service the_service;
static server *the_server;

static void open_all(void)
{
    error e = {0};
    service_options what = {.data = data,
                            .readers = 2,
                            .limits = {(uint64_t)1 << 20, 4096},
                            .query_most = 10 * NANOSECONDS_PER_SECOND,
                            .changes_kept = 1000,
                            .watchers_most = 8,
                            .cache = 65536,
                            .upload_life = 60 * NANOSECONDS_PER_SECOND};
    server_options how = {.host = "127.0.0.1",
                          .threads = 1,
                          .connections_most = 16,
                          .idle_seconds = 30,
                          .grace_seconds = 86400,
                          .least_rate = 1};
    CHECK(service_open(&the_service, &what, &e));
    the_server = server_start(&how, &the_service, &e);
    CHECK(the_server != NULL);
}

static void close_all(void)
{
    error e = {0};
    if (the_server == NULL)
        return;
    server_stop(the_server, 0);
    the_server = NULL;
    service_close(&the_service);
    files_remove_tree(data, &e);
}

service *service_of_process(void)
{
    if (the_server != NULL)
        return &the_service;
    CHECK(sodium_init() >= 0);
    log_setup("fuzz", LOG_JSON, LOG_NOTHING);
    snprintf(data, sizeof data, "%s/data", fuzz_directory());
    open_all();
    atexit(close_all);
    return &the_service;
}

void service_renew(void)
{
    close_all();
    open_all();
}
