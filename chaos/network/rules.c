#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/timing.h"
#include "chaos/network/relay.h"

/* A share is taken evenly of the connections that the rule meets, in the order in which it does,
 * and the first is one of them: a client keeps many connections open and uses few, and of few a
 * drawn share is often none. */
static bool chosen(slot *s, connection *c)
{
    membership *m = &c->memberships[s - c->proxy->slots];
    if (m->arming != s->arming) {
        double turn = s->phase + (double)s->met++ * s->rule.share;
        *m = (membership){s->arming, turn - (double)(uint64_t)turn < s->rule.share};
    }
    return m->chosen;
}

static bool concerns(slot *s, connection *c, size_t from)
{
    const char *request = s->rule.request != NULL ? s->rule.request : "";
    return s->armed && (s->rule.directions & (1U << from)) != 0 &&
           strncmp(c->request, request, strlen(request)) == 0 &&
           (s->rule.first == 0 || (c->at_head && s->begun < s->rule.first)) && chosen(s, c);
}

static uint64_t delay_of(slot *s)
{
    const proxy_rule *r = &s->rule;
    return r->delay + (r->jitter > 0 ? random_below(&s->jitter, r->jitter) : 0);
}

/* One end is gone without a word to the other, whose data then lead nowhere. */
static void lose_end(slot *s, connection *c)
{
    struct linger now = {.l_onoff = 1};
    end *gone = &c->ends[s->rule.gone];
    if (c->lost == NULL) {
        setsockopt(gone->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
        relay_close(c, gone);
        c->lost = s;
    }
    c->flows[0].length = c->flows[1].length = 0;
}

static void apply(slot *s, connection *c, size_t from)
{
    const proxy_rule *r = &s->rule;
    flow *f = &c->flows[from];
    switch (r->action) {
    case PROXY_RESET:
        if (f->passed + f->length <= r->after)
            return;
        f->length = r->after > f->passed ? (size_t)(r->after - f->passed) : 0;
        f->cut = true;
        break;
    case PROXY_SWALLOW:
        f->length = 0;
        break;
    case PROXY_LOSE:
        lose_end(s, c);
        break;
    case PROXY_SLOW:
        f->rate = r->rate;
        f->slice = r->slice;
        f->release_at = timing_now() + delay_of(s);
        break;
    case PROXY_SLOW_CLOSE:
        return;
    }
    s->begun++;
    atomic_fetch_add(&s->hits, 1);
}

/* A piece that begins a request: what the rules for requests go by until the next one. */
static void note_request(connection *c, const flow *f)
{
    size_t word = 0;
    while (word < f->length && word < 10 && f->bytes[word] >= 'A' && f->bytes[word] <= 'Z')
        word++;
    c->at_head =
        word >= 3 && word + 1 < f->length && f->bytes[word] == ' ' && f->bytes[word + 1] == '/';
    if (!c->at_head)
        return;
    size_t kept = f->length < RELAY_REQUEST_KEPT - 1 ? f->length : RELAY_REQUEST_KEPT - 1;
    memcpy(c->request, f->bytes, kept);
    c->request[kept] = '\0';
    c->flows[0].passed = c->flows[1].passed = 0;
}

static void each_rule(connection *c, size_t from, void (*act)(slot *s, connection *c, size_t from))
{
    network_proxy *p = c->proxy;
    if (atomic_load(&p->armed) == 0)
        return;
    pthread_mutex_lock(&p->lock);
    for (size_t i = 0; i < PROXY_RULES_MOST; i++)
        if (concerns(&p->slots[i], c, from))
            act(&p->slots[i], c, from);
    pthread_mutex_unlock(&p->lock);
}

void relay_spoil(connection *c, size_t from)
{
    flow *f = &c->flows[from];
    f->release_at = f->rate = f->slice = 0;
    if (from == 0)
        note_request(c, f);
    else
        c->at_head = false;
    each_rule(c, from, apply);
    f->passed += f->length;
}

static void apply_to_end(slot *s, connection *c, size_t from)
{
    if (s->rule.action != PROXY_SLOW_CLOSE)
        return;
    c->flows[from].close_at = timing_now() + delay_of(s);
    atomic_fetch_add(&s->hits, 1);
}

void relay_spoil_end(connection *c, size_t from)
{
    each_rule(c, from, apply_to_end);
}

void relay_reset(connection *c)
{
    struct linger now = {.l_onoff = 1};
    for (size_t i = 0; i < 2; i++)
        if (c->ends[i].fd >= 0)
            setsockopt(c->ends[i].fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    c->dead = true;
}
