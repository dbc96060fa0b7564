/* Are the probabilities of the marks those that come true? Bins of equal numbers, the logistic recalibration of Cox
   (1958), the score of Brier (1950). */
#include "room.h"

#include <math.h>
#include <stdlib.h>

#define LEAST_P 0.05
#define EDGE 1e-6 /* P of 0 and 1 have no logit */
enum { BINS = 10, ROUNDS = 100 };

typedef struct outcome {
    double p;
    int32_t row;
    bool positive;
} outcome;

static int rising(const void *a, const void *b)
{
    const outcome *x = a, *y = b;
    if (x->p != y->p) return x->p < y->p ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

/* Scores that are no probabilities have no calibration: then there are none. */
static int64_t collect(const rs_ledger *ledger, const rs_match *match, outcome *out)
{
    int64_t n = 0;
    for (int m = 0; m < ledger->n_marks; m++) {
        double p = ledger->marks[m].p;
        uint8_t role = match->role[m];
        if (role == RS_MARK_OUT) continue;
        if (p < 0 || p > 1) return 0;
        if (p < LEAST_P || (role != RS_MARK_HIT && role != RS_MARK_FALSE)) continue;
        out[n++] = (outcome){p, m, role == RS_MARK_HIT};
    }
    return n;
}

static rs_calibration_bin bin_of(const outcome *outcomes, int64_t begin, int64_t end)
{
    rs_calibration_bin bin = {.n = end - begin};
    double sum = 0;
    for (int64_t i = begin; i < end; i++) {
        sum += outcomes[i].p;
        bin.positive += outcomes[i].positive;
    }
    bin.mean_p = sum / (double)bin.n;
    bin.share = (double)bin.positive / (double)bin.n;
    return bin;
}

/* A bin ends behind marks of the same P, so that the order of the rows decides nothing. */
static void fill_bins(const outcome *outcomes, int64_t n, rs_calibration_bin *bins, rs_calibration *out)
{
    int64_t begin = 0;
    double error = 0;
    for (int b = 1; b <= BINS; b++) {
        int64_t end = n * b / BINS;
        while (end > 0 && end < n && outcomes[end].p == outcomes[end - 1].p)
            end++;
        if (end <= begin) continue;
        rs_calibration_bin bin = bin_of(outcomes, begin, end);
        bins[out->n_bins++] = bin;
        error += fabs(bin.share - bin.mean_p) * (double)bin.n;
        begin = end;
    }
    out->bins = bins;
    out->error = error / (double)n;
}

static double logit(double p)
{
    double held = fmin(fmax(p, EDGE), 1 - EDGE);
    return log(held / (1 - held));
}

/* Gradient and (negative) second derivatives of the log-likelihood at intercept + slope * logit P. */
typedef struct likelihood {
    double g0, g1, h00, h01, h11;
} likelihood;

static likelihood likelihood_at(const outcome *outcomes, int64_t n, double intercept, double slope)
{
    likelihood l = {0};
    for (int64_t i = 0; i < n; i++) {
        double x = logit(outcomes[i].p), mu = 1 / (1 + exp(-(intercept + slope * x)));
        double wrong = (outcomes[i].positive ? 1 : 0) - mu, weight = mu * (1 - mu);
        l.g0 += wrong;
        l.g1 += wrong * x;
        l.h00 += weight;
        l.h01 += weight * x;
        l.h11 += weight * x * x;
    }
    return l;
}

/* Newton's method; NaN where all outcomes are alike, P takes one value, or P parts them perfectly. */
static void recalibrate(const outcome *outcomes, int64_t n, rs_calibration *out)
{
    double intercept = 0, slope = 1;
    for (int round = 0; round < ROUNDS; round++) {
        likelihood l = likelihood_at(outcomes, n, intercept, slope);
        double determinant = l.h00 * l.h11 - l.h01 * l.h01;
        if (!(determinant > 1e-9 * l.h00 * l.h11) || !(l.h00 > 1e-9)) return;
        double step0 = (l.h11 * l.g0 - l.h01 * l.g1) / determinant, step1 = (l.h00 * l.g1 - l.h01 * l.g0) / determinant;
        double most = fmax(fabs(step0), fabs(step1));
        double shorter = most > 2 ? 2 / most : 1; /* far from the maximum a whole step overshoots */
        intercept += shorter * step0;
        slope += shorter * step1;
        if (fabs(slope) > 100 || fabs(intercept) > 100) return;
        if (most > 1e-9) continue;
        out->intercept = intercept;
        out->slope = slope;
        return;
    }
}

rs_status rs_calibration_score(rs_context *ctx, const rs_ledger *ledger, const rs_match *match, rs_arena *arena,
                               rs_calibration *out)
{
    const double none = (double)NAN;
    *out = (rs_calibration){.error = none, .slope = none, .intercept = none, .brier = none};
    outcome *outcomes = RS_ARENA_RAW(arena, outcome, ledger->n_marks);
    rs_calibration_bin *bins = RS_ARENA_NEW(arena, rs_calibration_bin, BINS);
    if (outcomes == NULL || bins == NULL) return rs_fail_memory(ctx, "the calibration");
    int64_t n = collect(ledger, match, outcomes);
    out->n = n;
    if (n == 0) return RS_OK;
    qsort(outcomes, (size_t)n, sizeof *outcomes, rising);
    fill_bins(outcomes, n, bins, out);
    double squares = 0;
    for (int64_t i = 0; i < n; i++) {
        double wrong = outcomes[i].p - (outcomes[i].positive ? 1 : 0);
        squares += wrong * wrong;
    }
    out->brier = squares / (double)n;
    recalibrate(outcomes, n, out);
    return RS_OK;
}
