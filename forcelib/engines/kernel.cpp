// The network, for every size, number of outputs and time step. What a step does to its variables depends on the
// neuron: kernel_step.h, once for each.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "kernel_rls.h"

namespace forcelib {

// What equations may call.
constexpr double pi = 3.14159265358979323846;
inline double _brian_pow(double x, double y) { return std::pow(x, y); }

// That of the C library would be called for one neuron after the other, and in WebAssembly there is none. This one is
// vectorised everywhere. It is sin(pi/2 - |x|), within 3e-16 for |x| up to pi and 1e-15 up to 20.
inline double cos(double x) {
    const double y = pi / 2 - std::fabs(x - 2 * pi * std::rint(x * (0.5 / pi))), w = y * y;
    double p = 2.7314053169647314e-15;
    for (double c : {-7.643967132130914e-13, 1.6058977213318265e-10, -2.505210761546661e-08, 2.755731921915122e-06,
                     -1.9841269841254928e-04, 8.333333333333316e-03, -0.16666666666666666})
        p = p * w + c;
    return y + y * w * p;
}

// The arrays that are seen from outside, by name; a number is an array of one. Those of the steps of one run come last.
// P is empty, for alpha times the identity, until the first update. Variables of other neurons are empty, and so are
// external, the current that is added, and feedback_noise where there is none.
#define REALS                                                                                                \
    v, u, s, h, r, h_r, since_spike, E, phi, omega, P, parameters, alpha, forgetting, limit, target, external, \
        feedback_noise, readout, potentials, decoders
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
    virtual ~Network() = default;

    // To be called after arrays were changed from outside, and before r, h_r and P are read.
    void begin() {
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
        kick = rate_kick();
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
                if (!feedback_noise.empty()) fed[k] += feedback_noise[step * outputs + k];
            }
            if (due && !diverged[0]) learn(wanted);
            if (schedule[step] & trace)
                for (int32_t i : traced)
                    for (long k = 0; k < outputs; k++) decoders.push_back(phi[k * N + i]);
            for (int32_t i : watched) potentials.push_back(v[i]);
            const size_t spikes = spike_neuron.size();
            advance(step);
            for (long k = 0; k < outputs; k++) {
                z[k] = power[1].a * z[k] + slope[k];
                slope[k] *= power[1].c;
            }
            for (size_t m = spikes; m < spike_neuron.size(); m++) {
                const int32_t neuron = spike_neuron[m];
                for (long k = 0; k < outputs; k++) slope[k] += power[1].b * kick * phi[k * N + neuron];
                recent.push_back({neuron, age});
                last[neuron] = step;
                send(neuron);
            }
            age++;
        }
        for (long i = 0; i < N; i++) since_spike[i] = std::fmin(step - last[i], never);
        return step;
    }

  protected:
    enum { never = 1000000000, tile = 64, block = 64 };

    // One step of the equations, and the threshold; what a spike does to the neuron and to those that hear it; a step of
    // (r, h_r), and what a spike adds to h_r.
    virtual void advance(long step) = 0;
    virtual void send(int32_t neuron) = 0;
    virtual void rate_step(double& r, double& h_r) const = 0;
    virtual double rate_kick() const = 0;

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
        const double keep = forgetting.empty() ? 1 : forgetting[0];
        if (!rls) rls.emplace(N, P.data(), keep);
        const double rk = rls->gain(r, h_r, since_update, spiked);
        for (long k = 0; k < outputs; k++) {
            const double error = z[k] - wanted[k], scaled = textbook[0] ? error / (keep + rk) : error;
            for (long i = 0; i < N; i++) phi[k * N + i] -= rls->k[i] * scaled;
        }
        rls->shrink(keep + rk);
        since_update = power[0];
        std::fill(spiked.begin(), spiked.end(), 0);
        read();
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

#include "models.h"

#ifdef __wasm__
// Those of the library print, for which they would bring half of it.
#include <cstdlib>
extern "C" void __cxa_pure_virtual() { __builtin_trap(); }
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

// Of the neuron of that number.
EXPORT Network* make(int neuron) { return MAKE[neuron](); }
EXPORT void discard(Network* network) { delete network; }
EXPORT void begin(Network* network) { network->begin(); }
EXPORT long run(Network* network, long steps) { return network->run(steps); }

// Uses every instruction of the kernel: a processor that lacks one ends the process here. N neurons in a ring.
EXPORT int trial(int N) {
    const int outputs = 2, steps = 130;
    int failed = 0;
    for (auto* make : MAKE) {
        Network& network = *make();
        for (long k = 0; &network.real(k) != &network.E; k++) network.real(k).assign(N, 1.0);
        network.E.assign(N * outputs, 1.0);
        network.phi.assign(N * outputs, 0.0);
        network.omega.assign(N, 1e-3);
        network.parameters.assign(100, 1e-2);  // more than a model has
        network.alpha = {1e-3};
        network.forgetting = {0.9};
        network.limit = {INFINITY};
        network.target.assign(steps * outputs, 1.0);
        network.external.assign(steps * N, 1.0);
        network.feedback_noise.assign(steps * outputs, 1.0);
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
        failed += done != steps || !std::isfinite(network.P[0]);
        delete &network;
    }
    return failed;
}
