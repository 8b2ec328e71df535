#include "qualify/conformance.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"

/* One row a suite. */
extern const suite suite_http;
extern const suite suite_dav;
extern const suite suite_oci;
extern const suite suite_s3;
extern const suite suite_tus;
extern const suite suite_api_files;
extern const suite suite_api_moves;
extern const suite suite_api_shares;
extern const suite suite_api_channels;
extern const suite suite_api_changes;
extern const suite suite_api_accounts;
extern const suite suite_api_service;
extern const suite suite_api_limits;
extern const suite suite_api_upkeep;

const suite *const suites[] = {
    &suite_http,         &suite_dav,         &suite_oci,          &suite_s3,
    &suite_tus,          &suite_api_files,   &suite_api_moves,    &suite_api_shares,
    &suite_api_channels, &suite_api_changes, &suite_api_accounts, &suite_api_service,
    &suite_api_limits,   &suite_api_upkeep,
};
const size_t suite_count = sizeof suites / sizeof suites[0];

const char *case_verdict_name(case_verdict v)
{
    static const char *const names[] = {"ok", "failed", "non-strict", "informational",
                                        "not applicable"};
    CHECK((unsigned)v < sizeof names / sizeof names[0]);
    return names[v];
}

const char *case_level_name(case_level l)
{
    static const char *const names[] = {"MUST", "SHOULD", "MAY"};
    CHECK((unsigned)l < sizeof names / sizeof names[0]);
    return names[l];
}

static case_verdict verdict_of(const probe *p, case_level level)
{
    if (probe_is_not_applicable(p))
        return CASE_NOT_APPLICABLE;
    if (level == LEVEL_MAY)
        return CASE_INFORMATIONAL;
    if (!probe_failed(p))
        return CASE_OK;
    return level == LEVEL_MUST ? CASE_FAILED : CASE_NON_STRICT;
}

static void unique_of(const char *run, const char *address, char *out, size_t size)
{
    snprintf(out, size, "%s-%s", run, address);
    for (char *at = out; *at != '\0'; at++)
        if (*at == '/')
            *at = '-';
}

void conformance_ask(const conformance_case *c, const suite *s, const probe_target *target,
                     const driver *d, const char *run, case_result *out)
{
    char unique[160];
    *out = (case_result){.what = c, .suite = s, .verdict = CASE_NOT_APPLICABLE};
    if (!s->applies(target, d) || (c->needs & ~target->capabilities) != 0) {
        snprintf(out->actual, sizeof out->actual, "the target does not offer it");
        return;
    }
    unique_of(run, c->address, unique, sizeof unique);
    probe *p = probe_open(target, unique);
    c->run(p);
    out->verdict = verdict_of(p, c->level);
    out->unanswered = probe_unanswered(p);
    bool untold = out->verdict == CASE_INFORMATIONAL && probe_actual(p)[0] == '\0';
    snprintf(out->actual, sizeof out->actual, "%.500s", untold ? "it is so" : probe_actual(p));
    snprintf(out->curl, sizeof out->curl, "%.1000s", probe_curl(p));
    probe_close(p);
}

bool conformance_matches(const char *pattern, const char *address)
{
    size_t length = strlen(pattern);
    return strncmp(pattern, address, length) == 0 &&
           (address[length] == '\0' || address[length] == '/' || length == 0);
}
