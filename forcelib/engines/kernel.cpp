// The network, for every size, number of outputs and time step. What a step does to its variables is in model.h, which
// build.py writes from the equations: the words in capitals.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <vector>

#include "model.h"
#include "kernel_rls.h"

// A loop whose turns do not depend on each other, which the compiler cannot know.
#ifdef __clang__
#define INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#else
#define INDEPENDENT _Pragma("GCC ivdep")
#endif

namespace forcelib {

struct Parameters {
    double PARAMETERS;
};

// What may be due at a step, in `schedule`.
enum { update = 1, trace = 2 };

class Network {
  public:
    // Arrays that are seen from outside, by the names below. From `target` on they belong to the steps of one run.
    std::vector<double> state[VARIABLES], s, h, r, h_r, since_spike, E, phi, omega, parameters;
    std::vector<double> target, readout, potentials, decoders;
    std::vector<int32_t> indptr, indices, watched, traced, schedule, spike_neuron, spike_step;
    double limit = INFINITY, alpha = 0;
    bool forced = false, textbook = false, diverged = false;
    int threads = 1;
    std::unique_ptr<RLS> rls;

    Network(long N, long outputs, double dt)
        : s(N), h(N), r(N), h_r(N), since_spike(N, never), E(outputs * N), phi(outputs * N), N(N), outputs(outputs),
          dt(dt), z(outputs), slope(outputs), fed(outputs), last(N), added(N), spiked(N) {
        for (auto& x : state) x.assign(N, 0.0);
    }

    std::vector<double>* real(int k) {
        std::vector<double>* const all[] = {&s,      &h,       &r,          &h_r,     &since_spike, &E, &phi, &omega,
                                            &target, &readout, &potentials, &decoders, &parameters};
        return k < 13 ? all[k] : &state[k - 13];
    }
    std::vector<int32_t>* integer(int k) {
        std::vector<int32_t>* const all[] = {&indptr, &indices, &watched, &traced, &schedule, &spike_neuron, &spike_step};
        return all[k];
    }

    // The matrix P of RLS.
    double* matrix() {
        if (!rls) rls.reset(new RLS(N, alpha, threads));
        return rls->matrix();
    }

