/* Whole reads; folders and files that are whole or absent. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "restage/files.h"

static char root[] = "/tmp/restage-files-XXXXXX";
static rs_context *ctx;

static int set_up(void **state)
{
    (void)state;
    if (!mkdtemp(root) || chdir(root)) return -1;
    return rs_context_new(NULL, &ctx) == RS_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    rs_context_free(ctx);
    char command[64];
    snprintf(command, sizeof(command), "rm -rf %s", root);
    return system(command);
}

static int entries(const char *path)
{
    DIR *folder = opendir(path);
    int n = 0;
    while (folder && readdir(folder))
        n++;
    if (folder) closedir(folder);
    return n - 2;
}

static void assert_content(const char *path, const char *text)
{
    rs_arena *arena = rs_arena_new();
    uint8_t *bytes;
    size_t n;
    assert_int_equal(rs_file_read(ctx, arena, path, 1 << 20, false, &bytes, &n), RS_OK);
    assert_int_equal(n, strlen(text));
    assert_string_equal((char *)bytes, text);
    rs_arena_free(arena);
}

static void test_read_refusals(void **state)
{
    (void)state;
    rs_arena *arena = rs_arena_new();
    uint8_t *bytes;
    size_t n;
    assert_int_equal(rs_file_read(ctx, arena, "absent", 100, false, &bytes, &n), RS_NO_INPUT);
    assert_int_equal(rs_file_read(ctx, arena, ".", 100, false, &bytes, &n), RS_NO_INPUT);
    assert_int_equal(mkfifo("fifo", 0600), 0);
    assert_int_equal(rs_file_read(ctx, arena, "fifo", 100, false, &bytes, &n), RS_NO_INPUT);
    FILE *file = fopen("long", "w");
    fprintf(file, "0123456789");
    fclose(file);
    assert_int_equal(rs_file_read(ctx, arena, "long", 9, false, &bytes, &n), RS_DATA);
    assert_int_equal(symlink("long", "link"), 0);
    assert_int_equal(rs_file_read(ctx, arena, "link", 100, false, &bytes, &n), RS_NO_INPUT);
    assert_int_equal(rs_file_read(ctx, arena, "link", 100, true, &bytes, &n), RS_OK);
    unlink("fifo");
    unlink("long");
    unlink("link");
    rs_arena_free(arena);
}

/* A file without rights is an input that is refused (contract 2: 65, unreadable), no disk that fails. */
static void test_read_without_rights(void **state)
{
    (void)state;
    const bool was_root = geteuid() == 0; /* which may read everything */
    rs_arena *arena = rs_arena_new();
    uint8_t *bytes = NULL;
    size_t n = 0;
    const void *part = "x";
    const size_t one = 1;
    assert_int_equal(rs_file_write(ctx, "closed", false, &part, &one, 1), RS_OK);
    assert_int_equal(chmod("closed", 0) || chmod(".", 0755), 0);
    if (was_root) assert_int_equal(seteuid(65534), 0);
    const rs_status status = rs_file_read(ctx, arena, "closed", 10, true, &bytes, &n);
    if (was_root) assert_int_equal(seteuid(0), 0);
    assert_int_equal(status, RS_DATA);
    assert_non_null(strstr(rs_context_message(ctx), "mend its rights"));
    assert_int_equal(chmod(".", 0700), 0);
    rs_arena_free(arena);
}

static void test_folder_whole_or_absent(void **state)
{
    (void)state;
    int before = entries(".");
    rs_folder *folder;
    assert_int_equal(rs_folder_begin(ctx, "out/", NULL, &folder), RS_OK);
    assert_int_equal(rs_folder_write(ctx, folder, "a", "one", 3), RS_OK);
    assert_int_equal(rs_folder_write(ctx, folder, "a", "two", 3), RS_CANT_CREATE);
    assert_int_equal(rs_folder_make(ctx, folder, "sub"), RS_OK);
    assert_int_equal(rs_folder_write(ctx, folder, "sub/b", "two", 3), RS_OK);
    assert_int_not_equal(access("out", F_OK), 0);
    rs_folder_abandon(ctx, folder);
    assert_int_equal(entries("."), before);

    mode_t mask = umask(0777);
    assert_int_equal(rs_folder_begin(ctx, "out", NULL, &folder), RS_OK);
    assert_int_equal(rs_folder_write(ctx, folder, "a", "one", 3), RS_OK);
    assert_int_equal(rs_folder_commit(ctx, folder), RS_OK);
    umask(mask);
    struct stat facts;
    assert_int_equal(stat("out", &facts), 0);
    assert_int_equal(facts.st_mode & 0777, 0700);
    assert_int_equal(stat("out/a", &facts), 0);
    assert_int_equal(facts.st_mode & 0777, 0600);
    assert_content("out/a", "one");
    assert_int_equal(entries("."), before + 1);
}

