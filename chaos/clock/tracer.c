#include "chaos/clock/tracer.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include "chaos/clock/install.h"
#include "chaos/clock/scaling.h"

#define THREADS_MOST INSTALL_SLOTS /* each has its own scratch slot */

typedef struct {
    pid_t id; /* 0: free; -1: was used, look further */
    bool waiting;
    uintptr_t area; /* where the clock's page is in its program; 0: not looked for yet */
    scaled_wait wait;
} thread;

static thread threads[THREADS_MOST];

static thread *thread_of(pid_t id, bool make)
{
    thread *spare = NULL;
    size_t at = (size_t)id * 2654435761U % THREADS_MOST;
    for (size_t i = 0; i < THREADS_MOST; i++, at = (at + 1) % THREADS_MOST) {
        thread *t = &threads[at];
        if (t->id == id)
            return t;
        if (t->id <= 0 && spare == NULL)
            spare = t;
        if (t->id == 0)
            break;
    }
    if (make && spare != NULL)
        *spare = (thread){.id = id};
    return make ? spare : NULL;
}

static void forget(pid_t id)
{
    thread *t = thread_of(id, false);
    if (t != NULL)
        t->id = -1;
}

bool tracer_attach(pid_t pid)
{
    unsigned long options = PTRACE_O_EXITKILL | PTRACE_O_TRACEEXEC | PTRACE_O_TRACEFORK |
                            PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACESECCOMP |
                            PTRACE_O_TRACESYSGOOD;
    return ptrace(PTRACE_SEIZE, pid, NULL, (void *)options) == 0;
}

static void go_on(pid_t id, enum __ptrace_request how, int signal_number)
{
    /* A thread that was killed meanwhile is reported by the next wait. */
    (void)ptrace(how, id, NULL, (void *)(intptr_t)signal_number);
}

static void on_exec(pid_t id, clock_page *page, const char *page_path)
{
    unsigned long former = 0;
    int held = 0;
    if (ptrace(PTRACE_GETEVENTMSG, id, NULL, &former) == 0)
        forget((pid_t)former);
    forget(id);
    atomic_fetch_add(install_clock(id, page_path, &held) ? &page->programs : &page->missed, 1);
    go_on(id, PTRACE_CONT, held);
}

static void on_wait(pid_t id, clock_page *page, const char *page_path)
{
    unsigned long row = 0;
    thread *t = thread_of(id, true);
    if (t != NULL && t->area == 0)
        t->area = install_find(id, page_path);
    bool ours = t != NULL && t->area != 0 && ptrace(PTRACE_GETEVENTMSG, id, NULL, &row) == 0 &&
                row < wait_row_count;
    if (ours) {
        uintptr_t scratch =
            t->area + INSTALL_SCRATCH_AT + (uintptr_t)(t - threads) * INSTALL_SLOT_SIZE;
        t->waiting = scaling_begin(id, &wait_rows[row], page, scratch, &t->wait);
    }
    go_on(id, ours && t->waiting ? PTRACE_SYSCALL : PTRACE_CONT, 0);
}

static void on_wait_over(pid_t id, const clock_page *page)
{
    thread *t = thread_of(id, false);
    if (t != NULL && t->waiting)
        scaling_end(id, page, &t->wait);
    if (t != NULL)
        t->waiting = false;
    go_on(id, PTRACE_CONT, 0);
}

/* SIGSTOP and its like hold a program until SIGCONT, followed or not. */
static bool stops(int signal_number)
{
    return signal_number == SIGSTOP || signal_number == SIGTSTP || signal_number == SIGTTIN ||
           signal_number == SIGTTOU;
}

static void on_stop(pid_t id, int status, clock_page *page, const char *page_path)
{
    int event = status >> 16;
    int number = WSTOPSIG(status);
    if (event == PTRACE_EVENT_EXEC)
        on_exec(id, page, page_path);
    else if (event == PTRACE_EVENT_SECCOMP)
        on_wait(id, page, page_path);
    else if (event == PTRACE_EVENT_STOP)
        go_on(id, stops(number) ? PTRACE_LISTEN : PTRACE_CONT, 0);
    else if (event != 0)
        go_on(id, PTRACE_CONT, 0);
    else if (number == (SIGTRAP | 0x80))
        on_wait_over(id, page);
    else
        go_on(id, PTRACE_CONT, number);
}

void tracer_follow(clock_page *page, const char *page_path)
{
    for (;;) {
        int status;
        pid_t id = waitpid(-1, &status, __WALL);
        if (id < 0 && errno == EINTR)
            continue;
        if (id < 0)
            return;
        if (WIFSTOPPED(status))
            on_stop(id, status, page, page_path);
        else
            forget(id);
    }
}
