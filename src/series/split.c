/* Volumes that share their positions, told apart by what differs between them: one attribute, or two or three together;
   by the order of the images only where every position has as many. And volumes of several kinds that do not. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "judging.h"
#include "restage/text.h"

static const char *const split_words[SPLIT_COUNT] = {
#define SPLIT_WORDS(name, group, group_tag, tag, words) words,
    SPLIT_TABLE(SPLIT_WORDS)
#undef SPLIT_WORDS
};

/* From here on attributes are times and counters, that may also differ inside a volume: they tell volumes apart only
   where each is at least half of the series' positions. */
enum { FIRST_WEAK = SPLIT_TRIGGER, MOST_TOGETHER = 3, MOST_KINDS = 8 };

/* Images in the order of their positions. */
typedef struct splitting {
    group images;
    header **order, **spare;
    int n_places, most; /* distinct positions; images at one of them */
    int n_values[SPLIT_COUNT];
    int chosen[MOST_TOGETHER], n_chosen;
    bool by_kind;
    bool by_number, number_first; /* InstanceNumber: blocks of one volume each; or of one position each */
} splitting;

int series_by_value(const header *a, const header *b, int attribute)
{
    double x, y;
    const char *left = a->split[attribute], *right = b->split[attribute];
    if (left == right) return 0;
    const bool is_number = rs_text_real(left, &x);
    if (is_number != rs_text_real(right, &y)) return is_number ? -1 : 1;
    if (is_number) return (x > y) - (x < y);
    return strcmp(left, right);
}

static int by_key(const header *a, const header *b, int unused)
{
    (void)unused;
    if (a->key != b->key) return a->key < b->key ? -1 : 1;
    return (a->place > b->place) - (a->place < b->place);
}

static int by_number(const header *a, const header *b, int unused)
{
    (void)unused;
    const rs_slice *x = &a->slice, *y = &b->slice;
    if (x->instance_number != y->instance_number) return x->instance_number < y->instance_number ? -1 : 1;
    return (x->frame > y->frame) - (x->frame < y->frame);
}

/* Merge sort, stable, of the images into order. */
static void sort(splitting *s, int (*compare)(const header *, const header *, int), int attribute)
{
    const int n = s->images.n;
    memcpy(s->order, s->images.item, (size_t)n * sizeof(s->order[0]));
    for (int width = 1; width < n; width *= 2) {
        for (int begin = 0; begin < n; begin += 2 * width) {
            const int middle = begin + width < n ? begin + width : n, end = middle + width < n ? middle + width : n;
            int left = begin, right = middle;
            for (int at = begin; at < end; at++) {
                const bool take_left =
                    left < middle && (right >= end || compare(s->order[left], s->order[right], attribute) <= 0);
                s->spare[at] = take_left ? s->order[left++] : s->order[right++];
            }
        }
        memcpy(s->order, s->spare, (size_t)n * sizeof(s->spare[0]));
    }
}

static void number_places(splitting *s)
{
    int here = 0;
    for (int i = 0; i < s->images.n; i++) {
        header *h = s->images.item[i];
        const bool next =
            i > 0 && h->slice.along_normal_mm - s->images.item[i - 1]->slice.along_normal_mm >= SAME_POSITION_MM;
        if (i > 0) h->place = s->images.item[i - 1]->place + next;
        here = i > 0 && !next ? here + 1 : 1;
        if (here > s->most) s->most = here;
    }
    s->n_places = s->images.item[s->images.n - 1]->place + 1;
}

static void rank_values(splitting *s, int attribute)
{
    int rank = 0;
    sort(s, series_by_value, attribute);
    for (int i = 0; i < s->images.n; i++) {
        if (i > 0 && series_by_value(s->order[i - 1], s->order[i], attribute) != 0) rank++;
        s->order[i]->rank[attribute] = rank;
    }
    s->n_values[attribute] = rank + 1;
}

/* Smallest number of images of one key, images being ordered by key. */
static int smallest_part(const splitting *s)
{
    int least = s->images.n, here = 0;
    for (int i = 0; i < s->images.n; i++) {
        here++;
        if (i + 1 < s->images.n && s->order[i + 1]->key == s->order[i]->key) continue;
        if (here < least) least = here;
        here = 0;
    }
    return least;
}

/* Do these attributes part the images into least to most volumes, none of which holds a position twice? Leaves the
   order. */
static bool parts(splitting *s, const int *attribute, int n, int least, int most)
{
    int64_t possible = 1;
    for (int t = 0; t < n; t++)
        possible = possible * s->n_values[attribute[t]] > INT32_MAX ? INT32_MAX : possible * s->n_values[attribute[t]];
    if (possible < least) return false;
    for (int i = 0; i < s->images.n; i++) {
        int64_t key = 0;
        for (int t = 0; t < n; t++)
            key = key * s->n_values[attribute[t]] + s->images.item[i]->rank[attribute[t]];
        s->images.item[i]->key = key;
    }
    sort(s, by_key, 0);
    int n_values = 1;
    bool weak = false;
    for (int i = 1; i < s->images.n; i++) {
        const header *a = s->order[i - 1], *b = s->order[i];
        n_values += a->key != b->key;
        if (a->key == b->key && a->place == b->place) return false;
    }
    for (int t = 0; t < n; t++)
        weak = weak || attribute[t] >= FIRST_WEAK;
    return n_values >= least && n_values <= most && (!weak || 2 * smallest_part(s) >= s->n_places);
}

