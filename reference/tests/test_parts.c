#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base64.h"
#include "cache.h"
#include "digest.h"
#include "paths.h"
#include "ranges.h"
#include "rate.h"
#include "recent.h"
#include "store.h"

Test(paths, awkward_names_are_taken_and_dangerous_ones_refused)
{
    char out[64];
    cr_assert_null(path_decode("a/b%20c/%C3%BC/what%3F/..dots..", out, sizeof out));
    cr_assert_str_eq(out, "a/b c/\xc3\xbc/what?/..dots..");
    const char *const bad[] = {"",       "/a",         "a/",    "a//b",      ".",  "..",
                               "a/../b", "a/%2e%2e/b", "a%00b", "a%0ab",     "a%", "a%2",
                               "a%zz",   "%ff",        "%c3",   "%ed%a0%80", "%7f"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        cr_assert_not_null(path_decode(bad[i], out, sizeof out), "%s", bad[i]);
    char endless[200];
    memset(endless, 'a', sizeof endless - 1);
    endless[sizeof endless - 1] = '\0';
    cr_assert_not_null(path_decode(endless, out, sizeof out));
    cr_assert(path_unescape("a%2Fb", out, sizeof out) && strcmp(out, "a/b") == 0);
}

typedef struct {
    const char *header;
    range_answer answer;
    uint64_t first;
    uint64_t length;
} range_case;

Test(ranges, follow_rfc_9110)
{
    static const range_case cases[] = {
        {NULL, RANGE_WHOLE, 0, 0},
        {"bytes=0-0", RANGE_PART, 0, 1},
        {"bytes=0-99", RANGE_PART, 0, 100},
        {"bytes=0-100", RANGE_PART, 0, 100},
        {"bytes=99-", RANGE_PART, 99, 1},
        {"bytes=100-", RANGE_OUTSIDE, 0, 0},
        {"bytes=-1", RANGE_PART, 99, 1},
        {"bytes=-100", RANGE_PART, 0, 100},
        {"bytes=-101", RANGE_PART, 0, 100},
        {"bytes=-0", RANGE_OUTSIDE, 0, 0},
        {"bytes=50-49", RANGE_WHOLE, 0, 0},
        {"bytes=1-2,5-6", RANGE_WHOLE, 0, 0},
        {"bytes=a-b", RANGE_WHOLE, 0, 0},
        {"bytes=", RANGE_WHOLE, 0, 0},
        {"bytes=-", RANGE_WHOLE, 0, 0},
        {"lines=1-2", RANGE_WHOLE, 0, 0},
        {"bytes=5-99999999999999999999999", RANGE_PART, 5, 95},
        {"bytes=99999999999999999999999-", RANGE_OUTSIDE, 0, 0},
        {"bytes=18446744073709551615-", RANGE_OUTSIDE, 0, 0},
        {"bytes=+1-2", RANGE_WHOLE, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint64_t first = 0;
        uint64_t length = 0;
        const range_case *c = &cases[i];
        cr_assert_eq(range_parse(c->header, 100, &first, &length), c->answer, "%s", c->header);
        if (c->answer == RANGE_PART)
            cr_assert(first == c->first && length == c->length, "%s: %lu+%lu", c->header, first,
                      length);
    }
}

Test(etags, are_found_in_lists_exactly)
{
    cr_assert(etag_listed("*", "\"a\""));
    cr_assert(etag_listed("\"a\"", "\"a\""));
    cr_assert(etag_listed("\"x\" , \"a\"", "\"a\""));
    cr_assert(etag_listed("\"x,y\",\"a\"", "\"a\""));
    cr_assert_not(etag_listed("W/\"a\"", "\"a\""));
    cr_assert_not(etag_listed("\"x,\"a\"", "\"b\""));
    cr_assert_not(etag_listed("", "\"a\""));
    cr_assert_not(etag_listed("a", "\"a\""));
}

#define SECOND ((uint64_t)1000000000)

Test(rate, each_client_has_its_burst_and_then_its_rate)
{
    uint64_t wait = 0;
    rate_limit *l = rate_open(2, 3);
    for (int i = 0; i < 3; i++)
        cr_assert(rate_take(l, 7, 10 * SECOND, &wait));
    cr_assert_not(rate_take(l, 7, 10 * SECOND, &wait));
    cr_assert_eq(wait, 1);
    cr_assert(rate_take(l, 8, 10 * SECOND, &wait));
    cr_assert(rate_take(l, 7, 10 * SECOND + SECOND / 2, &wait));
    cr_assert_not(rate_take(l, 7, 10 * SECOND + SECOND / 2, &wait));
    cr_assert_eq(rate_count(l, 10 * SECOND), 2);
    cr_assert_eq(rate_count(l, 20 * SECOND), 0);
    rate_close(l);
}

Test(rate, a_hundred_thousand_clients_are_taken_and_forgotten)
{
    uint64_t wait = 0;
    rate_limit *l = rate_open(1, 1);
    for (uint64_t client = 1; client <= 100000; client++)
        cr_assert(rate_take(l, client, SECOND, &wait));
    cr_assert_leq(rate_count(l, SECOND), RATE_BUCKETS);
    cr_assert_eq(rate_count(l, 3 * SECOND), 0);
    rate_close(l);
}

Test(digest, only_well_formed_headers_and_matching_content_pass)
{
    digest_check d;
    const char *const bad[] = {"",           "sha-256",        "=:x:",          "sha-256=abc",
                               "sha-256=::", "sha-256=:YQ==:", "sha-256=:YQ==", "sha-512=:*:",
                               "a=b,,c=d"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        cr_assert_not(digest_begin(&d, bad[i]), "%s", bad[i]);
    cr_assert(digest_begin(&d, NULL) && digest_holds(&d));
    cr_assert(digest_begin(&d, "crc=1, sha-256=:ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=:"));
    digest_add(&d, "ab", 2);
    digest_add(&d, "c", 1);
    cr_assert(digest_holds(&d));
    cr_assert(digest_begin(&d, "sha-256=:ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=:"));
    digest_add(&d, "abd", 3);
    cr_assert_not(digest_holds(&d));
}

Test(base64, is_what_its_alphabet_has_and_nothing_else)
{
    char out[4];
    size_t length = 0;
    cr_assert(base64_read("YWI/", 4, out, sizeof out, &length));
    cr_assert_eq(length, 3);
    cr_assert_arr_eq(out, "ab?", 3);
    cr_assert(base64_read("YQ==", 4, out, 1, &length) && length == 1);
    cr_assert_not(base64_read("YWI/", 4, out, 2, &length));
    const char *const bad[] = {"YWI\xff", "YWI\x80", "YW\xc3/", "YQ",
                               "YQ=",     "YR==",    "YW_/",    "YQ== "};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        cr_assert_not(base64_read(bad[i], strlen(bad[i]), out, sizeof out, &length), "%zu", i);
}

static int file_of(char letter, size_t size)
{
    char bytes[4096];
    char path[] = "/tmp/ordeal-cache.XXXXXX";
    int fd = mkstemp(path);
    cr_assert(fd >= 0 && size <= sizeof bytes);
    unlink(path);
    memset(bytes, letter, size);
    cr_assert_eq(write(fd, bytes, size), (ssize_t)size);
    return fd;
}

static bool kept(cache *c, const char *blob, char letter)
{
    cached *one = cache_take(c, blob);
    bool right = one != NULL && cached_bytes(one)[0] == letter;
    if (one != NULL)
        cache_give(one);
    return right;
}

Test(cache, what_was_asked_for_longest_ago_goes_first_but_lives_while_it_is_sent)
{
    static const char *const blobs[] = {"aaaa", "aaab", "bbbb", "cccc"};
    cache *c = cache_open(3000);
    cached *first = NULL;
    for (int i = 0; i < 4; i++) {
        int fd = file_of((char)('a' + i), 1000);
        cached *one = cache_add(c, blobs[i], fd, 1000);
        cr_assert_not_null(one);
        if (i == 0)
            first = one;
        else
            cache_give(one);
        /* The second is now the one that was asked for longest ago. */
        if (i == 2)
            cr_assert(kept(c, "aaaa", 'a'));
        close(fd);
    }
    cr_assert(kept(c, "aaaa", 'a') && kept(c, "bbbb", 'c') && kept(c, "cccc", 'd'));
    cr_assert_not(kept(c, "aaab", 'b'));
    cr_assert_eq(cache_look(c).bytes, 3000);
    int fd = file_of('z', 3000);
    cache_give(cache_add(c, "zzzz", fd, 3000));
    cr_assert_eq(cache_look(c).files, 1);
    cr_assert_eq(cached_bytes(first)[999], 'a');
    cache_give(first);
    cr_assert_null(cache_add(c, "yyyy", fd, 3001));
    close(fd);
    cr_assert_null(cache_add(c, "yyyy", fd, 1000));
    cache_close(c);
}

Test(cache, a_blob_that_is_shorter_than_it_should_be_is_not_kept)
{
    cache *c = cache_open(100000);
    int fd = file_of('a', 1000);
    cr_assert_null(cache_add(c, "aaaa", fd, 1001));
    cr_assert_null(cache_take(c, "aaaa"));
    close(fd);
    cache_close(c);
}

Test(recent, what_was_read_is_known_until_somebody_writes)
{
    version v = {.number = 7};
    version out = {.number = 0};
    char endless[400];
    recent *r = recent_open();
    uint64_t moment = recent_moment(r);
    recent_note(r, moment, "a", &v);
    cr_assert(recent_find(r, "a", &out) && out.number == 7);
    cr_assert_not(recent_find(r, "b", &out));
    memset(endless, 'a', sizeof endless - 1);
    endless[sizeof endless - 1] = '\0';
    recent_note(r, moment, endless, &v);
    cr_assert_not(recent_find(r, endless, &out));
    recent_write_begins(r);
    cr_assert_not(recent_find(r, "a", &out));
    recent_note(r, recent_moment(r), "a", &v);
    cr_assert_not(recent_find(r, "a", &out));
    recent_write_ends(r);
    cr_assert_not(recent_find(r, "a", &out));
    /* Read before the write, told behind it. */
    recent_note(r, moment, "a", &v);
    cr_assert_not(recent_find(r, "a", &out));
    recent_note(r, recent_moment(r), "a", &v);
    cr_assert(recent_find(r, "a", &out));
    recent_close(r);
}
