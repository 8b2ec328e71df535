/* A server that refuses everything breaks no rule of what an answer must be: what holds of any
 * answer to any input does not tell that the server still serves. So each server that begins with
 * an empty disk is first told a fixed story of right and wrong requests, whose answers are known.
 */
#ifndef FUZZ_ALIVE_H
#define FUZZ_ALIVE_H

#include <stddef.h>

/* alive.story, in the language of story.h */
extern const unsigned char alive_story[];
extern const size_t alive_story_length;

/* Does nothing when the servers of this process have proven it since they began. */
void alive_prove(void);

#endif
