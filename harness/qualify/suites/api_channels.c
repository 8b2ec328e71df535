/* Channels of samples in the storage API. */
#include <stdio.h>
#include <string.h>

#include "qualify/exchange.h"

#define CHANNEL "/v1/channels/{u}/samples"
#define BAD(body)                                                                                  \
    {                                                                                              \
        .ask = "POST " CHANNEL, 400, "code=validation_error", body                                 \
    }
#define GOOD(body)                                                                                 \
    {                                                                                              \
        .ask = "POST " CHANNEL, 200, "accepted=1", body                                            \
    }
/* A comma follows each but the last. */
#define THREE "{\"timestamp\":1},{\"timestamp\":2},{\"timestamp\":3}"
#define NINE  THREE "," THREE "," THREE
#define THIRTY_SEVEN                                                                               \
    NINE "," NINE "," NINE "," NINE ","                                                            \
         "{\"timestamp\":4}"
#define SAMPLES_333                                                                                \
    THIRTY_SEVEN "," THIRTY_SEVEN "," THIRTY_SEVEN "," THIRTY_SEVEN "," THIRTY_SEVEN               \
                 "," THIRTY_SEVEN "," THIRTY_SEVEN "," THIRTY_SEVEN "," THIRTY_SEVEN
#define SAMPLES_999 "[" SAMPLES_333 "," SAMPLES_333 "," SAMPLES_333 "]"
#define KEYS(a)                                                                                    \
    "\"" a "1\":1,\"" a "2\":1,\"" a "3\":1,\"" a "4\":1,\"" a "5\":1,\"" a "6\":1,\"" a           \
    "7\":1,\"" a "8\":1,\"" a "9\":1"
#define DIGITS(a) a a a a a a a a
/* A sample of 2048 bytes, all of which are written again: 22 of them, and 2026 in the text. */
#define TEN(a)  a a a a a a a a a a
#define HUNDRED TEN(TEN("x"))
#define LARGEST(more)                                                                              \
    "{\"timestamp\":1,\"a\":\"" TEN(HUNDRED) TEN(HUNDRED) TEN("x") TEN("x") "xxxxxx" more "\"}"
#define LONG_NUMBER "0.1" DIGITS("1234567") "23456"

CONVERSATION(samples_are_read_as_they_were_sent, {.ask = "GET " CHANNEL, 404, "code=not_found"},
             {.ask = "POST " CHANNEL,
              200,
              "channel={u} & accepted=1 & total=1 & dropped=0",
              "{\"timestamp\": 1.5, \"value\": -2e3}"},
             {.ask = "POST " CHANNEL,
              200,
              "accepted=2 & total=3 & dropped=0",
              " [ {\"timestamp\":2,\"a\":[1,{\"b\":null}]} , "
              "{\"timestamp\":1e3,\"ok\":true,\"s\":\"\\u00fc\\\\\"} ] "},
             {.ask = "GET " CHANNEL,
              200,
              "channel={u} & total=3 & dropped=0 & first=0 & samples.#=3 & samples.0.timestamp=1.5 "
              "& samples.0.value=-2000.0 & "
              "samples.1.a.1.b=null & samples.2.ok=true & samples.2.s=ü\\ & "
              "samples.2.timestamp=1000.0 & !cursor"},
             {.ask = "GET " CHANNEL "?limit=2", 200, "samples.#=2 & first=0", .keep = "cursor"},
             {.ask = "GET " CHANNEL "?limit=2&cursor={cursor}",
              200,
              "samples.#=1 & first=2 & samples.0.ok=true & !cursor"},
             {.ask = "GET " CHANNEL "?cursor=3", 200, "samples.#=0 & !cursor"},
             {.ask = "GET " CHANNEL "?cursor=2&limit=1", 200, "samples.#=1 & !cursor"},
             {.ask = "GET " CHANNEL "?cursor=99", 200, "samples.#=0"})

