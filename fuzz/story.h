/* Tells a story to the server in this process: a text, which fuzzers can change anywhere.
 *
 *     PUT /v1/files/~a              request line
 *     If-Match: {etag}              fields; for "~" and {...} see story_names.h
 *                                   an empty line begins the body
 *     the body
 *     ====                          a line of its own ends the request
 *     !clock 3600                   both clocks go on; !wall -3600: only the wall clock
 *     !sweep                        the server looks for what has expired
 *     !restart                      the server ends and starts again on the same data
 *     !fault fsync 2 5              the second fsync from now fails with errno 5;
 *                                   "!fault write 1 28 ever": all do from the first on;
 *                                   write, fsync, rename, open, link, step (of SQLite), mkdir,
 *                                   truncate, unlink
 *     !goes 10                      the client of the next request goes away after 10 bytes of body
 *     !piece 3                      the next body comes in pieces of 3 bytes
 *     !meanwhile 100                so many seconds pass, and a sweep, while the next body comes
 *     !rival PATCH                  while the next body comes, somebody else asks so for {upload};
 *                                   HEAD and DELETE too, and POST begins another upload
 *     !news                         while the next request sleeps, a file is put
 *     !bare                         the next request has no Host and no Content-Length of itself
 *     !accounts                     what follows goes to a server with accounts; !open: without
 *     !expect 404 text              the next answer has this status, and the text in its head or
 *                                   body; only where `expects`, for what a fuzzer changed breaks it
 *
 * "~" stands for the story's own number, so that stories do not meet. Oracles beyond those of
 * talk.h: a PUT that was acknowledged is read back byte for byte, also behind a start; after a
 * story nothing is left in work, and after their lives no session; what a JSON route accepts, a
 * second parser accepts; nobody changes an upload while a piece comes in that is taken. */
#ifndef FUZZ_STORY_H
#define FUZZ_STORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void story_tell(const uint8_t *text, size_t length, unsigned number, bool expects);

#endif
