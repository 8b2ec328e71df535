/* What a story says without knowing it: "~" is the story's number, {etag}, {upload}, {share},
 * {token} and {cursor} what the last answer that had one said, {b64:text} the text in base64. */
#ifndef FUZZ_STORY_NAMES_H
#define FUZZ_STORY_NAMES_H

#include "talk.h"

#define STORY_VALUE_SIZE 512

typedef struct {
    char number[16];
    char etag[STORY_VALUE_SIZE];
    char upload[STORY_VALUE_SIZE];
    char share[STORY_VALUE_SIZE];
    char token[STORY_VALUE_SIZE];
    char cursor[STORY_VALUE_SIZE];
} story_names;

/* Appends the text with everything known put in its place. */
void story_names_expand(const story_names *names, const char *text, size_t length, buffer *out);
void story_names_remember(story_names *names, const wire_answer *answer);

#endif
