#include "reports/incident_story.h"

#include <stdio.h>
#include <string.h>

#include "base/files.h"

#define STORY_MOST ((size_t)256 * 1024)

static bool read_story(const char *name, buffer *story)
{
    static const char *const folders[] = {"scenarios", ORDEAL_SOURCE_FOLDER "/scenarios",
                                          ORDEAL_DATA_FOLDER "/scenarios"};
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        char path[700];
        error unable = {0};
        int length = snprintf(path, sizeof path, "%s/incidents/%s/story.md", folders[i], name);
        buffer_clear(story);
        if (length > 0 && (size_t)length < sizeof path &&
            files_read(path, STORY_MOST, story, &unable))
            return true;
    }
    return false;
}

/* Where the text under "## heading" begins; NULL: nowhere. */
static const char *find_section(const char *story, const char *heading)
{
    size_t length = strlen(heading);
    for (const char *at = strstr(story, "\n## "); at != NULL; at = strstr(at + 1, "\n## ")) {
        const char *title = at + strlen("\n## ");
        if (strncmp(title, heading, length) == 0 && title[length] == '\n')
            return title + length + 1;
    }
    return NULL;
}

bool incident_story(const char *name, const char *heading, buffer *out)
{
    buffer story = {0};
    bool plain = name[0] != '\0' && strchr(name, '/') == NULL && strstr(name, "..") == NULL;
    const char *section =
        plain && read_story(name, &story) ? find_section(buffer_text(&story), heading) : NULL;
    if (section != NULL) {
        const char *end = strstr(section, "\n## ");
        size_t length = end != NULL ? (size_t)(end - section) : strlen(section);
        while (length > 0 && section[length - 1] == '\n')
            length--;
        buffer_append(out, section, length);
    }
    buffer_free(&story);
    return section != NULL;
}