CONVERSATION(
    a_channel_keeps_the_last_thousand,
    {.ask = "POST " CHANNEL, 200, "accepted=1", "{\"timestamp\": 7}"},
    {.ask = "POST " CHANNEL, 200, "accepted=999 & total=1000 & dropped=0", SAMPLES_999},
    {.ask = "GET " CHANNEL, 200, "samples.#=1000 & first=0 & samples.0.timestamp=7"},
    {.ask = "POST " CHANNEL, 200, "accepted=1 & total=1001 & dropped=1", "{\"timestamp\": 8}"},
    {.ask = "GET " CHANNEL,
     200,
     "samples.#=1000 & first=1 & total=1001 & dropped=1 & samples.999.timestamp=8 & !cursor"},
    {.ask = "GET " CHANNEL "?limit=1", 200, "samples.#=1 & first=1 & cursor=2"},
    {.ask = "GET " CHANNEL "?limit=9&cursor=1000", 200, "samples.#=1 & samples.0.timestamp=8"},
    {.ask = "POST " CHANNEL, 200, "accepted=999 & total=2000 & dropped=1000", SAMPLES_999},
    {.ask = "GET " CHANNEL, 200, "samples.#=1000 & first=1000 & samples.0.timestamp=8"})

/* Old samples may go in batches: whatever the length of an append, the last thousand stay. */
static void the_last_thousand_stay_of_any_append(probe *p)
{
    static const unsigned lengths[] = {1001, 1499, 1500, 1501, 1502, 1999, 2000,
                                       2001, 2002, 2003, 2501, 2502, 3001};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        char address[256];
        char dropped[64];
        char oldest[64];
        char gone[64];
        buffer body = {0};
        for (unsigned n = 1; n <= lengths[i]; n++)
            buffer_printf(&body, "%s{\"timestamp\":%u}", n > 1 ? "," : "[", n);
        buffer_text_append(&body, "]");
        snprintf(address, sizeof address, "/v1/channels/%s-%u/samples", probe_unique(p),
                 lengths[i]);
        snprintf(oldest, sizeof oldest, "{\"timestamp\":%u}", lengths[i] - 999);
        snprintf(gone, sizeof gone, "{\"timestamp\":%u}", lengths[i] - 1000);
        snprintf(dropped, sizeof dropped, "\"dropped\":%u", lengths[i] - 1000);
        probe_expect_status(p, probe_ask(p, "POST", address, NULL, buffer_text(&body), body.length),
                            200, 0, 0, 0);
        const char *seen = buffer_text(&probe_ask(p, "GET", address, NULL, NULL, 0)->body);
        probe_expect(p,
                     strstr(seen, oldest) != NULL && strstr(seen, gone) == NULL &&
                         strstr(seen, dropped) != NULL,
                     "of %u samples at once there is %.80s", lengths[i], seen);
        buffer_free(&body);
    }
}

CONVERSATION(pages_that_are_none_are_refused, GOOD("{\"timestamp\": 1}"),
             {.ask = "GET " CHANNEL "?limit=0", 400, "code=validation_error"},
             {.ask = "GET " CHANNEL "?limit=1001", 400}, {.ask = "GET " CHANNEL "?limit=1000", 200},
             {.ask = "GET " CHANNEL "?limit=x", 400}, {.ask = "GET " CHANNEL "?cursor=x", 400},
             {.ask = "GET " CHANNEL "?cursor=-1", 400},
             {.ask = "GET /v1/channels/a%2fb/samples", 400},
             {.ask = "POST /v1/channels/a%2fb/samples", 400, NULL, "{\"timestamp\": 1}"},
             {.ask = "POST /v1/channels//samples", 400, NULL, "{\"timestamp\": 1}"})

