/* Second readings of header fields by other means than reference/: nothing is decoded or walked
 * through; a digest holds when it is the text that the true one has. Pure functions.
 *
 * What RFC 9110, 8941 and 9530 have otherwise, the server's and this reading's way alike:
 * - a list of ETags is not refused for an element that is none; the others count;
 * - '*' is one only by itself;
 * - members of Repr-Digest end at every comma, also at one within quotes, have no parameters, and
 *   only those of sha-256 and sha-512 are looked at behind their '='; an empty field is none;
 * - of two members of one name both must be well formed, and the last one counts. */
#ifndef FUZZ_READINGS_FIELDS_H
#define FUZZ_READINGS_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum { FIELD_MALFORMED, FIELD_WRONG, FIELD_RIGHT } field_verdict;

/* The true digests of a content, as base64 has them. */
typedef struct {
    char sha1[32];
    char sha256[48];
    char sha512[96];
} true_digests;

true_digests reading_digests(const void *content, size_t length);
field_verdict reading_repr_digest(const char *header, const true_digests *of);
field_verdict reading_upload_checksum(const char *header, const true_digests *of);

/* `bytes` become as many as the text would be decoded to. */
bool reading_is_base64(const char *text, size_t *bytes);

/* `tag` stands between its quotes. */
bool reading_listed(const char *list, const char *tag, bool weakly);

#endif
