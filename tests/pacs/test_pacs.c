/* Peers, statuses, options, and the arithmetic of sent[]. What an archive does is in tests/dicom/test_net.c and
   tests/cli/test_send.sh. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "restage/files.h"
#include "room.h"

static rs_context *ctx;

static int set_up(void **state)
{
    (void)state;
    return rs_context_new(NULL, &ctx) == RS_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    rs_context_free(ctx);
    return 0;
}

static void test_peers(void **state)
{
    (void)state;
    rs_pacs_peer peer;
    static const struct {
        const char *text, *title, *host;
        int port;
    } good[] = {
        {"PACS@127.0.0.1:104", "PACS", "127.0.0.1", 104},
        {"A B@host.example:65535", "A B", "host.example", 65535},
        {"SIXTEENLETTERS16@h:1", "SIXTEENLETTERS16", "h", 1},
        {"A@B@h:11112", "A@B", "h", 11112},
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_int_equal(rs_pacs_peer_parse(ctx, good[i].text, &peer), RS_OK);
        assert_string_equal(peer.ae_title, good[i].title);
        assert_string_equal(peer.host, good[i].host);
        assert_int_equal(peer.port, good[i].port);
    }
    static const struct {
        const char *text, *part;
    } bad[] = {
        {" @127.0.0.1:104", "AE title"},
        {"@127.0.0.1:104", "AE title"},
        {"SEVENTEENLETTERS7@h:104", "AE title"},
        {"A\\B@h:104", "AE title"},
        {"\xc3\x84@h:104", "AE title"},
        {"PACS@:104", "host"},
        {"PACS@127.0.0.1", "no peer"},
        {"127.0.0.1:104", "no peer"},
        {"", "no peer"},
        {"PACS@h:", "port"},
        {"PACS@h:0", "port"},
        {"PACS@h:65536", "port"},
        {"PACS@h:dicom", "port"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(rs_pacs_peer_parse(ctx, bad[i].text, &peer), RS_USAGE);
        assert_non_null(strstr(rs_context_message(ctx), bad[i].part));
    }
}

static void test_statuses(void **state)
{
    (void)state;
    static const struct {
        int status;
        rs_pacs_outcome outcome;
    } rows[] = {
        {0x0000, RS_PACS_STORED},    {0xb000, RS_PACS_WARNED}, {0xb006, RS_PACS_WARNED}, {0xb007, RS_PACS_WARNED},
        {0x0111, RS_PACS_DUPLICATE}, {0xa700, RS_PACS_AGAIN},  {0xa7ff, RS_PACS_AGAIN},  {0x0110, RS_PACS_AGAIN},
        {0x0211, RS_PACS_AGAIN},     {0x0213, RS_PACS_AGAIN},  {0xa900, RS_PACS_FINAL},  {0xa9ff, RS_PACS_FINAL},
        {0xc000, RS_PACS_FINAL},     {0xcfff, RS_PACS_FINAL},  {0x0117, RS_PACS_FINAL},  {0x0122, RS_PACS_FINAL},
        {0x0124, RS_PACS_FINAL},     {0xfe00, RS_PACS_FINAL},  {0xa800, RS_PACS_FINAL},  {0x0112, RS_PACS_FINAL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *meaning = NULL;
        assert_int_equal(rs_pacs_status(rows[i].status, &meaning), rows[i].outcome);
        assert_true(meaning && meaning[0]);
    }
    assert_true(rs_pacs_is_there(RS_PACS_WARNED) && rs_pacs_is_there(RS_PACS_ALREADY));
    assert_false(rs_pacs_is_there(RS_PACS_HELD) || rs_pacs_is_there(RS_PACS_PENDING));
    assert_string_equal(rs_pacs_outcome_name(RS_PACS_NOT_TAKEN), "not taken");
}

static void test_options(void **state)
{
    (void)state;
    rs_pacs_options out;
    assert_int_equal(rs_pacs_settle(ctx, NULL, &out), RS_OK);
    assert_string_equal(out.calling_ae, "RESTAGE");
    assert_int_equal(out.timeout_s, 30);
    assert_int_equal(out.n_waits, 3);
    assert_true(out.waits_s[0] == 2 && out.waits_s[1] == 8 && out.waits_s[2] == 30);
    static const char *const bad[] = {"", "   ", "SEVENTEENLETTERS7", "A@B", "A\\B"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const rs_pacs_options options = {.calling_ae = bad[i]};
        assert_int_equal(rs_pacs_settle(ctx, &options, &out), RS_USAGE);
        assert_non_null(strstr(rs_context_message(ctx), "calling AE title"));
    }
    const rs_pacs_options late = {.timeout_s = 3601};
    assert_int_equal(rs_pacs_settle(ctx, &late, &out), RS_USAGE);
}

static const char done[] = "{\n  \"schema\": \"urn:restage:done:1\",\n  \"total\": {\n    \"seconds\": 12.3456,\n"
                           "    \"peak_memory_mb\": 101.5\n  },\n  \"files\": [],\n  \"sent\": []\n}\n";

/* A row is appended, all else stays byte for byte; only the same peer, file and UID count as sent. */
static void test_sent(void **state)
{
    (void)state;
    char folder[] = "/tmp/restage-sent-XXXXXX", path[64];
    const void *part = done;
    size_t bytes = strlen(done);
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/done.json", folder);
    assert_int_equal(rs_file_write(ctx, path, false, &part, &bytes, 1), RS_OK);
    const rs_pacs_peer peer = {"PACS", "h", 104}, other = {"PACS", "h", 105};
    const rs_pacs_object object = {
        .file = "key.ko.dcm", .sop_instance_uid = "2.25.7", .outcome = RS_PACS_WARNED, .status = 0xb007};
    assert_int_equal(rs_pacs_note_sent(ctx, path, &peer, &object, NULL), RS_OK);
    assert_int_equal(rs_pacs_note_sent(ctx, path, &other, &object, NULL), RS_OK);
    rs_json *read = NULL;
    assert_int_equal(rs_pacs_done_read(ctx, path, &read), RS_OK);
    assert_int_equal(rs_json_size(rs_json_get(read, "sent")), 2);
    assert_true(rs_pacs_was_sent(read, &peer, "key.ko.dcm", "2.25.7"));
    assert_true(rs_pacs_was_sent(read, NULL, "key.ko.dcm", "2.25.7"));
    assert_false(rs_pacs_was_sent(read, &peer, "key.ko.dcm", "2.25.8"));
    assert_false(rs_pacs_was_sent(read, &peer, "report.sr.dcm", "2.25.7"));
    const rs_pacs_peer third = {"PACS", "i", 104};
    assert_false(rs_pacs_was_sent(read, &third, "key.ko.dcm", "2.25.7"));
    const rs_json *row = rs_json_first(rs_json_get(read, "sent"));
    assert_string_equal(rs_json_text(rs_json_get(row, "status")), "B007");
    assert_string_equal(rs_json_text(rs_json_get(row, "outcome")), "warned");
    assert_string_equal(rs_json_text(rs_json_get(row, "peer")), "PACS@h:104");
    assert_int_equal(strlen(rs_json_text(rs_json_get(row, "time"))), 20);
    rs_json_free(read);
    rs_arena *arena = rs_arena_new();
    uint8_t *text = NULL;
    assert_int_equal(rs_file_read(ctx, arena, path, 1 << 20, false, &text, &bytes), RS_OK);
    assert_memory_equal(text, done, strlen(done) - 5); /* up to the list */
    rs_arena_free(arena);
    unlink(path);
    assert_int_equal(rs_pacs_done_read(ctx, path, &read), RS_NO_INPUT);
    assert_int_equal(rs_pacs_note_sent(ctx, path, &peer, &object, NULL), RS_NO_INPUT);
    rmdir(folder);
}

