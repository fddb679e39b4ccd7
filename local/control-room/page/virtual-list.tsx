// A long list of which only the visible rows are in the page.

import type { ComponentChildren } from "preact";
import { useWindow } from "./use-window.ts";

interface VirtualListProps<T> {
  readonly label: string;
  readonly items: readonly T[];
  readonly rowHeight: number;
  readonly keyOf: (item: T) => string | number;
  readonly row: (item: T) => ComponentChildren;
}

export function VirtualList<T>({ label, items, rowHeight, keyOf, row }: VirtualListProps<T>) {
  const { box, first, last } = useWindow(items.length, rowHeight);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reached by keyboard
    <section class="virtual" ref={box} aria-label={label} tabIndex={0}>
      <ul style={{ height: `${items.length * rowHeight}px` }}>
        {items.slice(first, last).map((item, index) => (
          <li key={keyOf(item)} style={{ height: `${rowHeight}px`, top: `${(first + index) * rowHeight}px` }}>
            {row(item)}
          </li>
        ))}
      </ul>
    </section>
  );
}
