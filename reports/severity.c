#include "reports/severity.h"

#include <string.h>

static const severity_row rows[] = {
    {"read-integrity", 1, "wrong bytes are served as if they were right",
     "Some files may be read with wrong content."},
    {"durability", 1, "acknowledged data is lost or cannot be read",
     "Some recently saved files may be missing or show an older state."},
    {"recovered-writes", 1, "data that was there before a crash is not there after it",
     "Some recently saved files may be missing."},
    {"no-phantom", 1, "content is served that nobody wrote, or that was deleted",
     "Some files may show content that was deleted or never saved."},
    {"upload-visibility", 1, "an upload is visible before it is whole, or not when it is",
     "Some uploaded files may be incomplete or missing."},
    {"cas-exclusive", 1, "two writers both won: one change is lost without a word",
     "Some changes may have been overwritten."},
    {"recovery", 1, "the server does not come back by itself: an outage",
     "The service is not available."},
    {"no-partial-create", 2, "a name whose creation failed or ended cannot be used again",
     "Some files cannot be saved under their names."},
    {"linearizable", 2, "readers see states in an order that never was",
     "Some files may show an older state for a while."},
    {"version-order", 2, "the history of versions is not what was written",
     "Old versions of some files may be wrong."},
    {"atomic-move", 2, "a batch of moves was done by half",
     "Some moved files may be out of place."},
    {"list-agrees", 2, "listings do not show what is there", "Some listings may be incomplete."},
    {"channel-bounded", 2, "samples of a channel are lost, doubled or out of order",
     "Some measurements may be missing."},
    {"watch-exact", 2, "changes are not told, or told twice",
     "Some notifications may be missing or repeated."},
    {"share-exact", 2, "share links count wrongly", "Some share links may not work."},
    {"quota-exact", 2, "quotas are not kept", "Some accounts may show a wrong use of space."},
    {"size-limit", 2, "the stated limit of sizes is not kept",
     "Some uploads may be refused or accepted wrongly."},
    {"full-disk", 2, "a full disk takes away more than room, or is blamed for what it did not",
     "Files may not be deleted or read while storage is full."},
    {"garbage-refused", 2, "requests that are not valid are not refused as they should be",
     "Some requests may be answered wrongly."},
    {"counts-agree", 3, "the server's own figures do not agree with what was done",
     "Our monitoring may have missed a problem."},
    {"errors-logged", 3, "errors are not logged so that they can be found",
     "Our monitoring may have missed a problem."},
    {"process-hygiene", 2, "the server ended by itself or left processes behind",
     "The service may be interrupted for short times."},
    {"bounded-memory", 3, "memory grows without bound", "The service may be slow."},
    {"no-leaked-sessions", 3, "sessions or temporary files are left behind",
     "The service may be slow."},
    {"comes-to-rest", 3, "the server works although nobody asks it anything",
     "The service may be slow."},
    {"disk-bounded", 3, "bytes that nobody can reach stay on the disk",
     "The service may run out of space."},
    {"error-budget", 3, "more requests fail than is allowed", "Some requests fail."},
    {"rate-kept", 3, "clients get more than they may, or are refused too soon",
     "Some requests may be refused for a moment."},
    {"error-honesty", 3, "errors are answered with the wrong words", "Some requests fail."},
    {"health-truth", 3, "the health page does not tell the truth",
     "Our monitoring may have missed a problem."},
    {"latency", 3, "answers take too long", "The service is slow."},
    {"lock-wait", 3, "requests wait for locks too long", "The service is slow."},
};

static const severity_row other = {"", 2, "a major function fails", "A part of the service fails."};

const severity_row *severity_of(const char *invariant)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(rows[i].invariant, invariant) == 0)
            return &rows[i];
    return &other;
}

const verdict_invariant *severity_gravest(const verdict *v)
{
    const verdict_invariant *gravest = NULL;
    int level = 5;
    for (size_t i = 0; i < v->invariant_count; i++) {
        const verdict_invariant *n = &v->invariants[i];
        int own = severity_of(n->judge->name)->level;
        if (n->finding.answer == ANSWER_VIOLATED && own < level) {
            gravest = n;
            level = own;
        }
    }
    return gravest;
}

int severity_level(const verdict *v)
{
    const verdict_invariant *gravest = severity_gravest(v);
    return gravest != NULL ? severity_of(gravest->judge->name)->level : 4;
}