/* A note withdraws the objects that it lists from the archive that took it: not from another, and no other packet. */
static void test_withdrawn(void **state)
{
    (void)state;
    char folder[] = "/tmp/restage-withdrawn-XXXXXX", path[64];
    const void *part = done;
    size_t bytes = strlen(done);
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/done.json", folder);
    assert_int_equal(rs_file_write(ctx, path, false, &part, &bytes, 1), RS_OK);
    const rs_pacs_peer peer = {"PACS", "h", 104}, other = {"PACS", "h", 105};
    rs_packed listed[] = {{.name = {.sop_instance_uid = "2.25.7"}}, {.name = {.sop_instance_uid = "2.25.8"}}},
              another[] = {{.name = {.sop_instance_uid = "2.25.9"}}};
    const rs_pacs_packet packet = {.objects = listed, .n_objects = 2},
                         part_of_it = {.objects = listed + 1, .n_objects = 1},
                         next = {.objects = another, .n_objects = 1};
    const rs_pacs_object note = {.file = RS_PACS_NOTE, .sop_instance_uid = "2.25.1", .outcome = RS_PACS_STORED};
    assert_int_equal(rs_pacs_note_sent(ctx, path, &peer, &note, &packet), RS_OK);
    rs_json *read = NULL;
    assert_int_equal(rs_pacs_done_read(ctx, path, &read), RS_OK);
    assert_true(rs_pacs_was_withdrawn(read, &peer, &packet));
    assert_true(rs_pacs_was_withdrawn(read, &peer, &part_of_it));
    assert_false(rs_pacs_was_withdrawn(read, &peer, &next));
    assert_false(rs_pacs_was_withdrawn(read, &other, &packet));
    rs_json_free(read);
    unlink(path);
    rmdir(folder);
}

static void test_allowed(void **state)
{
    (void)state;
    const rs_pacs_peer loopback = {"A", "127.0.0.7", 104}, named = {"A", "localhost", 104},
                       far = {"A", "192.0.2.1", 104}, nowhere = {"A", "no-such-host.invalid", 104};
    const rs_pacs_packet full = {.identity = "full"}, none = {.identity = "none"},
                         made = {.identity = "full", .synthetic = true};
    const rs_pacs_options plain = {0}, allow = {.allow_deidentified = true};
    char address[16];
    assert_int_equal(rs_pacs_allowed(ctx, &full, &far, &plain, address), RS_OK);
    assert_string_equal(address, "192.0.2.1");
    assert_int_equal(rs_pacs_allowed(ctx, &made, &loopback, &plain, address), RS_OK);
    assert_int_equal(rs_pacs_allowed(ctx, &made, &named, &plain, address), RS_OK);
    assert_int_equal(rs_pacs_allowed(ctx, &made, &far, &plain, address), RS_DATA);
    assert_non_null(strstr(rs_context_message(ctx), "synthetic"));
    assert_int_equal(rs_pacs_allowed(ctx, &none, &loopback, &plain, address), RS_DATA);
    assert_non_null(strstr(rs_context_message(ctx), "--allow-deidentified"));
    assert_int_equal(rs_pacs_allowed(ctx, &none, &loopback, &allow, address), RS_OK);
    rs_status status = rs_pacs_allowed(ctx, &full, &nowhere, &plain, address);
    assert_true(status == RS_UNAVAILABLE || status == RS_AGAIN); /* the latter where no name server answers */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_peers), cmocka_unit_test(test_statuses),  cmocka_unit_test(test_options),
        cmocka_unit_test(test_sent),  cmocka_unit_test(test_withdrawn), cmocka_unit_test(test_allowed),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
