// The network, for every size, number of outputs and time step. What a step does to its variables is in model.h, which
// build.py writes from the equations: the words in capitals.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "model.h"
#include "kernel_rls.h"

namespace forcelib {

// The arrays that are seen from outside, by name; a number is an array of one. Those of the steps of one run come last.
// P is empty, for alpha times the identity, until the first update.
#define REALS VARIABLES, since_spike, E, phi, omega, P, parameters, alpha, limit, target, readout, potentials, decoders
#define INTEGERS indptr, indices, watched, traced, forced, textbook, diverged, schedule, spike_neuron, spike_step

// One of several arrays, by its number.
template <class Array, class... Arrays>
Array& pick(long k, Array& first, Arrays&... others) {
    Array* const all[] = {&first, &others...};
    return *all[k];
}

// What may be due at a step, in `schedule`.
enum { update = 1, trace = 2 };

class Network {
  public:
    std::vector<double> REALS;
    std::vector<int32_t> INTEGERS;
    std::vector<double>& real(long k) { return pick(k, REALS); }
    std::vector<int32_t>& integer(long k) { return pick(k, INTEGERS); }

    // To be called after arrays were changed from outside, and before r, h_r and P are read.
    void begin() {
        PARAMETERS
        if (age) settle();
        if (rls && !P.empty()) rls->fold();
        rls.reset();
        N = s.size();
        outputs = E.size() / N;
        for (auto* x : {&z, &slope, &fed}) x->resize(outputs);
        for (auto* x : {&last, &added}) x->resize(N);
        spiked.assign(N, 1);
        for (int n = 0; n < block; n++) {
            Propagator& next = power[n + 1] = power[n];
            double none = 0;
            rate_step(next.a, none);
            rate_step(next.b, next.c);
        }
        double h_r = 0;
        RATE_KICK
        kick = h_r;
        read();
    }

    // Returns how many steps were done: less than asked for after a divergence.
    long run(long steps) {
        for (auto* x : {&s, &h})  // what has decayed below the normal numbers is slow, and would stay there
            for (double& value : *x) value = std::isnormal(value) || std::fabs(value) > 1 ? value : 0;
        for (long i = 0; i < N; i++) last[i] = -since_spike[i];
        for (auto* list : {&spike_neuron, &spike_step}) list->clear();
        for (auto* record : {&readout, &potentials, &decoders}) record->clear();
        diverged.resize(1);
        long step = 0;
        for (; step < steps && !diverged[0]; step++) {
            const double* wanted = &target[step * outputs];
            const bool due = schedule[step] & update;
            if (due || age == block) settle();
            readout.insert(readout.end(), z.begin(), z.end());
            for (long k = 0; k < outputs; k++) {
                if (!(std::fabs(z[k]) < limit[0])) diverged[0] = 1;
                fed[k] = forced[0] ? wanted[k] : z[k];
            }
            if (due && !diverged[0]) learn(wanted);
            if (schedule[step] & trace)
                for (int32_t i : traced)
                    for (long k = 0; k < outputs; k++) decoders.push_back(phi[k * N + i]);
            for (int32_t i : watched) potentials.push_back(POTENTIAL[i]);
            const size_t spikes = spike_neuron.size();
            advance(step);
            for (long k = 0; k < outputs; k++) {
                z[k] = power[1].a * z[k] + slope[k];
                slope[k] *= power[1].c;
            }
            for (size_t m = spikes; m < spike_neuron.size(); m++) send(spike_neuron[m], step);
            age++;
        }
        for (long i = 0; i < N; i++) since_spike[i] = std::fmin(step - last[i], never);
        return step;
    }

  private:
    enum { never = 1000000000, tile = 64, block = 64 };

    void rate_step(double& r, double& h_r) const {
        PARAMETERS
        RATE_STEP
    }

    // Bring r and h_r up to date. In between only z follows them: what no one reads need not be stepped.
    void settle() {
        const Propagator since = power[age];
        for (long i = 0; i < N; i++) {
            r[i] = since.a * r[i] + since.b * h_r[i];
            h_r[i] *= since.c;
        }
        for (const auto& [neuron, spike_age] : recent) {
            const Propagator& left = power[age - 1 - spike_age];
            r[neuron] += left.b * kick;
            h_r[neuron] += left.c * kick;
            spiked[neuron] = 1;
        }
        recent.clear();
        since_update = since * since_update;
        age = 0;
        read();
    }

    // z, and what h_r will add to it in the next step: from both z follows until the next call.
    void read() {
        for (long i = 0; i < N; i++) added[i] = power[1].b * h_r[i];
        for (long k = 0; k < outputs; k++) {
            z[k] = dot(&phi[k * N], r.data(), N);
            slope[k] = dot(&phi[k * N], added.data(), N);
        }
    }

