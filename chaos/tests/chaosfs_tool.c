/* chaosfs-tool: what the script and the bench need of a mount, on the command line.
 *
 *   chaosfs-tool mount BACKING MOUNT WORK [log]      prints "ready", stays until standard input
 *                                                    ends; takes lines "stall OPERATIONS
 * [PATTERN]", "fail OPERATIONS ERRNO SKIP COUNT [PATTERN]" and "heal", and prints "done" for each
 *   chaosfs-tool kill BACKING MOUNT WORK N before|after THREADS   exit 0 if a child died at the Nth
 *                                                    create, with N (after) or N-1 files there
 *   chaosfs-tool put DIRECTORY THREADS SECONDS       prints PUTs of 64 KiB per second
 *   chaosfs-tool database FILE                       4 writers, WAL, mmap; exit 0 if intact */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/files.h"
#include "base/timing.h"
#include "base/units.h"
#include "chaos/storage/mount.h"

#define BODY    65536
#define WRITERS 4
#define ROWS    200

static int fail(const error *e)
{
    char line[800];
    fprintf(stderr, "chaosfs-tool: %s\n", error_line(e, line, sizeof line));
    return e->kind == ERROR_UNABLE ? 77 : 1;
}

static storage_mount *start(char **words, bool log, error *e)
{
    char control[4096];
    char log_path[4096];
    if (!files_join(control, sizeof control, words[2], "control", e) ||
        !files_join(log_path, sizeof log_path, words[2], "log", e))
        return NULL;
    storage_mount_options options = {
        .backing = words[0], .mount = words[1], .control = control, .log = log ? log_path : NULL};
    return storage_mount_start(&options, e);
}

static int stall(storage_mount *m, char *words, error *e)
{
    storage_rule rule = {.probability = 1, .action = STORAGE_STALL};
    const char *operations = strtok(words, " \n");
    const char *pattern = strtok(NULL, " \n");
    snprintf(rule.pattern, sizeof rule.pattern, "%s", pattern != NULL ? pattern : "");
    if (operations == NULL || !storage_operations_parse(operations, &rule.operations, e))
        return -1;
    return storage_mount_arm(m, &rule, e);
}

/* As numbers: the error, how many to let by first, how many to fail (0: all). */
static int fail_some(storage_mount *m, char *words, error *e)
{
    storage_rule rule = {.probability = 1, .action = STORAGE_ERROR};
    const char *operations = strtok(words, " \n");
    uint64_t numbers[3] = {0};
    for (size_t i = 0; i < 3; i++) {
        const char *word = strtok(NULL, " \n");
        if (word == NULL || !units_whole(word, &numbers[i]))
            return -1;
    }
    const char *pattern = strtok(NULL, " \n");
    snprintf(rule.pattern, sizeof rule.pattern, "%s", pattern != NULL ? pattern : "");
    rule.error_number = (int32_t)numbers[0];
    rule.skip = numbers[1];
    rule.count = numbers[2];
    if (operations == NULL || !storage_operations_parse(operations, &rule.operations, e))
        return -1;
    return storage_mount_arm(m, &rule, e);
}

static bool obey(storage_mount *m, char *line, int *slot, error *e)
{
    bool stalls = strncmp(line, "stall ", 6) == 0;
    if (!stalls && strncmp(line, "fail ", 5) != 0)
        return storage_mount_disarm(m, *slot, e);
    *slot = stalls ? stall(m, line + 6, e) : fail_some(m, line + 5, e);
    return *slot >= 0;
}

static int do_mount(int count, char **words)
{
    error e = {0};
    char line[600];
    int slot = -1;
    bool fine = true;
    storage_mount *m = start(words, count > 3, &e);
    if (m == NULL)
        return fail(&e);
    puts("ready");
    fflush(stdout);
    while (fine && fgets(line, sizeof line, stdin) != NULL) {
        fine = obey(m, line, &slot, &e);
        puts(fine ? "done" : "failed");
        fflush(stdout);
    }
    return storage_mount_stop(m, &e) ? 0 : fail(&e);
}

