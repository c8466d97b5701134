"""The report of the example plant as people see it: browser, paper, screen reader, office; looks only where these are.

``make check-report``. Chromium opens it with the network off at two widths, prints it, and runs axe-core where npm has
brought it (``AXE=/path/to/axe.min.js``); LibreOffice converts the workbook. Pictures go to benchmarks/results/.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from time import perf_counter

from tocfin.dataset.write import write
from tocfin.examples import example_dataset, write_scenarios
from tocfin.forecast.dossier import dossier
from tocfin.report.bound import bound

RESULTS = Path(__file__).parent / "results" / "report"
MOST_BYTES, MOST_SECONDS, MOST_PAGES = 6_000_000, 3.0, 12
HARSH = ("serious", "critical")


def main() -> None:
    """Build, look, print, convert; exit with 1 where something is not as promised."""
    shutil.rmtree(RESULTS, ignore_errors=True)
    RESULTS.mkdir(parents=True)
    dataset = example_dataset()
    assert dataset.plan is not None
    write(dataset.tables, dataset.plan, RESULTS / "plant")
    base = write_scenarios(RESULTS / "scenarios", RESULTS / "plant")[0]
    bound(dossier([base], replications=64), RESULTS / "warm.html")
    begun = perf_counter()
    bound(dossier([base]), RESULTS / "report.html")
    seconds = perf_counter() - begun
    bound(dossier([base, RESULTS / "scenarios" / "overtime.toml"]), RESULTS / "compare.html")
    bound(dossier([base]), RESULTS / "report.xlsx")
    size = (RESULTS / "report.html").stat().st_size
    faults = [] if size <= MOST_BYTES else [f"{size:,} bytes"]
    print(f"built in {seconds:.2f} s (promised: {MOST_SECONDS:g} warm), {size:,} bytes")
    faults += [] if seconds <= MOST_SECONDS else [f"built in {seconds:.2f} s"]
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    faults += _browser(browser) if browser else _absent("no Chromium here: not looked at")
    office = shutil.which("soffice") or shutil.which("libreoffice")
    faults += _office(office) if office else _absent("no LibreOffice here: workbook not converted")
    print("\n".join(faults) or "as promised")
    sys.exit(1 if faults else 0)


def _absent(words: str) -> list[str]:
    print(words)
    return []


def _run(browser: str, *words: str) -> subprocess.CompletedProcess[str]:
    common = ("--headless=new", "--no-sandbox", "--disable-gpu", "--proxy-server=127.0.0.1:9", "--hide-scrollbars",
              "--virtual-time-budget=10000", "--enable-logging=stderr")  # fmt: skip
    return subprocess.run([browser, *common, *words], capture_output=True, text=True, check=False, timeout=180)


def _browser(browser: str) -> list[str]:
    faults = []
    for name in ("report", "compare"):
        place = (RESULTS / f"{name}.html").resolve().as_uri()
        for width in (1440, 390):
            shot = RESULTS / f"{name}-{width}.png"
            said = _run(browser, f"--window-size={width},9000", f"--screenshot={shot}", place)
            faults += [line for line in said.stderr.splitlines() if "CONSOLE" in line]
        seen = _run(browser, "--dump-dom", place).stdout
        drawn, wanted = seen.count('class="main-svg"'), seen.count('class="chart')
        faults += [] if drawn >= wanted else [f"{name}: {drawn} pictures drawn of {wanted}"]
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
    words = [office, "--headless", "--convert-to", "pdf", "--outdir", str(RESULTS / "office"),
             str(RESULTS / "report.xlsx")]  # fmt: skip
    said = subprocess.run(words, capture_output=True, text=True, check=False, timeout=240)
    return (
        [] if (RESULTS / "office" / "report.pdf").exists() and said.returncode == 0 else [f"LibreOffice: {said.stderr}"]
    )


if __name__ == "__main__":
    main()
