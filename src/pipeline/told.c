/* Values of a JSON file that a person wrote, each checked where it is read. */
#include "told.h"

#include <math.h>
#include <string.h>

#include "digest/digest.h"
#include "restage/files.h"
#include "restage/text.h"

enum { TEXT_MAX = 1000 };

static rs_status blame(rs_told *told, rs_status status)
{
    char sentence[600];
    if (status == RS_NO_MEMORY || status == RS_CANCELLED) return status;
    (void)rs_text_format(sentence, sizeof sentence, "%s", rs_context_message(told->ctx));
    return rs_fail(told->ctx, status, "%s: %s", told->file, sentence);
}

static rs_status parse(rs_told *told, const char *path, size_t limit)
{
    uint8_t *bytes = NULL;
    size_t n = 0;
    RS_TRY(rs_file_read(told->ctx, told->arena, path, limit, true, &bytes, &n));
    told->text = (const char *)bytes;
    RS_TRY(rs_sha256_hex(told->ctx, bytes, n, told->sha256));
    RS_TRY(rs_json_parse_within(told->ctx, told->text, n, limit, &told->root));
    return rs_json_is_object(told->root) ? RS_OK : rs_fail(told->ctx, RS_DATA, "it holds no JSON object");
}

rs_status rs_told_open(rs_context *ctx, rs_arena *arena, const char *file, const char *path, size_t limit, rs_told *out)
{
    *out = (rs_told){.ctx = ctx, .arena = arena, .file = file};
    rs_status status = parse(out, path, limit);
    if (status == RS_OK) return RS_OK;
    rs_told_close(out);
    return blame(out, status);
}

void rs_told_close(rs_told *told)
{
    rs_json_free(told->root);
    told->root = NULL;
}

void rs_told_refuse(rs_told_at at, const char *sentence)
{
    rs_told *told = at.told;
    if (told->status != RS_OK) return;
    told->status = rs_fail(told->ctx, RS_DATA, "%s: %s %s", told->file, at.path, sentence);
}

static rs_told_at at(rs_told *told, const rs_json *value, const char *path)
{
    if (!path && told->status == RS_OK) told->status = rs_fail_memory(told->ctx, told->file);
    return (rs_told_at){told, told->status == RS_OK ? value : NULL, path ? path : ""};
}

rs_told_at rs_told_root(rs_told *told)
{
    return at(told, told->root, "");
}

static const char *below(rs_told_at object, const char *key)
{
    return *object.path ? rs_arena_printf(object.told->arena, "%s.%s", object.path, key) : key;
}

rs_told_at rs_told_member(rs_told_at object, const char *key)
{
    return at(object.told, rs_json_get(object.value, key), below(object, key));
}

rs_told_at rs_told_entry(rs_told_at array, int index)
{
    return at(array.told, rs_json_at(array.value, index),
              rs_arena_printf(array.told->arena, "%s[%d]", array.path, index));
}

static void refuse_key(rs_told_at object, const char *key, const char *const *keys, int n)
{
    char shown[64], list[400] = "";
    rs_text_printable(shown, sizeof shown, key);
    for (int k = 0; k < n; k++) {
        size_t used = strlen(list);
        (void)rs_text_format(list + used, sizeof list - used, "%s%s", k ? ", " : "", keys[k]);
    }
    char sentence[500];
    (void)rs_text_format(sentence, sizeof sentence, "is no key that is known: there are %s", list);
    rs_told_refuse(at(object.told, object.value, below(object, shown)), sentence);
}

void rs_told_keys(rs_told_at object, const char *const *keys, int n)
{
    const rs_json *value;
    const char *key;
    if (!object.value) return;
    if (!rs_json_is_object(object.value)) {
        rs_told_refuse(object, "is no object");
        return;
    }
    for (int i = 0; (key = rs_json_key(object.value, i, &value)) != NULL; i++) {
        bool known = false;
        for (int k = 0; k < n && !known; k++)
            known = strcmp(key, keys[k]) == 0;
        if (!known) {
            refuse_key(object, key, keys, n);
            return;
        }
    }
}

