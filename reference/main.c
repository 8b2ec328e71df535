/* ordeal-reference: the storage server that is correct, small, and the contract for all others. */
#include <getopt.h>
#include <malloc.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "accounts.h"
#include "base/arena.h"
#include "base/check.h"
#include "base/files.h"
#include "base/log.h"
#include "base/timing.h"
#include "base/units.h"
#include "channel_store.h"
#include "metrics.h"
#include "rate.h"
#include "server.h"
#include "service.h"
#include "uploads.h"
#include "watchers.h"

#define EXIT_BAD_USAGE 2
#define STOP_SECONDS   5
#define LARGE          (128 * 1024)

typedef struct {
    const char *host;
    const char *data;
    uint64_t port;
    uint64_t threads;
    uint64_t connections;
    uint64_t idle;
    uint64_t file_size_most;
    uint64_t in_work;
    uint64_t grace;
    uint64_t least_rate;
    uint64_t query_most;
    uint64_t rate;
    uint64_t burst;
    uint64_t upload_life;
    uint64_t watchers;
    uint64_t changes_kept;
    uint64_t token_life;
    const char *admin_token;
    bool no_auth;
    uint64_t cache;
} settings;

typedef enum { FLAG_TEXT, FLAG_WHOLE, FLAG_SIZE, FLAG_NOTHING } flag_form;

typedef struct {
    const char *name;
    flag_form form;
    size_t place; /* in settings */
    uint64_t least;
    uint64_t most;
    const char *help;
} flag;

#define AT(member) offsetof(settings, member)

static const flag flags[] = {
    {"data", FLAG_TEXT, AT(data), 0, 0, "DIR    where files and metadata are kept (needed)"},
    {"host", FLAG_TEXT, AT(host), 0, 0, "ADDR   address to listen on (127.0.0.1)"},
    {"port", FLAG_WHOLE, AT(port), 0, 65535,
     "N      port; 0 lets the system choose and prints it (8080)"},
    {"threads", FLAG_WHOLE, AT(threads), 1, 64, "N      threads that serve (4)"},
    {"connections", FLAG_WHOLE, AT(connections), 1, 100000, "N      connections at once (8192)"},
    {"idle", FLAG_WHOLE, AT(idle), 1, 3600,
     "S      seconds without a byte before a connection is closed (30)"},
    {"max-file-size", FLAG_SIZE, AT(file_size_most), 1, (uint64_t)1 << 40,
     "SIZE   largest file taken (5GiB)"},
    {"max-in-work", FLAG_WHOLE, AT(in_work), 1, 100000,
     "N      requests in work at once; more get 503 (4096)"},
    {"request-grace", FLAG_WHOLE, AT(grace), 1, 86400,
     "S      seconds that every request has, whatever it moves (30)"},
    {"least-rate", FLAG_SIZE, AT(least_rate), 1, (uint64_t)1 << 30,
     "SIZE   bytes a second that a longer request must move (128)"},
    {"query-timeout", FLAG_WHOLE, AT(query_most), 1, 600000,
     "MS     longest question to the store; then 503 (5000)"},
    {"rate", FLAG_WHOLE, AT(rate), 0, 1000000,
     "N      requests a second for each client, then 429; 0: no limit (0)"},
    {"burst", FLAG_WHOLE, AT(burst), 1, 1000000, "N      requests that a client may save up (100)"},
    {"upload-ttl", FLAG_WHOLE, AT(upload_life), 1, 31536000,
     "S      seconds that an upload session lives without progress (86400)"},
    {"watchers", FLAG_WHOLE, AT(watchers), 1, 100000,
     "N      clients that wait for changes at once; more get 503 (4096)"},
    {"changes-kept", FLAG_WHOLE, AT(changes_kept), 1, 100000000,
     "N      changes that a cursor may lie back, at least (100000)"},
    {"token-ttl", FLAG_WHOLE, AT(token_life), 1, 31536000,
     "S      seconds that a log-in lasts (86400)"},
    {"admin-token", FLAG_TEXT, AT(admin_token), 0, 0,
     "TEXT   bearer token of /v1/admin/ (none: nobody may)"},
    {"cache", FLAG_SIZE, AT(cache), 0, (uint64_t)1 << 40,
     "SIZE   memory for contents of small files read lately (16MiB)"},
    {"no-auth", FLAG_NOTHING, AT(no_auth), 0, 0, "       no accounts: everybody may do everything"},
};
#define FLAGS (sizeof flags / sizeof flags[0])

static void print_help(void)
{
    puts("usage: ordeal-reference --data DIR [--port N] ...\n\n"
         "The reference storage server of ordeal. Stops on SIGTERM or SIGINT.\n");
    for (size_t i = 0; i < FLAGS; i++)
        printf("  --%-14s %s\n", flags[i].name, flags[i].help);
    puts("  --help                  this text");
}

