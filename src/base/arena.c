/* Arenas: a chain of blocks, each at least twice the last, bumped by 64-byte steps. Large blocks are mapped: what the
   heap gets back it may keep (glibc's threshold rises with each freed block), and a station would pay for the last. */
#define _GNU_SOURCE
#include "restage/arena.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "fault.h"
#include "restage/text.h"

#define ALIGNMENT ((size_t)64)
#define FIRST_BLOCK ((size_t)16 << 10)
#define LARGEST_STEP ((size_t)8 << 20)
#define LEAST_MAPPED ((size_t)1 << 20)
#define HUGE_PAGE ((size_t)2 << 20)
#define LARGEST_KEPT ((size_t)48 << 20)

typedef struct block {
    struct block *previous;
    size_t size, used; /* bytes behind the head */
    size_t mapped;     /* bytes of the mapping, 0: from the heap */
    char pad[ALIGNMENT - sizeof(void *) - 3 * sizeof(size_t)];
} block;

struct rs_arena {
    block *last;
    block *spare;  /* the largest block that a rewind left over */
    size_t wanted; /* bytes that one rewind gave back in several blocks: the next block holds them all, so that the
                      rounds of a loop after the first map nothing */
};

static char *block_bytes(block *b)
{
    return (char *)b + sizeof(block);
}

void *rs_heap_alloc(size_t bytes)
{
    return rs_fault_allocation() ? NULL : malloc(bytes ? bytes : 1);
}

void rs_heap_free(void *memory)
{
    free(memory);
}

rs_arena *rs_arena_new(void)
{
    return rs_fault_allocation() ? NULL : calloc(1, sizeof(rs_arena));
}

static void free_block(block *b)
{
    if (b && b->mapped)
        munmap(b, b->mapped);
    else
        free(b);
}

static void free_chain(block *b)
{
    while (b) {
        block *previous = b->previous;
        free_block(b);
        b = previous;
    }
}

void rs_arena_free(rs_arena *arena)
{
    if (!arena) return;
    free_chain(arena->last);
    free_block(arena->spare);
    free(arena);
}

/* From the size of a huge page on in whole huge pages: the kernel aligns just these mappings, and a small page costs as
   much as a large one (on virtual machines 20 us were measured). */
static size_t whole_pages(size_t bytes)
{
    const size_t page = bytes < HUGE_PAGE ? (size_t)4096 : HUGE_PAGE;
    return (bytes + page - 1) / page * page;
}

static block *map_block(size_t bytes)
{
    const size_t whole = whole_pages(bytes);
    void *memory = mmap(NULL, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return NULL;
    madvise(memory, whole, MADV_HUGEPAGE);
    block *b = memory;
    b->mapped = whole;
    return b;
}

static block *heap_block(size_t bytes)
{
    void *memory = NULL;
    if (posix_memalign(&memory, ALIGNMENT, bytes)) return NULL;
    block *b = memory;
    b->mapped = 0;
    return b;
}

static block *new_block(rs_arena *arena, size_t bytes)
{
    size_t size = arena->last ? arena->last->size * 2 : FIRST_BLOCK;
    if (size > LARGEST_STEP) size = LARGEST_STEP;
    if (size < arena->wanted) size = arena->wanted;
    if (size < bytes) size = bytes;
    block *spare = arena->spare;
    if (spare && spare->size >= bytes && spare->size >= arena->wanted) {
        arena->spare = NULL;
        return spare;
    }
    if (size > SIZE_MAX / 2 || rs_fault_allocation()) return NULL;
    block *b = size < LEAST_MAPPED ? heap_block(sizeof(block) + size) : map_block(sizeof(block) + size);
    if (b) b->size = b->mapped ? b->mapped - sizeof(block) : size;
    return b;
}

void *rs_arena_alloc_raw(rs_arena *arena, size_t count, size_t size)
{
    size_t bytes;
    if (!arena || __builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX / 2) return NULL;
    bytes = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    block *b = arena->last;
    if (!b || b->size - b->used < bytes) {
        b = new_block(arena, bytes);
        if (!b) return NULL;
        b->previous = arena->last;
        b->used = 0;
        arena->last = b;
    }
    void *memory = block_bytes(b) + b->used;
    b->used += bytes;
    return memory;
}

void *rs_arena_alloc(rs_arena *arena, size_t count, size_t size)
{
    void *memory = rs_arena_alloc_raw(arena, count, size);
    if (memory) memset(memory, 0, count * size);
    return memory;
}

void *rs_arena_copy(rs_arena *arena, const void *data, size_t count, size_t size)
{
    void *memory = rs_arena_alloc_raw(arena, count, size);
    if (memory && count && size) memcpy(memory, data, count * size);
    return memory;
}

char *rs_arena_text(rs_arena *arena, const char *text)
{
    return text ? rs_arena_copy(arena, text, strlen(text) + 1, 1) : NULL;
}

char *rs_arena_printf(rs_arena *arena, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = rs_text_vformat(NULL, 0, format, arguments);
    char *text = length < 0 ? NULL : rs_arena_alloc_raw(arena, (size_t)length + 1, 1);
    if (text) rs_text_vformat(text, (size_t)length + 1, format, again);
    va_end(again);
    va_end(arguments);
    return text;
}

void *rs_arena_push(rs_arena *arena, void **items, int n, int *capacity, size_t size)
{
    if (n >= *capacity) {
        int larger = *capacity ? *capacity * 2 : 16;
        if (*capacity > (1 << 29)) return NULL;
        void *memory = rs_arena_alloc_raw(arena, (size_t)larger, size);
        if (!memory) return NULL;
        if (n) memcpy(memory, *items, (size_t)n * size);
        *items = memory;
        *capacity = larger;
    }
    return memset((char *)*items + (size_t)n * size, 0, size);
}

rs_arena_mark rs_arena_where(const rs_arena *arena)
{
    rs_arena_mark mark = {NULL, 0};
    if (arena && arena->last) mark = (rs_arena_mark){arena->last, arena->last->used};
    return mark;
}

void rs_arena_rewind(rs_arena *arena, rs_arena_mark mark)
{
    if (!arena) return;
    size_t given = 0;
    int n_given = 0;
    for (; arena->last && arena->last != mark.block; n_given++) {
        block *gone = arena->last;
        arena->last = gone->previous;
        given += gone->size;
        if (!arena->spare || gone->size > arena->spare->size) {
            free_block(arena->spare);
            arena->spare = gone;
        } else {
            free_block(gone);
        }
    }
    if (n_given > 1 && given > arena->wanted) arena->wanted = given < LARGEST_KEPT ? given : LARGEST_KEPT;
    if (arena->last) arena->last->used = mark.used;
}
