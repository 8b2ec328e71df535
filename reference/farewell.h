/* Closes connections whose request was answered before its body had come.
 *
 * Closing with unread bytes in the socket resets the connection, and the client may lose the
 * answer. So a copy of the descriptor is kept here, read dry and closed when the client is done, at
 * the latest after two seconds. One thread; at most FAREWELL_MOST connections, beyond which they
 * are closed at once. */
#ifndef REFERENCE_FAREWELL_H
#define REFERENCE_FAREWELL_H

#define FAREWELL_MOST 128

typedef struct farewell farewell;

farewell *farewell_open(void);
/* Takes a copy of `fd`, which the caller goes on to close. */
void farewell_take(farewell *l, int fd);
void farewell_close(farewell *l);

#endif
