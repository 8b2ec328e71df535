#include "alive.h"

#include "service_here.h"
#include "story.h"

void alive_prove(void)
{
    static unsigned proven;
    if (proven == service_lives())
        return;
    proven = service_lives();
    story_tell(alive_story, alive_story_length, 0, true);
}
