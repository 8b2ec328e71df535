/* The time that a whole request may take, in proportion to the bytes that it moves.
 *
 * libmicrohttpd closes only connections that are still; one byte now and then keeps one for ever.
 * Here one thread looks at all connections four times a second: a request that began more than
 * `grace` + bytes moved / `least_rate` seconds ago loses its connection. Bytes moved are those that
 * TCP received and, while the server answers, those that the client acknowledged. A connection
 * between two requests is libmicrohttpd's business. Memory: one small entry a connection.
 *
 * The same thread wakes libmicrohttpd for connections that the other side has closed: after a read
 * that did not fill its buffer 0.9.75 waits for news, and an end that had come by then is none. */
#ifndef REFERENCE_DEADLINE_H
#define REFERENCE_DEADLINE_H

#include <stdint.h>

typedef struct deadline deadline;
typedef struct watched watched;

deadline *deadline_open(uint64_t grace_seconds, uint64_t least_rate);
void deadline_close(deadline *d);

watched *deadline_watch(deadline *d, int fd);
/* Before `fd` is closed; `w` is gone afterwards. */
void deadline_forget(deadline *d, watched *w);
/* From any thread: a request has come in whole head, or has ended. */
void deadline_begin(watched *w);
void deadline_end(watched *w);
/* From any thread: until deadline_begin the connection may be still for as long as it likes. */
void deadline_rest(watched *w);
/* Connections closed so far. */
uint64_t deadline_count(deadline *d);

#endif
