/* The side of who is watched: a filter, whose listener is handed to the watch. */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/check.h"
#include "chaos/storage/watch.h"
#include "chaos/storage/watch_calls.h"

#if defined(__x86_64__)
#define OUR_CALLS AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OUR_CALLS AUDIT_ARCH_AARCH64
#else
#error "which audit architecture is this?"
#endif

#define FIELD(name) ((unsigned)offsetof(struct seccomp_data, name))
#define HEAD        6 /* instructions before the table's */
#define CODE_MOST   128

/* [HEAD][one for each call][allow][ask]; io_uring is unknown, so that its users fall back. */
static unsigned short make_filter(struct sock_filter code[CODE_MOST])
{
    size_t count = watched_call_count;
    CHECK(HEAD + count + 2 <= CODE_MOST);
    code[0] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, FIELD(arch));
    code[1] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OUR_CALLS, 1, 0);
    code[2] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    code[3] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, FIELD(nr));
    code[4] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_setup, 0, 1);
    code[5] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS);
    for (size_t i = 0; i < count; i++)
        code[HEAD + i] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
                                                      (unsigned)watched_calls[i].number,
                                                      (unsigned char)(count - i), 0);
    code[HEAD + count] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    code[HEAD + count + 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
    return (unsigned short)(HEAD + count + 2);
}

static int filter_with(const struct sock_fprog *program, unsigned flags)
{
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, program);
}

/* Signals of a runtime (Go preempts by them) must not start a call that is being judged anew;
 * before Linux 5.19 they do. */
static int install(void)
{
    struct sock_filter code[CODE_MOST];
    struct sock_fprog program = {.len = make_filter(code), .filter = code};
    unsigned patient = SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
    int listener = filter_with(&program, patient);
    /* Without root it is allowed only to who can gain no more rights. */
    if (listener < 0 && errno == EACCES && prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) == 0)
        listener = filter_with(&program, patient);
    if (listener < 0 && errno == EINVAL)
        listener = filter_with(&program, SECCOMP_FILTER_FLAG_NEW_LISTENER);
    return listener;
}

/* Waits for a byte back: from then on somebody answers. */
static bool hand_over(int to, int listener)
{
    char byte = 'w';
    struct iovec body = {.iov_base = &byte, .iov_len = 1};
    union {
        struct cmsghdr head;
        char bytes[CMSG_SPACE(sizeof(int))];
    } extra = {.bytes = {0}};
    struct msghdr message = {.msg_iov = &body,
                             .msg_iovlen = 1,
                             .msg_control = &extra,
                             .msg_controllen = sizeof extra.bytes};
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof listener);
    memcpy(CMSG_DATA(head), &listener, sizeof listener);
    return sendmsg(to, &message, MSG_NOSIGNAL) == 1 && recv(to, &byte, 1, 0) == 1;
}

bool watch_enter(const char *door)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(door);
    CHECK(length + 1 < sizeof address.sun_path);
    memcpy(address.sun_path + 1, door, length);
    int to = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (to < 0)
        return false;
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + length);
    int listener = -1;
    bool done = connect(to, (const struct sockaddr *)&address, size) == 0 &&
                (listener = install()) >= 0 && hand_over(to, listener);
    int failed = errno;
    if (listener >= 0)
        close(listener);
    close(to);
    errno = failed;
    return done;
}
