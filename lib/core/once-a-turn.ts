/** A function that has `work` done at the end of this turn of the event loop, once, however often it is called until then. */
export function onceATurn(work: () => void): () => void {
  let scheduled = false;
  return () => {
    if (scheduled) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      work();
    });
  };
}
