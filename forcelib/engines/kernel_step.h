// The network of one neuron. models.h, which build.py writes from the equations, has this once for each, with the words in
// capitals.
namespace forcelib {

class NETWORK final : public Network {
    void rate_step(double& r, double& h_r) const override {
        PARAMETERS
        RATE_STEP
    }

    double rate_kick() const override {
        PARAMETERS
        double h_r = 0;
        RATE_KICK
        return h_r;
    }

    void advance(long now) override {
        PARAMETERS
        [[maybe_unused]] const double step = now, hold = std::trunc((REFRACTORY + 1e-3 * dt) / dt);
        const double one = power[0].a;  // to a known 1 a compiler would convert truth values, lane by lane
        for (long start = 0; start < N; start += tile) {
            double outside[tile], fires[tile], any = 0;
            const long end = std::min(start + tile, N);
            for (long i = start; i < end; i++) outside[i - start] = E[i] * fed[0];
            for (long k = 1; k < outputs; k++)
                for (long i = start; i < end; i++) outside[i - start] += E[k * N + i] * fed[k];
            if (!external.empty())
                for (long i = start; i < end; i++) outside[i - start] += external[now * N + i];
#pragma omp simd
            for (long i = start; i < end; i++) {
                const double J = outside[i - start];
                const double not_refractory = !HELD || step - last[i] >= hold ? one : 0;
                VARIABLES_OF(i)
                STEP
                fires[i - start] = (THRESHOLD) ? not_refractory : 0;
                any += fires[i - start];
            }
            for (long i = start; any != 0 && i < end; i++)
                if (fires[i - start] != 0) {
                    spike_neuron.push_back(i);
                    spike_step.push_back(now);
                }
        }
    }

    void send(int32_t neuron) override {
        PARAMETERS
        for (long k = indptr[neuron]; k < indptr[neuron + 1]; k++) {
            const double omega = this->omega[k];
            double& h = this->h[indices[k]];
            SYNAPTIC_KICK
        }
        VARIABLES_OF(neuron)
        RESET
    }
};

}  // namespace forcelib
