#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/files.h"

uint8_t fuzz_byte(fuzz_input *in)
{
    if (in->left == 0)
        return 0;
    in->left--;
    return *in->at++;
}

uint64_t fuzz_number(fuzz_input *in, unsigned bytes)
{
    uint64_t number = 0;
    for (unsigned i = 0; i < bytes; i++)
        number = number << 8 | fuzz_byte(in);
    return number;
}

char *fuzz_text(fuzz_input *in, size_t most)
{
    size_t length = strnlen((const char *)in->at, in->left < most ? in->left : most);
    char *out = memory_take(length + 1);
    memcpy(out, in->at, length);
    out[length] = '\0';
    bool ended = length < in->left && in->at[length] == 0;
    in->at += length + ended;
    in->left -= length + ended;
    return out;
}

static char directory[256];

static void remove_directory(void)
{
    error e = {0};
    files_remove_tree(directory, &e);
}

const char *fuzz_directory(void)
{
    if (directory[0] != '\0')
        return directory;
    const char *within = getenv("ORDEAL_FUZZ_FOLDER");
    if (within == NULL)
        within = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    int length = snprintf(directory, sizeof directory, "%s/ordeal-fuzz-XXXXXX", within);
    CHECK(length > 0 && (size_t)length < sizeof directory);
    CHECK(mkdtemp(directory) != NULL);
    atexit(remove_directory);
    return directory;
}
