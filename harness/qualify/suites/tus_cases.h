/* The cases of tus: each asks the target one thing. tus.c is the table that says what for. */
#ifndef ORDEAL_QUALIFY_SUITES_TUS_CASES_H
#define ORDEAL_QUALIFY_SUITES_TUS_CASES_H

#include "qualify/probe.h"

/* tus_core.c */
void tus_head_tells_the_offset(probe *p);
void tus_head_tells_the_length(probe *p);
void tus_head_is_not_cached(probe *p);
void tus_head_of_nothing_is_404(probe *p);
void tus_head_is_200_or_204(probe *p);
void tus_patch_is_204_with_the_offset(probe *p);
void tus_patch_at_another_offset_is_409(probe *p);
void tus_patch_ahead_is_409(probe *p);
void tus_patch_of_another_type_is_415(probe *p);
void tus_patch_of_nothing_is_404(probe *p);
void tus_patch_beyond_the_length_is_refused(probe *p);
void tus_pieces_make_the_whole(probe *p);
void tus_a_refused_piece_leaves_no_byte(probe *p);
void tus_a_cut_piece_is_kept(probe *p);
void tus_a_cut_piece_counts_no_more_than_was_sent(probe *p);
void tus_options_says_the_versions(probe *p);
void tus_options_ignores_the_version(probe *p);
void tus_the_largest_size_is_a_number(probe *p);
void tus_an_offset_that_is_none_changes_nothing(probe *p);
void tus_a_missing_offset_changes_nothing(probe *p);
void tus_a_length_that_is_none_is_refused(probe *p);
void tus_answers_say_their_version(probe *p);
void tus_refusals_say_their_version(probe *p);
void tus_another_version_is_412(probe *p);
void tus_creation_of_another_version_is_412(probe *p);
void tus_without_a_version(probe *p);
void tus_the_method_can_be_overridden(probe *p);
void tus_the_overridden_method_is_ignored(probe *p);

/* tus_extensions.c */
void tus_creation_is_201_with_location(probe *p);
void tus_creation_without_length_is_400(probe *p);
void tus_creation_beyond_the_largest_is_413(probe *p);
void tus_creation_keeps_the_metadata(probe *p);
void tus_metadata_may_have_no_value(probe *p);
void tus_an_empty_upload_is_whole(probe *p);
void tus_every_upload_has_its_own_address(probe *p);
void tus_a_length_can_be_deferred(probe *p);
void tus_head_says_that_it_is_deferred(probe *p);
void tus_a_deferred_length_is_set_later(probe *p);
void tus_a_length_once_set_stays(probe *p);
void tus_deferring_by_another_value_is_400(probe *p);
void tus_a_known_length_is_not_deferred(probe *p);
void tus_creation_with_upload_tells_the_offset(probe *p);
void tus_creation_with_upload_goes_on(probe *p);
void tus_creation_with_all_bytes_completes(probe *p);
void tus_patch_tells_when_it_expires(probe *p);
void tus_creation_tells_when_it_expires(probe *p);
void tus_expiry_is_a_date_of_http(probe *p);
void tus_an_expired_upload_is_gone(probe *p);
void tus_a_wrong_checksum_is_460(probe *p);
void tus_a_right_checksum_is_taken(probe *p);
void tus_an_unknown_checksum_is_400(probe *p);
void tus_sha1_is_known(probe *p);
void tus_algorithms_have_no_capitals(probe *p);
void tus_after_a_wrong_checksum_it_goes_on(probe *p);
void tus_a_wrong_trailing_checksum_is_460(probe *p);
void tus_a_right_trailing_checksum_is_taken(probe *p);
void tus_delete_ends_an_upload(probe *p);
void tus_an_ended_upload_is_404(probe *p);
void tus_delete_ends_a_whole_upload(probe *p);
void tus_head_says_that_it_is_partial(probe *p);
void tus_a_final_upload_is_as_long_as_its_parts(probe *p);
void tus_a_final_upload_is_its_parts_in_order(probe *p);
void tus_patch_of_a_final_upload_is_403(probe *p);
void tus_unfinished_parts_are_not_joined(probe *p);

#endif
