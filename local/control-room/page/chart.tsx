// A plot of a metric: one line per set of labels. Dragging zooms in, a double click zooms out.

import { useEffect, useRef } from "preact/hooks";
import UPlot from "uplot";
import type { MetricSeries } from "../telemetry-contract.ts";
import { bytes } from "./format.ts";

const HEIGHT_PX = 200;
const MOST_LINES = 8;
const COLOURS = ["#3b82f6", "#d97706", "#059669", "#db2777", "#7c3aed", "#0891b2", "#65a30d", "#dc2626"];

export function Chart({ series }: { readonly series: MetricSeries }) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot | undefined>(undefined);
  const lines = series.series.slice(0, MOST_LINES);
  const labels = lines.map((line) => Object.values(line.labels).join(" → ") || series.name);
  const key = labels.join("\n");
  // Other lines, another plot; new values below.
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    // Read at each drawing, as the reader may choose other colours meanwhile.
    const style = getComputedStyle(element);
    const axis = {
      stroke: () => style.color,
      grid: { stroke: () => style.borderTopColor, width: 1 },
      ticks: { show: false },
    };
    const made = new UPlot(
      {
        width: element.clientWidth,
        height: HEIGHT_PX,
        series: [
          {},
          ...labels.map((label, index) => ({
            label,
            stroke: COLOURS[index % COLOURS.length] ?? "",
            width: 1.5,
          })),
        ],
        axes: [axis, { ...axis, size: 64, ...(series.unit === "bytes" ? { values: inBytes } : {}) }],
        cursor: { y: false },
      },
      valuesOf(series),
      element,
    );
    plot.current = made;
    const watcher = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT_PX }));
    watcher.observe(element);
    return () => {
      watcher.disconnect();
      made.destroy();
    };
  }, [key]);
  // A reader who has zoomed in keeps the range.
  useEffect(() => plot.current?.setData(valuesOf(series), !isZoomed(plot.current)), [series]);
  return <div ref={box} class="plot" />;
}

const inBytes = (_: UPlot, marks: readonly number[]): string[] => marks.map((mark) => bytes(mark));

const valuesOf = ({ at, series }: MetricSeries): UPlot.AlignedData => [
  at.map((ms) => ms / 1_000),
  ...series.slice(0, MOST_LINES).map(({ values }) => [...values]),
];

function isZoomed(plot: UPlot): boolean {
  const times = plot.data[0];
  const { min, max } = plot.scales["x"] ?? {};
  return min != null && max != null && (min > (times[0] ?? min) || max < (times.at(-1) ?? max));
}