static bool take_flag(const flag *f, const char *text, settings *out, error *e)
{
    char *place = (char *)out + f->place;
    uint64_t number;
    if (f->form == FLAG_NOTHING) {
        memcpy(place, &(bool){true}, sizeof(bool));
        return true;
    }
    if (f->form == FLAG_TEXT) {
        memcpy(place, &text, sizeof text);
        return true;
    }
    bool fine = f->form == FLAG_SIZE ? units_size(text, &number) : units_whole(text, &number);
    if (!fine || number < f->least || number > f->most)
        return error_set(e, ERROR_USAGE, "ordeal-reference",
                         "--%s: '%s' is not a %s from %llu to %llu", f->name, text,
                         f->form == FLAG_SIZE ? "size" : "whole number",
                         (unsigned long long)f->least, (unsigned long long)f->most);
    memcpy(place, &number, sizeof number);
    return true;
}

static bool read_flags(int argc, char **argv, settings *out, bool *help, error *e)
{
    struct option options[FLAGS + 2] = {0};
    for (size_t i = 0; i < FLAGS; i++)
        options[i] = (struct option){
            flags[i].name, flags[i].form == FLAG_NOTHING ? no_argument : required_argument, NULL,
            0};
    options[FLAGS] = (struct option){"help", no_argument, NULL, 0};
    int which = 0;
    int code;
    opterr = 0;
    while ((code = getopt_long(argc, argv, ":", options, &which)) != -1) {
        if (code != 0)
            return error_set(e, ERROR_USAGE, "ordeal-reference",
                             "'%s' is not a flag, or lacks its value; see --help",
                             argv[optind - 1]);
        *help = *help || which == FLAGS;
        if (which < (int)FLAGS && !take_flag(&flags[which], optarg, out, e))
            return false;
    }
    if (optind < argc)
        return error_set(e, ERROR_USAGE, "ordeal-reference", "'%s' is not a flag; see --help",
                         argv[optind]);
    return *help || out->data != NULL ||
           error_set(e, ERROR_USAGE, "ordeal-reference", "--data DIR is needed");
}

static bool serve(const settings *given, service *what, const sigset_t *stops, error *e)
{
    server_options options = {
        .host = given->host,
        .port = (uint16_t)given->port,
        .threads = (unsigned)given->threads,
        .connections_most = (unsigned)given->connections,
        .idle_seconds = (unsigned)given->idle,
        .grace_seconds = given->grace,
        .least_rate = given->least_rate,
    };
    server *s = server_start(&options, what, e);
    if (s == NULL)
        return false;
    printf("listening on %s:%u\n", given->host, server_port(s));
    fflush(stdout);
    int number;
    CHECK(sigwait(stops, &number) == 0);
    server_stop(s, STOP_SECONDS);
    return true;
}

static bool run(const settings *given, error *e)
{
    sigset_t stops;
    sigemptyset(&stops);
    sigaddset(&stops, SIGTERM);
    sigaddset(&stops, SIGINT);
    /* Before any thread is made, so that all inherit it and only sigwait sees them. */
    CHECK(pthread_sigmask(SIG_BLOCK, &stops, NULL) == 0);
    signal(SIGPIPE, SIG_IGN);
    /* What is large goes back to the system when it is freed; left alone, each thread would keep
     * some of it. */
    mallopt(M_MMAP_THRESHOLD, LARGE);
    service_options options = {
        .data = given->data,
        .readers = (unsigned)given->threads,
        .limits = {given->file_size_most, given->in_work},
        .accounts = !given->no_auth,
        .token_life = given->token_life * NANOSECONDS_PER_SECOND,
        .admin_token = given->admin_token,
        .query_most = given->query_most * NANOSECONDS_PER_MILLISECOND,
        .rate = given->rate,
        .burst = given->burst,
        .changes_kept = given->changes_kept,
        .watchers_most = given->watchers,
        .cache = given->cache,
        .upload_life = given->upload_life * NANOSECONDS_PER_SECOND,
    };
    service what;
    bool fine = service_open(&what, &options, e) && serve(given, &what, &stops, e);
    service_close(&what);
    return fine;
}

int main(int argc, char **argv)
{
    settings given = {.host = "127.0.0.1",
                      .port = 8080,
                      .threads = 4,
                      .connections = 8192,
                      .idle = 30,
                      .file_size_most = (uint64_t)5 << 30,
                      .in_work = 4096,
                      .grace = 30,
                      .least_rate = 128,
                      .query_most = 5000,
                      .burst = 100,
                      .upload_life = 86400,
                      .watchers = 4096,
                      .changes_kept = 100000,
                      .token_life = 86400,
                      .cache = (uint64_t)16 << 20};
    error e = {0};
    bool help = false;
    log_setup("ordeal-reference", LOG_JSON, LOG_INFO);
    if (sodium_init() < 0)
        error_set(&e, ERROR_INTERNAL, "libsodium", "cannot be initialised");
    bool fine = e.kind == ERROR_NONE && read_flags(argc, argv, &given, &help, &e);
    if (fine && help) {
        print_help();
        return 0;
    }
    if (fine && run(&given, &e))
        return 0;
    char line[700];
    fprintf(stderr, "ordeal-reference: %s\n", error_line(&e, line, sizeof line));
    return e.kind == ERROR_USAGE ? EXIT_BAD_USAGE : 1;
}
