/* What judges share about names: showing a record to a person, and which operations change or read
 * a name. */
#ifndef ORDEAL_JUDGES_EVIDENCE_H
#define ORDEAL_JUDGES_EVIDENCE_H

#include "judges/index.h"
#include "judges/judge.h"

/* Adds a record to the evidence: when, who, what, on which name, what came of it; once. */
void evidence_show(const judge_input *in, judge_finding *out, size_t record);

/* For the beginning of a judge's own steps. */
double evidence_seconds(uint64_t at);

/* What a garbage operation's record says was sent; nothing when it does not say it. */
void evidence_show_sent(const judge_input *in, judge_finding *out, size_t record);

/* Puts, deletes, restores and the last piece of an upload. */
bool changes_name(const history_record *r);
/* Successful gets, ranged gets and heads. */
bool reads_name(const history_record *r);
/* HISTORY_NEVER for a write with an unknown outcome. */
uint64_t effect_until(const history_record *r);
bool has_operation(const judge_input *in, record_list list, unsigned type);
/* Not FAILED, and possibly in effect between `from` and `to`. */
bool may_act_between(const history_record *r, uint64_t from, uint64_t to);

#endif
