#include "run/abort_watch.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/timing.h"
#include "plan/operation_figures.h"

/* A figure of fewer operations is an accident, and no reason to end a run. */
#define COUNTED_LEAST 20

struct abort_watch {
    const scenario *scenario;
    pthread_mutex_t lock;
    operation_figures *figures;
};

abort_watch *abort_watch_create(const scenario *s)
{
    bool any = false;
    for (size_t i = 0; i < s->threshold_count; i++)
        any = any || s->thresholds[i].abort;
    if (!any)
        return NULL;
    abort_watch *w = memory_zeroed(1, sizeof *w);
    w->scenario = s;
    w->figures = operation_figures_create();
    CHECK(pthread_mutex_init(&w->lock, NULL) == 0);
    return w;
}

void abort_watch_free(abort_watch *w)
{
    if (w == NULL)
        return;
    pthread_mutex_destroy(&w->lock);
    free(w->figures);
    free(w);
}

void abort_watch_see(void *owner, const history_record *r)
{
    abort_watch *w = owner;
    pthread_mutex_lock(&w->lock);
    operation_figures_add(w->figures, r);
    pthread_mutex_unlock(&w->lock);
}

static bool broken(const abort_watch *w, const threshold *t, uint64_t elapsed, double *value)
{
    double seconds = (double)elapsed / (double)NANOSECONDS_PER_SECOND;
    bool nothing_at_all = t->figure == FIGURE_RATE && t->after > 0;
    return t->abort && elapsed >= scenario_real(w->scenario, t->after) &&
           (nothing_at_all || operation_figures_counted(w->figures, t) >= COUNTED_LEAST) &&
           operation_figures_value(w->figures, t, seconds, value) && !threshold_holds(t, *value);
}

const threshold *abort_watch_broken(abort_watch *w, uint64_t elapsed, double *value)
{
    const threshold *found = NULL;
    pthread_mutex_lock(&w->lock);
    for (size_t i = 0; found == NULL && i < w->scenario->threshold_count; i++)
        if (broken(w, &w->scenario->thresholds[i], elapsed, value))
            found = &w->scenario->thresholds[i];
    pthread_mutex_unlock(&w->lock);
    return found;
}