CONVERSATION(samples_that_are_none_are_refused, BAD(""), BAD("[]"), BAD("5"), BAD("[5]"), BAD("{}"),
             BAD("[{}]"), BAD("null"), BAD("{\"timestamp\":0}"), BAD("{\"timestamp\":0.0}"),
             BAD("{\"timestamp\":-1}"), BAD("{\"timestamp\":\"1\"}"), BAD("{\"timestamp\":null}"),
             BAD("{\"timestamp\":true}"), BAD("{\"timestamp\":[1]}"),
             BAD("{\"a\":{\"timestamp\":1}}"), BAD("{\"timestamp\":{\"timestamp\":1}}"),
             BAD("{\"timestamp\":1e-999}"), BAD("{\"timestamp\":1e999}"),
             BAD("{\"timestamp\":1,\"a\":1e999}"), BAD("{\"timestamp\":1,\"a\":NaN}"),
             BAD("{\"timestamp\":1,\"a\":01}"), BAD("{\"timestamp\":1,\"timestamp\":2}"),
             BAD("{\"timestamp\":1,\"a\":{\"b\":1,\"b\":2}}"),
             BAD("{\"timestamp\":1,\"a\":1,\"\\u0061\":2}"), BAD("[[{\"timestamp\":1}]]"),
             BAD("{\"timestamp\":1}{\"timestamp\":2}"), BAD("{\"timestamp\":1},"),
             BAD("[{\"timestamp\":1}"), BAD("[{\"timestamp\":1},]"), BAD("[{\"timestamp\":1},5]"),
             BAD("[{\"timestamp\":1},{\"timestamp\":0}]"), BAD("{\"timestamp\":1} x"),
             {.ask = "GET " CHANNEL, 404})

CONVERSATION(
    texts_of_samples_are_utf8, BAD("{\"timestamp\":1,\"a\":\"\\ud800\"}"),
    BAD("{\"timestamp\":1,\"a\":\"\\udc00\"}"), BAD("{\"timestamp\":1,\"a\":\"\\ud900\"}"),
    BAD("{\"timestamp\":1,\"a\":\"\\ud800x\"}"), BAD("{\"timestamp\":1,\"a\":\"\\ud800\\ud800\"}"),
    BAD("{\"timestamp\":1,\"a\":\"\\ud800\\n\"}"), BAD("{\"timestamp\":1,\"\\udbff\":1}"),
    BAD("{\"timestamp\":1,\"a\":\"\xc0\xaf\"}"), BAD("{\"timestamp\":1,\"a\":\"\xed\xa0\x80\"}"),
    BAD("{\"timestamp\":1,\"a\":\"\xf4\x90\x80\x80\"}"), BAD("{\"timestamp\":1,\"a\":\"\x80\"}"),
    BAD("{\"timestamp\":1,\"a\":\"\xe2\x82\"}"),
    GOOD("{\"timestamp\":1,\"a\":\"\\ud83c\\udf04\\\\u\\ue000\"}"),
    GOOD("{\"timestamp\":1,\"a\":\"\xf4\x8f\xbf\xbf\xed\x9f\xbf\"}"),
    {.ask = "GET " CHANNEL,
     200,
     "samples.0.a=\xf0\x9f\x8c\x84\\u\xee\x80\x80 & samples.1.a=\xf4\x8f\xbf\xbf\xed\x9f\xbf"})

CONVERSATION(texts_come_back_as_they_were, GOOD("{\"timestamp\":1,\"a\":\"\\\"\"}"),
             GOOD("{\"timestamp\":1,\"a\":\"x\\ny\\t\\u0001\"}"),
             GOOD("{\"timestamp\":1,\"a\":\"\\u0939\\u0099\\u00AF\"}"),
             GOOD("{\"timestamp\":1,\"\\\"k\\n\":\"\\/\"}"),
             GOOD("{\"timestamp\":1,\"a\":[],\"b\":{},\"c\":\"\"}"),
             {.ask = "GET " CHANNEL,
              200,
              "samples.0.a=\" & samples.1.a=x\ny\t\x01 & samples.2.a=\xe0\xa4\xb9\xc2\x99\xc2\xaf "
              "& samples.3.\"k\n=/ & samples.4.a=[] & samples.4.b={} & samples.4.c="},
             BAD("{\"timestamp\":0e5}"), BAD("{\"timestamp\":0.0E9}"), BAD("{\"timestamp\":0.00}"),
             GOOD("{\"timestamp\":9e0}"), GOOD("{\"timestamp\":0.9}"), GOOD("{\"timestamp\":1E-5}"))

