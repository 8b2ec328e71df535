#include "reports/evidence_steps.h"

#include <inttypes.h>
#include <stdio.h>

#include "reports/show.h"

static bool told_by_judge(const judge_finding *finding, const fault_band *band)
{
    for (size_t i = 0; i < finding->step_count; i++)
        if (finding->steps[i].record == EVIDENCE_NO_RECORD && finding->steps[i].at >= band->begin &&
            finding->steps[i].at <= band->end)
            return true;
    return false;
}

static void tell_band(const fault_band *band, evidence_step *out)
{
    *out = (evidence_step){.at = band->begin, .record = EVIDENCE_NO_RECORD};
    if (band->end == HISTORY_NEVER)
        snprintf(out->line, sizeof out->line, "%.4f s ..  fault %.80s", show_seconds(band->begin),
                 band->name);
    else
        snprintf(out->line, sizeof out->line, "%.4f .. %.4f s  fault %.80s, bit %" PRIu64 " time%s",
                 show_seconds(band->begin), show_seconds(band->end), band->name, band->hits,
                 band->hits == 1 ? "" : "s");
}

/* Those that were on between the first step and the moment at which the violation could be seen,
 * the last of them. */
static size_t gather_bands(const facts *f, const judge_finding *finding,
                           evidence_step bands[EVIDENCE_FAULTS_MOST])
{
    uint64_t from = finding->steps[0].at;
    size_t count = 0;
    for (size_t i = f->moments->band_count; i-- > 0 && count < EVIDENCE_FAULTS_MOST;) {
        const fault_band *band = &f->moments->bands[i];
        if (band->begin <= finding->first_at && band->end >= from && !told_by_judge(finding, band))
            tell_band(band, &bands[count++]);
    }
    return count;
}

size_t evidence_gather(const facts *f, const judge_finding *finding,
                       evidence_step steps[EVIDENCE_SHOWN_MOST])
{
    evidence_step bands[EVIDENCE_FAULTS_MOST];
    size_t left = finding->step_count > 0 ? gather_bands(f, finding, bands) : 0;
    size_t count = 0;
    for (size_t i = 0; i < finding->step_count; i++) {
        for (; left > 0 && bands[left - 1].at <= finding->steps[i].at; left--)
            steps[count++] = bands[left - 1];
        steps[count++] = finding->steps[i];
    }
    while (left > 0)
        steps[count++] = bands[--left];
    return count;
}

void evidence_tell(const facts *f, const judge_finding *finding, const char *indent, size_t most,
                   buffer *out)
{
    evidence_step steps[EVIDENCE_SHOWN_MOST];
    size_t count = evidence_gather(f, finding, steps);
    for (size_t i = 0; i < count && i < most; i++)
        buffer_printf(out, "%s%s\n", indent, steps[i].line);
    if (count > most)
        buffer_printf(out, "%sand %zu more steps in report.html\n", indent, count - most);
}
