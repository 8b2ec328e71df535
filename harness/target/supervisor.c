#include "target/supervisor.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/files.h"
#include "base/timing.h"
#include "target/launch.h"

#define POLL_PAUSE  (10 * NANOSECONDS_PER_MILLISECOND)
#define FIRST_PAUSE NANOSECONDS_PER_MILLISECOND /* twice as long each time, up to that */

/* One thread forks and reaps every child: PR_SET_PDEATHSIG fires when the *thread* that forked
 * ends, so that thread must live as long as the supervisor. Everybody else asks it through
 * `wanted`. */
struct supervisor {
    supervisor_options options;
    pthread_t keeper;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int wake;
    bool start_wanted;
    bool quit_wanted;
    bool launch_failed;
    error launch_error;
    pid_t pid; /* 0 while down */
    bool exit_planned;
    bool (*exit_struck)(void *with); /* NULL, or whether an exit now is planned */
    void *exit_with;
    bool died;
    int wait_status;
    uint64_t exits;
    uint16_t port;
    off_t log_start; /* where the present child's output begins */
    process_control control;
};

static void observe(supervisor *s, target_event event, pid_t pid, int status, bool planned)
{
    if (s->options.observe != NULL)
        s->options.observe(s->options.observe_owner, event, pid, status, planned);
}

/* --- the keeper thread --- */

static void poke(supervisor *s)
{
    uint64_t one = 1;
    CHECK(write(s->wake, &one, sizeof one) == sizeof one);
}

static void launch_child(supervisor *s)
{
    error e = {0};
    struct stat log;
    s->log_start = stat(s->options.log_path, &log) == 0 ? log.st_size : 0;
    pid_t pid = launch_process(&s->options, s->port, &e);
    if (pid > 0 && s->options.child_launched != NULL &&
        !s->options.child_launched(s->options.launch_owner, pid, &e)) {
        kill(-pid, SIGKILL);
        waitpid(pid, NULL, 0);
        pid = 0;
    }
    pthread_mutex_lock(&s->lock);
    s->start_wanted = false;
    s->launch_failed = pid <= 0;
    s->launch_error = e;
    s->pid = pid > 0 ? pid : 0;
    s->exit_planned = false;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
    if (pid > 0)
        observe(s, TARGET_STARTED, pid, 0, true);
}

static void reap_child(supervisor *s)
{
    int status = 0;
    pid_t pid = s->pid;
    CHECK(waitpid(pid, &status, 0) == pid);
    /* What it started itself must not outlive it: it would hold the port and the data. */
    kill(-pid, SIGKILL);
    pthread_mutex_lock(&s->lock);
    bool planned = s->exit_planned || (s->exit_struck != NULL && s->exit_struck(s->exit_with));
    s->pid = 0;
    s->wait_status = status;
    s->died = s->died || !planned;
    s->exits++;
    pthread_mutex_unlock(&s->lock);
    observe(s, TARGET_EXITED, pid, status, planned);
    pthread_mutex_lock(&s->lock);
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
}

static void wait_for_news(supervisor *s, int child)
{
    struct pollfd watched[2] = {{.fd = s->wake, .events = POLLIN}, {.fd = child, .events = POLLIN}};
    int count;
    do
        count = poll(watched, child >= 0 ? 2 : 1, -1);
    while (count < 0 && errno == EINTR);
    CHECK(count > 0);
    if (watched[0].revents != 0) {
        uint64_t ignored;
        CHECK(read(s->wake, &ignored, sizeof ignored) == sizeof ignored);
    }
    if (child >= 0 && watched[1].revents != 0)
        reap_child(s);
}

static void *keep(void *argument)
{
    supervisor *s = argument;
    for (;;) {
        pthread_mutex_lock(&s->lock);
        bool start = s->start_wanted && s->pid == 0;
        bool quit = s->quit_wanted && s->pid == 0;
        pthread_mutex_unlock(&s->lock);
        if (quit)
            return NULL;
        if (start)
            launch_child(s);
        int child = s->pid > 0 ? (int)syscall(SYS_pidfd_open, s->pid, 0) : -1;
        CHECK(s->pid == 0 || child >= 0);
        wait_for_news(s, child);
        if (child >= 0)
            close(child);
    }
}

/* --- waiting until ready --- */

static size_t swallow(char *bytes, size_t size, size_t count, void *owner)
{
    (void)bytes;
    (void)owner;
    return size * count;
}

static bool answers_ready(const char *url, bool by_any_answer)
{
    CURL *easy = curl_easy_init();
    CHECK(easy != NULL);
    long status = 0;
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 1000L);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, swallow);
    CURLcode result = curl_easy_perform(easy);
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_cleanup(easy);
    return result == CURLE_OK && status >= 200 && status < (by_any_answer ? 500 : 300);
}

