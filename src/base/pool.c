/* Big blocks for volumes and masks: mapped, huge pages asked for, kept for reuse, since a fresh 157 MB costs 0.05 to
   0.1 s in page faults alone (performance 0.4). */
#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>

#include "context_private.h"
#include "fault.h"

#define PAGE ((size_t)2 << 20)

static bool take_pooled(rs_context *ctx, size_t bytes, rs_block *out)
{
    int best = -1;
    for (int i = 0; i < RS_POOL_SLOTS; i++) {
        const rs_block *b = &ctx->pool[i];
        bool fits = b->data && b->reserved >= bytes && b->reserved <= 2 * bytes + PAGE;
        if (fits && (best < 0 || b->reserved < ctx->pool[best].reserved)) best = i;
    }
    if (best < 0) return false;
    *out = ctx->pool[best];
    ctx->pool[best] = (rs_block){.data = NULL};
    return true;
}

static rs_status map_block(rs_context *ctx, size_t bytes, const char *what, rs_block *out)
{
    rs_block block = {.bytes = bytes, .reserved = (bytes + PAGE) / PAGE * PAGE};
    block.data = mmap(NULL, block.reserved, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (block.data == MAP_FAILED) return rs_fail_memory(ctx, what);
    *out = block;
    return RS_OK;
}

rs_status rs_block_take(rs_context *ctx, size_t bytes, const char *what, rs_block *out)
{
    if (bytes > SIZE_MAX / 4 || rs_fault_allocation()) return rs_fail_memory(ctx, what);
    rs_block block = {.data = NULL};
    pthread_mutex_lock(&ctx->lock);
    bool pooled = take_pooled(ctx, bytes, &block);
    pthread_mutex_unlock(&ctx->lock);
    if (!pooled) {
        RS_TRY(map_block(ctx, bytes, what, &block));
        madvise(block.data, block.reserved, MADV_HUGEPAGE);
    }
    block.bytes = bytes;
    *out = block;
    return RS_OK;
}

rs_status rs_block_take_zero(rs_context *ctx, size_t bytes, const char *what, rs_block *out)
{
    if (bytes > SIZE_MAX / 4 || rs_fault_allocation()) return rs_fail_memory(ctx, what);
    RS_TRY(map_block(ctx, bytes, what, out));
    madvise(out->data, out->reserved, MADV_NOHUGEPAGE); /* a huge page is touched whole */
    out->sparse = true;
    return RS_OK;
}

void rs_block_give(rs_context *ctx, rs_block *block)
{
    if (!block->data) return;
    rs_block gone = *block;
    *block = (rs_block){.data = NULL};
    pthread_mutex_lock(&ctx->lock);
    for (int i = 0; i < RS_POOL_SLOTS && !gone.sparse; i++) {
        if (ctx->pool[i].data) continue;
        ctx->pool[i] = gone;
        gone.data = NULL;
        break;
    }
    pthread_mutex_unlock(&ctx->lock);
    if (gone.data) munmap(gone.data, gone.reserved);
}

void rs_block_trim(rs_context *ctx)
{
    for (int i = 0; i < RS_POOL_SLOTS; i++) {
        if (ctx->pool[i].data) munmap(ctx->pool[i].data, ctx->pool[i].reserved);
        ctx->pool[i] = (rs_block){.data = NULL};
    }
}
