/* A stopped program as its tracer sees it: its memory, its registers, and system calls made in its
 * name. Every function is false (with errno) when the program went away meanwhile. */
#ifndef ORDEAL_CHAOS_CLOCK_TRACEE_H
#define ORDEAL_CHAOS_CLOCK_TRACEE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/user.h>

/* Writes also where the program itself may only read. */
bool tracee_read(pid_t pid, uintptr_t from, void *bytes, size_t length);
bool tracee_write(pid_t pid, uintptr_t to, const void *bytes, size_t length);

bool tracee_registers(pid_t pid, struct user_regs_struct *out);
bool tracee_set_registers(pid_t pid, const struct user_regs_struct *in);

/* Lets it run to its next stop of the system-call kind; a signal that comes meanwhile is kept in
 * *held, which begins as 0, and is the caller's to deliver. */
bool tracee_to_system_call(pid_t pid, int *held);
/* At a stop that ends a system call: makes one more by the instruction at `instruction`. False also
 * when it failed. The registers are the caller's to restore. */
bool tracee_call(pid_t pid, uintptr_t instruction, long number, const uint64_t arguments[6],
                 int *held, uint64_t *result);

#endif