CONVERSATION(a_key_stands_once_in_each_object,
             GOOD("{\"timestamp\":1,\"a\":{\"x\":1},\"b\":{\"x\":2}}"),
             GOOD("{\"timestamp\":1,\"a\":[{\"x\":3},{\"x\":4}],\"x\":5}"),
             BAD("{\"timestamp\":1,\"a\":{\"x\":{\"y\":1},\"x\":1}}"),
             BAD("{\"timestamp\":1,\"a\":{\"b\":{}},\"a\":1}"),
             {.ask = "GET " CHANNEL,
              200,
              "samples.#=2 & samples.0.b.x=2 & samples.1.a.1.x=4 & samples.1.x=5"})

CONVERSATION(
    samples_have_bounds, GOOD("{\"timestamp\":1,\"a\":[[[[[[[1]]]]]]]}"),
    BAD("{\"timestamp\":1,\"a\":[[[[[[[[1]]]]]]]]}"),
    GOOD("{\"timestamp\":1,\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":1}}}}}}}}"),
    BAD("{\"timestamp\":1,\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":1}}}}}}}}"
        "}"),
    GOOD("{\"timestamp\":1," KEYS("a") "," KEYS("b") "," KEYS("c") "," KEYS("d") "," KEYS(
        "e") "," KEYS("f") "," KEYS("g") "}"),
    BAD("{\"timestamp\":1," KEYS("a") "," KEYS("b") "," KEYS("c") "," KEYS("d") "," KEYS(
        "e") "," KEYS("f") "," KEYS("g") ",\"h\":1}"),
    GOOD("{\"timestamp\":1,\"a\":" LONG_NUMBER "}"),
    BAD("{\"timestamp\":1,\"a\":" LONG_NUMBER "9}"),
    GOOD("{\"timestamp\":1,\"a\":\"" DIGITS(DIGITS("12345678901234567890123456789")) "\"}"),
    BAD("{\"timestamp\":1,\"a\":\"" DIGITS(DIGITS("12345678901234567890123456789012")) "\"}"),
    GOOD(LARGEST("")), GOOD("[" LARGEST("") "]"), BAD(LARGEST("x")), BAD("[" LARGEST("x") "]"),
    {.ask = "GET " CHANNEL, 200, "samples.#=7"})

#define CASE(number, section, requires, run)                                                       \
    {                                                                                              \
        "api-channels/" number, LEVEL_MUST, CAPABILITY_CHANNELS, "CONTRACT.md, " section,          \
            requires, run                                                                          \
    }

static const conformance_case cases[] = {
    CASE("order/1", "CHANNELS-4", "samples are read as they were sent, page by page",
         samples_are_read_as_they_were_sent),
    CASE("kept/1", "CHANNELS-3", "a channel keeps the last thousand and tells what it dropped",
         a_channel_keeps_the_last_thousand),
    CASE("kept/2", "CHANNELS-3", "the last thousand samples of an append of any length are kept",
         the_last_thousand_stay_of_any_append),
    CASE("page/1", "CHANNELS-4", "pages and names that are none are refused",
         pages_that_are_none_are_refused),
    CASE("form/1", "CHANNELS-2", "samples that are none are refused whole",
         samples_that_are_none_are_refused),
    CASE("form/2", "CHANNELS-2", "texts are UTF-8", texts_of_samples_are_utf8),
    CASE("order/2", "CHANNELS-4", "texts come back as they were", texts_come_back_as_they_were),
    CASE("form/3", "CHANNELS-1", "samples have bounds of size, keys and levels",
         samples_have_bounds),
    CASE("form/4", "CHANNELS-2", "a key stands once in an object, and in as many as it likes",
         a_key_stands_once_in_each_object),
};

const suite suite_api_channels = {"api-channels", "the storage API: channels of samples", cases,
                                  sizeof cases / sizeof cases[0], speaks_storage_api};
