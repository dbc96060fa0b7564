/* Associations against tests/pacs/archive.cc: what is proposed, what arrives, what an answer means, and that nothing
   waits past its time. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "dicom/dicom.h"
#include "restage/files.h"
#include "restage/text.h"

#define SEG_CLASS "1.2.840.10008.5.1.4.1.1.66.4"
#define CT_CLASS "1.2.840.10008.5.1.4.1.1.2"

static rs_context *ctx;
static rs_arena *arena;
static char folder[64];
static pid_t archive;

static int set_up(void **state)
{
    (void)state;
    if (!getenv("RS_ARCHIVE")) {
        fprintf(stderr, "RS_ARCHIVE names no archive\n");
        exit(77);
    }
    arena = rs_arena_new();
    return rs_context_new(NULL, &ctx) == RS_OK && arena ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    rs_arena_free(arena);
    rs_context_free(ctx);
    return 0;
}

/* Starts the archive with rules (blanks part them); its port. */
static int start(const char *rules)
{
    char text[256], *words[16] = {getenv("RS_ARCHIVE"), folder};
    int n = 2;
    strcpy(folder, "/tmp/restage-net-XXXXXX");
    assert_non_null(mkdtemp(folder));
    rs_text_format(text, sizeof text, "%s", rules);
    for (char *at = text; *at && n < 15;) {
        words[n++] = at;
        at += strcspn(at, " ");
        if (*at) *at++ = 0;
    }
    archive = fork();
    if (archive == 0) {
        char path[128];
        rs_text_format(path, sizeof path, "%s/said", folder);
        if (!freopen(path, "w", stdout)) _exit(70);
        execv(words[0], words);
        _exit(70);
    }
    char path[128];
    rs_text_format(path, sizeof path, "%s/port", folder);
    for (int i = 0; i < 1000; i++) {
        int port = 0;
        FILE *file = fopen(path, "r");
        if (file && fscanf(file, "%d", &port) != 1) port = 0;
        if (file) fclose(file);
        if (port) return port;
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    fail_msg("the archive did not start");
    return 0;
}

/* What the archive said; then it is ended and its folder removed. */
static const char *stop(void)
{
    uint8_t *text = NULL;
    size_t n = 0;
    char path[128], remove[128];
    kill(archive, SIGKILL);
    waitpid(archive, NULL, 0);
    rs_text_format(path, sizeof path, "%s/said", folder);
    assert_int_equal(rs_file_read(ctx, arena, path, 1 << 20, false, &text, &n), RS_OK);
    rs_text_format(remove, sizeof remove, "rm -r '%s'", folder);
    assert_int_equal(system(remove), 0);
    return (const char *)text;
}

static rs_status call(int port, int timeout_s, rs_dicom_net **net)
{
    static const char *const classes[] = {SEG_CLASS, CT_CLASS};
    const rs_dicom_net_call to = {"RESTAGE", "STORE", "127.0.0.1", port, classes, 2, timeout_s};
    return rs_dicom_net_open(ctx, &to, net);
}

/* A CT image as file; n_words of pixels. */
static rs_dicom_file *image(const char *uid, size_t n_words)
{
    rs_dicom_out *out = NULL;
    rs_dicom_file *file = NULL;
    uint8_t *bytes = NULL;
    size_t n = 0;
    uint16_t *words = rs_arena_alloc(arena, n_words, 2);
    assert_int_equal(rs_dicom_out_new(ctx, &out), RS_OK);
    assert_int_equal(rs_dicom_out_text(ctx, out, RS_TAG(0x0008, 0x0016), CT_CLASS), RS_OK);
    assert_int_equal(rs_dicom_out_text(ctx, out, RS_TAG(0x0008, 0x0018), uid), RS_OK);
    assert_int_equal(rs_dicom_out_text(ctx, out, RS_TAG(0x0020, 0x000d), "2.25.1"), RS_OK);
    assert_int_equal(rs_dicom_out_text(ctx, out, RS_TAG(0x0020, 0x000e), "2.25.2"), RS_OK);
    assert_int_equal(rs_dicom_out_pixels(ctx, out, words, n_words), RS_OK);
    assert_int_equal(rs_dicom_out_encode(ctx, out, arena, &bytes, &n), RS_OK);
    rs_dicom_out_free(out);
    assert_int_equal(rs_dicom_file_open(ctx, arena, bytes, n, &file), RS_OK);
    return file;
}

static rs_status store(rs_dicom_net *net, const char *uid, size_t n_words, rs_dicom_answer *answer)
{
    rs_dicom_file *file = image(uid, n_words);
    rs_status status = rs_dicom_net_store(ctx, net, file, CT_CLASS, uid, answer);
    rs_dicom_file_close(file);
    return status;
}

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* The data set that the archive kept is that of the file, byte for byte. */
static void test_bytes_and_contexts(void **state)
{
    (void)state;
    rs_dicom_net *net = NULL;
    rs_dicom_answer answer;
    int port = start("");
    assert_int_equal(call(port, 10, &net), RS_OK);
    assert_int_equal(store(net, "2.25.41", 70001, &answer), RS_OK); /* more than one PDU */
    assert_false(answer.no_context);
    assert_int_equal(answer.status, 0);
    assert_string_equal(answer.comment, "");
    rs_dicom_net_close(net);
    uint8_t *kept = NULL;
    size_t n = 0;
    char path[128];
    rs_text_format(path, sizeof path, "%s/2.25.41.dcm", folder);
    assert_int_equal(rs_file_read(ctx, arena, path, 1 << 20, false, &kept, &n), RS_OK);
    const size_t meta = 144 + (kept[140] | (size_t)kept[141] << 8);
    assert_memory_equal(kept + meta, "\x08\0\x16\0UI\x1a\0", 8);
    assert_int_equal(n - meta, 8 + 26 + 8 + 8 + 8 + 6 + 8 + 6 + 12 + 140002);
    const char *said = stop();
    assert_non_null(strstr(said, "associate [RESTAGE] [STORE] " SEG_CLASS "/explicit " SEG_CLASS "/implicit " CT_CLASS
                                 "/explicit " CT_CLASS "/implicit\n"));
    assert_non_null(strstr(said, "store " CT_CLASS " 2.25.41 0000\nrelease\n"));
}

static void test_statuses_come_back(void **state)
{
    (void)state;
    rs_dicom_net *net = NULL;
    rs_dicom_answer answer;
    int port = start("--store A700,B007,C000,0111 --comment full");
    static const int want[] = {0xa700, 0xb007, 0xc000, 0x0111, 0};
    assert_int_equal(call(port, 10, &net), RS_OK);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(store(net, "2.25.42", 10, &answer), RS_OK);
        assert_int_equal(answer.status, want[i]);
        assert_string_equal(answer.comment, want[i] ? "full" : "");
    }
    rs_dicom_net_close(net);
    stop();
}

