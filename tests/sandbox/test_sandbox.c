/* Workers that spin, crash, swell, call what they must not, or lie cost one file each and are replaced; what decodes
   well comes back as it is; no process outlives the context. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "client.h"
#include "decode.h"
#include "layers.h"
#include "restage/limits.h"
#include "restage/parallel.h"

static const uint16_t words[6] = {0x0001, 0x07ff, 0x0800, 0xf000, 0x9801, 0x0fff};

/* What the worker does instead of decoding, by the frame that is asked for. */
enum { WELL, SPIN, CRASH, SWELL, CALL, LIE, LEAVE, REFUSE, ABORT, DAMAGE, FLOOD, FLOOD_WELL, N_DEEDS };

/* In the worker: the next file finds what an earlier one did. */
static bool damaged;

/* Tells without end what nobody asked for, after an answer to request number `serial`; against the clock, too. */
static _Noreturn void flood(uint64_t serial)
{
    const struct itimerval none = {0};
    wire_notice notice = {.kind = WIRE_PIXELS, .status = RS_DATA, .serial = serial, .sentence = "it says so"};
    struct stat facts;
    int fd = 3;
    while (fd < 64 && (fstat(fd, &facts) || !S_ISSOCK(facts.st_mode)))
        fd++;
    setitimer(ITIMER_PROF, &none, NULL);
    if (serial == 0 && (write(fd, &notice, 0) < 0 || write(fd, &notice, 5) < 0)) _exit(1);
    for (;;) {
        if (write(fd, &notice, sizeof(notice)) < 0) _exit(1);
        notice = (wire_notice){.kind = 77};
    }
}

