#include "readings/fields.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"

static void digest(const EVP_MD *kind, const void *content, size_t length, char *text)
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned size;
    CHECK(EVP_Digest(content, length, hash, &size, kind, NULL) == 1);
    EVP_EncodeBlock((unsigned char *)text, hash, (int)size);
}

true_digests reading_digests(const void *content, size_t length)
{
    true_digests of = {.sha1 = ""};
    digest(EVP_sha1(), content, length, of.sha1);
    digest(EVP_sha256(), content, length, of.sha256);
    digest(EVP_sha512(), content, length, of.sha512);
    return of;
}

bool reading_is_base64(const char *text, size_t *bytes)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t digits = strspn(text, alphabet);
    size_t filling = (4 - digits % 4) % 4;
    if (filling > 2 || strcmp(text + digits, filling == 0 ? "" : filling == 1 ? "=" : "==") != 0)
        return false;
    *bytes = digits * 6 / 8;
    /* Bits of the last digit that belong to no byte are 0. */
    return digits == 0 || (strchr(alphabet, text[digits - 1]) - alphabet) % (1 << 2 * filling) == 0;
}

static field_verdict compare(const char *text, const char *truth)
{
    size_t bytes;
    size_t wanted;
    CHECK(reading_is_base64(truth, &wanted));
    if (!reading_is_base64(text, &bytes) || bytes != wanted)
        return FIELD_MALFORMED;
    return strcmp(text, truth) == 0 ? FIELD_RIGHT : FIELD_WRONG;
}

/* `text` may be written into. */
static field_verdict between_colons(char *text, const char *truth)
{
    size_t length = strlen(text);
    if (length < 2 || text[0] != ':' || text[length - 1] != ':')
        return FIELD_MALFORMED;
    text[length - 1] = '\0';
    return compare(text + 1, truth);
}

static char *without_blanks(char *text)
{
    while (*text == ' ' || *text == '\t')
        text++;
    for (char *end = strchr(text, '\0'); end > text && (end[-1] == ' ' || end[-1] == '\t');)
        *--end = '\0';
    return text;
}

field_verdict reading_repr_digest(const char *header, const true_digests *of)
{
    char *copy = memory_text(header);
    char *rest = copy;
    field_verdict of_256 = FIELD_RIGHT;
    field_verdict of_512 = FIELD_RIGHT;
    bool formed = true;
    while (formed && rest != NULL) {
        char *value = without_blanks(strsep(&rest, ","));
        const char *name = strsep(&value, "=");
        formed = value != NULL && name[0] != '\0';
        if (formed && strcmp(name, "sha-256") == 0)
            formed = (of_256 = between_colons(value, of->sha256)) != FIELD_MALFORMED;
        else if (formed && strcmp(name, "sha-512") == 0)
            formed = (of_512 = between_colons(value, of->sha512)) != FIELD_MALFORMED;
    }
    free(copy);
    if (!formed)
        return FIELD_MALFORMED;
    return of_256 == FIELD_RIGHT && of_512 == FIELD_RIGHT ? FIELD_RIGHT : FIELD_WRONG;
}

field_verdict reading_upload_checksum(const char *header, const true_digests *of)
{
    const char *blank = strchr(header, ' ');
    size_t length = blank != NULL ? (size_t)(blank - header) : 0;
    if (length == 4 && memcmp(header, "sha1", length) == 0)
        return compare(blank + 1, of->sha1);
    if (length == 6 && memcmp(header, "sha256", length) == 0)
        return compare(blank + 1, of->sha256);
    return FIELD_MALFORMED;
}

/* Between commas, blanks aside; `at` is `length` characters within `list`, outside of quotes. */
static bool stands_alone(const char *list, const char *at, size_t length, bool weakly)
{
    if (weakly && at - list >= 2 && memcmp(at - 2, "W/", 2) == 0) {
        at -= 2;
        length += 2;
    }
    const char *behind = at + length + strspn(at + length, " \t");
    while (at > list && (at[-1] == ' ' || at[-1] == '\t'))
        at--;
    return (at == list || at[-1] == ',') && (*behind == '\0' || *behind == ',');
}

bool reading_listed(const char *list, const char *tag, bool weakly)
{
    if (strcmp(list, "*") == 0)
        return true;
    size_t quotes = 0;
    const char *from = list;
    for (const char *at = list; (at = strstr(at, tag)) != NULL; at++) {
        for (; from < at; from++)
            quotes += *from == '"';
        if (quotes % 2 == 0 && stands_alone(list, at, strlen(tag), weakly))
            return true;
    }
    return false;
}