/* The peer takes Implicit VR only, and no CT: what it takes goes so, what it does not is told. */
static void test_contexts_refused(void **state)
{
    (void)state;
    rs_dicom_net *net = NULL;
    rs_dicom_answer answer;
    int port = start("--implicit");
    assert_int_equal(call(port, 10, &net), RS_OK);
    assert_int_equal(store(net, "2.25.43", 5, &answer), RS_OK);
    assert_int_equal(answer.status, 0);
    rs_dicom_net_close(net);
    uint8_t *kept = NULL;
    size_t n = 0;
    char path[128];
    rs_text_format(path, sizeof path, "%s/2.25.43.dcm", folder);
    assert_int_equal(rs_file_read(ctx, arena, path, 1 << 20, false, &kept, &n), RS_OK);
    const size_t meta = 144 + (kept[140] | (size_t)kept[141] << 8);
    assert_memory_equal(kept + meta, "\x08\0\x16\0\x1a\0\0\0", 8);
    assert_memory_equal(kept + n - 18, "\xe0\x7f\x10\0\x0a\0\0\0", 8);
    stop();
    port = start("--refuse " CT_CLASS);
    assert_int_equal(call(port, 10, &net), RS_OK);
    assert_int_equal(store(net, "2.25.43", 5, &answer), RS_OK);
    assert_true(answer.no_context);
    rs_dicom_net_close(net);
    assert_null(strstr(stop(), "store "));
}

