// Feeds forcelib's RLS with updates from a file: rls_harness INPUT OUTPUT THREADS
// Input:  n, updates as int64; alpha, a, b, c as double; per update r[n], h[n] as double, spiked[n] as bytes.
// Output: per update k[n] and r'k as double.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "rls.h"

template <class T>
static std::vector<T> take(std::FILE* file, size_t count) {
    std::vector<T> values(count);
    if (std::fread(values.data(), sizeof(T), count, file) != count) std::exit(2);
    return values;
}

int main(int argc, char** argv) {
    if (argc != 4) return 1;
    std::FILE* in = std::fopen(argv[1], "rb");
    std::FILE* out = std::fopen(argv[2], "wb");
    if (!in || !out) return 1;
    const std::vector<int64_t> size = take<int64_t>(in, 2);
    const std::vector<double> number = take<double>(in, 4);
    const long n = size[0];
    forcelib::RLS rls(n, number[0], std::atoi(argv[3]));
    for (int64_t update = 0; update < size[1]; update++) {
        const std::vector<double> r = take<double>(in, n), h = take<double>(in, n);
        const std::vector<uint8_t> spiked = take<uint8_t>(in, n);
        const double rk = rls.gain(r.data(), h.data(), number[1], number[2], number[3],
                                   [&](long i) { return spiked[i] != 0; });
        std::fwrite(rls.gain_vector(), sizeof(double), n, out);
        std::fwrite(&rk, sizeof rk, 1, out);
        rls.shrink(rk);
    }
    std::fclose(in);
    return std::fclose(out);
}
