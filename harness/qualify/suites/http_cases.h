/* The cases of HTTP: each asks the target one thing. http.c is the table that says what for. */
#ifndef ORDEAL_QUALIFY_SUITES_HTTP_CASES_H
#define ORDEAL_QUALIFY_SUITES_HTTP_CASES_H

#include "qualify/probe.h"

/* http_methods.c */
void http_get_brings_what_was_put(probe *p);
void http_get_of_nothing_is_404(probe *p);
void http_head_has_no_content(probe *p);
void http_head_says_the_length_of_get(probe *p);
void http_put_that_creates_is_201(probe *p);
void http_put_that_replaces_is_200_or_204(probe *p);
void http_put_with_content_range_is_400(probe *p);
void http_a_part_is_never_the_whole(probe *p);
void http_put_of_nothing_is_an_empty_file(probe *p);
void http_put_of_5_mib_and_1_comes_back(probe *p);
void http_delete_removes(probe *p);
void http_delete_of_nothing_is_404(probe *p);
void http_names_may_have_blanks(probe *p);
void http_names_may_have_percent(probe *p);
void http_names_may_be_utf8(probe *p);
void http_names_may_have_a_question_mark(probe *p);
void http_percent_is_not_decoded_twice(probe *p);
void http_a_slash_is_not_an_escaped_slash(probe *p);

/* http_ranges.c */
void http_range_from_to(probe *p);
void http_range_suffix(probe *p);
void http_range_open(probe *p);
void http_range_beyond_the_end_is_cut(probe *p);
void http_range_outside_is_416(probe *p);
void http_range_outside_tells_the_length(probe *p);
void http_range_of_another_unit_is_ignored(probe *p);
void http_if_range_of_the_present_brings_the_part(probe *p);
void http_if_range_of_another_brings_all(probe *p);

/* http_conditions.c */
void http_if_match_of_another_is_412(probe *p);
void http_if_match_of_another_changes_nothing(probe *p);
void http_if_match_any_of_nothing_is_412(probe *p);
void http_if_match_of_the_present_goes_on(probe *p);
void http_if_match_spent_is_412(probe *p);
void http_if_none_match_any_is_412(probe *p);
void http_if_none_match_any_of_nothing_goes_on(probe *p);
void http_if_none_match_of_the_present_is_304(probe *p);
void http_if_none_match_of_another_brings_all(probe *p);
void http_a_304_has_the_etag(probe *p);
void http_get_if_match_of_another_is_412(probe *p);
void http_delete_if_match_of_another_is_412(probe *p);
void http_files_have_an_etag(probe *p);
void http_another_content_has_another_etag(probe *p);

/* http_connection.c */
void http_an_unknown_method_is_refused(probe *p);
void http_a_405_says_what_is_allowed(probe *p);
void http_a_request_without_host_is_400(probe *p);
void http_the_absolute_form_is_understood(probe *p);
void http_connections_are_kept(probe *p);
void http_who_closes_says_so(probe *p);

#endif
