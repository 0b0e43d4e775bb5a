"""How heavy the pages of the built book are, and how long they take to open, as a Markdown table.

Over http from this machine, uncompressed, with an empty cache: the weight of the page itself, of its
pictures, and of all it asks for; the time until it is loaded, and until its mathematics is set (medians).
"""

import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "book"))

from browser import HTML, PAGES, chromium, serve, settle


def weigh(browser, address):
    """Open a page once; gives its kilobytes (itself, pictures, all) and seconds (loaded, set)."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    answers = []
    page.on("response", lambda answer: answers.append(answer))
    page.goto(address)
    settle(page)
    loaded, done = page.evaluate(
        "[performance.timing.loadEventEnd - performance.timing.navigationStart, performance.now()]"
    )
    for image in page.locator("img[loading=lazy]").all():
        image.evaluate("image => { image.loading = 'eager'; return image.decode().catch(() => 0) }")
    sizes = [(answer.request.resource_type, len(answer.body())) for answer in answers]
    context.close()
    kinds = ("document",), ("image",), None
    weights = [
        sum(size for kind, size in sizes if wanted is None or kind in wanted) / 1000 for wanted in kinds
    ]
    return [*weights, loaded / 1000, done / 1000]


def main(openings=3):
    """Print the table."""
    print("| page | html (kB) | pictures (kB) | all (kB) | loaded (s) | mathematics set (s) |")
    print("|---|--:|--:|--:|--:|--:|")
    with chromium() as browser, serve(HTML) as site:
        for name in PAGES:
            found = [weigh(browser, f"{site}/{name}") for _ in range(openings)]
            html, pictures, everything, loaded, done = map(statistics.median, zip(*found, strict=True))
            print(f"| {name} | {html:.0f} | {pictures:.0f} | {everything:.0f} | {loaded:.2f} | {done:.2f} |")


if __name__ == "__main__":
    main()
