/* size-limit: no write above the stated limit is acknowledged, by whichever way it comes, and none
 * up to it is refused as too large.
 *
 * Not a violation: a refusal with 413 of what is above it, at the begin of an upload or later. */
#include <inttypes.h>

#include "base/units.h"
#include "judges/evidence.h"

static const parameter parameters[] = {
    {"most", PARAMETER_SIZE, NULL, "bytes of the largest file that the target should take", NULL},
};
enum { MOST };

static void judge_write(const judge_input *in, judge_finding *out, uint32_t record)
{
    history_record r = history_get(in->history, record);
    bool above = r.size > in->values[MOST].number;
    char size[32], limit[32];
    const char *what = above && r.outcome == OUTCOME_OK ? "was taken, above the limit"
                       : !above && r.status == 413      ? "was refused, within the limit"
                                                        : NULL;
    out->examined += above;
    if (what != NULL &&
        finding_violate(out, r.finish, "'%.120s' with %s %s of %s",
                        history_text(in->history, r.key), units_show_size(r.size, size), what,
                        units_show_size(in->values[MOST].number, limit)))
        evidence_show(in, out, record);
}

static void examine(const judge_input *in, judge_finding *out)
{
    static const unsigned writes[] = {OPERATION_PUT, OPERATION_UPLOAD_CREATE};
    for (size_t t = 0; t < sizeof writes / sizeof writes[0]; t++) {
        record_list list = index_of_type(in->index, writes[t]);
        for (size_t i = 0; i < list.count; i++)
            judge_write(in, out, list.records[i]);
    }
    if (out->violations > 0)
        return;
    if (out->examined == 0)
        finding_doubt(out, "nothing above the limit was tried");
    else
        finding_hold(out, "%" PRIu64 " writes above the limit were tried, and none was taken",
                     out->examined);
}

const judge judge_size_limit = {
    .name = "size-limit",
    .definition = "No write above the stated size is acknowledged, at once or in pieces, and none "
                  "up to it is refused as too large.",
    .needs = "puts or uploads above the limit",
    .parameters = parameters,
    .parameter_count = sizeof parameters / sizeof parameters[0],
    .examine = examine,
};
