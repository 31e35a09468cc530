// Runs in the report's page, after uPlot: draws every `.plot` from the figures embedded beside it.
(() => {
  /** Series by name, one value per round: { time: [...], price: [...], … }. */
  const figures = JSON.parse(document.getElementById("figures").textContent);
  const holders = [...document.querySelectorAll(".plot .canvas")];
  const last = figures.time.length - 1;
  const DAY = 86_400;
  let plots = [];

  const color = (name) => getComputedStyle(probe(name)).color;

  /** An element that computes a custom property to a colour the canvas understands. */
  function probe(name) {
    const element = document.getElementById("probe");
    element.style.color = `var(--${name})`;
    return element;
  }

  /** Numbers in thousands or millions when large, with the decimals that tell neighbours apart. */
  function tickLabels(_plot, ticks, _axis, _space, step) {
    const largest = Math.max(...ticks.map(Math.abs));
    const [unit, suffix] = largest >= 1e6 ? [1e6, "M"] : largest >= 1e4 ? [1e3, "k"] : [1, ""];
    const digits =
      [0, 1, 2, 3, 4, 5, 6].find((d) => Number.isInteger(roundOff((step / unit) * 10 ** d))) ?? 6;
    const format = new Intl.NumberFormat("en-US", {
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    });
    return ticks.map((tick) => (tick === 0 ? "0" : format.format(tick / unit) + suffix));
  }

  const roundOff = (value) => Math.round(value * 1e6) / 1e6;

  /** Labels of the time axis by distance of its ticks, seconds: the date where a day begins, else the hour. */
  function timeLabels(_plot, ticks, _axis, _space, step) {
    return ticks.map((seconds) => {
      const iso = new Date(seconds * 1e3).toISOString();
      if (step >= DAY || seconds % DAY === 0) return iso.slice(5, 10);
      return step >= 60 ? iso.slice(11, 16) : iso.slice(11, 19);
    });
  }

  const legendNumber = new Intl.NumberFormat("en-US", { maximumFractionDigits: 2 });
  const legendValue = (_plot, value) => (value == null ? "–" : legendNumber.format(value));

  function lineSeries({ key, label, ink }) {
    const stroke = color(ink);
    const paths = uPlot.paths.stepped({ align: 1 });
    return { label, stroke, width: 1.5, paths, points: { show: false }, value: legendValue, key };
  }

  /** Markers where the series has a value; the legend tells how many liquidations one stands for. */
  function markerSeries({ key, label, ink, hollow, counts }) {
    const stroke = color(ink);
    const points = {
      show: true,
      size: hollow ? 11 : 6,
      width: 2,
      stroke,
      fill: hollow ? "transparent" : stroke,
    };
    const value = (_plot, _value, _series, index) => (index == null ? "–" : String(figures[counts][index]));
    return { label, stroke, paths: () => null, points, value, key };
  }

  function draw(holder) {
    const { series } = JSON.parse(holder.dataset.plot);
    const faint = color("faint");
    const axis = {
      stroke: faint,
      grid: { stroke: color("line"), width: 1 },
      ticks: { stroke: color("line"), width: 1 },
    };
    const lines = series.map((s) => (s.counts === undefined ? lineSeries(s) : markerSeries(s)));
    const options = {
      ...sizeFor(holder),
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1e3), "Etc/UTC"),
      cursor: { sync: { key: "replay" }, y: false },
      axes: [
        { ...axis, space: 60, size: 34, values: timeLabels },
        { ...axis, size: 62, values: tickLabels },
      ],
      // Without a cursor the legend shows how it ended.
      hooks: { ready: [showLast], setLegend: [showLast] },
      series: [{ label: "UTC", value: "{YYYY}-{MM}-{DD} {HH}:{mm}:{ss}" }, ...lines],
    };
    return new uPlot(options, [figures.time, ...lines.map(({ key }) => figures[key])], holder);
  }

  function showLast(plot) {
    if (plot.legend.idx == null && last >= 0) plot.setLegend({ idx: last }, false);
  }

  function sizeFor(holder) {
    return { width: holder.clientWidth, height: holder.clientWidth < 500 ? 200 : 260 };
  }

  function drawAll() {
    for (const plot of plots) plot.destroy();
    plots = holders.map(draw);
  }

  drawAll();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  new ResizeObserver(() => {
    for (const [i, plot] of plots.entries()) {
      if (plot.width !== holders[i].clientWidth) plot.setSize(sizeFor(holders[i]));
    }
  }).observe(document.querySelector("main"));
})();