static void test_rejections(void **state)
{
    (void)state;
    rs_dicom_net *net = NULL;
    int port = start("--reject transient,calling,called,permanent,drop");
    static const rs_status want[] = {RS_AGAIN, RS_UNAVAILABLE, RS_UNAVAILABLE, RS_UNAVAILABLE, RS_AGAIN};
    static const char *const words[] = {"busy", "--calling-ae", "STORE is not", "for good", "while"};
    for (int i = 0; i < 5; i++) {
        assert_int_equal(call(port, 5, &net), want[i]);
        assert_null(net);
        assert_non_null(strstr(rs_context_message(ctx), words[i]));
    }
    assert_int_equal(call(port, 5, &net), RS_OK);
    rs_dicom_net_close(net);
    stop();
    net = NULL;
    assert_int_equal(call(port, 5, &net), RS_UNAVAILABLE); /* nobody is there any more */
    assert_non_null(strstr(rs_context_message(ctx), "nobody listens"));
}

/* An abort, a peer that says nothing, one that does not read: told within the time, and then at once. */
static void test_lost(void **state)
{
    (void)state;
    static const struct {
        const char *rules, *words;
        size_t n_words;
        double least_s, most_s;
    } cases[] = {
        {"--store abort", "while the object was sent", 10, 0, 30},
        {"--store silent:90", "did not answer within 1 s", 10, 0.9, 30},
        {"--store deaf:90", "did not answer within 1 s", 10000000, 0.9, 30}, /* more than the sockets hold */
    };
    for (int i = 0; i < 3; i++) {
        rs_dicom_net *net = NULL;
        rs_dicom_answer answer;
        int port = start(cases[i].rules);
        assert_int_equal(call(port, 1, &net), RS_OK);
        rs_dicom_file *file = image("2.25.44", cases[i].n_words);
        double begin = now_s();
        assert_int_equal(rs_dicom_net_store(ctx, net, file, CT_CLASS, "2.25.44", &answer), RS_AGAIN);
        assert_non_null(strstr(rs_context_message(ctx), cases[i].words));
        double took = now_s() - begin;
        assert_true(took >= cases[i].least_s && took <= cases[i].most_s);
        rs_dicom_file_close(file);
        assert_int_equal(store(net, "2.25.45", 10, &answer), RS_AGAIN);
        rs_dicom_net_close(net);
        assert_true(now_s() - begin <= cases[i].most_s + 0.5);
        stop();
    }
}

static void test_cancel(void **state)
{
    (void)state;
    rs_dicom_net *net = NULL;
    rs_dicom_answer answer;
    rs_context *own = ctx;
    assert_int_equal(rs_context_new(NULL, &ctx), RS_OK);
    int port = start("--store silent:90");
    assert_int_equal(call(port, 30, &net), RS_OK);
    rs_context_cancel(ctx);
    double begin = now_s();
    assert_int_equal(store(net, "2.25.46", 10, &answer), RS_CANCELLED);
    rs_dicom_net_close(net);
    assert_true(now_s() - begin < 20);
    stop();
    rs_context_free(ctx);
    ctx = own;
}

