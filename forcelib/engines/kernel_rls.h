// Recursive least squares for the kernel. The page "How it runs fast" derives what is done here.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>
#ifdef __wasm__
enum { most_threads = 1 };
#else
#include <thread>
enum { most_threads = 64 };
#endif

namespace forcelib {

inline double dot(const double* a, const double* b, long n) {
    double sum = 0;
    for (long i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

// What (r, h) becomes after some time without spikes: (a r + b h, c h).
struct Propagator {
    double a, b, c;
    Propagator operator*(const Propagator& first) const {
        return {a * first.a, a * first.b + b * first.c, c * first.c};
    }
};

// y += x[0] p[0] + x[1] p[1] + x[2] p[2] + x[3] p[3]
inline void add_four(double* __restrict y, const double* const* p, const double* x, long n) {
    const double *p0 = p[0], *p1 = p[1], *p2 = p[2], *p3 = p[3];
    const double x0 = x[0], x1 = x[1], x2 = x[2], x3 = x[3];
    for (long i = 0; i < n; i++) y[i] += x0 * p0[i] + x1 * p1[i] + x2 * p2[i] + x3 * p3[i];
}

// P = P0 - U'U. An update appends a row to U; a full U is folded into the symmetric matrix P0.
//
// P0 r is not computed afresh for each update. Between two updates r and h_r obey a linear equation
// except where a neuron spiked, so P0 r and P0 h_r follow from their last values, and from those rows
// of P0 whose neurons spiked: some hundred of two thousand.
class RLS {
  public:
    RLS(long n, double alpha, int threads)
        : n(n), threads(std::min<int>(threads, most_threads)), P0(size_t(n) * n), U(max_rows * n), P0r(n), P0h(n), r_before(n), h_before(n), k(n) {
        for (long i = 0; i < n; i++) P0[i * n + i] = alpha;
    }

    // Compute k = P r and return r'k. `since` is what became of (r, h) since the last call where spiked[i] is zero.
    double gain(const double* r, const double* h, Propagator since, const char* spiked) {
        const double a = since.a, b = since.b, c = since.c;
        rows_used.clear();
        jump_r.clear();
        jump_h.clear();
        for (long i = 0; i < n; i++) {
            if (first || spiked[i]) {
                rows_used.push_back(&P0[i * n]);
                jump_r.push_back(first ? r[i] : r[i] - (a * r_before[i] + b * h_before[i]));
                jump_h.push_back(first ? h[i] : h[i] - c * h_before[i]);
            }
            P0r[i] = a * P0r[i] + b * P0h[i];
            P0h[i] = c * P0h[i];
        }
        while (rows_used.size() % 4) {
            rows_used.push_back(&P0[0]);
            jump_r.push_back(0);
            jump_h.push_back(0);
        }
        for (size_t m = 0; m < rows_used.size(); m += 4) {
            add_four(P0r.data(), &rows_used[m], &jump_r[m], n);
            add_four(P0h.data(), &rows_used[m], &jump_h[m], n);
        }
        std::copy(r, r + n, r_before.begin());
        std::copy(h, h + n, h_before.begin());
        first = false;
        k = P0r;
        subtract_UtU(r, k.data());
        return dot(r, k.data(), n);
    }

    // Subtract k k' / (1 + r'k) from P.
    void shrink(double rk) {
        const double scale = 1 / std::sqrt(1 + rk);
        double* row = &U[rows * n];
        for (long i = 0; i < n; i++) row[i] = scale * k[i];
        if (++rows == max_rows) fold();
    }

    const double* gain_vector() const { return k.data(); }

    // P itself, n x n, to read and to write. The next update computes P0 r afresh.
    double* matrix() {
        std::fill(U.begin() + rows * n, U.end(), 0.0);
        if (rows) fold();
        first = true;
        std::fill(P0r.begin(), P0r.end(), 0.0);
        std::fill(P0h.begin(), P0h.end(), 0.0);
        return P0.data();
    }

  private:
    enum : long { max_rows = 64, tile = 64 };

    // y -= U'U x
    void subtract_UtU(const double* x, double* y) const {
        for (long m = 0; m < rows; m++) {
            const double* row = &U[m * n];
            const double c = dot(row, x, n);
            for (long i = 0; i < n; i++) y[i] -= c * row[i];
        }
    }

    void fold() {
        subtract_UtU(r_before.data(), P0r.data());
        subtract_UtU(h_before.data(), P0h.data());
        // Every tile is computed by one thread, so the result does not depend on their number.
#ifndef __wasm__
        std::vector<std::thread> helpers;
        for (int t = 1; t < threads; t++) helpers.emplace_back([this, t] { fold_tiles(t); });
#endif
        fold_tiles(0);
#ifndef __wasm__
        for (auto& helper : helpers) helper.join();
#endif
        rows = 0;
    }

    // A thread's part of the tiles on and right of the diagonal.
    void fold_tiles(int part) {
        long number = 0;
        for (long i0 = 0; i0 < n; i0 += tile)
            for (long j0 = i0; j0 < n; j0 += tile)
                if (number++ % threads == part) fold_tile(i0, std::min(i0 + tile, n), j0, std::min(tile + 0L, n - j0));
    }

    // Subtract a tile of U'U from P0, and its mirror image.
    void fold_tile(long i0, long i1, long j0, long width) {
        const double* right[max_rows];
        double left[max_rows];
        for (long m = 0; m < max_rows; m++) right[m] = &U[m * n + j0];
        for (long i = i0; i < i1; i++) {
            double* row = &P0[i * n + j0];
            for (long m = 0; m < max_rows; m++) left[m] = -U[m * n + i];
            for (long m = 0; m < max_rows; m += 4) add_four(row, right + m, left + m, width);
            if (i0 != j0)
                for (long j = 0; j < width; j++) P0[(j0 + j) * n + i] = row[j];
        }
    }

    const long n;
    const int threads;
    long rows = 0;
    bool first = true;
    std::vector<double> P0, U, P0r, P0h, r_before, h_before, k;
    std::vector<const double*> rows_used;
    std::vector<double> jump_r, jump_h;
};

}  // namespace forcelib
