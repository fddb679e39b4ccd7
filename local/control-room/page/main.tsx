// The entry of the page's bundle.

import { options, render } from "preact";
import "uplot/dist/uPlot.min.css";
import { App } from "./app.tsx";
import "./page.css";

const UNSEEN_MS = 500;

// What arrives within a frame is drawn once. In a window that nobody sees there are no frames, but now and then it is drawn, too.
options.debounceRendering = (draw) => {
  const unseen = setTimeout(draw, UNSEEN_MS);
  requestAnimationFrame(() => {
    clearTimeout(unseen);
    draw();
  });
};

const root = document.getElementById("root");
if (root !== null) {
  root.replaceChildren();
  render(<App />, root);
}
