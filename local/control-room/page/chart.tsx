// A plot of a metric: one line per set of labels. Dragging zooms in, a double click zooms out.

import { useEffect, useRef } from "preact/hooks";
import UPlot from "uplot";
import type { MetricSeries } from "../telemetry-contract.ts";
import { clock, NONE } from "./format.ts";
import { lonePlaces, shownLines, timeMarks, valueText } from "./plot-lines.ts";
import { useTexts } from "./use-data.ts";

const HEIGHT_PX = 200;
const COLOURS = ["#3b82f6", "#d97706", "#059669", "#db2777", "#7c3aed", "#0891b2", "#65a30d", "#dc2626"];

interface ChartProps {
  readonly series: MetricSeries;
  /** What a line is called. */
  readonly labelOf: (line: MetricSeries["series"][number]) => string;
}

export function Chart({ series, labelOf }: ChartProps) {
  const t = useTexts();
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot | undefined>(undefined);
  const labels = shownLines(series.series).map(labelOf);
  const time = t("time");
  const key = [time, ...labels].join("\n");
  // Other lines, another plot; new values below.
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const made = new UPlot(optionsOf(element, series.unit, time, labels), valuesOf(series), element);
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

function optionsOf(
  element: HTMLElement,
  unit: string,
  time: string,
  labels: readonly string[],
): UPlot.Options {
  // Read at each drawing, as the reader may choose other colours meanwhile.
  const style = getComputedStyle(element);
  const axis: UPlot.Axis = {
    stroke: () => style.color,
    grid: { stroke: () => style.borderTopColor, width: 1 },
    ticks: { show: false },
  };
  return {
    width: element.clientWidth,
    height: HEIGHT_PX,
    scales: { y: { range: (_, __, max) => fromZero(max) } },
    series: [
      { label: time, value: (_, at) => (at == null ? NONE : clock(at * 1_000).slice(0, 8)) },
      ...labels.map((label, index) => ({
        label,
        stroke: COLOURS[index % COLOURS.length] ?? "",
        width: 1.5,
        points: {
          filter: (own: UPlot, line: number, showsAll: boolean) =>
            showsAll ? null : lonePlaces(own.data[line] ?? []),
        },
        value: (own: UPlot, value: number | null, line: number) =>
          valueText(unit, own.cursor.idx == null ? latest(own.data[line] ?? []) : value),
      })),
    ],
    axes: [
      { ...axis, values: (_, marks, __, ___, step) => timeMarks(marks, step) },
      { ...axis, size: 64, values: (_, marks) => marks.map((mark) => valueText(unit, mark)) },
    ],
    cursor: { y: false },
  };
}

/** Of values that are all 0, too. */
function fromZero(max: number | null): UPlot.Range.MinMax {
  return max === null || max <= 0 ? [0, 1] : UPlot.rangeNum(0, max, 0.1, true);
}

/** The last value that there is. */
const latest = (values: ArrayLike<number | null | undefined>): number | null =>
  Array.from(values).findLast((value) => value != null) ?? null;

const valuesOf = ({ at, series }: MetricSeries): UPlot.AlignedData => [
  at.map((ms) => ms / 1_000),
  ...shownLines(series).map(({ values }) => [...values]),
];

function isZoomed(plot: UPlot): boolean {
  const times = plot.data[0];
  const { min, max } = plot.scales["x"] ?? {};
  return min != null && max != null && (min > (times[0] ?? min) || max < (times.at(-1) ?? max));
}
