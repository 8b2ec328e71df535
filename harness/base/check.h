/* Assertions that stay on in every build.
 *
 * CHECK guards what must be true if the program is right: arguments, sizes, states. Anything that
 * the outside can cause (a file, a peer, a person) is an error (error.h), never a CHECK. A failed
 * CHECK prints file, line and sentence and aborts, so that a core or a sanitizer shows the stack.
 */
#ifndef ORDEAL_BASE_CHECK_H
#define ORDEAL_BASE_CHECK_H

#define CHECK(condition) ((condition) ? (void)0 : check_failed(__FILE__, __LINE__, #condition))

_Noreturn void check_failed(const char *file, int line, const char *sentence);

#endif
