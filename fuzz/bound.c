/* The bound on an input's processor time. The linker sends the engine's calls of the entry through
 * here (see `WRAP` in CMakeLists.txt). A timer of the process's own time looks once a second
 * whether the same input still runs, so that an input costs no system call. */
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "fuzz.h"

#define INPUT_SECONDS_MOST 10

int __real_LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);
int __wrap_LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static atomic_uint begun; /* inputs; 0 while none runs */
static atomic_uint last;
static atomic_uint seconds;

static void look(int number)
{
    static const char sentence[] = "broken assumption: an input takes 10 s of processor time\n";
    (void)number;
    unsigned now = atomic_load(&begun);
    if (now == 0 || now != atomic_exchange(&last, now)) {
        atomic_store(&seconds, 0);
        return;
    }
    if (atomic_fetch_add(&seconds, 1) + 1 < INPUT_SECONDS_MOST)
        return;
    ssize_t written = write(STDERR_FILENO, sentence, sizeof sentence - 1);
    (void)written;
    abort();
}

/* A timer is no child's after a fork, which AFL++ begins with. */
static void begin_looking(void)
{
    static pid_t looking;
    if (looking == getpid())
        return;
    looking = getpid();
    struct sigaction action = {.sa_handler = look, .sa_flags = SA_RESTART};
    struct itimerval every = {{1, 0}, {1, 0}};
    CHECK(sigaction(SIGPROF, &action, NULL) == 0);
    CHECK(setitimer(ITIMER_PROF, &every, NULL) == 0);
}

int __wrap_LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static unsigned number;
    begin_looking();
    number = number % UINT32_MAX + 1;
    atomic_store(&begun, number);
    int answer = __real_LLVMFuzzerTestOneInput(bytes, length);
    atomic_store(&begun, 0);
    return answer;
}
