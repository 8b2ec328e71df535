#include "document.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

#define DOCUMENT_MOST ((size_t)4 << 20)

void begin_document(request *r)
{
    buffer *document = memory_zeroed(1, sizeof *document);
    document->limit = DOCUMENT_MOST;
    r->state = document;
}

void body_document(request *r, const void *bytes, size_t length)
{
    buffer_append(r->state, bytes, length);
}

void abandon_document(request *r)
{
    buffer_free(r->state);
    free(r->state);
    r->state = NULL;
}

json_t *document_read(request *r)
{
    const buffer *document = r->state;
    json_error_t problem;
    char wrong[200];
    json_t *root = NULL;
    if (document->overflowed) {
        answer_problem(r, PROBLEM_TOO_LARGE, "a document may have 4 MiB");
    } else if (memchr(buffer_text(document), '\0', document->length) != NULL) {
        /* jansson passes over one that stands behind a number. */
        answer_problem(r, PROBLEM_VALIDATION, "the content is not JSON: it has a NUL byte");
    } else {
        root =
            json_loadb(buffer_text(document), document->length, JSON_REJECT_DUPLICATES, &problem);
        if (root == NULL) {
            snprintf(wrong, sizeof wrong, "line %d of the content is not JSON: %.100s",
                     problem.line, problem.text);
            answer_problem(r, PROBLEM_VALIDATION, wrong);
        }
    }
    abandon_document(r);
    return root;
}
