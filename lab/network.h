// What the live lab adds to the network that Brian2 generates, in place of the fast engine's force.h:
// connections come from the memory that the page shares with the module, and the readout goes there.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "readout.h"

namespace forcelib {

// How many time steps one call of run() may do.
enum : int { most_steps = 1000 };

struct Page {
    // Connections in compressed rows: the targets of neuron i are indices[indptr[i]] ... indices[indptr[i + 1] - 1].
    std::vector<int32_t> indptr, indices;

    // What the page sets before a run.
    double target[most_steps];
    bool learns = false, restart = false, forget = false;
    int32_t rls_every = 50, watched = 0;
    Learning learning{};
    double dt = 0, limit = 0;

    // What it finds after it: readout and membrane potential of the watched neuron at the start of each step.
    double readout[most_steps], potential[most_steps];
    bool diverged = false;
    int32_t updates = 0;

    int32_t step = 0;   // of this run
    int64_t total = 0;  // of all
    int64_t first = 0;  // when RLS came on
};
extern Page page;

inline long first_synapse(long i) { return page.indptr[i]; }
inline long synapse_target(long k) { return page.indices[k]; }

class Experiment {
  public:
    explicit Experiment(const Variables& variables) : x(variables), readout(variables, page.indptr.size() - 1) {}

    // As in force.h: readout from r(t), then RLS with that readout.
    void begin_step() {
        if (!readout.read(page.limit)) page.diverged = true;
        page.readout[page.step] = readout.z[0];
        page.potential[page.step] = x.v[page.watched];
        if (page.forget) readout.rls.reset();
        if (page.restart && readout.rls) readout.rls->restart();
        page.forget = page.restart = false;
        const int64_t since_first = page.total - page.first;
        if (page.learns && !page.diverged && since_first >= 0 && since_first % page.rls_every == 0) {
            const double now = page.total * page.dt, since = now - (page.rls_every + 0.5) * page.dt;
            // A silenced neuron has its last spike in a future that never comes.
            readout.train(&page.target[page.step], page.learning,
                          [&](long i) { return x.lastspike[i] > since && x.lastspike[i] <= now; });
            page.updates++;
        }
        page.step++;
        page.total++;
    }

    double output(int) const { return readout.z[0]; }

  private:
    const Variables x;
    Readout readout;
};

}  // namespace forcelib
