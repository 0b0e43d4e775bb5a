// Time of an RLS update of the kernel, and of reading memory, for benchmarks/compare.py.
// usage: rls N updates rate   (rate: spikes per neuron and update interval)
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "kernel_rls.h"

static double now() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

int main(int, char** argv) {
    const long N = std::atol(argv[1]), updates = std::atol(argv[2]);
    const double rate = std::atof(argv[3]);
    // Between two updates, 2.5 ms apart, with tau_r = 2 ms and tau_d = 20 ms.
    const forcelib::Propagator since{0.282, 1.34e-3, 0.8825};
    const double kick_r = 30, kick_h = 25000;
    std::vector<double> P(N * N);
    for (long i = 0; i < N; i++) P[i * N + i] = 5e-6;
    forcelib::RLS rls(N, P.data(), 1);
    std::mt19937 random(1);
    std::uniform_real_distribution<double> uniform(0, 1);
    std::vector<double> r(N), h(N);
    std::vector<char> spiked(N);
    double spent = 0, touched = 0, sum = 0;
    for (long update = 0; update < updates; update++) {
        long spikes = 0;
        for (long i = 0; i < N; i++) {
            spiked[i] = !update || uniform(random) < rate;
            r[i] = since.a * r[i] + since.b * h[i] + (spiked[i] ? kick_r : 0);
            h[i] = since.c * h[i] + (spiked[i] ? kick_h : 0);
            spikes += spiked[i];
        }
        const double begin = now();
        const double rk = rls.gain(r, h, since, spiked);
        rls.shrink(1 + rk);
        spent += now() - begin;
        sum += rk;
        // Rows of P0 that were read, rows of U (32 on average), and a 64th of P0 read and written by the fold.
        touched += 8.0 * N * (spikes + 32 + 2.0 * N / 64);
    }
    double best = 1e9;
    for (int repeat = 0; repeat < 5; repeat++) {
        const double begin = now();
        sum += forcelib::dot(P.data(), P.data(), N * N);
        best = std::min(best, now() - begin);
    }
    std::printf("%g %g %g %g\n", spent / updates, best, touched / updates / (8.0 * N * N), sum);
}
