/* Conformance: what a text says that a server must do, one requirement a case.
 *
 * A suite is one file of suites/ that ends in one `const suite`, and one row in conformance.c. A
 * case has an address that never changes ("http/if-match/2"), says which section it comes from and
 * in a sentence what is required, and asks the target. */
#ifndef ORDEAL_QUALIFY_CONFORMANCE_H
#define ORDEAL_QUALIFY_CONFORMANCE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "drivers/driver.h"
#include "qualify/probe.h"

typedef enum { LEVEL_MUST, LEVEL_SHOULD, LEVEL_MAY } case_level;

typedef struct {
    const char *address;
    case_level level;
    unsigned needs;       /* of driver_capability */
    const char *section;  /* "RFC 9110, 13.1.1" */
    const char *requires; /* a sentence: what must be seen */
    void (*run)(probe *p);
} conformance_case;

typedef struct {
    const char *name;
    const char *text; /* which document, as people cite it */
    const conformance_case *cases;
    size_t count;
    bool (*applies)(const probe_target *target, const driver *d);
} suite;

extern const suite *const suites[];
extern const size_t suite_count;

typedef struct {
    const conformance_case *what;
    const suite *suite;
    case_verdict verdict;
    bool unanswered; /* its last request had no answer */
    bool known;      /* the known-failing file names it */
    char actual[512];
    char curl[1024];
} case_result;

const char *case_verdict_name(case_verdict v);
const char *case_level_name(case_level l);

/* Runs one case. `run` tells the names of this run from those of all others. */
void conformance_ask(const conformance_case *c, const suite *s, const probe_target *target,
                     const driver *d, const char *run, case_result *out);
/* Is the address the pattern itself, or below it ("http" and "http/if-match" name all of theirs)?
 */
bool conformance_matches(const char *pattern, const char *address);

#endif
