// The readout and its training: what begins every time step, in the order of the reference program.
#pragma once

#include <cmath>
#include <memory>
#include <vector>

#include "rls.h"

namespace forcelib {

// The state variables of the network, by the names that Brian2 gave their arrays.
struct Variables {
    const double *v, *r, *h_r;
    double* lastspike;
    std::vector<double*> decoder;
};

// How RLS learns. Without spikes (r, h_r) becomes (a r + b h_r, c h_r) from one update to the next.
struct Learning {
    double alpha, a, b, c;
    bool textbook;
    int threads;
};

class Readout {
  public:
    Readout(const Variables& variables, long N) : z(variables.decoder.size()), x(variables), N(N) {}

    // The readout from r(t). False if it is as large as the limit, or no number.
    bool read(double limit) {
        bool within = true;
        for (size_t k = 0; k < z.size(); k++) {
            z[k] = dot(x.decoder[k], x.r, N);
            within = within && std::fabs(z[k]) < limit;
        }
        return within;
    }

    // An update of RLS with that readout. spiked[i] tells whether neuron i has spiked since the last one.
    template <class Spiked>
    void train(const double* target, const Learning& learning, Spiked spiked) {
        if (!rls) rls.reset(new RLS(N, learning.alpha, learning.threads));
        const double rk = rls->gain(x.r, x.h_r, learning.a, learning.b, learning.c, spiked);
        const double* gain = rls->gain_vector();
        for (size_t k = 0; k < z.size(); k++) {
            const double error = z[k] - target[k];
            const double scaled = learning.textbook ? error / (1 + rk) : error;
            for (long i = 0; i < N; i++) x.decoder[k][i] -= gain[i] * scaled;
        }
        rls->shrink(rk);
    }

    std::vector<double> z;
    std::unique_ptr<RLS> rls;

  private:
    const Variables x;
    const long N;
};

}  // namespace forcelib