int rs_told_size(rs_told_at array, int most)
{
    char sentence[60];
    if (!array.value) return 0;
    if (!rs_json_is_array(array.value)) {
        rs_told_refuse(array, "is no array");
        return 0;
    }
    if (rs_json_size(array.value) <= most) return rs_json_size(array.value);
    (void)rs_text_format(sentence, sizeof sentence, "has more than %d entries", most);
    rs_told_refuse(array, sentence);
    return 0;
}

const char *rs_told_text(rs_told_at value)
{
    const char *text = rs_json_text(value.value);
    if (!value.value) return NULL;
    bool right = text && *text && strlen(text) <= TEXT_MAX;
    for (const char *c = text; right && *c; c++)
        right = (unsigned char)*c >= ' ' && *c != 0x7f;
    if (!right) {
        rs_told_refuse(value, "is no text of 1 to 1000 bytes without control characters");
        return NULL;
    }
    const char *kept = rs_arena_text(value.told->arena, text);
    return at(value.told, value.value, kept).value ? kept : NULL;
}

const char *rs_told_word(rs_told_at value, const char *const *words, int n)
{
    const char *text = rs_json_text(value.value);
    char sentence[200] = "is none of";
    if (!value.value) return NULL;
    for (int w = 0; w < n; w++) {
        if (text && strcmp(text, words[w]) == 0) return words[w];
        size_t used = strlen(sentence);
        (void)rs_text_format(sentence + used, sizeof sentence - used, "%s \"%s\"", w ? "," : "", words[w]);
    }
    rs_told_refuse(value, sentence);
    return NULL;
}

static bool is_number(const char *text, int digits, int *out)
{
    *out = 0;
    for (int i = 0; i < digits; i++) {
        if (text[i] < '0' || text[i] > '9') return false;
        *out = 10 * *out + (text[i] - '0');
    }
    return true;
}

static bool is_date(const char *text)
{
    static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    size_t n = strlen(text);
    int year, month, day;
    if ((n != 4 && n != 7 && n != 10) || !is_number(text, 4, &year) || year == 0) return false;
    if (n == 4) return true;
    if (text[4] != '-' || !is_number(text + 5, 2, &month) || month < 1 || month > 12) return false;
    if (n == 7) return true;
    if (text[7] != '-' || !is_number(text + 8, 2, &day) || day < 1 || day > days[month - 1]) return false;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month != 2 || day < 29 || leap;
}

const char *rs_told_date(rs_told_at value)
{
    const char *text = rs_json_text(value.value);
    if (!value.value) return NULL;
    if (text && is_date(text)) return rs_told_text(value);
    rs_told_refuse(value, "is no date as \"2024-03-31\", \"2024-03\" or \"2024\"");
    return NULL;
}

int rs_told_truth(rs_told_at value)
{
    bool truth = false;
    if (!value.value) return -1;
    if (rs_json_boolean(value.value, &truth)) return truth;
    rs_told_refuse(value, "is neither true nor false");
    return -1;
}

int32_t rs_told_whole(rs_told_at value, int32_t most)
{
    int64_t whole = 0;
    char sentence[60];
    if (!value.value) return -1;
    if (rs_json_integer(value.value, &whole) && whole >= 0 && whole <= most) return (int32_t)whole;
    (void)rs_text_format(sentence, sizeof sentence, "is no whole number of 0 to %d", most);
    rs_told_refuse(value, sentence);
    return -1;
}

bool rs_told_position(rs_told_at value, double out[3])
{
    bool right = rs_json_is_array(value.value) && rs_json_size(value.value) == 3;
    if (!value.value) return false;
    for (int a = 0; right && a < 3; a++)
        right = rs_json_real(rs_json_at(value.value, a), &out[a]) && fabs(out[a]) <= 10000;
    if (!right) rs_told_refuse(value, "is no position: three numbers in mm (LPS), none beyond 10000");
    return right;
}