static void test_force_swaps(void **state)
{
    (void)state;
    int before = entries(".");
    rs_folder *folder;
    assert_int_equal(rs_folder_begin(ctx, "out", NULL, &folder), RS_CANT_CREATE);
    assert_non_null(strstr(rs_context_message(ctx), "--force"));
    assert_int_equal(system("mkdir -p out/1/2/3/4/5/6/7/8 && touch out/1/2/3/4/5/6/7/8/deep"), 0);
    assert_int_equal(rs_folder_begin(ctx, "out", "mark", &folder), RS_CANT_CREATE);
    assert_content("out/a", "one");
    assert_int_equal(system("touch out/mark && mkdir empty"), 0);
    assert_int_equal(rs_folder_begin(ctx, "empty", "mark", &folder), RS_OK);
    rs_folder_abandon(ctx, folder);
    assert_int_equal(rmdir("empty"), 0);
    assert_int_equal(rs_folder_begin(ctx, "out", "mark", &folder), RS_OK);
    assert_int_equal(rs_folder_write(ctx, folder, "c", "three", 5), RS_OK);
    assert_int_equal(rs_folder_commit(ctx, folder), RS_OK);
    assert_int_equal(entries("."), before);
    assert_int_equal(entries("out"), 1);
    assert_content("out/c", "three");
}

static void test_second_writer_loses(void **state)
{
    (void)state;
    rs_folder *first, *second;
    assert_int_equal(rs_folder_begin(ctx, "race", NULL, &first), RS_OK);
    assert_int_equal(rs_folder_begin(ctx, "race", NULL, &second), RS_OK);
    assert_int_equal(rs_folder_write(ctx, first, "x", "1", 1), RS_OK);
    assert_int_equal(rs_folder_write(ctx, second, "x", "2", 1), RS_OK);
    assert_int_equal(rs_folder_commit(ctx, second), RS_OK);
    int before = entries(".");
    assert_int_equal(rs_folder_commit(ctx, first), RS_CANT_CREATE);
    assert_int_equal(entries("."), before - 1);
    assert_content("race/x", "2");
}

static void test_bad_places(void **state)
{
    (void)state;
    rs_folder *folder;
    assert_int_equal(rs_folder_begin(ctx, "absent/out", NULL, &folder), RS_CANT_CREATE);
    assert_int_equal(rs_folder_begin(ctx, "out/c/d", NULL, &folder), RS_CANT_CREATE);
    assert_int_equal(rs_folder_begin(ctx, "", NULL, &folder), RS_CANT_CREATE);
    assert_int_equal(rs_folder_begin(ctx, ".", NULL, &folder), RS_CANT_CREATE);
    assert_int_equal(rs_folder_begin(ctx, "/", NULL, &folder), RS_CANT_CREATE);
}

static void test_file_write(void **state)
{
    (void)state;
    const void *parts[] = {"ab", "cd"};
    size_t bytes[] = {2, 2};
    int before = entries(".");
    assert_int_equal(rs_file_write(ctx, "file", false, parts, bytes, 2), RS_OK);
    assert_content("file", "abcd");
    assert_int_equal(rs_file_write(ctx, "file", false, parts, bytes, 1), RS_CANT_CREATE);
    assert_int_equal(rs_file_write(ctx, "file", true, parts, bytes, 1), RS_OK);
    assert_content("file", "ab");
    assert_int_equal(rs_file_write(ctx, "absent/file", true, parts, bytes, 1), RS_CANT_CREATE);
    assert_int_equal(entries("."), before + 1);
}

static void test_buffer(void **state)
{
    (void)state;
    rs_buffer buffer = {NULL, 0, 0, false};
    rs_buffer_printf(&buffer, "%d;%.1f", 3, 0.5);
    rs_buffer_text(&buffer, "x");
    assert_string_equal(buffer.data, "3;0.5x");
    assert_int_equal(buffer.bytes, 6);
    for (int i = 0; i < 10000; i++)
        rs_buffer_add(&buffer, "y", 1);
    assert_int_equal(buffer.bytes, 10006);
    assert_int_equal(strlen(buffer.data), 10006);
    rs_buffer_add(&buffer, "z", SIZE_MAX / 2);
    assert_true(buffer.failed);
    rs_buffer_free(&buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read_refusals),
        cmocka_unit_test(test_read_without_rights),
        cmocka_unit_test(test_folder_whole_or_absent),
        cmocka_unit_test(test_force_swaps),
        cmocka_unit_test(test_second_writer_loses),
        cmocka_unit_test(test_bad_places),
        cmocka_unit_test(test_file_write),
        cmocka_unit_test(test_buffer),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
