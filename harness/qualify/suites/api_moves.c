/* Batches of moves in the storage API. */
#include "qualify/exchange.h"

CONVERSATION(a_batch_is_done_in_order, {.ask = "PUT /v1/files/{u}/1", 201, NULL, "one"},
             {.ask = "PUT /v1/files/{u}/2", 201, NULL, "two"},
             {.ask = "POST /v1/moves",
              200,
              "moved=3 & results.#=3 & results.0.from={u}/1 & results.0.to={u}/3 & "
              "results.0.status=200 & results.0.version=1 & "
              "results.2.to={u}/1",
              "{\"moves\": [{\"from\": \"{u}/1\", \"to\": \"{u}/3\"}, {\"from\": \"{u}/3\", "
              "\"to\": \"{u}/4\"}, "
              "{\"from\": \"{u}/2\", \"to\": \"{u}/1\"}]}"},
             {.ask = "GET /v1/files/{u}/4", 200, "'one"},
             {.ask = "GET /v1/files/{u}/1", 200, "X-Version: 2 & 'two"},
             {.ask = "GET /v1/files/{u}/2", 404}, {.ask = "GET /v1/files/{u}/3", 404},
             {.ask = "GET /v1/files?prefix={u}/", 200, "files.#=2"},
             {.ask = "GET /v1/versions/{u}/1",
              200,
              "versions.#=2 & versions.0.version=2 & versions.0.size=3"})

CONVERSATION(a_refused_batch_does_nothing, {.ask = "PUT /v1/files/{u}/1", 201, NULL, "one"},
             {.ask = "PUT /v1/files/{u}/2", 201, NULL, "two"},
             {.ask = "POST /v1/moves",
              404,
              "code=not_found",
              "{\"moves\": [{\"from\": \"{u}/1\", \"to\": \"{u}/3\"}, {\"from\": \"{u}/none\", "
              "\"to\": \"{u}/4\"}]}"},
             {.ask = "GET /v1/files/{u}/3", 404},
             {.ask = "POST /v1/moves",
              409,
              "code=conflict & retryable=false",
              "{\"moves\": [{\"from\": \"{u}/1\", \"to\": \"{u}/3\"}, {\"from\": \"{u}/3\", "
              "\"to\": \"{u}/2\"}], \"atomic\": true}"},
             {.ask = "GET /v1/files/{u}/1", 200, "X-Version: 1 & 'one"},
             {.ask = "GET /v1/files/{u}/2", 200, "'two"}, {.ask = "GET /v1/files/{u}/3", 404},
             {.ask = "GET /v1/files?prefix={u}/", 200, "files.#=2"})

CONVERSATION(moves_of_their_own_are_told_one_by_one,
             {.ask = "PUT /v1/files/{u}/1", 201, NULL, "one"},
             {.ask = "PUT /v1/files/{u}/2", 201, NULL, "two"},
             {.ask = "POST /v1/moves",
              200,
              "moved=1 & results.0.status=404 & results.0.code=not_found & results.1.status=409 & "
              "results.1.code=conflict & "
              "results.2.status=200",
              "{\"atomic\": false, \"moves\": [{\"from\": \"{u}/none\", \"to\": \"{u}/3\"}, "
              "{\"from\": \"{u}/1\", \"to\": \"{u}/2\"}, "
              "{\"from\": \"{u}/1\", \"to\": \"{u}/3\"}]}"},
             {.ask = "GET /v1/files/{u}/3", 200, "'one"}, {.ask = "GET /v1/files/{u}/1", 404})

CONVERSATION(numbers_go_on_at_a_name_moved_to_again,
             {.ask = "PUT /v1/files/{u}/1", 201, NULL, "one"},
             {.ask = "POST /v1/moves",
              200,
              "moved=1",
              "{\"moves\": [{\"from\": \"{u}/1\", \"to\": \"{u}/2\"}]}"},
             {.ask = "POST /v1/moves",
              200,
              "results.0.version=2 & results.0.etag=~",
              "{\"moves\": [{\"from\": \"{u}/2\", \"to\": \"{u}/1\"}]}"},
             {.ask = "GET /v1/files/{u}/1?version=1", 200, "'one"},
             {.ask = "GET /v1/files/{u}/1?version=2", 200, "'one"})

#define BAD(body)                                                                                  \
    {                                                                                              \
        .ask = "POST /v1/moves", 400, "code=validation_error", body                                \
    }
CONVERSATION(batches_that_are_none_are_refused, BAD("x"), BAD(""), BAD("[]"), BAD("{}"), BAD("5"),
             BAD("{\"moves\": []}"), BAD("{\"moves\": {}}"), BAD("{\"moves\": [5]}"),
             BAD("{\"moves\": [{\"from\": \"a\"}]}"),
             BAD("{\"moves\": [{\"from\": \"a\", \"to\": 5}]}"),
             BAD("{\"moves\": [{\"from\": 5, \"to\": \"a\"}]}"),
             BAD("{\"moves\": [{\"from\": \"a\", \"to\": \"a\"}]}"),
             BAD("{\"moves\": [{\"from\": \"a\", \"to\": \"../b\"}]}"),
             BAD("{\"moves\": [{\"from\": \"a//b\", \"to\": \"b\"}]}"),
             BAD("{\"moves\": [{\"from\": \"a\", \"to\": \"b\", \"more\": 1}]}"),
             BAD("{\"moves\": [{\"from\": \"a\", \"to\": \"b\"}], \"atomic\": 1}"),
             BAD("{\"moves\": [{\"from\": \"a\", \"to\": \"b\"}], \"more\": true}"),
             BAD("{\"moves\": [{\"from\": \"a\", \"to\": \"b\"}], \"moves\": []}"))

CONVERSATION(
    documents_have_a_bound,
    {.ask = "POST /v1/moves", 413, "code=file_too_large", "                ", .times = 270000})

#define CASE(number, section, requires, run)                                                       \
    {                                                                                              \
        "api-moves/" number, LEVEL_MUST, CAPABILITY_MOVES, "CONTRACT.md, " section, requires, run  \
    }

static const conformance_case cases[] = {
    CASE("order/1", "MOVES-1", "a batch is carried out in order", a_batch_is_done_in_order),
    CASE("refused/1", "MOVES-2", "of a refused batch nothing is done",
         a_refused_batch_does_nothing),
    CASE("each/1", "MOVES-3", "moves that are each for itself are told one by one",
         moves_of_their_own_are_told_one_by_one),
    CASE("versions/1", "VERSIONS-1", "a name that is moved to again goes on with its numbers",
         numbers_go_on_at_a_name_moved_to_again),
    CASE("form/1", "openapi.yaml", "batches that are none are refused",
         batches_that_are_none_are_refused),
    CASE("form/2", "openapi.yaml", "documents have a bound", documents_have_a_bound),
};

const suite suite_api_moves = {"api-moves", "the storage API: batches of moves", cases,
                               sizeof cases / sizeof cases[0], speaks_storage_api};
