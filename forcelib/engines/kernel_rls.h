// Recursive least squares for the kernel. The page "How it runs fast" derives what is done here.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>
#ifndef __wasm__
#include <thread>
#endif

namespace forcelib {

inline double dot(const double* a, const double* b, long n) {
    double sum = 0;
    for (long i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

// y += x p, for a group of terms at once.
struct Term {
    const double* p;
    double x;
};
enum : long { group = 8 };
inline void add(double* __restrict y, const Term* terms, long n) {
    Term own[group];
    std::copy_n(terms, group, own);
    for (long i = 0; i < n; i++)
        for (const auto& [p, x] : own) y[i] += x * p[i];
}

// What (r, h) becomes after some time without spikes: (a r + b h, c h).
struct Propagator {
    double a, b, c;
    Propagator operator*(const Propagator& first) const {
        return {a * first.a, a * first.b + b * first.c, c * first.c};
    }
};

// P = c (P0 - U'U). An update writes a row of U, whose other rows are zero, and divides c, which is 1 at first, by the
// forgetting factor. A full U is folded into the symmetric P0, and so is one of which a large c would leave little.
//
// P0 r is not computed afresh for each update. Between two updates r and h_r obey a linear equation
// except where a neuron spiked, so P0 r and P0 h_r follow from their last values, and from those rows
// of P0 whose neurons spiked: some hundred of two thousand.
class RLS {
  public:
    std::vector<double> k;

    // P0 is kept in the place of P, which the caller owns.
    RLS(long n, double* P, double forgetting)
        : k(n), n(n), forgetting(forgetting), P0(P), U(max_rows * n), P0r(n), P0h(n), r_before(n), h_before(n) {}

    // Compute k = P r and return r'k. `since` is what became of (r, h) since the last call where spiked[i] is zero;
    // before the first call all have spiked.
    double gain(const std::vector<double>& r, const std::vector<double>& h, Propagator since,
                const std::vector<char>& spiked) {
        const auto [a, b, left] = since;
        std::vector<Term> jumps_r, jumps_h;
        for (long i = 0; i < n; i++) {
            if (spiked[i]) {
                jumps_r.push_back({&P0[i * n], r[i] - (a * r_before[i] + b * h_before[i])});
                jumps_h.push_back({&P0[i * n], h[i] - left * h_before[i]});
            }
            P0r[i] = a * P0r[i] + b * P0h[i];
            P0h[i] *= left;
        }
        for (auto* jumps : {&jumps_r, &jumps_h})
            while (jumps->size() % group) jumps->push_back({P0, 0});
        for (size_t m = 0; m < jumps_r.size(); m += group) {
            add(P0r.data(), &jumps_r[m], n);
            add(P0h.data(), &jumps_h[m], n);
        }
        r_before = r;
        h_before = h;
        k = P0r;
        subtract_UtU(r, k);
        if (c != 1)
            for (double& value : k) value *= c;
        return dot(r.data(), k.data(), n);
    }

    // Subtract k k' / norm from P, and divide it by the forgetting factor.
    void shrink(double norm) {
        const double scale = 1 / std::sqrt(c * norm);
        for (long i = 0; i < n; i++) U[rows * n + i] = scale * k[i];
        c /= forgetting;
        if (++rows == max_rows || c > 2) fold();
    }

    // Make P0 all of P. Each tile on and right of the diagonal is computed by one thread, so threads change no result.
    void fold() {
        subtract_UtU(r_before, P0r);
        subtract_UtU(h_before, P0h);
#ifdef __wasm__
        for (int half : {0, 1}) fold_tiles(half);
#else
        std::thread other([this] { fold_tiles(1); });
        fold_tiles(0);
        other.join();
#endif
        std::fill(U.begin(), U.end(), 0);
        rows = 0;
        if (c == 1) return;
        for (auto* x : {&P0r, &P0h})
            for (double& value : *x) value *= c;
        for (long i = 0; i < n * n; i++) P0[i] *= c;
        c = 1;
    }

  private:
    enum : long { max_rows = 64, tile = 64 };

    // y -= U'U x
    void subtract_UtU(const std::vector<double>& x, std::vector<double>& y) const {
        for (long m = 0; m < rows; m += group) {
            Term terms[group];
            for (long j = 0; j < group; j++) terms[j] = {&U[(m + j) * n], -dot(&U[(m + j) * n], x.data(), n)};
            add(y.data(), terms, n);
        }
    }

    void fold_tiles(int half) {
        long number = 0;
        for (long i = 0; i < n; i += tile)
            for (long j = i; j < n; j += tile)
                if (number++ % 2 == half) fold_tile(i, std::min(i + tile, n), j, std::min(j + tile, n));
    }

    // Subtract a tile of U'U from P0, and its mirror image.
    void fold_tile(long i0, long i1, long j0, long j1) {
        for (long m = 0; m < max_rows; m += group)
            for (long i = i0; i < i1; i++) {
                Term terms[group];
                for (long j = 0; j < group; j++) terms[j] = {&U[(m + j) * n + j0], -U[(m + j) * n + i]};
                add(&P0[i * n + j0], terms, j1 - j0);
            }
        for (long i = i0; i < i1; i++)
            for (long j = std::max(i, j0); j < j1; j++) P0[j * n + i] = P0[i * n + j];
    }

    const long n;
    const double forgetting;
    double* const P0;
    long rows = 0;
    double c = 1;
    std::vector<double> U, P0r, P0h, r_before, h_before;
};

}  // namespace forcelib