typedef struct {
    const char *directory;
    int number;
} creator;

/* Until the gate answers; the signal is on its way then. */
static void *create_for_ever(void *argument)
{
    const creator *self = argument;
    char path[4096];
    int fd;
    unsigned i = 0;
    do {
        snprintf(path, sizeof path, "%s/%d-%u", self->directory, self->number, i++);
        fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd >= 0)
            close(fd);
    } while (fd >= 0);
    return NULL;
}

static _Noreturn void create_in_threads(const char *directory, uint64_t threads)
{
    static creator creators[64];
    pthread_t handle;
    for (uint64_t i = 0; i < threads; i++) {
        creators[i] = (creator){directory, (int)i};
        if (pthread_create(&handle, NULL, create_for_ever, &creators[i]) != 0)
            _exit(1);
    }
    for (;;)
        pause();
}

static bool exactly(const char *backing, uint64_t wanted)
{
    uint64_t there = 0;
    const struct dirent *found;
    DIR *listing = opendir(backing);
    if (listing == NULL)
        return false;
    while ((found = readdir(listing)) != NULL)
        there += found->d_name[0] != '.';
    closedir(listing);
    if (there != wanted)
        fprintf(stderr, "chaosfs-tool: %llu files instead of %llu\n", (unsigned long long)there,
                (unsigned long long)wanted);
    return there == wanted;
}

static int do_kill(int count, char **words)
{
    error e = {0};
    uint64_t nth;
    int code = 0;
    uint64_t threads;
    if (count != 6 || !units_whole(words[3], &nth) || nth == 0 ||
        !units_whole(words[5], &threads) || threads == 0 || threads > 64)
        return 2;
    bool after = strcmp(words[4], "after") == 0;
    storage_mount *m = start(words, false, &e);
    if (m == NULL)
        return fail(&e);
    int gate[2];
    if (pipe(gate) != 0)
        return 1;
    pid_t child = fork();
    if (child == 0) {
        char byte;
        close(gate[1]);
        if (read(gate[0], &byte, 1) == 0)
            create_in_threads(words[1], threads);
        _exit(1);
    }
    storage_rule rule = {.operations = STORAGE_BIT(STORAGE_CREATE),
                         .skip = nth - 1,
                         .count = 1,
                         .probability = 1,
                         .action = after ? STORAGE_KILL_AFTER : STORAGE_KILL_BEFORE,
                         .pid = child};
    bool armed = storage_mount_arm(m, &rule, &e) >= 0;
    close(gate[1]);
    if (!armed)
        kill(child, SIGKILL);
    waitpid(child, &code, 0);
    bool right = armed && WIFSIGNALED(code) && WTERMSIG(code) == SIGKILL &&
                 exactly(words[0], after ? nth : nth - 1);
    return storage_mount_stop(m, &e) && right ? 0 : 1;
}

typedef struct {
    const char *directory;
    uint64_t deadline;
    uint64_t done;
    int number;
    bool failed;
} putter;

static bool put_once(const putter *p, const char *body, char *temporary, char *name)
{
    int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return false;
    bool done = write(fd, body, BODY) == BODY && fsync(fd) == 0;
    close(fd);
    error e = {0};
    return done && rename(temporary, name) == 0 && files_sync_directory(p->directory, &e);
}

static void *put_on(void *argument)
{
    putter *p = argument;
    static const char body[BODY] = {1};
    char temporary[4096];
    char name[4096];
    while (timing_now() < p->deadline && !p->failed) {
        snprintf(temporary, sizeof temporary, "%s/.%d-%llu", p->directory, p->number,
                 (unsigned long long)p->done);
        snprintf(name, sizeof name, "%s/%d-%llu", p->directory, p->number,
                 (unsigned long long)p->done);
        p->failed = !put_once(p, body, temporary, name);
        /* So that a size-limited file system lasts; the same work on both sides. */
        p->failed = p->failed || unlink(name) != 0;
        p->done++;
    }
    return NULL;
}

