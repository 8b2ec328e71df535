#include "chaos/clock/install.h"

#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "chaos/clock/routine.h"
#include "chaos/clock/tracee.h"

#define VDSO_MOST    16384
#define SYMBOLS_MOST 64

typedef struct {
    uintptr_t base;
    size_t length;
    unsigned char bytes[VDSO_MOST];
    const Elf64_Sym *symbols;
    size_t symbol_count;
    const char *names;
    size_t names_length;
} vdso_image;

/* --- the vDSO of a program --- */

static uintptr_t auxiliary(pid_t pid, uint64_t wanted)
{
    char path[32];
    Elf64_auxv_t entry;
    uintptr_t value = 0;
    snprintf(path, sizeof path, "/proc/%d/auxv", (int)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    while (fd >= 0 && read(fd, &entry, sizeof entry) == (ssize_t)sizeof entry)
        if (entry.a_type == wanted)
            value = entry.a_un.a_val;
    if (fd >= 0)
        close(fd);
    return value;
}

static const void *inside(const vdso_image *v, uint64_t at, uint64_t length)
{
    return at <= v->length && length <= v->length - at ? v->bytes + at : NULL;
}

static bool find_tables(vdso_image *v, const Elf64_Phdr *dynamic)
{
    const Elf64_Dyn *entries = inside(v, dynamic->p_offset, dynamic->p_filesz);
    const Elf64_Word *hash = NULL;
    uint64_t symbols = 0;
    uint64_t names = 0;
    for (size_t i = 0; entries != NULL && i < dynamic->p_filesz / sizeof *entries; i++) {
        uint64_t value = entries[i].d_un.d_val;
        if (entries[i].d_tag == DT_SYMTAB)
            symbols = value;
        else if (entries[i].d_tag == DT_STRTAB)
            names = value;
        else if (entries[i].d_tag == DT_STRSZ)
            v->names_length = value;
        else if (entries[i].d_tag == DT_HASH)
            hash = inside(v, value, 2 * sizeof *hash);
    }
    /* Without the old hash table: as many as fit before the names, which stand behind them. */
    v->symbol_count = hash != NULL ? hash[1] : (names - symbols) / sizeof *v->symbols;
    v->names = inside(v, names, v->names_length);
    if (symbols == 0 || v->names == NULL || v->symbol_count > SYMBOLS_MOST)
        return false;
    v->symbols = inside(v, symbols, v->symbol_count * sizeof *v->symbols);
    return v->symbols != NULL;
}

static bool read_vdso(pid_t pid, vdso_image *v)
{
    Elf64_Ehdr head;
    *v = (vdso_image){.base = auxiliary(pid, AT_SYSINFO_EHDR)};
    if (v->base == 0 || !tracee_read(pid, v->base, &head, sizeof head) ||
        head.e_ident[EI_CLASS] != ELFCLASS64 || head.e_machine != EM_X86_64 ||
        head.e_phentsize != sizeof(Elf64_Phdr))
        return false;
    v->length = sizeof v->bytes;
    while (v->length > 0 && !tracee_read(pid, v->base, v->bytes, v->length))
        v->length -= CLOCK_PAGE_SIZE;
    const Elf64_Phdr *parts = inside(v, head.e_phoff, head.e_phnum * sizeof *parts);
    for (size_t i = 0; parts != NULL && i < head.e_phnum; i++)
        if (parts[i].p_type == PT_DYNAMIC)
            return find_tables(v, &parts[i]);
    return false;
}

static const char *name_of(const vdso_image *v, const Elf64_Sym *symbol)
{
    bool whole = symbol->st_name < v->names_length &&
                 memchr(v->names + symbol->st_name, '\0', v->names_length - symbol->st_name);
    return whole ? v->names + symbol->st_name : "";
}

/* The weak names ("time") are aliases of the others ("__vdso_time"). */
static bool is_called(const char *name, const char *wanted)
{
    return strcmp(name, wanted) == 0 ||
           (strncmp(name, "__vdso_", 7) == 0 && strcmp(name + 7, wanted) == 0);
}

static uintptr_t function_at(const vdso_image *v, const char *wanted)
{
    for (size_t i = 0; i < v->symbol_count; i++)
        if (is_called(name_of(v, &v->symbols[i]), wanted))
            return v->base + v->symbols[i].st_value;
    return 0;
}

/* Offsets in the vDSO wrap around, so that a name can lead out of it to any address. */
static bool redirect(pid_t pid, const vdso_image *v, const char *wanted, uintptr_t to)
{
    bool fine = true;
    for (size_t i = 0; fine && i < v->symbol_count; i++) {
        if (!is_called(name_of(v, &v->symbols[i]), wanted))
            continue;
        Elf64_Addr value = to - v->base;
        uintptr_t where = v->base + (uintptr_t)((const unsigned char *)&v->symbols[i] - v->bytes) +
                          offsetof(Elf64_Sym, st_value);
        fine = tracee_write(pid, where, &value, sizeof value);
    }
    return fine;
}

/* The vDSO falls back on real system calls, so it holds the instruction that makes one. */
static uintptr_t system_call_instruction(const vdso_image *v)
{
    static const unsigned char instruction[] = {0x0f, 0x05};
    const unsigned char *found = memmem(v->bytes, v->length, instruction, sizeof instruction);
    return found != NULL ? v->base + (uintptr_t)(found - v->bytes) : 0;
}

/* --- the mapping: page, routines, scratch --- */

typedef struct {
    pid_t pid;
    uintptr_t instruction;
    int *held;
} caller;

static bool call(const caller *c, long number, const uint64_t arguments[6], uint64_t *result)
{
    return tracee_call(c->pid, c->instruction, number, arguments, c->held, result);
}

static bool map_page(const caller *c, uint64_t area, const char *page_path)
{
    uint64_t fd = 0;
    uint64_t ignored;
    /* The path stands for a moment where the routines will be. */
    return tracee_write(c->pid, area + CLOCK_PAGE_SIZE, page_path, strlen(page_path) + 1) &&
           call(c, SYS_openat,
                (uint64_t[6]){(uint64_t)AT_FDCWD, area + CLOCK_PAGE_SIZE, O_RDWR | O_CLOEXEC},
                &fd) &&
           call(c, SYS_mmap,
                (uint64_t[6]){area, CLOCK_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
                              fd},
                &ignored) &&
           call(c, SYS_close, (uint64_t[6]){fd}, &ignored);
}

static bool map_all(const caller *c, const char *page_path, const vdso_image *v, uint64_t *area)
{
    unsigned char code[ROUTINE_PAGE];
    uint64_t ignored;
    uint64_t length = INSTALL_SCRATCH_AT + (uint64_t)INSTALL_SLOTS * INSTALL_SLOT_SIZE;
    if (!call(c, SYS_mmap,
              (uint64_t[6]){0, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
                            UINT64_MAX},
              area) ||
        !map_page(c, *area, page_path))
        return false;
    routine_head head = {
        .page = (clock_page *)*area,
        .gettime = (routine_gettime_call)function_at(v, "clock_gettime"),
        .gettimeofday = (routine_gettimeofday_call)function_at(v, "gettimeofday"),
    };
    routine_copy(code, &head);
    return tracee_write(c->pid, *area + CLOCK_PAGE_SIZE, code, sizeof code) &&
           call(c, SYS_mprotect,
                (uint64_t[6]){*area + CLOCK_PAGE_SIZE, ROUTINE_PAGE, PROT_READ | PROT_EXEC},
                &ignored);
}

bool install_clock(pid_t pid, const char *page_path, int *held)
{
    vdso_image v;
    struct user_regs_struct before;
    uint64_t area = 0;
    if (!read_vdso(pid, &v) || function_at(&v, "clock_gettime") == 0 ||
        function_at(&v, "gettimeofday") == 0)
        return false;
    caller c = {.pid = pid, .instruction = system_call_instruction(&v), .held = held};
    /* The stop is inside execve; its end must be reached before another call can be made. */
    if (c.instruction == 0 || !tracee_to_system_call(pid, held) || !tracee_registers(pid, &before))
        return false;
    bool mapped = map_all(&c, page_path, &v, &area);
    uintptr_t code = area + CLOCK_PAGE_SIZE;
    return tracee_set_registers(pid, &before) && mapped &&
           redirect(pid, &v, "clock_gettime", code + routine_gettime_at()) &&
           redirect(pid, &v, "gettimeofday", code + routine_gettimeofday_at()) &&
           redirect(pid, &v, "time", code + routine_time_at());
}

uintptr_t install_find(pid_t pid, const char *page_path)
{
    char line[4600];
    uintptr_t found = 0;
    snprintf(line, sizeof line, "/proc/%d/maps", (int)pid);
    FILE *maps = fopen(line, "re");
    while (maps != NULL && found == 0 && fgets(line, sizeof line, maps) != NULL) {
        char *path = strchr(line, '/');
        line[strcspn(line, "\n")] = '\0';
        if (path != NULL && strcmp(path, page_path) == 0)
            found = strtoull(line, NULL, 16);
    }
    if (maps != NULL)
        fclose(maps);
    return found;
}
