//! The cases of `tests/suite` on the crate: the promises of the contract, as the npm package keeps them. With the feature
//! `class` on the class that it exports, else on what it is for programs in Rust.

#[cfg(not(feature = "class"))]
pub mod bridge;
#[cfg(feature = "class")]
mod class;

#[cfg(not(feature = "class"))]
use bridge as tested;
#[cfg(feature = "class")]
use class as tested;

use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

/// The address of the test server, which has to run already when these tests are compiled.
const SERVER: Option<&str> = option_env!("TEST_SERVER");
const DIRECTORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/suite");

#[wasm_bindgen(module = "/tests/suite/crate.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    async fn names(directory: &str, server: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_name = runCase)]
    async fn run_case(name: &str, class: &JsValue, directory: &str, server: &str) -> Result<(), JsValue>;
}

pub fn server() -> &'static str {
    SERVER.expect("these tests need the test server: run `cargo xtask test`, which starts it")
}

async fn run(name: &str) -> Result<(), JsValue> {
    if let Some(reason) = tested::reason_to_skip(name) {
        skip(&reason);
        return Ok(());
    }
    run_case(name, &tested::class(), DIRECTORY, server()).await
}

/// wasm-bindgen-test has no word for a test that its host cannot run: `cargo xtask test` takes this line for one.
pub fn skip(reason: &str) {
    wasm_bindgen_test::console_log!("skipped: {reason}");
}

macro_rules! cases {
    ($($name:ident)+) => {
        $(
            #[wasm_bindgen_test]
            async fn $name() -> Result<(), JsValue> {
                run(stringify!($name)).await
            }
        )+

        pub const LISTED: &[&str] = &[$(stringify!($name)),+];
    };
}

#[wasm_bindgen_test]
async fn every_case_is_listed() -> Result<(), JsValue> {
    let names = names(DIRECTORY, server()).await?.as_string().unwrap_or_default();
    assert_eq!(names.lines().collect::<Vec<_>>(), LISTED, "cases! in tests/common/mod.rs is not `node.js --list`");
    Ok(())
}

