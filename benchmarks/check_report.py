"""The report of the example plant as people see it: browser, paper, screen reader, office; looks only where these are.

``make check-report``. Chromium opens it with the network off at two widths, light and dark, prints it, and runs
axe-core where npm has brought it (``AXE=/path/to/axe.min.js``); LibreOffice opens the workbook and turns it into pages.
Pictures go to benchmarks/results/report/, to be looked at.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from time import perf_counter, process_time

from tocfin.dataset.write import write
from tocfin.examples import example_dataset, half_finished, write_scenarios
from tocfin.forecast.dossier import dossier
from tocfin.report.bound import bound

RESULTS = Path(__file__).parent / "results" / "report"
MOST_BYTES, MOST_SECONDS, MOST_PAGES = 6_000_000, 3.0, 12
SECTIONS = ("targets", "scorecard", "close", "why", "uncertainty", "plan", "risks", "run")
#: Width -> height of a picture; a window of a browser is never as narrow as a phone, so the page stands in a frame.
SIZES = {1440: 13_000, 390: 18_000}
HARSH = ("serious", "critical")


def main() -> None:
    """Build, look, print, convert; exit with 1 where something is not as promised."""
    shutil.rmtree(RESULTS, ignore_errors=True)
    RESULTS.mkdir(parents=True)
    dataset = example_dataset()
    assert dataset.plan is not None
    write(dataset.tables, dataset.plan, RESULTS / "plant")
    base = write_scenarios(RESULTS / "scenarios", RESULTS / "plant")[0]
    activities = dataset.tables["activities"].height
    bound(dossier([base], replications=64), RESULTS / "warm.html")
    seconds, work = min(_built(base) for _ in range(3))
    bound(dossier([base, RESULTS / "scenarios" / "overtime.toml"]), RESULTS / "compare.html")
    midway = half_finished()
    assert midway.plan is not None
    write(midway.tables, midway.plan, RESULTS / "midway")
    bound(dossier([RESULTS / "midway"]), RESULTS / "midway.html")
    bound(dossier([base]), RESULTS / "report.xlsx")
    size = (RESULTS / "report.html").stat().st_size
    faults = [] if size <= MOST_BYTES else [f"{size:,} bytes"]
    print(
        f"{activities:,} activities: built in {seconds:.2f} s, {work:.2f} s of work (promised: {MOST_SECONDS:g} warm)"
    )
    print(f"{size:,} bytes (promised: {MOST_BYTES:,})")
    faults += [] if seconds <= MOST_SECONDS else [f"built in {seconds:.2f} s"]
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    faults += _browser(browser) if browser else _absent("no Chromium here: not looked at")
    office = shutil.which("soffice") or shutil.which("libreoffice")
    faults += _office(office) if office else _absent("no LibreOffice here: workbook not converted")
    print("\n".join(faults) or "as promised")
    sys.exit(1 if faults else 0)


def _built(base: Path) -> tuple[float, float]:
    """Seconds on the clock and of processor time that the report takes."""
    begun, worked = perf_counter(), process_time()
    bound(dossier([base]), RESULTS / "report.html", force=True)
    return perf_counter() - begun, process_time() - worked


def _absent(words: str) -> list[str]:
    print(words)
    return []


def _run(browser: str, *words: str) -> subprocess.CompletedProcess[str]:
    common = ("--headless=new", "--no-sandbox", "--disable-gpu", "--proxy-server=127.0.0.1:9", "--hide-scrollbars",
              "--virtual-time-budget=10000", "--enable-logging=stderr")  # fmt: skip
    return subprocess.run([browser, *common, *words], capture_output=True, text=True, check=False, timeout=180)


def _browser(browser: str) -> list[str]:
    faults = []
    for name in ("report", "compare", "midway"):
        page = (RESULTS / f"{name}.html").resolve().as_uri()
        for width, height in SIZES.items():
            shot = RESULTS / f"{name}-{width}.png"
            frame = RESULTS / "frame.html"
            size = f"width:{width}px;height:{height}px"
            frame.write_text(f'<body style="margin:0"><iframe src="{page}" style="border:0;{size}"></iframe>', "utf-8")
            said = _run(browser, "--allow-file-access-from-files", f"--window-size={max(width, 600)},{height}",
                        f"--screenshot={shot}", frame.resolve().as_uri())  # fmt: skip
            faults += [line for line in said.stderr.splitlines() if "CONSOLE" in line]
        seen = _run(browser, "--dump-dom", page).stdout
        drawn, wanted = len(re.findall(r'class="main-svg"', seen)), len(re.findall(r'id="chart-', seen))
        faults += [] if drawn >= wanted else [f"{name}: {drawn} pictures drawn of {wanted}"]
        sections = [word for word in SECTIONS if f'id="{word}"' not in seen]
        faults += [f"{name}: no section {word}" for word in sections]
    dark = f"--screenshot={RESULTS / 'report-dark.png'}"
    _run(browser, "--blink-settings=preferredColorScheme=0", "--window-size=1440,3000", dark,
         (RESULTS / "report.html").resolve().as_uri())  # fmt: skip
    paper = RESULTS / "report.pdf"
    _run(browser, "--no-pdf-header-footer", f"--print-to-pdf={paper}", (RESULTS / "report.html").resolve().as_uri())
    pages = len(re.findall(rb"/Type\s*/Page[^s]", paper.read_bytes()))
    print(f"printed on {pages} pages (at most {MOST_PAGES})")
    faults += [] if pages <= MOST_PAGES else [f"{pages} pages on paper"]
    return faults + _axe(browser)


def _axe(browser: str) -> list[str]:
    axe = os.environ.get("AXE")
    if not axe:
        return _absent("AXE is not set: not checked with axe-core")
    page = (RESULTS / "report.html").read_text("utf-8")
    ask = "axe.run().then(r => { document.title = 'axe'; const p = document.createElement('pre'); p.id = 'axe';" \
          " p.textContent = JSON.stringify(r.violations.map(v => [v.impact, v.id, v.nodes.length," \
          " v.nodes[0].html.slice(0, 120)])); document.body.append(p); });"  # fmt: skip
    checked = RESULTS / "axe.html"
    script = f"<script>{Path(axe).read_text('utf-8')}</script><script>{ask}</script></body>"
    checked.write_text(page.replace("</body>", script), "utf-8")
    seen = _run(browser, "--dump-dom", checked.resolve().as_uri()).stdout
    found = re.search(r'<pre id="axe">(.*?)</pre>', seen, re.DOTALL)
    if found is None:
        return ["axe-core did not answer"]
    told = json.loads(found.group(1).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
    print(f"axe-core: {len(told)} kinds of violations: {told}")
    return [f"axe: {one}" for one in told if one[0] in HARSH]


def _office(office: str) -> list[str]:
    """The workbook as pages; LibreOffice says nothing where nothing had to be mended, and every sheet is there."""
    words = [office, "--headless", "--convert-to", "pdf", "--outdir", str(RESULTS / "office"),
             str(RESULTS / "report.xlsx")]  # fmt: skip
    said = subprocess.run(words, capture_output=True, text=True, check=False, timeout=240)
    paper = RESULTS / "office" / "report.pdf"
    if said.returncode or not paper.exists():
        return [f"LibreOffice: {said.stderr or said.stdout}"]
    pictures, text = shutil.which("pdftoppm"), shutil.which("pdftotext")
    if pictures is None or text is None:
        return _absent("no poppler here: pages of the workbook not read")
    subprocess.run([pictures, "-r", "60", "-png", str(paper), str(RESULTS / "office" / "page")], check=True)
    read = subprocess.run([text, "-layout", str(paper), "-"], capture_output=True, text=True, check=True).stdout
    pages = len(list((RESULTS / "office").glob("page-*.png")))
    print(f"LibreOffice: {pages} pages")
    titles = ("Targets", "All KPIs", "Run card", "Jobs that may be late")
    faults = [f"LibreOffice: no '{title}' on its pages" for title in titles if title not in read]
    return faults + [f"LibreOffice: {word} on its pages" for word in ("#REF!", "#NAME?", "Err:", "###") if word in read]


if __name__ == "__main__":
    main()
