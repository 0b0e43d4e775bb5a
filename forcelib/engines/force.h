// What the fast engine adds to the network that Brian2 generates: the readout, the schedule of the
// training, the recording of both, and an orderly stop. Inputs and outputs are files of the working folder.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "network.h"
#include "readout.h"

namespace forcelib {

template <class T>
std::vector<T> read_array(const std::string& name) {
    std::ifstream file(name, std::ios::binary | std::ios::ate);
    if (!file) {
        std::fprintf(stderr, "cannot read %s\n", name.c_str());
        std::exit(3);
    }
    std::vector<T> values(file.tellg() / sizeof(T));
    file.seekg(0);
    file.read(reinterpret_cast<char*>(values.data()), values.size() * sizeof(T));
    return values;
}

// Connections in compressed rows: the targets of neuron i are target(first(i)) ... target(first(i + 1) - 1).
inline long first_synapse(long i) {
    static const std::vector<int64_t> indptr = read_array<int64_t>("indptr.bin");
    return indptr[i];
}
inline long synapse_target(long k) {
    static const std::vector<int32_t> indices = read_array<int32_t>("indices.bin");
    return indices[k];
}

class OutputFile {
  public:
    explicit OutputFile(const char* name) : file(std::fopen(name, "wb")) {
        if (!file) {
            std::fprintf(stderr, "cannot write %s\n", name);
            std::exit(3);
        }
    }
    ~OutputFile() { std::fclose(file); }
    void write(double value) {
        if (std::fwrite(&value, sizeof value, 1, file) != 1) {
            std::fprintf(stderr, "cannot write: is the disk full?\n");
            std::exit(3);
        }
    }

  private:
    std::FILE* file;
};

class Experiment {
  public:
    explicit Experiment(const Variables& variables)
        : x(variables),
          outputs(x.decoder.size()),
          settings(read_settings()),
          N(number("N")),
          steps(number("steps")),
          rls_first(number("rls_first")),
          rls_last(number("rls_last")),
          rls_every(number("rls_every")),
          forced(number("forced")),
          limit(number("limit")),
          dt(number("dt")),
          learning{number("alpha"), number("a"),
                   number("b"),     number("c"),
                   number("textbook") != 0, int(number("threads"))},
          readout(variables, N),
          target(read_array<double>("target.bin")),
          decoder_ids(read_array<int64_t>("record_decoders.bin")),
          potential_ids(read_array<int64_t>("record_potentials.bin")) {
        // Brian2 does not let a command line set this variable.
        const std::vector<double> lastspike = read_array<double>("lastspike.bin");
        std::copy(lastspike.begin(), lastspike.end(), x.lastspike);
    }

    // At the start of a time step: readout from r(t), then RLS with that readout, as in the reference program.
    void begin_step() {
        const bool within = readout.read(limit);
        for (double z : readout.z) readouts.write(z);
        if (!within) {
            std::printf("diverged\n");
            Network::_globally_stopped = true;
        } else if (step >= rls_first && step <= rls_last && (step - rls_first) % rls_every == 0) {
            const double since = (step - rls_every - 0.5) * dt;
            readout.train(&target[step * outputs], learning, [&](long i) { return x.lastspike[i] > since; });
        }
        if (step % rls_every == 0)
            for (int64_t i : decoder_ids)
                for (size_t k = 0; k < outputs; k++) decoders.write(x.decoder[k][i]);
        for (int64_t i : potential_ids) potentials.write(x.v[i]);
        step++;
        if (step == steps) Network::_globally_stopped = true;
        if (step % 1000 == 0 || step == steps) {
            std::printf("%ld\n", step);
            std::fflush(stdout);
        }
    }

    // What is fed back: the readout, or under teacher forcing the target. begin_step has counted the step already.
    double output(int k) const { return forced ? target[(step - 1) * outputs + k] : readout.z[k]; }

  private:
    static std::map<std::string, double> read_settings() {
        std::map<std::string, double> values;
        std::ifstream file("settings.txt");
        std::string name;
        double value;
        while (file >> name >> value) values[name] = value;
        return values;
    }
    double number(const char* name) const {
        const auto found = settings.find(name);
        if (found == settings.end()) {
            std::fprintf(stderr, "settings.txt: %s is missing\n", name);
            std::exit(3);
        }
        return found->second;
    }

    const Variables x;
    const size_t outputs;
    const std::map<std::string, double> settings;
    const long N, steps, rls_first, rls_last, rls_every;
    const bool forced;
    const double limit, dt;
    const Learning learning;
    long step = 0;
    Readout readout;
    const std::vector<double> target;
    const std::vector<int64_t> decoder_ids, potential_ids;
    OutputFile readouts{"readout.bin"}, decoders{"decoders.bin"}, potentials{"potentials.bin"};
};

}  // namespace forcelib
