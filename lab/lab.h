// Included before all else. Brian2's code prints and asks the system for a seed; neither has a use in a page, and what
// they need would make the module more than three times as large.
#pragma once
#include <cstdio>
#include <iostream>
#include <random>
namespace std {
struct Quiet {
    template <class T>
    Quiet& operator<<(const T&) { return *this; }
};
static Quiet quiet;
static const char line_end = 0;
struct no_device {
    unsigned operator()() { return 0; }
};
}  // namespace std
#define cout quiet
#define endl line_end
#define random_device no_device

// The number of neurons, which the page sets before anything else: one module serves every size.
extern int network_size;
