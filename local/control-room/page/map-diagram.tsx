// The map as a drawing. The tables below it say the same in words.

import type { SystemMap } from "../map-contract.ts";
import { duration, rate } from "./format.ts";
import { type Box as BoxShape, mapLayout, type PlacedNode } from "./map-layout.ts";
import { useTexts } from "./use-data.ts";
import { useNarrow } from "./use-narrow.ts";

/** How much smaller it is drawn where the page is narrower than the map; below it scrolls. */
const LEAST_SCALE = 0.75;

export function MapDiagram({ map }: { readonly map: SystemMap }) {
  const t = useTexts();
  const narrow = useNarrow();
  const { width, height, box, nodes, edges } = mapLayout(map, narrow ? "tall" : "wide");
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reached by keyboard
    <section class="scroll diagram" aria-label={t("diagram")} tabIndex={0}>
      <svg
        width={width}
        height={height}
        style={{ minWidth: `${width * LEAST_SCALE}px` }}
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={t("diagram")}
      >
        {edges.map(({ edge, path }) => (
          <path
            key={`${edge.from} ${edge.to} ${edge.kind}`}
            d={path}
            class={`edge ${edge.traffic.errors > 0 ? "edge-bad" : ""}`}
            stroke-width={strokeOf(edge.traffic.per_second)}
          >
            <title>{`${edge.from} → ${edge.to}: ${rate(edge.traffic.per_second)}/s`}</title>
          </path>
        ))}
        {nodes.map((node) => (
          <Box key={node.name} node={node} size={box} />
        ))}
      </svg>
    </section>
  );
}

const LONGEST_NAME = 22;

interface BoxProps {
  readonly node: PlacedNode;
  readonly size: BoxShape;
}

function Box({ node: { name, x, y, state, traffic }, size }: BoxProps) {
  const t = useTexts();
  const title = name === "client" ? t("client") : name;
  const shown = title.length > LONGEST_NAME ? `${title.slice(0, LONGEST_NAME - 1)}…` : title;
  return (
    <g transform={`translate(${x},${y})`} class={`box ${state === null ? "" : `state-${state}`}`}>
      <rect width={size.width} height={size.height} rx="6" />
      <text x={size.inset} y="20" class="box-name">
        {shown}
      </text>
      {state === null ? null : (
        <>
          <circle cx={size.inset + 4} cy="33.5" r="4" />
          <text x={size.inset + 14} y="38" class="box-state">
            {t(`state_${state}`)}
          </text>
        </>
      )}
      <text x={size.inset} y={state === null ? 38 : 55} class="box-traffic">
        {`${rate(traffic.per_second)}/s · p99 ${duration(traffic.p99_ms)}`}
      </text>
    </g>
  );
}

/** 1 to 5, with the number's order of magnitude. */
const strokeOf = (perSecond: number): number => 1 + Math.min(4, Math.log10(1 + perSecond) * 1.6);