cases! {
    a_connection_that_fails_without_a_handler_ends_quietly
    a_handler_may_have_no_callbacks
    a_hundred_connections_at_once_do_not_mix
    a_message_sent_at_once_waits_for_the_open
    a_new_connection_works_without_a_handler
    a_relative_url_throws
    a_url_object_is_taken
    a_url_object_of_another_scheme_throws
    a_url_of_another_scheme_throws
    a_url_that_cannot_be_parsed_throws
    a_url_that_is_not_text_throws
    a_url_with_a_fragment_throws
    new_returns_at_once_connecting
    nothing_is_opened_when_new_throws
    the_constructor_does_the_same_as_new
    the_example_of_the_contract_works
    the_url_of_a_url_object_is_read_once
    url_is_the_string_as_passed
    where_wasm_may_not_be_compiled_new_throws
    a_callback_may_be_removed
    a_callback_that_is_no_function_any_more_harms_nothing
    a_callback_that_is_not_a_function_throws
    a_frozen_handler_works
    a_getter_that_throws_makes_new_throw_with_its_cause
    a_handler_is_left_as_it_was
    a_handler_may_be_a_proxy
    a_handler_may_have_no_prototype
    a_handler_may_have_private_fields
    a_handler_that_is_not_an_object_throws
    a_wrong_close_timeout_throws
    a_wrong_data_type_throws
    async_callbacks_are_not_waited_for
    callbacks_are_looked_up_each_time
    callbacks_may_be_inherited
    members_that_are_null_are_not_there
    members_that_are_undefined_are_not_there
    one_handler_serves_many_connections
    the_data_type_is_that_of_the_start
    a_connection_with_headers_keeps_the_rest_of_the_contract
    a_getter_in_headers_that_throws_is_the_cause
    a_header_may_be_repeated
    a_header_name_that_is_not_one_throws
    a_header_of_the_handshake_itself_throws
    a_header_that_authorizes_goes_before_the_url
    a_header_value_that_is_not_one_throws
    a_host_that_sends_no_headers_gets_the_url_as_it_is
    a_user_and_a_password_of_the_url_are_sent_decoded
    an_error_does_not_show_the_value_of_a_header
    an_error_does_not_show_what_stands_in_the_wrong_place
    cookie_is_a_header_like_any
    credentials_of_the_url_go_beside_headers_and_protocols
    credentials_open_a_connection_everywhere
    headers_and_protocols_go_together
    headers_are_read_when_new_is_called
    headers_are_sent_with_the_handshake
    headers_make_new_throw_where_the_host_cannot
    headers_of_a_connection_are_its_own
    headers_of_the_framing_and_of_the_hop_throw
    headers_that_are_not_an_object_throw
    headers_whose_names_are_like_those_of_the_hop_are_sent
    names_that_differ_in_case_are_one_header
    no_message_shows_a_password
    ten_times_as_many_protocols_and_headers_take_about_ten_times_as_long
    a_protocol_for_no_offer_fails
    a_protocol_given_twice_throws
    a_protocol_may_be_a_string
    a_protocol_that_is_not_a_token_throws
    a_protocol_that_was_not_offered_fails
    no_choice_by_the_server_ends_in_order
    no_protocols_means_none_is_offered
    protocols_are_offered_in_order
    protocols_are_read_when_new_is_called
    protocols_that_are_not_strings_throw
    the_protocol_is_known_in_on_open
    the_protocol_is_what_the_server_chose
    a_connection_may_be_opened_in_every_callback
    a_server_that_closes_at_once_gives_open_and_terminate
    every_way_to_end_keeps_the_sequence
    no_message_comes_after_on_error
    open_comes_first_then_messages_in_order
    send_throws_in_on_error_and_on_terminate
    status_is_as_promised_in_each_callback
    status_is_no_longer_connected_in_on_error
    terminate_at_any_moment_keeps_the_sequence
    terminate_does_nothing_in_on_error_and_on_terminate
    terminate_in_on_error_of_a_refusal_does_nothing
    the_end_comes_though_nobody_holds_the_object
    a_broken_frame_after_a_message_leaves_it_delivered
    a_broken_frame_with_the_handshake_ends_in_order
    a_close_code_that_may_not_be_sent_ends_in_order
    a_close_frame_of_one_byte_is_a_loss
    a_close_reason_that_is_not_utf8_ends_in_order
    a_continuation_of_nothing_is_a_loss
    a_failed_connection_reports_nothing_after_its_end
    a_failure_counts_blobs_among_the_messages_that_waited
    a_failure_counts_the_messages_that_waited
    a_failure_without_waiting_messages_counts_none
    a_fin_after_messages_leaves_them_delivered
    a_fin_without_a_close_frame_is_a_loss
    a_fragmented_message_without_its_end_is_a_loss
    a_handshake_that_stalls_is_ended_by_terminate
    a_hangup_instead_of_an_answer_fails
    a_masked_frame_is_a_loss
    a_message_inside_another_is_a_loss
    a_message_that_is_cut_off_is_a_loss
    a_path_that_is_not_there_fails
    a_ping_in_fragments_is_a_loss
    a_ping_of_126_bytes_is_a_loss
    a_redirect_fails
    a_redirect_for_ever_fails
    a_refused_port_fails
    a_reserved_bit_is_a_loss
    a_reserved_opcode_is_a_loss
    a_reset_in_the_middle_of_a_talk_is_a_loss
    a_reset_instead_of_an_answer_fails
    a_reset_is_a_loss
    a_tls_handshake_with_a_plain_server_fails
    a_wrong_accept_key_fails
    an_answer_that_is_not_http_fails
    an_answer_without_upgrade_ends_by_terminate_at_the_latest
    an_answer_without_upgrade_fails
    an_unknown_host_fails
    failures_at_once_end_in_order
    status_200_fails
    status_401_fails
    status_404_fails
    status_500_fails
    status_503_fails
    status_is_connecting_until_the_failure_is_told
    text_that_is_not_utf8_is_a_loss
    a_bad_message_ends_though_the_server_does_not_answer
    a_bad_message_says_what_was_wrong
    a_blob_of_a_binary_frame_has_its_bytes
    a_blob_of_a_text_frame_has_its_utf8_bytes
    a_byte_order_mark_in_a_binary_frame_is_data
    a_byte_order_mark_in_a_text_frame_is_data
    a_fragmented_message_arrives_whole
    a_message_in_single_bytes_arrives_whole
    a_thousand_messages_arrive_in_order
    an_empty_message_is_not_json
    any_json_value_is_an_object_message
    both_kinds_of_frame_keep_their_order
    bytes_of_any_kind_are_fine_as_a_blob
    bytes_that_are_not_json_end_an_object_connection
    bytes_that_are_not_utf8_end_a_text_connection
    bytes_that_are_not_utf8_end_an_object_connection
    data_of_a_message_stays_the_applications
    data_type_text_is_the_default
    empty_messages_are_messages
    good_messages_before_a_bad_one_are_delivered
    messages_right_before_the_close_frame_arrive
    object_of_a_binary_frame_is_decoded_and_parsed
    object_of_a_text_frame_is_parsed
    pings_are_answered_and_not_seen
    sixteen_mebibytes_of_binary_arrive
    sixteen_mebibytes_of_text_arrive
    terminate_after_a_bad_message_changes_nothing
    text_of_a_binary_frame_is_decoded
    text_of_a_text_frame_is_as_it_is
    text_that_is_not_json_ends_an_object_connection
    text_that_is_not_json_is_fine_as_text
    a_blob_of_sixteen_mebibytes_comes_back
    a_message_of_no_kind_has_no_cause_of_another_call
    a_node_buffer_is_just_its_bytes
    a_thousand_waiting_messages_keep_their_order
    a_view_behind_a_blob_is_sent_as_it_was
    a_view_of_shared_memory_is_a_binary_frame
    a_waiting_buffer_may_be_transferred
    an_object_that_looks_like_a_blob_is_json
    arrays_are_text_frames_with_their_json
    blobs_are_binary_frames
    blobs_keep_their_place_among_waiting_messages
    blobs_keep_their_place_when_open
    buffered_amount_counts_a_blob_that_is_read
    buffered_amount_counts_the_queue_in_bytes
    buffered_amount_is_0_after_the_end
    buffered_amount_tells_what_a_slow_server_has_not_taken
    buffers_are_binary_frames
    every_typed_array_is_a_binary_frame
    json_is_as_json_stringify_writes_it
    lone_surrogates_become_replacement_characters
    memory_that_can_be_resized_is_a_binary_frame
    objects_are_text_frames_with_their_json
    send_gives_nothing_back
    send_in_on_message_answers
    send_inside_to_json_goes_first
    send_throws_after_terminate_while_connecting
    send_throws_while_closing_and_closed
    sixteen_mebibytes_of_binary_come_back
    sixteen_mebibytes_of_text_come_back
    strings_are_text_frames
    ten_thousand_messages_come_back_in_order
    terminate_inside_to_json_makes_send_throw
    the_cause_of_a_message_without_json_is_kept
    views_are_just_their_bytes
    waiting_blobs_come_before_what_is_sent_in_on_open
    waiting_messages_are_as_they_were
    waiting_messages_leave_in_order_before_on_open
    what_is_detached_is_not_a_message_in_any_state
    what_is_not_a_message_throws_after_the_end_too
    what_is_not_a_message_throws_when_open
    what_is_not_a_message_throws_while_connecting
    what_is_sent_when_a_blob_has_left_leaves_too
    what_was_sent_before_terminate_leaves_before_the_close_frame
    a_close_after_messages_comes_last
    a_close_by_the_server_gives_its_code_and_reason
    a_close_by_the_server_is_answered
    a_close_reason_of_123_bytes_arrives
    a_close_timeout_of_0_does_not_wait
    a_close_without_a_code_gives_1005
    a_fin_in_answer_to_a_close_frame_gives_1006
    a_lone_surrogate_in_a_reason_is_replaced
    a_long_upload_is_not_cut_short
    a_peer_that_never_reads_is_given_up_after_the_close_timeout
    a_reason_may_hold_a_nul
    a_reset_in_answer_to_a_close_frame_gives_1006
    a_silent_server_is_given_up_after_the_close_timeout
    a_stall_is_not_ended_by_the_close_timeout_alone
    an_answer_after_the_close_timeout_is_too_late
    an_answer_within_the_close_timeout_is_waited_for
    an_upload_that_stands_still_is_given_up
    closes_by_both_sides_at_once_end_in_order
    dispose_is_terminate
    every_way_to_write_an_answer_is_an_end
    lone_surrogates_count_as_three_bytes
    no_message_after_terminate_is_looked_at
    no_message_comes_after_terminate
    only_the_first_terminate_counts
    terminate_closes_with_1000
    terminate_in_on_message_lets_no_other_in
    terminate_in_on_open_lets_no_message_in
    terminate_in_on_open_sends_what_waited
    terminate_in_on_terminate_does_nothing
    terminate_takes_1000_and_3000_to_4999
    terminate_takes_a_reason_of_123_bytes
    terminate_takes_a_reason_without_a_code
    terminate_twice_while_connecting_ends_once
    terminate_while_a_refusal_is_coming_gives_no_error
    terminate_while_connecting_drops_what_waits
    terminate_while_connecting_ends_promptly_with_1006
    terminate_with_undefined_closes_with_1000
    the_close_timeout_is_5_s_if_not_given
    wrong_codes_and_reasons_throw_when_closed
    wrong_codes_and_reasons_throw_when_open
    wrong_codes_and_reasons_throw_while_closing
    wrong_codes_and_reasons_throw_while_connecting
    a_getter_of_a_callback_that_throws_later_surfaces
    an_error_of_the_package_in_a_callback_surfaces_too
    an_exception_after_terminate_in_a_callback_keeps_its_effect
    an_exception_in_every_callback_changes_no_sequence
    an_exception_in_on_error_of_an_open_connection_surfaces
    an_exception_in_on_error_surfaces_and_the_end_comes
    an_exception_in_on_message_surfaces_and_all_goes_on
    an_exception_in_on_open_surfaces_and_all_goes_on
    an_exception_in_on_terminate_surfaces
    an_exception_in_on_terminate_while_connecting_surfaces
    anything_thrown_surfaces_as_it_is
    exceptions_on_one_connection_do_not_touch_another
    a_long_value_does_not_fill_the_message
    a_message_says_what_was_wrong_and_what_is_allowed
    entries_have_the_signature_of_what_is_thrown
    messages_about_calls_say_what_is_allowed
    one_waiting_message_is_counted_as_one
    the_hosts_words_are_told_where_it_has_any
    the_http_status_is_told_where_the_host_tells_it
    what_cannot_be_printed_throws_a_web_socket_error_all_the_same
    what_cannot_be_read_is_not_a_message
    what_is_thrown_is_a_web_socket_error
    what_only_looks_like_a_blob_is_not_a_message
    what_the_package_says_comes_first
    a_console_prints_the_class_url_status_and_id
    data_type_is_the_handlers
    every_member_of_the_contract_is_there
    ids_are_unique
    importing_the_package_changes_no_global
    nothing_of_wasm_bindgen_is_visible
    properties_are_of_their_types_in_every_state
    properties_are_read_only
    properties_that_do_not_change_stay_the_same
    the_class_has_the_members_of_the_contract_and_no_others
    the_class_is_called_web_socket
    the_class_is_not_the_hosts
    the_object_has_no_own_enumerable_members
    the_tag_is_that_of_the_hosts_class
    a_subclass_is_made_by_its_constructor
    a_subclass_is_made_by_new
    a_subclass_may_be_its_own_handler
    a_subclass_may_override_and_call_super
    a_subclass_of_a_subclass_works
    a_subclass_with_a_wrong_url_throws
    fields_of_a_subclass_are_there_in_the_callbacks
    reflect_construct_gives_the_prototype_of_its_target
    a_blob_that_cannot_be_read_is_an_error
    a_blob_that_is_never_read_is_given_up_after_terminate
    a_close_event_inside_of_close_is_the_end
    a_close_event_inside_of_send_is_the_end
    a_close_event_that_never_comes_is_given_up
    a_close_event_with_code_0_is_1006
    a_close_event_without_an_error_event_is_a_failure
    a_close_in_front_of_a_blob_that_is_read_counts_it
    a_close_that_throws_is_given_up
    a_connection_that_ended_in_a_callback_leaves_the_next_alone
    a_double_is_seen_at_each_opening
    a_host_that_cannot_be_let_go_of_is_left
    a_host_that_reads_later_is_given_a_copy
    a_host_that_refuses_a_message_is_the_cause
    a_host_that_says_nothing_leaves_one_entry
    a_host_that_throws_is_the_cause
    a_second_open_event_is_not_heard
    a_waiting_message_that_the_host_refuses_is_an_error
    an_answer_inside_of_send_is_a_message
    an_answer_to_a_waiting_message_comes_after_on_open
    an_error_event_after_the_close_event_comes_too_late
    an_error_event_inside_of_close_is_no_second_end
    an_error_event_inside_of_send_is_a_failure
    an_error_event_without_a_close_event_is_an_end
    an_exception_of_the_host_keeps_no_handler
    an_open_event_after_terminate_is_not_heard
    an_open_event_inside_of_new_waits_for_its_return
    answers_inside_of_answers_are_messages
    bad_data_closes_with_4007
    binary_data_may_come_in_any_form
    buffered_amount_is_the_hosts_and_the_queues
    events_after_the_end_are_not_heard
    exceptions_inside_of_answers_inside_of_send_stay_apart
    messages_after_an_error_event_are_not_heard
    messages_after_terminate_are_not_heard
    only_a_host_that_takes_no_options_cannot_send_headers
    repeated_events_are_one_end
    send_throws_when_the_host_is_closing
    terminate_in_on_open_keeps_back_the_answer_to_a_waiting_message
    terminate_inside_of_an_answer_inside_of_send_works
    the_binary_type_is_set_for_the_data_type
    the_close_timeout_counts_from_when_less_waits
    the_close_timeout_passes_where_timers_are_faked_and_the_clock_is_not
    the_words_of_an_error_event_are_told
    those_that_have_ended_stay_themselves
    what_a_host_gives_up_in_its_close_is_no_progress
    what_cannot_be_read_of_an_error_event_is_not_told
    what_the_module_has_of_a_connection_is_freed_at_its_end
    without_a_host_class_new_throws
    a_binary_frame_says_that_the_decoder_is_missing
    a_blob_of_another_realm_is_handed_over
    a_blob_of_the_host_is_handed_over_whatever_the_global_class_is
    an_exception_surfaces_though_turns_are_faked
    an_open_event_inside_of_new_comes_though_turns_are_faked
    terminate_while_connecting_ends_though_turns_are_faked
    text_needs_no_blob
    text_needs_no_codec_of_the_host
    the_class_as_the_global_one_is_no_host
    where_wasm_cannot_be_instantiated_new_throws
    without_web_assembly_new_throws
    a_connection_closed_by_the_client_is_collected
    a_connection_closed_by_the_server_is_collected
    a_connection_given_up_by_the_close_timeout_is_collected
    a_connection_terminated_while_connecting_is_collected
    a_connection_that_is_opening_or_closing_stays_though_nobody_holds_it
    a_connection_with_bad_data_is_collected
    a_connection_with_waiting_messages_is_collected
    a_handler_that_refers_to_its_own_object_is_collected
    a_handler_whose_callbacks_close_over_its_object_is_collected
    a_lost_connection_is_collected
    a_payload_never_enters_wasm_memory
    a_refused_connection_is_collected
    an_object_is_collected_though_its_handler_stays
    an_open_connection_stays_though_nobody_holds_it
    connections_leave_the_wasm_memory_at_its_size
    dispose_is_safe_after_the_end
    every_member_is_safe_after_terminate_while_connecting
    every_member_is_safe_after_the_end
    every_member_is_safe_in_on_terminate
    members_on_other_objects_show_nothing_of_rust
    messages_are_not_kept
    the_handler_stays_as_long_as_the_object
    three_hundred_connections_leave_nothing
    a_message_takes_no_call_of_wasm
    a_sent_message_takes_no_call_of_wasm
    a_constructor_of_ws_that_throws_leaves_nothing_that_could_end_the_process
    a_request_that_cannot_be_sent_ends_no_process
    a_ws_of_the_folder_that_a_program_is_started_in_is_not_run
    code_that_stands_in_no_file_has_the_ws_of_its_folder
    ws_is_found_beside_the_program
    ws_is_found_where_a_link_to_the_program_leads
    a_blocked_port_fails
    a_handshake_has_the_cookies_of_the_page
    a_handshake_tells_no_referrer
    a_handshake_tells_the_origin
    a_host_in_capitals_is_the_same_host
    a_host_with_a_space_and_other_addresses_throw
    a_message_behind_the_servers_close_frame_is_none
    a_nul_in_the_query_reaches_the_server_encoded
    a_protocol_given_twice_in_other_letters_throws
    a_protocol_in_capitals_is_another
    a_reason_goes_with_every_code
    a_space_in_the_query_reaches_the_server_encoded
    a_stray_argument_is_not_looked_at
    an_object_of_the_class_is_sent_as_json
    buffered_amount_does_not_fall_within_a_turn
    buffered_amount_grows_by_each_message
    letters_in_the_query_reach_the_server_in_utf8
    messages_of_64_kib_reach_a_slow_server
    messages_of_every_form_of_length_come_back
    no_control_separator_or_letter_beyond_ascii_may_stand_in_a_protocol
    surrogates_in_the_wrong_order_are_replaced_one_by_one
    text_comes_back_as_it_was
    the_ports_of_the_web_are_not_blocked
    too_few_slashes_are_made_good
    views_come_back_with_their_values
    what_is_deleted_stays
}
