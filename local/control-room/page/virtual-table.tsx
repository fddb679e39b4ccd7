// A long table of which only the visible rows are in the page. Its rows have one height, and its columns their widths from the head.

import type { ComponentChildren } from "preact";
import { Columns } from "./parts.tsx";
import { useWindow } from "./use-window.ts";

interface VirtualTableProps<T> {
  readonly label: string;
  readonly columns: readonly string[];
  readonly items: readonly T[];
  readonly keyOf: (item: T) => string;
  /** The cells of a row. */
  readonly row: (item: T) => ComponentChildren;
}

const ROW_PX = 30;

export function VirtualTable<T>({ label, columns, items, keyOf, row }: VirtualTableProps<T>) {
  const { box, first, last } = useWindow(items.length, ROW_PX);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reached by keyboard
    <section class="scroll virtual-table" ref={box} aria-label={label} tabIndex={0}>
      <table aria-rowcount={items.length + 1}>
        <Columns columns={columns} />
        <tbody>
          <Gap rows={first} />
          {items.slice(first, last).map((item, index) => (
            <tr key={keyOf(item)} aria-rowindex={first + index + 2} style={{ height: `${ROW_PX}px` }}>
              {row(item)}
            </tr>
          ))}
          <Gap rows={items.length - last} />
        </tbody>
      </table>
    </section>
  );
}

/** The height of rows that are not drawn. */
function Gap({ rows }: { readonly rows: number }) {
  return <tr class="gap" style={{ height: `${Math.max(0, rows) * ROW_PX}px` }} />;
}
