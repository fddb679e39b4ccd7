// Around a panel: what can't be drawn takes nothing else of the page with it.

import { Component, type ComponentChildren } from "preact";
import { useTexts } from "./use-data.ts";

interface BoundaryProps {
  /** What is shown: with another one it is tried again. */
  readonly of: string;
  readonly children: ComponentChildren;
}

interface BoundaryState {
  readonly of: string | undefined;
  readonly error: Error | undefined;
}

/** Shows what it is around, or why that can't be drawn. */
export class Boundary extends Component<BoundaryProps, BoundaryState> {
  override state: BoundaryState = { of: undefined, error: undefined };

  static override getDerivedStateFromProps(
    { of }: BoundaryProps,
    before: BoundaryState,
  ): BoundaryState | null {
    return of === before.of ? null : { of, error: undefined };
  }

  static override getDerivedStateFromError(error: Error): Pick<BoundaryState, "error"> {
    return { error };
  }

  override render({ children }: BoundaryProps, { error }: BoundaryState) {
    return error === undefined ? children : <NotDrawn detail={error.message} />;
  }
}

function NotDrawn({ detail }: { readonly detail: string }) {
  const t = useTexts();
  return (
    <p class="notice failure" role="alert">
      {t("not_drawn", { detail })}
    </p>
  );
}
