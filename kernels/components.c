/* Reading the result of kernel components. */
#include "restage/kernels/components.h"

#include <string.h>

#include "restage/parallel.h"

typedef struct paint_job {
    const rs_components *c;
    const int16_t *value;
    uint8_t *labels;
} paint_job;

static rs_status paint_slice(rs_context *ctx, int64_t k, int worker, void *arg)
{
    (void)ctx;
    (void)worker;
    const paint_job *job = arg;
    const rs_components *c = job->c;
    for (int32_t j = 0; j < c->n[1]; j++) {
        int64_t row = k * c->n[1] + j;
        for (int32_t r = c->row_first[row]; r < c->row_first[row + 1]; r++) {
            const rs_run *run = &c->runs[r];
            int16_t value = job->value[run->component];
            if (value >= 0)
                memset(job->labels + row * c->n[0] + run->i_begin, value, (size_t)(run->i_end - run->i_begin));
        }
    }
    return RS_OK;
}

rs_status rs_components_paint(rs_context *ctx, const rs_components *components, const int16_t *value, uint8_t *labels)
{
    paint_job job = {components, value, labels};
    return rs_parallel_for(ctx, components->n[2], paint_slice, &job);
}

int32_t rs_components_at(const rs_components *components, int32_t i, int32_t j, int32_t k)
{
    int64_t row = (int64_t)k * components->n[1] + j;
    int32_t low = components->row_first[row], high = components->row_first[row + 1];
    while (low < high) {
        int32_t mid = low + (high - low) / 2;
        if (components->runs[mid].i_end <= i)
            low = mid + 1;
        else
            high = mid;
    }
    if (low == components->row_first[row + 1] || components->runs[low].i_begin > i) return -1;
    return components->runs[low].component;
}