static rs_status misbehave(rs_context *ctx, rs_dicom_file *file, int32_t first, int32_t n_frames, rs_dicom_pixels *out)
{
    static volatile uint64_t sink;
    volatile uint8_t *volatile nowhere = NULL;
    if (damaged) abort();
    switch (first) {
    case SPIN:
        for (;;)
            sink++;
    case CRASH:
        *nowhere = 1;
        return RS_DEFECT;
    case SWELL:
        for (int i = 0; i < 4096; i++) {
            void *piece = mmap(NULL, (size_t)1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            if (piece == MAP_FAILED) return rs_fail_memory(ctx, "what it takes");
            memset(piece, 1, (size_t)1 << 20);
        }
        return rs_fail(ctx, RS_DATA, "it took 4 GiB");
    case CALL:
        return socket(AF_INET, SOCK_STREAM, 0) < 0 ? RS_DATA : RS_DEFECT;
    case LEAVE:
        _exit(3);
    case REFUSE:
        return rs_fail(ctx, RS_DATA, "its pixels are\nno pixels");
    case ABORT:
        raise(SIGABRT);
        return RS_DEFECT;
    case FLOOD:
        flood(0);
    case FLOOD_WELL:
        flood(2);
    default:
        RS_TRY(rs_dicom_file_pixels(ctx, file, 0, n_frames, out));
        if (first == LIE) out->bits_stored = 60;
        damaged = first == DAMAGE;
        return RS_OK;
    }
}

typedef struct fixture {
    rs_context *ctx;
    rs_arena *arena;
    uint8_t *bytes; /* a file of 3 x 2 words */
    size_t n_bytes;
} fixture;

static void put_number(rs_context *ctx, rs_dicom_out *out, uint32_t tag, int32_t value)
{
    assert_int_equal(rs_dicom_out_number(ctx, out, tag, value), RS_OK);
}

static void write_file(fixture *f)
{
    rs_dicom_out *out = NULL;
    assert_int_equal(rs_dicom_out_new(f->ctx, &out), RS_OK);
    assert_int_equal(rs_dicom_out_text(f->ctx, out, 0x00080016, "1.2.840.10008.5.1.4.1.1.2"), RS_OK);
    assert_int_equal(rs_dicom_out_text(f->ctx, out, 0x00080018, "2.25.7"), RS_OK);
    assert_int_equal(rs_dicom_out_text(f->ctx, out, 0x00280004, "MONOCHROME2"), RS_OK);
    put_number(f->ctx, out, 0x00280002, 1);
    put_number(f->ctx, out, 0x00280010, 2);
    put_number(f->ctx, out, 0x00280011, 3);
    put_number(f->ctx, out, 0x00280100, 16);
    put_number(f->ctx, out, 0x00280101, 16);
    put_number(f->ctx, out, 0x00280102, 15);
    put_number(f->ctx, out, 0x00280103, 0);
    assert_int_equal(rs_dicom_out_pixels(f->ctx, out, words, 6), RS_OK);
    assert_int_equal(rs_dicom_out_encode(f->ctx, out, f->arena, &f->bytes, &f->n_bytes), RS_OK);
    rs_dicom_out_free(out);
}

static int set_up(void **state)
{
    static fixture f;
    const rs_context_options three = {.threads = 3};
    f = (fixture){.arena = rs_arena_new()};
    if (!f.arena || rs_context_new(&three, &f.ctx) != RS_OK) return -1;
    if (rs_limit_set(f.ctx, "decode-seconds=1") != RS_OK) return -1;
    if (rs_limit_set(f.ctx, "decode-bytes=67108864") != RS_OK) return -1;
    write_file(&f);
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    rs_context_free(f->ctx);
    rs_arena_free(f->arena);
    return 0;
}

static rs_status ask(fixture *f, int worker, int deed, rs_dicom_pixels *out)
{
    sandbox *s = sandbox_of(f->ctx);
    assert_non_null(s);
    const client_task task = {.file = sandbox_serial(s),
                              .bytes = f->bytes,
                              .n_bytes = f->n_bytes,
                              .first = deed,
                              .n_frames = 1,
                              .frame_values = 6,
                              .value_bytes = 2};
    return client_decode(f->ctx, s, worker, &task, f->arena, out);
}

static void assert_well(fixture *f, int worker)
{
    rs_dicom_pixels pixels = {0};
    const rs_status status = ask(f, worker, WELL, &pixels);
    if (status != RS_OK) print_message("%s\n", rs_context_message(f->ctx));
    assert_int_equal(status, RS_OK);
    assert_int_equal(pixels.n, 6);
    assert_int_equal(pixels.bytes, 2);
    assert_int_equal(pixels.bits_stored, 16);
    assert_memory_equal(pixels.data, words, sizeof(words));
}

static void assert_stops(fixture *f, int deed, const char *sentence)
{
    rs_dicom_pixels pixels;
    const int64_t before = rs_sandbox_active(f->ctx).restarted;
    assert_int_equal(ask(f, 0, deed, &pixels), RS_DATA);
    assert_string_equal(rs_context_message(f->ctx), sentence);
    assert_int_equal(rs_sandbox_active(f->ctx).restarted, before + 1);
    assert_well(f, 0);
}

static void test_deaths(void **state)
{
    fixture *f = *state;
    assert_int_equal(sandbox_start(f->ctx, RS_SANDBOX_AUTO, misbehave), RS_OK);
    assert_well(f, 0);
    assert_stops(f, SPIN, "decoder stopped: CPU limit (1 s)");
    assert_stops(f, LEAVE, "decoder stopped: it ended by itself");
    assert_stops(f, ABORT, "decoder stopped: crash (signal 6)");
    if (layers_watched()) return; /* sanitizers catch the signal themselves */
    assert_stops(f, CRASH, "decoder stopped: crash (signal 11)");
}

static void test_layers(void **state)
{
    fixture *f = *state;
    rs_dicom_pixels pixels;
    assert_false(rs_sandbox_active(f->ctx).started);
    assert_int_equal(sandbox_start(f->ctx, RS_SANDBOX_AUTO, misbehave), RS_OK);
    const rs_sandbox_layers active = rs_sandbox_active(f->ctx);
    assert_true(active.started && active.process && active.limits);
    assert_int_equal(active.mode, RS_SANDBOX_AUTO);
    assert_true(active.missing || (active.landlock && active.seccomp));
    if (active.missing) print_message("missing here: %s\n", active.missing);
    if (active.seccomp) {
        assert_stops(f, CALL, "decoder stopped: it made a system call that decoding does not need");
    }
    if (layers_watched()) return;
    assert_int_equal(ask(f, 0, SWELL, &pixels), RS_DATA);
    assert_string_equal(rs_context_message(f->ctx), "decoder stopped: memory limit (64 MiB)");
}

static void test_sentences(void **state)
{
    fixture *f = *state;
    rs_dicom_pixels pixels;
    assert_int_equal(sandbox_start(f->ctx, RS_SANDBOX_AUTO, misbehave), RS_OK);
    assert_int_equal(ask(f, 1, REFUSE, &pixels), RS_DATA);
    assert_string_equal(rs_context_message(f->ctx), "its pixels are?no pixels");
    assert_int_equal(ask(f, 1, LIE, &pixels), RS_DATA);
    assert_string_equal(rs_context_message(f->ctx), "decoder stopped: its answer makes no sense");
    assert_int_equal(rs_sandbox_active(f->ctx).restarted, 0);
    assert_well(f, 1);
}

/* A worker that is killed between two files is replaced, and nothing is lost. */
static void test_idle_death(void **state)
{
    fixture *f = *state;
    assert_int_equal(sandbox_start(f->ctx, RS_SANDBOX_AUTO, misbehave), RS_OK);
    sandbox *s = sandbox_of(f->ctx);
    assert_well(f, 0);
    assert_int_equal(kill(s->slot[0].pid, SIGKILL), 0);
    usleep(200000);
    assert_well(f, 0);
    assert_int_equal(rs_sandbox_active(f->ctx).restarted, 1);
}

/* A worker that one file has damaged ends at the next: that one is decoded all the same. */
static void test_late_death(void **state)
{
    fixture *f = *state;
    rs_dicom_pixels pixels;
    assert_int_equal(sandbox_start(f->ctx, RS_SANDBOX_AUTO, misbehave), RS_OK);
    for (int i = 1; i <= 3; i++) {
        assert_int_equal(ask(f, 0, DAMAGE, &pixels), RS_OK);
        assert_well(f, 0);
        assert_int_equal(rs_sandbox_active(f->ctx).restarted, i);
    }
}

/* A worker that never stops talking is ended, be it before its answer or behind it, and costs its own file at most. */
static void test_floods(void **state)
{
    fixture *f = *state;
    rs_dicom_pixels pixels;
    alarm(120);
    assert_int_equal(sandbox_start(f->ctx, RS_SANDBOX_AUTO, misbehave), RS_OK);
    /* The start of the worker, the file and the request are numbered in one row. */
    sandbox_of(f->ctx)->serial = 0;
    assert_int_equal(ask(f, 0, FLOOD_WELL, &pixels), RS_DATA);
    assert_string_equal(rs_context_message(f->ctx), "it says so");
    assert_well(f, 0);
    assert_int_equal(rs_sandbox_active(f->ctx).restarted, 1);
    assert_stops(f, FLOOD, "decoder stopped: its answer makes no sense");
    alarm(0);
}

/* The notice of a death arrives although the dead left no room for it. */
static void test_no_room(void **state)
{
    fixture *f = *state;
    wire_notice notice = {0};
    assert_int_equal(sandbox_start(f->ctx, RS_SANDBOX_AUTO, misbehave), RS_OK);
    assert_well(f, 0);
    client_slot *slot = &sandbox_of(f->ctx)->slot[0];
    const wire_request request = {.serial = 99,
                                  .file = slot->file,
                                  .n_bytes = f->n_bytes,
                                  .out_at = slot->mapped / 2,
                                  .span = slot->mapped,
                                  .memory = (uint64_t)1 << 28,
                                  .seconds = 60,
                                  .first = FLOOD,
                                  .n_frames = 1};
    assert_int_equal(send(slot->socket, &request, sizeof(request), 0), (ssize_t)sizeof(request));
    usleep(500000); /* it fills the socket and waits */
    assert_int_equal(kill(slot->pid, SIGKILL), 0);
    usleep(300000);
    int read = 0, waits = 0;
    while (waits < 200 && notice.kind != WIRE_DIED) {
        const bool got = recv(slot->socket, &notice, sizeof(notice), MSG_DONTWAIT) >= 0;
        read += got;
        waits += !got;
        if (!got) usleep(10000);
    }
    assert_true(read > 20);
    assert_int_equal(notice.kind, WIRE_DIED);
    assert_int_equal(notice.serial, slot->born);
    assert_int_equal(notice.signal, SIGKILL);
    slot->started = false; /* the client has heard it */
    assert_well(f, 0);
}

/* A program that was started without standard streams: the sockets get the first numbers, and not 0 to 2. */
static void test_closed_streams(void **state)
{
    fixture *f = *state;
    int result = 0;
    const pid_t program = fork();
    if (program == 0) {
        rs_dicom_pixels pixels;
        for (int fd = 0; fd < 3; fd++)
            close(fd);
        if (sandbox_start(f->ctx, RS_SANDBOX_AUTO, misbehave) != RS_OK) _exit(1);
        for (int fd = 0; fd < 3; fd++)
            if (fcntl(fd, F_GETFD) >= 0) _exit(2);
        if (ask(f, 0, WELL, &pixels) != RS_OK || ask(f, 2, WELL, &pixels) != RS_OK) _exit(3);
        rs_context_free(f->ctx);
        _exit(0);
    }
    assert_int_equal(waitpid(program, &result, 0), program);
    assert_true(WIFEXITED(result));
    assert_int_equal(WEXITSTATUS(result), 0);
}

static rs_status ask_in_parallel(rs_context *ctx, int64_t item, int worker, void *arg)
{
    fixture *f = arg;
    rs_dicom_pixels pixels;
    const int deed = item == 7 ? ABORT : WELL;
    sandbox *s = sandbox_of(ctx);
    rs_arena *arena = rs_arena_new();
    const client_task task = {sandbox_serial(s), f->bytes, f->n_bytes, deed, 1, 6, 2};
    const rs_status status = client_decode(ctx, s, worker, &task, arena, &pixels);
    const bool same = status == RS_OK && memcmp(pixels.data, words, sizeof(words)) == 0;
    rs_arena_free(arena);
    if (item == 7) return status == RS_DATA ? RS_OK : RS_DEFECT;
    return same ? RS_OK : RS_DEFECT;
}

static void test_threads(void **state)
{
    fixture *f = *state;
    assert_int_equal(sandbox_start(f->ctx, RS_SANDBOX_AUTO, misbehave), RS_OK);
    assert_int_equal(rs_parallel_for(f->ctx, 200, ask_in_parallel, f), RS_OK);
    assert_int_equal(rs_sandbox_active(f->ctx).restarted, 1);
}

static void test_nothing_stays(void **state)
{
    fixture *f = *state;
    assert_int_equal(sandbox_start(f->ctx, RS_SANDBOX_AUTO, misbehave), RS_OK);
    assert_well(f, 0);
    assert_well(f, 1);
    const pid_t template_pid = sandbox_of(f->ctx)->template_pid;
    const pid_t workers[2] = {sandbox_of(f->ctx)->slot[0].pid, sandbox_of(f->ctx)->slot[1].pid};
    assert_int_equal(kill(workers[0], 0), 0);
    rs_context_free(f->ctx);
    assert_int_equal(rs_context_new(NULL, &f->ctx), RS_OK);
    assert_int_equal(kill(template_pid, 0), -1);
    assert_int_equal(kill(workers[0], 0), -1);
    assert_int_equal(kill(workers[1], 0), -1);
}

/* A program that is killed outright takes them with it. */
static void test_killed_program(void **state)
{
    fixture *f = *state;
    int pipe_of[2];
    pid_t pids[2] = {0, 0};
    assert_int_equal(pipe(pipe_of), 0);
    const pid_t program = fork();
    if (program == 0) {
        if (sandbox_start(f->ctx, RS_SANDBOX_AUTO, misbehave) != RS_OK) _exit(1);
        pids[0] = sandbox_of(f->ctx)->template_pid;
        pids[1] = sandbox_of(f->ctx)->slot[0].pid;
        if (write(pipe_of[1], pids, sizeof(pids)) != (ssize_t)sizeof(pids)) _exit(1);
        for (;;)
            pause();
    }
    assert_int_equal(read(pipe_of[0], pids, sizeof(pids)), (ssize_t)sizeof(pids));
    assert_int_equal(kill(program, SIGKILL), 0);
    waitpid(program, NULL, 0);
    for (int i = 0; i < 200 && (kill(pids[0], 0) == 0 || kill(pids[1], 0) == 0); i++)
        usleep(10000);
    assert_int_equal(kill(pids[1], 0), -1);
    close(pipe_of[0]);
    close(pipe_of[1]);
}

static void test_modes(void **state)
{
    fixture *f = *state;
    rs_sandbox_mode mode;
    assert_true(rs_sandbox_mode_from("all", &mode) && mode == RS_SANDBOX_ALL);
    assert_true(rs_sandbox_mode_from("auto", &mode) && mode == RS_SANDBOX_AUTO);
    assert_true(rs_sandbox_mode_from("off", &mode) && mode == RS_SANDBOX_OFF);
    assert_false(rs_sandbox_mode_from("on", &mode));
    assert_int_equal(rs_sandbox_start(f->ctx, RS_SANDBOX_OFF), RS_OK);
    assert_null(sandbox_of(f->ctx));
    assert_false(rs_sandbox_active(f->ctx).started);
    const rs_status status = rs_sandbox_start(f->ctx, RS_SANDBOX_ALL);
    assert_int_equal(status, rs_sandbox_active(f->ctx).started ? RS_OK : RS_USAGE);
    if (status == RS_USAGE) assert_non_null(strstr(rs_context_message(f->ctx), "--sandbox=all"));
    if (layers_watched()) assert_int_equal(status, RS_USAGE);
}

/* The file by path, in every mode: the same values. */
static void test_decode_file(void **state)
{
    fixture *f = *state;
    char path[] = "sandbox-XXXXXX";
    const int fd = mkstemp(path);
    assert_int_equal(write(fd, f->bytes, f->n_bytes), (ssize_t)f->n_bytes);
    close(fd);
    for (int mode = RS_SANDBOX_AUTO; mode <= RS_SANDBOX_OFF; mode++) {
        rs_decode *d = NULL;
        rs_dicom_pixels pixels;
        if (mode == RS_SANDBOX_ALL && layers_watched()) continue;
        const rs_status status = rs_sandbox_start(f->ctx, (rs_sandbox_mode)mode);
        if (mode == RS_SANDBOX_ALL && status == RS_USAGE) continue;
        assert_int_equal(status, RS_OK);
        assert_int_equal(rs_decode_open(f->ctx, 2, f->arena, path, false, &d), RS_OK);
        assert_int_equal(rs_decode_pixels(f->ctx, d, 1, 1, &pixels), RS_DATA);
        assert_int_equal(rs_decode_pixels(f->ctx, d, 0, 1, &pixels), RS_OK);
        assert_memory_equal(pixels.data, words, sizeof(words));
        assert_int_equal(rs_sandbox_active(f->ctx).decoded, mode == RS_SANDBOX_ALL);
        rs_decode_close(d);
    }
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_deaths, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_layers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_sentences, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_idle_death, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_late_death, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_floods, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_no_room, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_closed_streams, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_threads, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_nothing_stays, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_killed_program, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_modes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_decode_file, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