static void test_pdu_sizes(void **state)
{
    (void)state;
    static const char *const rules[] = {"--pdu 4096", "--pdu 4097", "--pdu 131072"};
    for (int i = 0; i < 3; i++) {
        rs_dicom_net *net = NULL;
        rs_dicom_answer answer;
        int port = start(rules[i]);
        assert_int_equal(call(port, 10, &net), RS_OK);
        for (int k = 0; k < 3; k++) {
            assert_int_equal(store(net, "2.25.47", 100000, &answer), RS_OK);
            assert_int_equal(answer.status, 0);
        }
        rs_dicom_net_close(net);
        stop();
    }
}

static void test_find_and_commit(void **state)
{
    (void)state;
    static const char *const classes[] = {CT_CLASS, RS_DICOM_FIND_CLASS, RS_DICOM_COMMIT_CLASS};
    static const rs_dicom_name names[] = {{"2.25.1", "2.25.2", CT_CLASS, "2.25.48"},
                                          {"2.25.1", "2.25.2", CT_CLASS, "2.25.49"}};
    static const char *const rules[] = {"--commit all", "--commit none", "--commit later", ""};
    for (int i = 0; i < 4; i++) {
        rs_dicom_net *net = NULL;
        rs_dicom_answer answer;
        bool shown = false, safe[2] = {false}, reported = false;
        const rs_dicom_net_call to = {"RESTAGE", "STORE", "127.0.0.1", start(rules[i]), classes, 3, 10};
        assert_int_equal(rs_dicom_net_open(ctx, &to, &net), RS_OK);
        assert_int_equal(store(net, "2.25.48", 10, &answer), RS_OK);
        assert_int_equal(rs_dicom_net_commit(ctx, net, "2.25.50", names, 2, 1, safe, &reported, &answer), RS_OK);
        assert_int_equal(answer.no_context, i == 3);
        assert_int_equal(reported, i < 2);
        assert_int_equal(safe[0] && safe[1], i == 0);
        assert_int_equal(rs_dicom_net_find(ctx, net, &names[0], &shown, &answer), RS_OK);
        assert_true(shown && answer.status == 0);
        assert_int_equal(rs_dicom_net_find(ctx, net, &names[1], &shown, &answer), RS_OK);
        assert_false(shown);
        rs_dicom_net_close(net);
        assert_non_null(strstr(stop(), "release"));
    }
}

/* Objects of 100 kB a second on one association: printed, not bounded, since the machine is not ours alone. */
static void print_rate(int port)
{
    enum { N = 200 };
    rs_dicom_net *net = NULL;
    rs_dicom_answer answer;
    rs_dicom_file *files[N];
    char uids[N][32];
    for (int i = 0; i < N; i++) {
        rs_text_format(uids[i], sizeof uids[i], "2.25.9%03d", i);
        files[i] = image(uids[i], 50000);
    }
    double begin = now_s();
    assert_int_equal(call(port, 30, &net), RS_OK);
    for (int i = 0; i < N; i++) {
        assert_int_equal(rs_dicom_net_store(ctx, net, files[i], CT_CLASS, uids[i], &answer), RS_OK);
        assert_int_equal(answer.status, 0);
    }
    rs_dicom_net_close(net);
    double took = now_s() - begin;
    printf("%d objects of 100 kB on one association in %.2f s: %.0f a second\n", N, took, N / took);
    for (int i = 0; i < N; i++)
        rs_dicom_file_close(files[i]);
}

static void test_many(void **state)
{
    (void)state;
    print_rate(start(""));
    stop();
}

/* RS_NET_RATE=PORT: only the rate, against the archive there. */
int main(void)
{
    if (getenv("RS_NET_RATE")) {
        void *none = NULL;
        if (set_up(&none)) return 70;
        print_rate(atoi(getenv("RS_NET_RATE")));
        return tear_down(&none);
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes_and_contexts),
        cmocka_unit_test(test_statuses_come_back),
        cmocka_unit_test(test_contexts_refused),
        cmocka_unit_test(test_rejections),
        cmocka_unit_test(test_lost),
        cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_pdu_sizes),
        cmocka_unit_test(test_find_and_commit),
        cmocka_unit_test(test_many),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
