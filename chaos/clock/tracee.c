#include "chaos/clock/tracee.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

static int open_memory(pid_t pid, int flags)
{
    char path[32];
    snprintf(path, sizeof path, "/proc/%d/mem", (int)pid);
    return open(path, flags | O_CLOEXEC);
}

bool tracee_read(pid_t pid, uintptr_t from, void *bytes, size_t length)
{
    int fd = open_memory(pid, O_RDONLY);
    bool fine = fd >= 0 && pread(fd, bytes, length, (off_t)from) == (ssize_t)length;
    if (fd >= 0)
        close(fd);
    return fine;
}

bool tracee_write(pid_t pid, uintptr_t to, const void *bytes, size_t length)
{
    int fd = open_memory(pid, O_RDWR);
    bool fine = fd >= 0 && pwrite(fd, bytes, length, (off_t)to) == (ssize_t)length;
    if (fd >= 0)
        close(fd);
    return fine;
}

bool tracee_registers(pid_t pid, struct user_regs_struct *out)
{
    return ptrace(PTRACE_GETREGS, pid, NULL, out) == 0;
}

bool tracee_set_registers(pid_t pid, const struct user_regs_struct *in)
{
    return ptrace(PTRACE_SETREGS, pid, NULL, in) == 0;
}

bool tracee_to_system_call(pid_t pid, int *held)
{
    for (;;) {
        int status;
        if (ptrace(PTRACE_SYSCALL, pid, NULL, NULL) != 0 || waitpid(pid, &status, __WALL) != pid ||
            !WIFSTOPPED(status))
            return false;
        if (WSTOPSIG(status) == (SIGTRAP | 0x80))
            return true;
        if (status >> 16 == 0)
            *held = WSTOPSIG(status);
    }
}

bool tracee_call(pid_t pid, uintptr_t instruction, long number, const uint64_t arguments[6],
                 int *held, uint64_t *result)
{
    struct user_regs_struct registers;
    if (!tracee_registers(pid, &registers))
        return false;
    registers.rip = instruction;
    registers.rax = (unsigned long long)number;
    registers.rdi = arguments[0];
    registers.rsi = arguments[1];
    registers.rdx = arguments[2];
    registers.r10 = arguments[3];
    registers.r8 = arguments[4];
    registers.r9 = arguments[5];
    if (!tracee_set_registers(pid, &registers) || !tracee_to_system_call(pid, held) ||
        !tracee_to_system_call(pid, held) || !tracee_registers(pid, &registers))
        return false;
    *result = registers.rax;
    errno = (int)-(int64_t)registers.rax;
    return registers.rax < (uint64_t)-4095;
}
