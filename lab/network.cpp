// The functions of the module that the page calls. The network is Brian2's code; here it is drawn and stepped.
#include <emscripten.h>

#include <cmath>

#include "force.h"
#include "objects.h"
#include "setup.h"  // what Brian2's main() does before its run, see build.py

using namespace forcelib;

Page forcelib::page;
int network_size;

namespace {

using brian::RandomGenerator;

const int& N = network_size;
std::vector<double> encoders, weights;  // as drawn, for Q = 1 and G = sqrt(N) p
std::vector<int32_t> spike_neuron, spike_step;
double v_start;
RandomGenerator kicks;

void draw_potentials(RandomGenerator& random) {
    const double v_reset = brian::_array_neurons_v_reset[0];
    for (int i = 0; i < N; i++) brian::_array_neurons_v[i] = v_reset + random.rand() * (v_start - v_reset);
}

}  // namespace

// That of the library prints, for which it would bring all of printf.
extern "C" void __cxa_throw_bad_array_new_length() { __builtin_trap(); }

#define FOR_THE_PAGE extern "C" EMSCRIPTEN_KEEPALIVE

FOR_THE_PAGE int longest_run() { return most_steps; }

// The only function that may be called before the module is initialised: what is made then needs the size.
FOR_THE_PAGE void set_size(int neurons) { network_size = neurons; }

// Then the page sets the shared parameters, in the order of forcelib, and draws the network.
FOR_THE_PAGE void begin() { start(); }
FOR_THE_PAGE double* shared(int k) {
    using namespace brian;
    double* const all[] = {SHARED};
    return all[k];
}

// In the order of forcelib.Reservoir.draw: Brian2's generator is that of NumPy's RandomState.
FOR_THE_PAGE void draw(unsigned seed, double p, double start) {
    RandomGenerator random;
    random.seed(seed);
    v_start = start;
    encoders.resize(N);
    for (double& encoder : encoders) encoder = 2 * random.rand() - 1;
    draw_potentials(random);
    std::vector<double> normal(size_t(N) * N);
    for (double& xi : normal) xi = random.randn();
    page.indptr.assign(1, 0);
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++) {
            if (random.rand() >= p) continue;
            page.indices.push_back(j);
            weights.push_back(normal[size_t(N) * i + j]);
        }
        page.indptr.push_back(page.indices.size());
    }
    set_up();
    page.dt = brian::_array_network_clock_dt[0];
    kicks = random;  // where the draw has ended: from the seed it would give the encoders again
}

FOR_THE_PAGE void set_coupling(double G, double p) {
    for (size_t k = 0; k < weights.size(); k++)
        brian::_dynamic_array_synapses_omega[k] = G * weights[k] / (std::sqrt(N) * p);
}

FOR_THE_PAGE void set_feedback(double Q) {
    for (int i = 0; i < N; i++) brian::_array_neurons_E[i] = encoders[i] * Q;
}

// A new alpha makes P anew; learning goes on with the decoder as it is.
FOR_THE_PAGE void set_learning(double alpha, int every, bool textbook) {
    const double tau_r = *shared(TAU_R), tau_d = *shared(TAU_D);
    double a = 1, b = 0, c = 1;
    for (int step = 0; step < every; step++) {
        b += page.dt * (c - b / tau_r);
        a -= page.dt * a / tau_r;
        c -= page.dt * c / tau_d;
    }
    page.forget = page.forget || alpha != page.learning.alpha;
    page.learning = {alpha, a, b, c, textbook, 1};
    page.rls_every = every;
    page.restart = true;
}
// From `delay` time steps on, and then every so many.
FOR_THE_PAGE void learn(bool on, int delay) {
    page.learns = on;
    page.first = page.total + delay;
    page.restart = true;
}
// P and the decoder as at the start.
FOR_THE_PAGE void forget() {
    page.forget = true;
    std::fill_n(brian::_array_neurons_phi, N, 0.0);
}

FOR_THE_PAGE void set_limit(double limit) { page.limit = limit; }
FOR_THE_PAGE void watch(int neuron) { page.watched = neuron; }

// Membrane potentials drawn anew.
FOR_THE_PAGE void kick() { draw_potentials(kicks); }

// A silenced neuron is held in its refractory period. RLS no longer knows whether it spiked since its last update.
FOR_THE_PAGE void silence(int neuron, bool on) {
    brian::_array_neurons_lastspike[neuron] = on ? 1e9 : -1e9;
    page.restart = true;
}

// Returns how many steps were done: less than asked for after a divergence.
FOR_THE_PAGE int run(int steps) {
    const int32_t* spikes = brian::_array_neurons__spikespace;
    spike_neuron.clear();
    spike_step.clear();
    page.step = 0;
    for (int step = 0; step < steps && !page.diverged; step++) {
        for (const auto& object : brian::network.objects) object.second();
        for (int k = 0; k < spikes[N]; k++) {
            spike_neuron.push_back(spikes[k]);
            spike_step.push_back(step);
        }
        brian::network_clock.tick();
    }
    return page.step;
}

FOR_THE_PAGE bool diverged() { return page.diverged; }
FOR_THE_PAGE int updates() { return page.updates; }
FOR_THE_PAGE int spikes() { return spike_neuron.size(); }
FOR_THE_PAGE int synapses() { return weights.size(); }

// Where the page finds and leaves things.
FOR_THE_PAGE double* target() { return page.target; }
FOR_THE_PAGE double* readout() { return page.readout; }
FOR_THE_PAGE double* potential() { return page.potential; }
FOR_THE_PAGE int32_t* spike_neurons() { return spike_neuron.data(); }
FOR_THE_PAGE int32_t* spike_steps() { return spike_step.data(); }
FOR_THE_PAGE double* decoder() { return brian::_array_neurons_phi; }
FOR_THE_PAGE double* encoder() { return brian::_array_neurons_E; }
FOR_THE_PAGE double* potentials() { return brian::_array_neurons_v; }
FOR_THE_PAGE double* weight() { return brian::_dynamic_array_synapses_omega.data(); }
