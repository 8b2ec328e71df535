/* Sequences of requests to the server in this process: an input is a text that tells a story, in
 * the language of story.h, where the oracles stand too. Each server that begins with an empty disk
 * first proves that it does what it should (alive.h). */
#include "alive.h"
#include "fuzz.h"
#include "service_here.h"
#include "story.h"

#define STORIES_MOST 500 /* then the server begins again with an empty disk */

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static unsigned number;
    if (++number % STORIES_MOST == 0)
        service_renew();
    alive_prove();
    story_tell(bytes, length, number, false);
    return 0;
}