    // In the order of the reference program: the decoder moves by the readout of this step, and acts from the next.
    void learn(const double* wanted) {
        if (P.empty()) {
            P.resize(N * N);
            for (long i = 0; i < N; i++) P[i * N + i] = alpha[0];
        }
        if (!rls) rls.emplace(N, P.data());
        const double rk = rls->gain(r, h_r, since_update, spiked);
        for (long k = 0; k < outputs; k++) {
            const double error = z[k] - wanted[k], scaled = textbook[0] ? error / (1 + rk) : error;
            for (long i = 0; i < N; i++) phi[k * N + i] -= rls->k[i] * scaled;
        }
        rls->shrink(rk);
        since_update = power[0];
        std::fill(spiked.begin(), spiked.end(), 0);
        read();
    }

    // One step of the equations, with the current J from outside, and the threshold.
    void advance(double step) {
        PARAMETERS
        const double hold = std::trunc((REFRACTORY + 1e-3 * dt) / dt);
        const double one = power[0].a;  // to a known 1 a compiler would convert truth values, lane by lane
        for (long start = 0; start < N; start += tile) {
            double external[tile], fires[tile], any = 0;
            const long end = std::min(start + tile, N);
            for (long i = start; i < end; i++) external[i - start] = E[i] * fed[0];
            for (long k = 1; k < outputs; k++)
                for (long i = start; i < end; i++) external[i - start] += E[k * N + i] * fed[k];
#pragma omp simd
            for (long i = start; i < end; i++) {
                const double J = external[i - start], not_refractory = step - last[i] >= hold ? one : 0;
                VARIABLES_OF(i)
                STEP
                fires[i - start] = (THRESHOLD) ? not_refractory : 0;
                any += fires[i - start];
            }
            for (long i = start; any != 0 && i < end; i++)
                if (fires[i - start] != 0) {
                    spike_neuron.push_back(i);
                    spike_step.push_back(step);
                }
        }
    }

    // What a spike does.
    void send(int32_t neuron, long step) {
        PARAMETERS
        for (long k = indptr[neuron]; k < indptr[neuron + 1]; k++) {
            const double omega = this->omega[k];
            double& h = this->h[indices[k]];
            SYNAPTIC_KICK
        }
        for (long k = 0; k < outputs; k++) slope[k] += power[1].b * kick * phi[k * N + neuron];
        recent.push_back({neuron, age});
        last[neuron] = step;
        VARIABLES_OF(neuron)
        RESET
    }

    long N = 0, outputs = 0;
    double kick = 0;
    std::vector<double> z, slope, fed, last, added;  // last: step of the last spike
    std::vector<char> spiked;                        // since the last update
    std::optional<RLS> rls;
    Propagator power[block + 1] = {{1, 0, 1}}, since_update = {1, 0, 1};
    int age = 0;                                  // steps since r and h_r were brought up to date
    std::vector<std::pair<int32_t, int>> recent;  // and the spikes since then, with the age of each
};

}  // namespace forcelib

#ifdef __wasm__
// That of the library prints, for which it would bring half of it.
#include <cstdlib>
void* operator new(std::size_t size) {
    if (void* memory = std::malloc(size)) return memory;
    __builtin_trap();
}
#endif

#define EXPORT extern "C" __attribute__((visibility("default")))
#define QUOTE(...) #__VA_ARGS__
#define TEXT(...) QUOTE(__VA_ARGS__)

using namespace forcelib;

template <class Array>
auto* sized(Array& array, long size) {
    if (size >= 0) array.resize(size);
    return array.data();
}
// The names of the arrays; and an array by its number, in their order, resized unless the size is negative.
EXPORT const char* names() { return TEXT(REALS) ";" TEXT(INTEGERS); }
EXPORT double* real(Network* network, long k, long size) { return sized(network->real(k), size); }
EXPORT int32_t* integer(Network* network, long k, long size) { return sized(network->integer(k), size); }
EXPORT long length(Network* network, long k, long real) {
    return real ? network->real(k).size() : network->integer(k).size();
}

EXPORT Network* make() { return new Network; }
EXPORT void discard(Network* network) { delete network; }
EXPORT void begin(Network* network) { network->begin(); }
EXPORT long run(Network* network, long steps) { return network->run(steps); }

// Uses every instruction of the kernel: a processor that lacks one ends the process here. N neurons in a ring.
EXPORT int trial(int N) {
    const int outputs = 2, steps = 130;
    Network network;
    for (long k = 0; &network.real(k) != &network.E; k++) network.real(k).assign(N, 1.0);
    network.E.assign(N * outputs, 1.0);
    network.phi.assign(N * outputs, 0.0);
    network.omega.assign(N, 1e-3);
    network.parameters.assign(100, 1e-2);  // more than a model has
    network.alpha = {1e-3};
    network.limit = {INFINITY};
    network.target.assign(steps * outputs, 1.0);
    network.schedule.assign(steps, update | trace);
    network.forced = network.textbook = {1};
    network.traced = network.watched = {0, N - 1};
    for (int i = 0; i <= N; i++) {
        network.indptr.push_back(i);
        network.indices.push_back((i + 1) % N);
    }
    network.begin();
    const int done = network.run(steps);
    network.begin();
    return done == steps && std::isfinite(network.P[0]) ? 0 : 1;
}