/* The port that the present child printed; 0: not yet. */
static uint16_t printed_port(const supervisor *s)
{
    char text[4096];
    int fd = open(s->options.log_path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    ssize_t length = pread(fd, text, sizeof text - 1, s->log_start);
    close(fd);
    text[length > 0 ? length : 0] = '\0';
    const char *line = strstr(text, s->options.port_line);
    if (line == NULL)
        return 0;
    const char *digits = line + strlen(s->options.port_line);
    size_t count = strspn(digits, "0123456789");
    unsigned long port = strtoul(digits, NULL, 10);
    /* The digits may still be on their way. */
    return digits[count] != '\0' && port > 0 && port < 65536 ? (uint16_t)port : 0;
}

static bool not_ready(supervisor *s, error *e, const char *what)
{
    char lines[300];
    supervisor_last_lines(s, lines, sizeof lines);
    return error_set(e, ERROR_TARGET, s->options.command[0], "%s; its last output: %s", what,
                     lines[0] != '\0' ? lines : "(none)");
}

static bool is_ready(supervisor *s)
{
    if (s->port == 0)
        s->port = printed_port(s);
    char url[512];
    return s->port != 0 &&
           launch_fill(url, sizeof url, s->options.ready_url, s->port, s->options.data_directory) &&
           answers_ready(url, s->options.ready_by_any_answer);
}

static bool wait_ready(supervisor *s, error *e)
{
    uint64_t deadline = timing_now() + s->options.ready_within;
    uint64_t pause = FIRST_PAUSE;
    while (!is_ready(s)) {
        char said[128];
        if (supervisor_pid(s) == 0) {
            launch_describe_exit(s->wait_status, said, sizeof said);
            return not_ready(s, e, said);
        }
        if (timing_now() >= deadline)
            return not_ready(s, e, "did not become ready in time");
        timing_sleep(pause);
        pause = pause < POLL_PAUSE / 2 ? pause * 2 : POLL_PAUSE;
    }
    observe(s, TARGET_READY, supervisor_pid(s), 0, true);
    return true;
}

bool supervisor_reach(const char *url, bool by_any_answer, uint64_t within, error *e)
{
    uint64_t deadline = timing_now() + within;
    while (!answers_ready(url, by_any_answer)) {
        if (timing_now() >= deadline)
            return error_set(e, ERROR_TARGET, url, "the target does not answer %s there",
                             by_any_answer ? "(or only with 5xx)" : "2xx");
        timing_sleep(POLL_PAUSE);
    }
    return true;
}

static bool start_child(supervisor *s, error *e)
{
    pthread_mutex_lock(&s->lock);
    CHECK(s->pid == 0);
    s->start_wanted = true;
    s->died = false;
    poke(s);
    while (s->start_wanted)
        pthread_cond_wait(&s->changed, &s->lock);
    bool failed = s->launch_failed;
    pthread_mutex_unlock(&s->lock);
    if (failed)
        return error_set(e, s->launch_error.kind, s->launch_error.place, "%s",
                         s->launch_error.text);
    return wait_ready(s, e);
}

/* --- what faults may do --- */

static pid_t control_pid(void *owner)
{
    return supervisor_pid(owner);
}

static void control_expect_exit(void *owner)
{
    supervisor *s = owner;
    pthread_mutex_lock(&s->lock);
    s->exit_planned = true;
    pthread_mutex_unlock(&s->lock);
}

static void control_expect_no_exit(void *owner)
{
    supervisor *s = owner;
    pthread_mutex_lock(&s->lock);
    s->exit_planned = false;
    pthread_mutex_unlock(&s->lock);
}

static void control_expect_exit_if(void *owner, bool (*struck)(void *with), void *with)
{
    supervisor *s = owner;
    pthread_mutex_lock(&s->lock);
    s->exit_struck = struck;
    s->exit_with = with;
    pthread_mutex_unlock(&s->lock);
}

static bool control_wait_exit(void *owner, uint64_t nanoseconds, error *e)
{
    supervisor *s = owner;
    struct timespec until;
    uint64_t deadline = timing_now() + nanoseconds;
    until.tv_sec = (time_t)(deadline / NANOSECONDS_PER_SECOND);
    until.tv_nsec = (long)(deadline % NANOSECONDS_PER_SECOND);
    pthread_mutex_lock(&s->lock);
    int result = 0;
    while (s->pid != 0 && result == 0)
        result = pthread_cond_timedwait(&s->changed, &s->lock, &until);
    bool down = s->pid == 0;
    pthread_mutex_unlock(&s->lock);
    return down || error_set(e, ERROR_TARGET, s->options.command[0], "did not end in time");
}

static bool control_start(void *owner, error *e)
{
    return start_child(owner, e);
}

/* --- life --- */

/* With a port of its own choice somebody else may be there already, and would be taken for the
 * target. */
static bool nobody_there(const supervisor_options *options, error *e)
{
    return strstr(options->ready_url, "{port}") != NULL ||
           !answers_ready(options->ready_url, true) ||
           error_set(e, ERROR_TARGET, options->command[0],
                     "is not started: something else answers at %s already; is the port taken?",
                     options->ready_url);
}

supervisor *supervisor_start(const supervisor_options *options, error *e)
{
    if (!nobody_there(options, e))
        return NULL;
    supervisor *s = memory_zeroed(1, sizeof *s);
    s->options = *options;
    s->control = (process_control){.owner = s,
                                   .pid = control_pid,
                                   .expect_exit = control_expect_exit,
                                   .expect_no_exit = control_expect_no_exit,
                                   .expect_exit_if = control_expect_exit_if,
                                   .wait_exit = control_wait_exit,
                                   .start = control_start};
    s->wake = eventfd(0, EFD_CLOEXEC);
    CHECK(s->wake >= 0);
    pthread_mutex_init(&s->lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&s->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (options->port_line == NULL && !launch_free_port(&s->port, e)) {
        close(s->wake);
        free(s);
        return NULL;
    }
    CHECK(pthread_create(&s->keeper, NULL, keep, s) == 0);
    if (start_child(s, e))
        return s;
    supervisor_destroy(s);
    return NULL;
}

bool supervisor_stop(supervisor *s, error *e)
{
    pid_t pid = supervisor_pid(s);
    if (pid == 0)
        return error_set(e, ERROR_TARGET, s->options.command[0],
                         "was already down when it should have been stopped");
    control_expect_exit(s);
    kill(pid, SIGCONT);
    kill(pid, SIGTERM);
    error late = {0};
    char said[128];
    if (!control_wait_exit(s, s->options.stop_within, &late)) {
        kill(-pid, SIGKILL);
        control_wait_exit(s, 10 * NANOSECONDS_PER_SECOND, &late);
        return error_set(e, ERROR_TARGET, s->options.command[0],
                         "did not stop on SIGTERM and was killed");
    }
    if (WIFEXITED(s->wait_status) && WEXITSTATUS(s->wait_status) == 0)
        return true;
    if (WIFSIGNALED(s->wait_status) && WTERMSIG(s->wait_status) == SIGTERM)
        return true;
    launch_describe_exit(s->wait_status, said, sizeof said);
    return error_set(e, ERROR_TARGET, s->options.command[0], "ended badly on SIGTERM: %s", said);
}

void supervisor_destroy(supervisor *s)
{
    if (s == NULL)
        return;
    pid_t pid = supervisor_pid(s);
    if (pid > 0) {
        control_expect_exit(s);
        kill(-pid, SIGKILL);
    }
    pthread_mutex_lock(&s->lock);
    s->quit_wanted = true;
    pthread_mutex_unlock(&s->lock);
    poke(s);
    CHECK(pthread_join(s->keeper, NULL) == 0);
    pthread_mutex_destroy(&s->lock);
    pthread_cond_destroy(&s->changed);
    close(s->wake);
    free(s);
}

pid_t supervisor_pid(supervisor *s)
{
    pthread_mutex_lock(&s->lock);
    pid_t pid = s->pid;
    pthread_mutex_unlock(&s->lock);
    return pid;
}

uint16_t supervisor_port(const supervisor *s)
{
    return s->port;
}

const process_control *supervisor_control(supervisor *s)
{
    return &s->control;
}

bool supervisor_died(supervisor *s)
{
    pthread_mutex_lock(&s->lock);
    bool died = s->died && s->pid == 0;
    pthread_mutex_unlock(&s->lock);
    return died;
}

void supervisor_last_lines(const supervisor *s, char *text, size_t size)
{
    text[0] = '\0';
    int fd = open(s->options.log_path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    off_t end = lseek(fd, 0, SEEK_END);
    off_t start = end - (off_t)(size - 1) > s->log_start ? end - (off_t)(size - 1) : s->log_start;
    ssize_t length = pread(fd, text, size - 1, start);
    close(fd);
    text[length > 0 ? length : 0] = '\0';
    for (char *at = text; *at != '\0'; at++)
        if ((unsigned char)*at < 0x20)
            *at = at[1] == '\0' ? '\0' : ' ';
}
