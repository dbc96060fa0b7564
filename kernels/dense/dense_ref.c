/* A dense layer: one sum an output, in double. */
#include "kernel.h"
#include "restage/kernels/dense.h"

rs_status rs_dense__ref(rs_context *ctx, const rs_dense_args *args)
{
    RS_CHECK(ctx, args->rows > 0 && args->inputs > 0 && args->outputs > 0 && args->outputs % RS_DENSE_LANES == 0);
    RS_CHECK(ctx, args->x && args->weight && args->out && (args->rows == 1 || args->x_stride >= args->inputs));
    for (int32_t r = 0; r < args->rows; r++)
        for (int32_t o = 0; o < args->outputs; o++) {
            double sum = args->bias ? (double)args->bias[o] : 0.0;
            for (int32_t i = 0; i < args->inputs; i++)
                sum += (double)args->x[r * args->x_stride + i] * (double)args->weight[(int64_t)i * args->outputs + o];
            args->out[(int64_t)r * args->outputs + o] = args->relu && !(sum > 0) ? 0.0F : (float)sum;
        }
    return RS_OK;
}