static int do_put(int count, char **words)
{
    uint64_t threads;
    double seconds;
    if (count != 3 || !units_whole(words[1], &threads) || threads < 1 || threads > 64 ||
        !units_real(words[2], &seconds))
        return 2;
    pthread_t handles[64];
    putter putters[64];
    uint64_t begin = timing_now();
    uint64_t total = 0;
    bool failed = false;
    for (uint64_t i = 0; i < threads; i++) {
        putters[i] = (putter){
            .directory = words[0], .number = (int)i, .deadline = begin + (uint64_t)(seconds * 1e9)};
        if (pthread_create(&handles[i], NULL, put_on, &putters[i]) != 0)
            return 1;
    }
    for (uint64_t i = 0; i < threads; i++) {
        pthread_join(handles[i], NULL);
        total += putters[i].done;
        failed = failed || putters[i].failed;
    }
    printf("%.1f\n", (double)total / ((double)(timing_now() - begin) / 1e9));
    return failed;
}

static bool sql(sqlite3 *database, const char *text)
{
    char *said = NULL;
    if (sqlite3_exec(database, text, NULL, NULL, &said) == SQLITE_OK)
        return true;
    fprintf(stderr, "chaosfs-tool: %s: %s\n", text, said);
    sqlite3_free(said);
    return false;
}

static sqlite3 *open_database(const char *path)
{
    sqlite3 *database;
    if (sqlite3_open(path, &database) != SQLITE_OK)
        return NULL;
    sqlite3_busy_timeout(database, 10000);
    if (sql(database, "PRAGMA journal_mode=WAL") && sql(database, "PRAGMA mmap_size=67108864") &&
        sql(database, "CREATE TABLE IF NOT EXISTS t(writer INT, number INT, filling BLOB)"))
        return database;
    return NULL;
}

static _Noreturn void write_rows(const char *path, int writer)
{
    char text[128];
    sqlite3 *database = open_database(path);
    for (int i = 0; i < ROWS && database != NULL; i++) {
        snprintf(text, sizeof text, "INSERT INTO t VALUES(%d, %d, randomblob(900))", writer, i);
        if (!sql(database, text))
            _exit(1);
    }
    sqlite3_close(database);
    _exit(database == NULL);
}

static bool answers(sqlite3 *database, const char *query, const char *wanted)
{
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v2(database, query, -1, &statement, NULL) != SQLITE_OK)
        return false;
    bool right = sqlite3_step(statement) == SQLITE_ROW &&
                 strcmp((const char *)sqlite3_column_text(statement, 0), wanted) == 0;
    sqlite3_finalize(statement);
    return right;
}

static int do_database(int count, char **words)
{
    pid_t writers[WRITERS];
    char rows[16];
    /* Turning WAL on takes no busy time-out, so that one does it alone. */
    sqlite3 *database = open_database(words[0]);
    bool good = count == 1 && database != NULL;
    sqlite3_close(database);
    snprintf(rows, sizeof rows, "%d", WRITERS * ROWS);
    for (int i = 0; i < WRITERS; i++)
        if ((writers[i] = fork()) == 0)
            write_rows(words[0], i);
    for (int i = 0; i < WRITERS; i++) {
        int code = 1;
        good = waitpid(writers[i], &code, 0) == writers[i] && code == 0 && good;
    }
    database = open_database(words[0]);
    good = good && database != NULL && answers(database, "PRAGMA integrity_check", "ok") &&
           answers(database, "SELECT count(*) FROM t", rows);
    sqlite3_close(database);
    return good ? 0 : 1;
}

int main(int count, char **words)
{
    static const struct {
        const char *name;
        int least;
        int (*run)(int count, char **words);
    } commands[] = {{"mount", 3, do_mount},
                    {"kill", 6, do_kill},
                    {"put", 3, do_put},
                    {"database", 1, do_database}};
    for (size_t i = 0; i < sizeof commands / sizeof commands[0] && count > 1; i++)
        if (strcmp(words[1], commands[i].name) == 0 && count - 2 >= commands[i].least)
            return commands[i].run(count - 2, words + 2);
    fputs("usage: see the head of chaosfs_tool.c\n", stderr);
    return 2;
}
