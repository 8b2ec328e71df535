/* Lines of access logs whose reading is known. */
#ifndef FUZZ_LOG_KNOWN_H
#define FUZZ_LOG_KNOWN_H

/* Aborts at the first that is read otherwise. */
void log_known_check(void);

#endif
