/* What ends, and when it is forgotten: the store and the upload sessions over a real directory. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/files.h"
#include "base/timing.h"
#include "store.h"
#include "uploads.h"

#define SECOND NANOSECONDS_PER_SECOND
#define DAY    (86400 * SECOND)
#define NOON   ((uint64_t)1700000000 * SECOND)

static char folder[] = "/tmp/ordeal-expiry.XXXXXX";

static void make_folder(void)
{
    cr_assert_not_null(mkdtemp(folder));
}

static void remove_folder(void)
{
    error e = {0};
    cr_assert(files_remove_content(folder, &e) && remove(folder) == 0);
}

static store *open_store(void)
{
    error e = {0};
    store *s = store_open(folder, 1, 100, 5 * SECOND, &e);
    cr_assert_not_null(s, "%s", e.text);
    return s;
}

static void add_share(store *s, const char *token, uint64_t now, uint64_t expires)
{
    share made = {.expires = expires, .most = 1};
    snprintf(made.token, sizeof made.token, "%s", token);
    snprintf(made.path, sizeof made.path, "a");
    cr_assert_eq(store_share_add(s, &made, now), STORE_DONE);
}

static bool share_is_known(store *s, const char *token)
{
    share found;
    return store_share_find(s, token, &found) == STORE_DONE;
}

TestSuite(expiry, .init = make_folder, .fini = remove_folder);

Test(expiry, dead_shares_are_forgotten_a_day_later_and_live_ones_never)
{
    store *s = open_store();
    add_share(s, "short", NOON, NOON + SECOND);
    add_share(s, "deleted", NOON, NOON + 1000 * DAY);
    add_share(s, "live", NOON, NOON + 1000 * DAY);
    cr_assert_eq(store_share_delete(s, "deleted", NOON), STORE_DONE);
    cr_assert_eq(store_expire(s, NOON + DAY - SECOND, 60 * SECOND), STORE_DONE);
    cr_assert(share_is_known(s, "short") && share_is_known(s, "deleted"));
    cr_assert_eq(store_expire(s, NOON + DAY + 2 * SECOND, 60 * SECOND), STORE_DONE);
    cr_assert_not(share_is_known(s, "short") || share_is_known(s, "deleted"));
    cr_assert(share_is_known(s, "live"));
    store_close(s);
}

Test(expiry, the_time_of_a_store_never_goes_back_behind_an_end)
{
    store *s = open_store();
    cr_assert_eq(store_clock(s), 0);
    add_share(s, "short", NOON, NOON + SECOND);
    cr_assert_eq(store_expire(s, NOON + 2 * SECOND, DAY), STORE_DONE);
    cr_assert_eq(store_expire(s, NOON + 9 * SECOND, 0), STORE_DONE);
    store_close(s);
    s = open_store();
    cr_assert_eq(store_clock(s), NOON + 2 * SECOND);
    store_close(s);
}

Test(expiry, the_time_of_a_store_is_kept_now_and_then_while_anything_lives)
{
    store *s = open_store();
    add_share(s, "live", NOON, NOON + DAY);
    cr_assert_eq(store_expire(s, NOON, 60 * SECOND), STORE_DONE);
    cr_assert_eq(store_expire(s, NOON + 59 * SECOND, 60 * SECOND), STORE_DONE);
    store_close(s);
    s = open_store();
    cr_assert_eq(store_clock(s), NOON);
    cr_assert_eq(store_expire(s, NOON + 60 * SECOND, 60 * SECOND), STORE_DONE);
    store_close(s);
    s = open_store();
    cr_assert_eq(store_clock(s), NOON + 60 * SECOND);
    store_close(s);
}

static void clock_is(store **s, uint64_t wanted)
{
    store_close(*s);
    *s = open_store();
    cr_assert_eq(store_clock(*s), wanted);
}

Test(expiry, what_gets_an_end_keeps_the_time_with_it)
{
    version made;
    store *s = open_store();
    upload u = {.id = "0123456789abcdef0123456789abcdef", .path = "a", .length = 9};
    const account owner = {.name = "one", .plan = "Free"};
    uint64_t now = NOON;
    add_share(s, "live", now, now + DAY);
    clock_is(&s, now);
    add_share(s, "soon", now + 59 * SECOND, now + DAY);
    clock_is(&s, now);
    u.expires = (now += 60 * SECOND) + DAY;
    cr_assert_eq(store_upload_add(s, &u, now), STORE_DONE);
    clock_is(&s, now);
    u.expires = (now += 60 * SECOND) + DAY;
    cr_assert_eq(store_upload_advance(s, &u, now), STORE_DONE);
    clock_is(&s, now);
    now += 60 * SECOND;
    cr_assert_eq(store_upload_renew(s, u.id, now, now + 2 * DAY, now + 3 * DAY), STORE_DONE);
    clock_is(&s, now);
    u.offset = u.length;
    u.expires = (now += 60 * SECOND) + DAY;
    cr_assert_eq(store_upload_finish(s, &u, now, &made), STORE_DONE);
    clock_is(&s, now);
    now += 60 * SECOND;
    cr_assert_eq(store_account_add(s, &owner), STORE_DONE);
    cr_assert_eq(store_token_add(s, "digest", owner.name, now, now + DAY), STORE_DONE);
    clock_is(&s, now);
    store_close(s);
}

static bool upload_is_known(store *s, const char *id, uint64_t after)
{
    upload found;
    return store_upload_find(s, id, &found) == STORE_DONE && found.expires > after;
}

Test(expiry, an_upload_does_not_end_while_a_piece_comes_in)
{
    error e = {0};
    store *s = open_store();
    uint64_t offset = timing_wall() - timing_now();
    uploads *u = uploads_open(folder, s, SECOND, offset, &e);
    cr_assert_not_null(u, "%s", e.text);
    uint64_t now = uploads_now(u);
    upload busy = {.id = "0123456789abcdef0123456789abcdef", .length = 9, .expires = now - DAY};
    upload left = {.id = "fedcba9876543210fedcba9876543210", .length = 9, .expires = now - DAY};
    cr_assert(uploads_take(u, busy.id));
    cr_assert_not(uploads_take(u, busy.id));
    cr_assert_eq(store_upload_add(s, &busy, now), STORE_DONE);
    cr_assert_eq(store_upload_add(s, &left, now), STORE_DONE);
    uint64_t until = timing_now() + 20 * SECOND;
    while (upload_is_known(s, left.id, 0) && timing_now() < until)
        timing_sleep(20 * NANOSECONDS_PER_MILLISECOND);
    cr_assert_not(upload_is_known(s, left.id, 0));
    cr_assert(upload_is_known(s, busy.id, now));
    uploads_give(u, busy.id);
    uploads_close(u);
    store_close(s);
}