    // To be called after arrays were changed from outside, and before r and h_r are read.
    void begin() {
        if (age) settle();
        std::copy(parameters.begin(), parameters.end(), (double*)&p);
        const auto [PARAMETERS] = p;
        hold = std::trunc((REFRACTORY + 1e-3 * dt) / dt);
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
        long step = 0;
        for (; step < steps && !diverged; step++) {
            const double* wanted = &target[step * outputs];
            const bool due = schedule[step] & update;
            if (due || age == block) settle();
            readout.insert(readout.end(), z.begin(), z.end());
            for (double value : z) diverged = diverged || !(std::fabs(value) < limit);
            for (long k = 0; k < outputs; k++) fed[k] = forced ? wanted[k] : z[k];
            if (due && !diverged) learn(wanted);
            if (schedule[step] & trace)
                for (int32_t i : traced)
                    for (long k = 0; k < outputs; k++) decoders.push_back(phi[k * N + i]);
            for (int32_t i : watched) potentials.push_back(state[0][i]);
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
        const auto [PARAMETERS] = p;
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
        if (!rls) rls.reset(new RLS(N, alpha, threads));
        const double rk = rls->gain(r.data(), h_r.data(), since_update, spiked.data());
        const double* gain = rls->gain_vector();
        for (long k = 0; k < outputs; k++) {
            const double error = z[k] - wanted[k], scaled = textbook ? error / (1 + rk) : error;
            for (long i = 0; i < N; i++) phi[k * N + i] -= gain[i] * scaled;
        }
        rls->shrink(rk);
        since_update = power[0];
        std::fill(spiked.begin(), spiked.end(), 0);
        read();
    }

    // One step of the equations, with the current J from outside, and the threshold.
    void advance(double step) {
        const auto [PARAMETERS] = p;
        const double dt = this->dt;
        double external[tile], fires[tile];
        for (long start = 0; start < N; start += tile) {
            const long n = std::min(start + tile, N) - start;
            for (long k = 0; k < outputs; k++)
                for (long i = 0; i < n; i++) external[i] = (k ? external[i] : 0) + E[k * N + start + i] * fed[k];
            double* const x[] = STATE(start);
            const double* const spike = &last[start];
            double any = 0;
            INDEPENDENT
            for (long i = 0; i < n; i++) {
                const double J = external[i], not_refractory = step - spike[i] >= hold ? 1 : 0;
                VARIABLE(x, i)
                STEP
                fires[i] = (THRESHOLD) ? not_refractory : 0;
                any += fires[i];
            }
            for (long i = 0; any != 0 && i < n; i++)
                if (fires[i] != 0) {
                    spike_neuron.push_back(start + i);
                    spike_step.push_back(step);
                }
        }
    }

    // What a spike does.
    void send(int32_t neuron, long step) {
        const auto [PARAMETERS] = p;
        const int32_t* const post = indices.data();
        const double* const weight = omega.data();
        double* const __restrict input = h.data();
        for (long k = indptr[neuron]; k < indptr[neuron + 1]; k++) {
            const double omega = weight[k];
            double& h = input[post[k]];
            SYNAPTIC_KICK
        }
        for (long k = 0; k < outputs; k++) slope[k] += power[1].b * kick * phi[k * N + neuron];
        recent.push_back({neuron, age});
        last[neuron] = step;
        double* const x[] = STATE(neuron);
        VARIABLE(x, 0)
        RESET
    }

    struct Spike {
        int32_t neuron, age;
    };
    const long N, outputs;
    const double dt;
    Parameters p{};
    double hold = 0, kick = 0;
    std::vector<double> z, slope, fed, last, added;  // last: step of the last spike
    std::vector<char> spiked;                 // since the last update
    Propagator power[block + 1] = {{1, 0, 1}}, since_update = {1, 0, 1};
    int age = 0;                // steps since r and h_r were brought up to date
    std::vector<Spike> recent;  // and the spikes since then
};

}  // namespace forcelib

#ifdef __wasm__
#define EXPORT(name) extern "C" __attribute__((export_name(#name)))

// Those of the library print, for which they would bring half of it.
#include <cstdlib>
#include <new>
_LIBCPP_BEGIN_NAMESPACE_STD
[[noreturn]] void __libcpp_verbose_abort(const char*, ...) noexcept { __builtin_trap(); }
_LIBCPP_END_NAMESPACE_STD
void* operator new(std::size_t size) {
    if (void* memory = std::malloc(size)) return memory;
    __builtin_trap();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
#else
#define EXPORT(name) extern "C" __attribute__((visibility("default")))
#endif

using forcelib::Network;

// The names of the arrays, in their order; and an array by its number, resized unless the size is negative.
EXPORT(reals) const char* reals() {
    return "s h r h_r since_spike E phi omega target readout potentials decoders parameters " NAMES;
}
EXPORT(integers) const char* integers() { return "indptr indices watched traced schedule spike_neuron spike_step"; }
template <class Array>
auto* sized(Array* array, int size) {
    if (size >= 0) array->resize(size);
    return array->data();
}
EXPORT(real) double* real(Network* network, int k, int size) { return sized(network->real(k), size); }
EXPORT(integer) int32_t* integer(Network* network, int k, int size) { return sized(network->integer(k), size); }
EXPORT(length) int length(Network* network, int k, int real) {
    return real ? network->real(k)->size() : network->integer(k)->size();
}
EXPORT(matrix) double* matrix(Network* network) { return network->matrix(); }

EXPORT(make) Network* make(int N, int outputs, double dt) { return new Network(N, outputs, dt); }
EXPORT(discard) void discard(Network* network) { delete network; }

// Another alpha begins with another P.
EXPORT(learning) void learning(Network* network, double alpha, int textbook, int threads) {
    if (alpha != network->alpha) network->rls.reset();
    network->alpha = alpha;
    network->textbook = textbook;
    network->threads = threads;
}
EXPORT(feedback) void feedback(Network* network, int forced, double limit) {
    network->forced = forced;
    network->limit = limit;
}
EXPORT(forget) void forget(Network* network) { network->rls.reset(); }
EXPORT(begin) void begin(Network* network) { network->begin(); }
EXPORT(run) int run(Network* network, int steps) { return network->run(steps); }
EXPORT(diverged) int diverged(Network* network) { return network->diverged; }

// Uses every instruction of the kernel: a processor that lacks one ends the process here. N neurons in a ring.
EXPORT(trial) int trial(int N, int outputs, int updates) {
    Network network(N, outputs, 1e-4);
    for (int i = 0; i <= N; i++) {
        network.indptr.push_back(i);
        network.indices.push_back((i + 1) % N);
    }
    network.omega.assign(N, 1e-3);
    network.parameters.assign(sizeof(forcelib::Parameters) / sizeof(double), 1e-2);
    network.state[0].assign(N, 1.0);
    network.E.assign(N * outputs, 1.0);
    network.target.assign(updates * outputs, 1.0);
    network.schedule.assign(updates, forcelib::update | forcelib::trace);
    network.traced = network.watched = {0, N - 1};
    learning(&network, 1e-3, 1, 2);
    network.begin();
    const int done = network.run(updates);
    network.begin();
    return done == updates && std::isfinite(network.matrix()[0]) ? 0 : 1;
}
