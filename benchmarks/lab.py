"""How fast the live lab runs here: simulated seconds per second in headless Chromium.

    python benchmarks/lab.py [N ...]

The book must be built. Printed are the real-time factors that the worker of the page reaches when it may go
as fast as it can, for each size and phase, the time from pressing Start to the first frame, and the size of
the module.
"""

import argparse
import sys
from pathlib import Path

from forcelib.engines.build import MODULE

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "book"))

PAGE = ROOT / "_build" / "html" / "pages" / "live_lab.html"


def measure(browser, N):
    """Return the milliseconds to the first frame, and the factors before, during and after training."""
    page = browser.new_page()
    page.goto(f"{PAGE.as_uri()}#lab?N={N}&pace=0")

    def read(name):
        return float(page.get_attribute("#lab", f"data-{name}") or "nan")

    def wait(seconds):
        """Wait for a simulated time; return it, and the time on the wall."""
        page.wait_for_function("(seconds) => lab.dataset.time > seconds", arg=seconds, timeout=0)
        return page.evaluate("[Number(lab.dataset.time), performance.now() / 1000]")

    def span(seconds):
        """Factor over some simulated seconds, after one in which code is compiled and P allocated."""
        before = wait(read("time") + 1)
        after = wait(before[0] + seconds)
        return (after[0] - before[0]) / (after[1] - before[1])

    page.click("[data-do=run]")
    wait(0)
    factors = [span(4)]
    page.click("[data-do=learn]")
    factors.append(span(8))
    page.click("[data-do=learn]")
    factors.append(span(4))
    started = read("started")
    page.close()
    return started, factors


def main():
    """Print a table."""
    from browser import chromium

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sizes", metavar="N", type=int, nargs="*", default=[500, 1000, 2000, 4000])
    sizes = parser.parse_args().sizes
    print(f"module: {MODULE.stat().st_size / 1000:.1f} kB")
    print("     N   start (ms)   free   training   alone   (simulated seconds per second)")
    with chromium() as browser:
        for N in sizes:
            started, (free, training, alone) = measure(browser, N)
            print(f"{N:6d} {started:12.0f} {free:6.2f} {training:10.2f} {alone:7.2f}", flush=True)


if __name__ == "__main__":
    main()