/* Are the images of each key, ordered by key and position, two or more at even steps? Leaves how many keys there are.
 */
static bool parts_evenly(const splitting *s, int *n_parts)
{
    *n_parts = 0;
    for (int begin = 0, end; begin < s->images.n; begin = end) {
        double least = INFINITY, most = 0;
        for (end = begin + 1; end < s->images.n && s->order[end]->key == s->order[begin]->key; end++) {
            const double step = s->order[end]->slice.along_normal_mm - s->order[end - 1]->slice.along_normal_mm;
            least = fmin(least, step);
            most = fmax(most, step);
        }
        if (end - begin < 2 || most - least > 2 * fmax(UNEVEN_PART * least, UNEVEN_MM)) return false;
        ++*n_parts;
    }
    return true;
}

/* Do the keys take turns along the normal, instead of lying one behind the other? */
static bool interleave(const splitting *s, int n_parts)
{
    int changes = 0;
    for (int i = 1; i < s->images.n; i++)
        changes += s->images.item[i]->key != s->images.item[i - 1]->key;
    return changes >= n_parts;
}

static bool is_stated(const splitting *s, int attribute)
{
    for (int i = 0; i < s->images.n; i++)
        if (!s->images.item[i]->split[attribute][0]) return false;
    return true;
}

static bool choose(splitting *s, const int *attribute, int n)
{
    static const int both[] = {SPLIT_B_VALUE, SPLIT_DIRECTION};
    /* A direction belongs to a b value. */
    if (n == 1 && attribute[0] == SPLIT_DIRECTION && s->n_values[SPLIT_B_VALUE] > 1) {
        if (parts(s, both, 2, s->most, 2 * s->most)) return choose(s, both, 2);
        (void)parts(s, attribute, n, 1, s->images.n);
    }
    memcpy(s->chosen, attribute, (size_t)n * sizeof(attribute[0]));
    s->n_chosen = n;
    return true;
}

/* n attributes together, each of which has several values and does not alone make more volumes than there are. */
static bool find_together(splitting *s, int n)
{
    int useful[SPLIT_COUNT], n_useful = 0;
    for (int a = 0; a < SPLIT_COUNT; a++)
        if (s->n_values[a] > 1 && s->n_values[a] <= s->most) useful[n_useful++] = a;
    for (int x = 0; x < n_useful; x++) {
        for (int y = x + 1; y < n_useful; y++) {
            const int two[] = {useful[x], useful[y]};
            if (n == 2 && parts(s, two, 2, s->most, s->most)) return choose(s, two, 2);
            for (int z = y + 1; z < n_useful && n == 3; z++) {
                const int three[] = {useful[x], useful[y], useful[z]};
                if (parts(s, three, 3, s->most, s->most)) return choose(s, three, 3);
            }
        }
    }
    return false;
}

static bool find_attributes(splitting *s)
{
    for (int a = 0; a < SPLIT_COUNT; a++)
        if (parts(s, &a, 1, s->most, s->most)) return choose(s, &a, 1);
    /* Volumes that overlap without covering each other. */
    for (int a = 0; a < FIRST_WEAK; a++)
        if (parts(s, &a, 1, s->most, 2 * s->most - 1)) return choose(s, &a, 1);
    return find_together(s, 2) || find_together(s, 3);
}

/* Images of several kinds that share no position, as several series under one UID are: each of them must be even, so
   that what a scanner changes as it goes parts nothing. */
static bool find_kinds(splitting *s)
{
    static const int kinds[] = {SPLIT_FRAME, SPLIT_PATIENT, SPLIT_KERNEL, SPLIT_THICKNESS};
    int chosen[MOST_TOGETHER], n = 0, n_parts = 1;
    for (size_t a = 0; a < sizeof(kinds) / sizeof(kinds[0]) && n < MOST_TOGETHER; a++) {
        int now = 0;
        rank_values(s, kinds[a]);
        if (s->n_values[kinds[a]] == 1 || !is_stated(s, kinds[a])) continue;
        chosen[n] = kinds[a];
        if (!parts(s, chosen, n + 1, 2, MOST_KINDS) || !parts_evenly(s, &now) || now <= n_parts) continue;
        /* Thin slices below and thick ones above are one scan of a head, steps and all. */
        if (kinds[a] == SPLIT_THICKNESS && !interleave(s, now)) continue;
        n_parts = now;
        n++;
    }
    s->by_kind = n > 0;
    return n > 0 && parts(s, chosen, n, 2, MOST_KINDS) && choose(s, chosen, n);
}

