// Which rows of a long list are in sight.

import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

/** Rows beyond both ends, so that scrolling finds them drawn. */
const SPARE_ROWS = 10;

export interface RowWindow {
  /** To be set on the element that scrolls. */
  readonly box: RefObject<HTMLElement | null>;
  /** Of the first row to draw, and of the one behind the last. */
  readonly first: number;
  readonly last: number;
}

/** The window on `count` rows of `rowHeight` pixels each. */
export function useWindow(count: number, rowHeight: number): RowWindow {
  const box = useRef<HTMLElement>(null);
  const [view, setView] = useState({ top: 0, height: 600 });
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const look = () => setView({ top: element.scrollTop, height: element.clientHeight });
    const watcher = new ResizeObserver(look);
    watcher.observe(element);
    element.addEventListener("scroll", look, { passive: true });
    return () => {
      watcher.disconnect();
      element.removeEventListener("scroll", look);
    };
  }, []);
  const first = Math.max(0, Math.floor(view.top / rowHeight) - SPARE_ROWS);
  const last = Math.min(count, Math.ceil((view.top + view.height) / rowHeight) + SPARE_ROWS);
  return { box, first, last };
}
