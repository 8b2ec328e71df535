/* The fault thread: probes each declared fault before the load, then begins and heals them by the
 * plan.
 *
 * The plan's times are the earliest. On a busy machine a fault may begin late (the one before it
 * took its time) and still lasts as long as planned; one that has not bitten at its end stays a
 * while longer, until it does; and of faults that touch the same part of the target, those that the
 * plan has one after the other never overlap. */
#ifndef ORDEAL_RUN_NEMESIS_H
#define ORDEAL_RUN_NEMESIS_H

#include <stdbool.h>
#include <stddef.h>

#include "history/writer.h"
#include "plan/plan.h"

typedef struct nemesis nemesis;

/* Probes every fault of the plan once, recording each as probed, skipped or failed. */
nemesis *nemesis_create(const plan *p, const fault_site *site, history_writer *w, unsigned slot);
/* Starts the thread; the plan's times count from now. */
void nemesis_start(nemesis *n);
bool nemesis_done(nemesis *n);
/* Names of the faults now active, ", " between; for the live view. */
void nemesis_active(nemesis *n, char *text, size_t size);
/* Stops early if need be, heals what is active, joins, frees. */
void nemesis_finish(nemesis *n);

#endif