/* Images by their number: one volume after the other, or one position after the other. */
static bool find_by_number(splitting *s)
{
    const int n = s->images.n;
    if (n != s->most * s->n_places) return false;
    sort(s, by_number, 0);
    for (int i = 0; i < n; i++) {
        if (s->order[i]->slice.instance_number < 0) return false;
        if (i > 0 && by_number(s->order[i - 1], s->order[i], 0) == 0) return false;
    }
    for (int way = 0; way < 2; way++) {
        const int none[1] = {0};
        for (int i = 0; i < n; i++)
            s->order[i]->key = way == 0 ? i / s->n_places : i % s->most;
        bool whole = true;
        for (int i = 0; i < n && whole && way == 1; i++)
            whole = s->order[i]->place == s->order[i - i % s->most]->place;
        sort(s, by_key, 0);
        for (int i = 1; i < n && whole; i++)
            whole = s->order[i]->key != s->order[i - 1]->key || s->order[i]->place != s->order[i - 1]->place;
        if (whole) {
            s->by_number = true;
            s->number_first = way == 0;
            return choose(s, none, 0);
        }
        sort(s, by_number, 0);
    }
    return false;
}

static const char *part_value(const splitting *s, rs_arena *arena, const group *part)
{
    const header *first = part->item[0];
    const char *text = "";
    if (s->by_number) {
        int64_t least = first->slice.instance_number, most = least;
        for (int i = 1; i < part->n; i++) {
            const int64_t number = part->item[i]->slice.instance_number;
            if (number < least) least = number;
            if (number > most) most = number;
        }
        if (!s->number_first || least == most)
            return rs_arena_printf(arena, "%lld of %d at each position", (long long)first->key + 1, s->most);
        return rs_arena_printf(arena, "%lld to %lld", (long long)least, (long long)most);
    }
    for (int t = 0; t < s->n_chosen && text; t++) {
        const char *value = first->split[s->chosen[t]];
        text = rs_arena_printf(arena, "%s%s%s", text, t ? " + " : "", value[0] ? value : "none");
    }
    return text;
}

static const char *chosen_words(const splitting *s, rs_arena *arena)
{
    if (s->by_number) return "InstanceNumber";
    const char *text = split_words[s->chosen[0]];
    for (int t = 1; t < s->n_chosen && text; t++)
        text = rs_arena_printf(arena, "%s + %s", text, split_words[s->chosen[t]]);
    return text;
}

/* Number and frame of the image that comes first. */
static int64_t first_number(const split_part *part)
{
    int64_t least = INT64_MAX;
    for (int i = 0; i < part->images.n; i++) {
        const rs_slice *slice = &part->images.item[i]->slice;
        const int64_t number = slice->instance_number < INT32_MAX ? slice->instance_number : INT32_MAX;
        if (number * INT32_MAX + slice->frame < least) least = number * INT32_MAX + slice->frame;
    }
    return least;
}

/* Directions have no order of their own: as they were scanned. */
static void order_parts(split *out)
{
    for (int p = 1; p < out->n_parts; p++) {
        const split_part part = out->parts[p];
        const int64_t number = first_number(&part);
        int at = p;
        for (; at > 0 && first_number(&out->parts[at - 1]) > number; at--)
            out->parts[at] = out->parts[at - 1];
        out->parts[at] = part;
    }
}

static rs_status list_parts(rs_context *ctx, rs_arena *arena, splitting *s, split *out)
{
    const int n = s->images.n;
    out->by = chosen_words(s, arena);
    out->n_places = s->n_places;
    for (int i = 0; i < n; i++)
        out->n_parts += i == 0 || s->order[i]->key != s->order[i - 1]->key;
    out->parts = RS_ARENA_NEW(arena, split_part, out->n_parts);
    if (!out->by || !out->parts) return rs_fail_memory(ctx, "the volumes of a series");
    for (int begin = 0, p = 0; begin < n; p++) {
        int end = begin + 1;
        while (end < n && s->order[end]->key == s->order[begin]->key)
            end++;
        out->parts[p].images = (group){s->order + begin, end - begin};
        out->parts[p].value = part_value(s, arena, &out->parts[p].images);
        if (!out->parts[p].value) return rs_fail_memory(ctx, "the volumes of a series");
        begin = end;
    }
    for (int t = 0; t < s->n_chosen; t++)
        if (s->chosen[t] == SPLIT_DIRECTION) order_parts(out);
    return RS_OK;
}

rs_status series_split(rs_context *ctx, rs_study *study, const group *images, split *out)
{
    splitting s = {.images = *images,
                   .order = RS_ARENA_NEW(study->arena, header *, images->n),
                   .spare = RS_ARENA_NEW(study->arena, header *, images->n)};
    *out = (split){0};
    if (!s.order || !s.spare) return rs_fail_memory(ctx, "the volumes of a series");
    number_places(&s);
    out->n_places = s.n_places;
    for (int a = 0; a < SPLIT_COUNT && s.most > 1; a++)
        rank_values(&s, a);
    const bool found = s.most == 1 ? find_kinds(&s) : find_attributes(&s) || find_by_number(&s);
    out->by_kind = s.by_kind;
    return found ? list_parts(ctx, study->arena, &s, out) : RS_OK;
}
